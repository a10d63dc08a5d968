//! Reading operands, and paths among them.

use event::Doc;
use event::doc::Data;

use super::exec::place;
use super::{Outcome, Run, null_reference};
use crate::code::PathStep;
use crate::flat::{Operand, Path};
use crate::value::Value;

impl<'c> Run<'_, 'c> {
    /// The value of an operand: the frequent ones at once, all else by a call.
    #[inline(always)]
    pub(super) fn load(&self, frame: &[Value<'c>], operand: &'c Operand) -> Value<'c> {
        match operand {
            Operand::Slot(slot) => frame[*slot as usize],
            Operand::Int(value) => Value::int(*value),
            Operand::Text(text) => Value::Lit(text),
            other => self.look(other),
        }
    }

    #[inline(never)]
    fn look(&self, operand: &'c Operand) -> Value<'c> {
        match operand {
            Operand::Const(value) => value.value(),
            Operand::Ctx => Value::map(Doc::SOURCE),
            Operand::Params => Value::Fixed(&self.program.params),
            Operand::Pattern(pattern) => Value::Pattern(pattern),
            // These are read above.
            Operand::Slot(_) | Operand::Int(_) | Operand::Text(_) => Value::Null,
        }
    }

    #[inline]
    pub(super) fn path(&mut self, path: &'c Path) -> Outcome<'c> {
        match self.doc.at_place(path.field) {
            Some(node) => Ok(self.read(node)),
            None if self.doc.object_at(path.above).is_some() => Ok(Value::Null),
            None => self.walk_path(&path.steps),
        }
    }

    #[inline(never)]
    fn walk_path(&mut self, steps: &'c [PathStep]) -> Outcome<'c> {
        let mut at = Doc::SOURCE;
        let mut rest = steps.iter();
        while let Some(step) = rest.next() {
            let object = if step.meta && at == Doc::SOURCE { Doc::METADATA } else { at };
            match self.doc.get(object, &step.key) {
                Some(node) if matches!(self.doc.data(node), Data::Object(_)) => at = node,
                found => {
                    let value = found.map_or(Value::Null, |node| self.read(node));
                    return rest.try_fold(value, |value, step| {
                        self.field(value, step).map_err(|thrown| place(thrown, step.at))
                    });
                }
            }
        }
        Ok(Value::map(at))
    }

    /// `value.name` or `value?.name`
    pub(super) fn field(&mut self, of: Value<'c>, step: &'c PathStep) -> Outcome<'c> {
        match of {
            Value::Null if step.safe => Ok(Value::Null),
            Value::Null => Err(null_reference(step.key.name())),
            of => self.get_field(of, step),
        }
    }
}
