//! Statements.

use std::sync::Arc;

use super::expr::constant;
use super::{Loop, Lower};
use crate::code::{self, Block, Expr, Stmt};
use crate::exception::ExceptionClass;
use crate::fixed::Fixed;
use crate::flat::{Into, Meets, Op, Operand, Slot};
use crate::resolve::default_of;
use crate::types::Type;

impl Lower {
    pub(super) fn block(&mut self, block: &Block) {
        for statement in &block.statements {
            let next = self.next;
            self.statement(statement);
            // What a statement needed in between is free again.
            self.next = next;
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Expr(value) => self.effect(value),
            Stmt::Declare { slot, class, value, at } => match value {
                Some(Expr::Call(call)) if !call.safe => self.declare(*slot as Slot, *class, call, *at),
                Some(value) => self.set(*slot as Slot, *class, value, *at),
                None => self.set(*slot as Slot, *class, &Expr::Const(default_of(*class)), *at),
            },
            Stmt::If { arms, otherwise } => self.if_else(arms, otherwise),
            Stmt::Loop { init, test, test_first, update, body } => {
                self.block(init);
                self.repeat(test.as_ref(), *test_first, update.as_ref(), body);
            }
            Stmt::Each { slot, class, of, body, at } => {
                let walk = self.temporary();
                let of = self.walked(of, walk);
                self.within(*at, |lower| lower.each(of, walk, *slot as Slot, *class, body));
            }
            Stmt::Break => self.leave(|around| around.end),
            Stmt::Continue => self.leave(|around| around.again),
            Stmt::Return(value) => self.give_back(value.as_ref()),
            Stmt::Throw(value, at) => {
                let value = self.value(value);
                self.emit(Op::Throw(value), *at);
            }
            Stmt::Try { body, catches } => self.try_catch(body, catches),
            Stmt::Block(block) => self.block(block),
        }
    }

    /// An expression for what it does.
    fn effect(&mut self, expr: &Expr) {
        match expr {
            Expr::Assign(assign) => self.assign(assign, false),
            other => self.value(other),
        };
    }

    /// A variable that starts with the result of a call. Nobody has seen it before, so that it may hold the result
    /// before that is coerced.
    fn declare(&mut self, slot: Slot, class: Type, call: &code::Call, at: usize) {
        let (of, method) = self.receiver(call);
        let into = Into::from(class);
        let is_any = into.fits == u32::MAX;
        let skips = if is_any { 0 } else { into.fits };
        self.emit(Op::Call { to: slot, of, call: method, skips }, call.at);
        if !is_any {
            self.emit(Op::Coerce { to: slot, from: Operand::Slot(slot), into }, at);
        }
    }

    fn if_else(&mut self, arms: &[(Expr, Block)], otherwise: &Block) {
        let end = self.label();
        for (at, (test, body)) in arms.iter().enumerate() {
            let next = self.label();
            let temporaries = self.next;
            self.condition(test, false, next);
            self.next = temporaries;
            self.block(body);
            if at + 1 < arms.len() || !otherwise.statements.is_empty() {
                self.emit(Op::Jump(end), None);
            }
            self.bind(next);
        }
        self.block(otherwise);
        self.bind(end);
    }

    fn repeat(&mut self, test: Option<&Expr>, test_first: bool, update: Option<&Expr>, body: &Block) {
        let [top, turn, again, end] = [self.label(), self.label(), self.label(), self.label()];
        if !test_first {
            self.emit(Op::Jump(turn), None);
        }
        self.bind(top);
        if let Some(test) = test {
            self.condition(test, false, end);
        }
        self.bind(turn);
        self.emit(Op::Turn, None);
        self.in_loop(Loop { again, end, walk: None }, |lower| lower.block(body));
        self.bind(again);
        if let Some(update) = update {
            self.effect(update);
        }
        self.emit(Op::Jump(top), None);
        self.bind(end);
    }

    /// What starts a walk; one over the entries of constants needs no copy of them.
    fn walked(&mut self, of: &Expr, walk: Slot) -> Op {
        if let Expr::Call(call) = of
            && let Expr::Const(map @ Fixed::Map(_)) = &call.of
            && &*call.name == "entrySet"
        {
            return Op::WalkPairs { walk, of: Arc::new(map.clone()) };
        }
        let of = self.value(of);
        Op::Walk { walk, of }
    }

    fn each(&mut self, start: Op, walk: Slot, slot: Slot, class: Type, body: &Block) {
        let [turn, again, end] = [self.label(), self.label(), self.label()];
        self.emit(start, None);
        let from = self.here();
        self.emit(Op::Jump(again), None);
        self.bind(turn);
        self.in_loop(Loop { again, end, walk: Some(walk) }, |lower| lower.block(body));
        self.bind(again);
        self.emit(Op::Next { walk, to: slot, into: class.into(), then: turn }, None);
        self.land(from, self.here(), Meets::Walk(walk));
        self.bind(end);
        self.emit(Op::EndWalk(walk), None);
    }

    /// `break` and `continue`, of the innermost loop; outside of loops they end the function.
    fn leave(&mut self, to: impl Fn(&Loop) -> super::Label) {
        let label = self.loops.last().map_or(Self::END, to);
        self.emit(Op::Jump(label), None);
    }

    fn give_back(&mut self, value: Option<&Expr>) {
        let value = value.map_or_else(|| constant(Fixed::Null), |value| self.value(value));
        let walks: Vec<Slot> = self.loops.iter().rev().filter_map(|around| around.walk).collect();
        for walk in walks {
            self.emit(Op::EndWalk(walk), None);
        }
        self.emit(Op::Return(value), None);
    }

    fn try_catch(&mut self, body: &Block, catches: &[(&'static ExceptionClass, usize, Block)]) {
        let end = self.label();
        let from = self.here();
        self.block(body);
        let to = self.here();
        self.emit(Op::Jump(end), None);
        for (class, slot, block) in catches {
            let handler = self.label();
            self.bind(handler);
            self.land(from, to, Meets::Catch { class, slot: *slot as Slot, handler });
            self.block(block);
            self.emit(Op::Jump(end), None);
        }
        self.bind(end);
    }
}
