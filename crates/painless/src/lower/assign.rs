//! Assignments, of which all but the plain ones read what was there before.

use super::{Lower, is_plain};
use crate::code::{Assign, Expr, PathStep, Target};
use crate::flat::{Op, Operand, Slot};
use crate::resolve::{above, static_type};
use crate::types::Type;

impl Lower {
    /// An assignment; its value, which only counts where it is `wanted`.
    pub(super) fn assign(&mut self, assign: &Assign, wanted: bool) -> Operand {
        match &assign.target {
            Target::Local { slot, class } => self.assign_variable(assign, *slot as Slot, *class, wanted),
            Target::Field { of, step } => self.assign_field(assign, of, step),
            Target::Index { of, index } => self.assign_index(assign, of, index),
        }
    }

    /// A value for a variable of a type.
    pub(super) fn set(&mut self, slot: Slot, class: Type, value: &Expr, at: usize) {
        let fits = matches!(class, Type::Def | Type::Void) || static_type(value) == Some(class);
        if fits {
            self.value_into(value, slot);
        } else {
            let from = self.value(value);
            self.emit(Op::Coerce { to: slot, from, into: class.into() }, at);
        }
    }

    fn assign_variable(&mut self, assign: &Assign, slot: Slot, class: Type, wanted: bool) -> Operand {
        let Some(op) = assign.op else {
            self.set(slot, class, &assign.value, assign.at);
            return Operand::Slot(slot);
        };
        let old = self.kept(&Expr::Local(slot as usize), [&assign.value]);
        let old = if wanted && assign.gives_old { self.copied(old) } else { old };
        let right = self.value(&assign.value);
        let ints = class == Type::Int && static_type(&assign.value) == Some(Type::Int);
        let to = if ints || class == Type::Def { slot } else { self.temporary() };
        self.emit(Op::Binary { to, op, left: old.clone(), right }, assign.at);
        let from = Operand::Slot(to);
        if to != slot {
            // Java narrows what a compound assignment gives.
            let narrowed = class.is_primitive();
            let op = if narrowed {
                Op::Cast { to: slot, from, class }
            } else {
                Op::Coerce { to: slot, from, into: class.into() }
            };
            self.emit(op, assign.at);
        }
        if assign.gives_old { old } else { Operand::Slot(slot) }
    }

    fn assign_field(&mut self, assign: &Assign, of: &Expr, step: &PathStep) -> Operand {
        let above = above(of, step);
        let of = self.kept(of, [&assign.value]);
        let old = assign.op.map(|_| {
            let old = self.temporary();
            self.emit(Op::Field { to: old, of: of.clone(), step: Box::new(step.clone()) }, step.at);
            Operand::Slot(old)
        });
        if old.is_none() && !is_plain(&assign.value) && !matches!(of, Operand::Ctx) {
            self.emit(Op::Present { of: of.clone(), name: step.key.name().into() }, step.at);
        }
        let value = self.new_value(assign, old.as_ref());
        let set = Op::SetField { of, above, step: Box::new(step.clone()), value: value.clone() };
        self.emit(set, step.at);
        old.filter(|_| assign.gives_old).unwrap_or(value)
    }

    fn assign_index(&mut self, assign: &Assign, of: &Expr, index: &Expr) -> Operand {
        let of = self.kept(of, [index, &assign.value]);
        let index = self.kept(index, [&assign.value]);
        let old = assign.op.map(|_| {
            let old = self.temporary();
            self.emit(Op::Index { to: old, of: of.clone(), index: index.clone() }, assign.at);
            Operand::Slot(old)
        });
        let value = self.new_value(assign, old.as_ref());
        self.emit(Op::SetIndex { of, index, value: value.clone() }, assign.at);
        old.filter(|_| assign.gives_old).unwrap_or(value)
    }

    /// What is put in.
    fn new_value(&mut self, assign: &Assign, old: Option<&Operand>) -> Operand {
        let value = self.value(&assign.value);
        match (assign.op, old) {
            (Some(op), Some(old)) => {
                let to = self.temporary();
                self.emit(Op::Binary { to, op, left: old.clone(), right: value }, assign.at);
                Operand::Slot(to)
            }
            _ => value,
        }
    }
}
