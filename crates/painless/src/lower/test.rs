//! Tests: jumps instead of booleans.

use super::{Label, Lower};
use crate::ast::{Binary, Unary};
use crate::code::Expr;
use crate::fixed::Fixed;
use crate::flat::Op;
use crate::quick::Quick;
use crate::types::Type;

impl Lower {
    /// Jumps when the condition of an `if` or a loop is `is`; fields alone may answer it.
    pub(super) fn condition(&mut self, test: &Expr, is: bool, then: Label) {
        let past = self.label();
        if let Some(quick) = Quick::of(test) {
            self.emit(Op::Ask { quick: Box::new(quick), is, then, past }, None);
        }
        self.branch(test, is, then);
        self.bind(past);
    }

    /// Jumps when a test is `is`.
    pub(super) fn branch(&mut self, test: &Expr, is: bool, then: Label) {
        match test {
            Expr::And(parts) => self.parts(parts, false, is, then),
            Expr::Or(parts) => self.parts(parts, true, is, then),
            Expr::Unary { op: Unary::Not, of, .. } => self.branch(of, !is, then),
            Expr::Binary { op: op @ (Binary::Eq | Binary::Ne), left, right, .. } => {
                let is = is == (*op == Binary::Eq);
                if let Expr::Const(Fixed::Null) = **right {
                    let of = self.value(left);
                    self.emit(Op::IfNull { of, is, then }, None);
                } else {
                    let left = self.kept(left, [&**right]);
                    let right = self.value(right);
                    self.emit(Op::IfEqual { left, right, is, then }, None);
                }
            }
            Expr::Binary {
                op: op @ (Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge),
                left,
                right,
                at,
            } => {
                let left = self.kept(left, [&**right]);
                let right = self.value(right);
                self.emit(Op::IfOrder { op: *op, left, right, is, then }, *at);
            }
            Expr::InstanceOf { of, class } => {
                let of = self.value(of);
                let op = match *class {
                    Type::Exception(class) => Op::IfException { of, class, is, then },
                    class => Op::IfInstance { of, classes: class.bits(), is, then },
                };
                self.emit(op, None);
            }
            Expr::Call(call) if !call.safe => {
                let (of, method) = self.receiver(call);
                self.emit(Op::IfCall { of, call: method, is, then }, call.at);
            }
            other => {
                let of = self.value(other);
                self.emit(Op::If { of, is, then }, start_of(other));
            }
        }
    }

    /// The parts of an `&&` or `||`, which is `end` as soon as one of them is.
    fn parts(&mut self, parts: &[Expr], end: bool, is: bool, then: Label) {
        let past = self.label();
        let on_end = if is == end { then } else { past };
        if let Some((last, first)) = parts.split_last() {
            for part in first {
                self.branch(part, end, on_end);
            }
            self.branch(last, is, then);
        }
        self.bind(past);
    }
}

/// Where an expression that gave no boolean stands.
fn start_of(expr: &Expr) -> usize {
    match expr {
        Expr::Path(steps) => steps.last().map_or(0, |step| step.at),
        Expr::Field { step, .. } => step.at,
        Expr::Call(call) => call.at,
        Expr::Index { at, .. }
        | Expr::Static { at, .. }
        | Expr::Function { at, .. }
        | Expr::Binary { at, .. }
        | Expr::Cast { at, .. } => *at,
        _ => 0,
    }
}
