//! Expressions.

use std::sync::Arc;

use super::{Lower, function, is_plain, is_quiet};
use crate::ast::{Binary, Unary};
use crate::code::{self, Expr};
use crate::fixed::Fixed;
use crate::flat::{Call, Lambda, Op, Operand, Path, Slot};
use crate::run::Kind;

impl Lower {
    /// An expression as an operand.
    pub(super) fn value(&mut self, expr: &Expr) -> Operand {
        match expr {
            Expr::Const(value) => constant(value.clone()),
            Expr::Pattern(pattern) => Operand::Pattern(Arc::clone(pattern)),
            Expr::Ctx => Operand::Ctx,
            Expr::Params => Operand::Params,
            Expr::Local(slot) => Operand::Slot(*slot as Slot),
            Expr::Assign(assign) => self.assign(assign, true),
            other => {
                let to = self.temporary();
                self.compute(other, to);
                Operand::Slot(to)
            }
        }
    }

    /// An expression as an operand that stays as it is while others are evaluated.
    pub(super) fn kept<'e>(&mut self, expr: &Expr, later: impl IntoIterator<Item = &'e Expr>) -> Operand {
        let operand = self.value(expr);
        let is_variable = matches!(operand, Operand::Slot(slot) if (slot as usize) < self.variables);
        if is_variable && !later.into_iter().all(is_quiet) { self.copied(operand) } else { operand }
    }

    /// An operand that stays as it is.
    pub(super) fn copied(&mut self, from: Operand) -> Operand {
        let to = self.temporary();
        self.emit(Op::Move { to, from }, None);
        Operand::Slot(to)
    }

    fn values(&mut self, exprs: &[Expr]) -> Box<[Operand]> {
        (0..exprs.len()).map(|at| self.kept(&exprs[at], &exprs[at + 1..])).collect()
    }

    /// Puts an expression's value into a slot, which is written last.
    pub(super) fn value_into(&mut self, expr: &Expr, to: Slot) {
        match expr {
            // These write the slot before they read their elements.
            Expr::List(_) | Expr::Array(_) | Expr::Map(_) | Expr::Assign(_) => {
                let from = self.value(expr);
                self.emit(Op::Move { to, from }, None);
            }
            plain if is_plain(plain) => {
                let from = self.value(plain);
                self.emit(Op::Move { to, from }, None);
            }
            other => self.compute(other, to),
        }
    }

    /// What takes operations.
    fn compute(&mut self, expr: &Expr, to: Slot) {
        match expr {
            Expr::Field { of, step } => {
                let of = self.value(of);
                self.emit(Op::Field { to, of, step: Box::new(step.clone()) }, step.at);
            }
            Expr::Index { of, index, at } => {
                let of = self.kept(of, [&**index]);
                let index = self.value(index);
                self.emit(Op::Index { to, of, index }, *at);
            }
            Expr::Call(call) => self.call(call, to),
            Expr::Static { native, args, at } => {
                let args = self.within(*at, |lower| lower.values(args));
                self.emit(Op::Static { to, native: *native, args }, *at);
            }
            Expr::Function { index, args, at } => {
                let args = self.within(*at, |lower| lower.values(args));
                self.emit(Op::Function { to, index: *index, args }, *at);
            }
            Expr::NewArray { default, length, at } => {
                let length = self.value(length);
                self.emit(Op::Array { to, default: Box::new(default.clone()), length }, *at);
            }
            Expr::List(values) => self.list(values, None, to),
            Expr::Array(values) => self.list(values, Some(Kind::Array), to),
            Expr::Map(entries) => self.map(entries, to),
            Expr::Unary { op: Unary::Not, .. } | Expr::And(_) | Expr::Or(_) | Expr::InstanceOf { .. } => {
                self.truth(expr, to);
            }
            Expr::Unary { op, of, at } => {
                let of = self.value(of);
                self.emit(Op::Unary { to, op: *op, of }, *at);
            }
            Expr::Binary { op, left, right, at } => self.binary(*op, [left, right], *at, to),
            Expr::Cast { class, of, at } => {
                let from = self.value(of);
                self.emit(Op::Cast { to, from, class: *class }, *at);
            }
            Expr::Conditional { test, yes, no } => self.conditional(test, [yes, no], to),
            Expr::Elvis { of, other } => self.elvis(of, other, to),
            Expr::Path(steps) => {
                self.emit(Op::Path { to, path: Box::new(Path::new(steps)) }, None);
            }
            Expr::Lambda(lambda) => {
                self.emit(Op::Lambda { to, lambda: Box::new(lower_lambda(lambda)) }, None);
            }
            Expr::Const(_)
            | Expr::Pattern(_)
            | Expr::Ctx
            | Expr::Params
            | Expr::Local(_)
            | Expr::Assign(_) => self.value_into(expr, to),
        }
    }

    pub(super) fn binary(&mut self, op: Binary, [left, right]: [&Expr; 2], at: usize, to: Slot) {
        let left = self.kept(left, [right]);
        let right = self.value(right);
        self.emit(Op::Binary { to, op, left, right }, at);
    }

    fn call(&mut self, call: &code::Call, to: Slot) {
        if call.safe {
            return self.safe_call(call, to);
        }
        let (of, method) = self.receiver(call);
        self.emit(Op::Call { to, of, call: method, skips: 0 }, call.at);
    }

    /// A call's receiver and method.
    pub(super) fn receiver(&mut self, call: &code::Call) -> (Operand, Box<Call>) {
        let of = self.kept(&call.of, &call.args);
        (of, self.method(call))
    }

    fn method(&mut self, call: &code::Call) -> Box<Call> {
        let args = self.values(&call.args);
        Box::new(Call { name: call.name.clone(), args, natives: call.natives.clone() })
    }

    /// A call that gives null of null, and does not evaluate its arguments then.
    fn safe_call(&mut self, call: &code::Call, to: Slot) {
        let (missing, end) = (self.label(), self.label());
        let of = self.value(&call.of);
        let of = self.copied(of);
        self.emit(Op::IfNull { of: of.clone(), is: true, then: missing }, None);
        let method = self.method(call);
        self.emit(Op::Call { to, of, call: method, skips: 0 }, call.at);
        self.emit(Op::Jump(end), None);
        self.bind(missing);
        self.emit(Op::Move { to, from: constant(Fixed::Null) }, None);
        self.bind(end);
    }

    fn list(&mut self, values: &[Expr], kind: Option<Kind>, to: Slot) {
        self.emit(Op::List { to, kind }, None);
        for value in values {
            let value = self.value(value);
            self.emit(Op::Push { list: to, value }, None);
        }
    }

    fn map(&mut self, entries: &[(Expr, Expr)], to: Slot) {
        self.emit(Op::Map { to }, None);
        for (key, value) in entries {
            let key = self.kept(key, [value]);
            let value = self.value(value);
            self.emit(Op::Put { map: to, key, value }, None);
        }
    }

    /// A test as a value.
    pub(super) fn truth(&mut self, test: &Expr, to: Slot) {
        let (no, end) = (self.label(), self.label());
        self.branch(test, false, no);
        self.emit(Op::Move { to, from: constant(Fixed::Bool(true)) }, None);
        self.emit(Op::Jump(end), None);
        self.bind(no);
        self.emit(Op::Move { to, from: constant(Fixed::Bool(false)) }, None);
        self.bind(end);
    }

    fn conditional(&mut self, test: &Expr, [yes, no]: [&Expr; 2], to: Slot) {
        let (other, end) = (self.label(), self.label());
        self.branch(test, false, other);
        self.value_into(yes, to);
        self.emit(Op::Jump(end), None);
        self.bind(other);
        self.value_into(no, to);
        self.bind(end);
    }

    fn elvis(&mut self, of: &Expr, other: &Expr, to: Slot) {
        let (missing, end) = (self.label(), self.label());
        let of = self.value(of);
        let of = self.copied(of);
        self.emit(Op::IfNull { of: of.clone(), is: true, then: missing }, None);
        self.emit(Op::Move { to, from: of }, None);
        self.emit(Op::Jump(end), None);
        self.bind(missing);
        self.value_into(other, to);
        self.bind(end);
    }
}

pub(super) fn constant(value: Fixed) -> Operand {
    match value {
        Fixed::Int(value) => Operand::Int(value),
        Fixed::Text(text) => Operand::Text(Arc::new(text)),
        value => Operand::Const(Arc::new(value)),
    }
}

fn lower_lambda(lambda: &code::Lambda) -> Lambda {
    match lambda {
        code::Lambda::Code { function: tree, captures } => {
            Lambda::Code { function: function(tree), captures: captures.clone() }
        }
        code::Lambda::Function(index) => Lambda::Function(*index),
        code::Lambda::Method { statics, methods, name } => {
            Lambda::Method { statics: *statics, methods: methods.clone(), name: name.clone() }
        }
    }
}
