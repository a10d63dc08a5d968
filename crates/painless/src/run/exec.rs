//! Running flat code: one operation after the other on the slots of a frame.

use event::doc::Data;

use super::arith::whole_numbers;
use super::{Run, null_reference};
use crate::ast::Binary;
use crate::exception::{Exception, Thrown};
use crate::flat::{Function, Meets, Op, Slot};
use crate::types::Type;
use crate::value::{Object, Value};

/// What a function returns; `None` where it ends without a `return`.
type Returned<'c> = Result<Option<Value<'c>>, Thrown>;

impl<'c> Run<'_, 'c> {
    /// Runs a function's code on a frame.
    pub(super) fn exec(&mut self, function: &'c Function, frame: &mut [Value<'c>]) -> Returned<'c> {
        let mut at = 0;
        loop {
            match self.go(&function.code, frame, &mut at) {
                Ok(returned) => return Ok(returned),
                Err(thrown) => at = self.land(function, frame, at - 1, thrown)?,
            }
        }
    }

    /// Runs operations up to the end or an error; `at` is behind the last one that was begun then.
    fn go(&mut self, code: &'c [Op], frame: &mut [Value<'c>], at: &mut usize) -> Returned<'c> {
        while let Some(op) = code.get(*at) {
            *at += 1;
            match op {
                Op::Move { to, from } => frame[*to as usize] = self.load(frame, from)?,
                Op::Coerce { to, from, class } => {
                    let from = self.load(frame, from)?;
                    frame[*to as usize] = self.coerce(from, *class)?;
                }
                Op::Jump(then) => *at = *then as usize,
                Op::Ask { quick, is, then, past } => match quick.test(self.doc) {
                    Some(answer) => *at = if answer == *is { *then } else { *past } as usize,
                    None => {}
                },
                Op::If { of, is, then } => {
                    if self.boolean(frame, of)? == *is {
                        *at = *then as usize;
                    }
                }
                Op::IfNull { of, is, then } => {
                    if matches!(self.load(frame, of)?, Value::Null) == *is {
                        *at = *then as usize;
                    }
                }
                Op::IfInstance { of, class, is, then } => {
                    let of = self.load(frame, of)?;
                    if self.instance_of(of, *class) == *is {
                        *at = *then as usize;
                    }
                }
                Op::IfEqual { left, right, is, then } => {
                    let (left, right) = (self.load(frame, left)?, self.load(frame, right)?);
                    if self.equal(left, right) == *is {
                        *at = *then as usize;
                    }
                }
                Op::IfOrder { op, left, right, is, then } => {
                    let (left, right) = (self.load(frame, left)?, self.load(frame, right)?);
                    if self.ordered(*op, left, right)? == *is {
                        *at = *then as usize;
                    }
                }
                Op::Next { walk, to, class, end } => match self.advance(walk_in(frame, *walk))? {
                    Some(value) => {
                        self.tick()?;
                        frame[*to as usize] = self.coerce(value, *class)?;
                    }
                    None => *at = *end as usize,
                },
                Op::Return(value) => return self.load(frame, value).map(Some),
                other => self.operate(other, frame)?,
            }
        }
        Ok(None)
    }

    /// What neither jumps nor is only a move.
    #[inline(always)]
    fn operate(&mut self, op: &'c Op, frame: &mut [Value<'c>]) -> Result<(), Thrown> {
        match op {
            Op::Call { to, of, call } => {
                let of = self.load(frame, of)?;
                frame[*to as usize] = self.method(of, call, frame)?;
            }
            Op::Binary { to, op, left, right } => {
                let (left, right) = (self.load(frame, left)?, self.load(frame, right)?);
                frame[*to as usize] = self.combined(*op, left, right)?;
            }
            Op::Field { to, of, step } => {
                let of = self.load(frame, of)?;
                frame[*to as usize] = self.field(of, step)?;
            }
            Op::Index { to, of, index } => {
                let (of, index) = (self.load(frame, of)?, self.load(frame, index)?);
                frame[*to as usize] = self.index(of, index)?;
            }
            Op::SetField { of, step, value } => {
                let of = self.load(frame, of)?;
                if let Value::Null = of {
                    return Err(null_reference(step.key.name()));
                }
                let value = self.load(frame, value)?;
                self.set_field(of, step, value)?;
            }
            Op::SetIndex { of, index, value } => {
                let (of, index) = (self.load(frame, of)?, self.load(frame, index)?);
                let value = self.load(frame, value)?;
                self.set_index(of, index, value)?;
            }
            Op::Present { of, name } => {
                if let Value::Null = self.load(frame, of)? {
                    return Err(null_reference(name));
                }
            }
            Op::Static { to, native, args } => {
                frame[*to as usize] = self.with_args(None, args, frame, |run, args| native(run, args))?;
            }
            Op::Function { to, index, args } => {
                let function = |run: &mut Self, args: &[Value<'c>]| run.call_function(*index, args);
                frame[*to as usize] = self.with_args(None, args, frame, function)?;
            }
            Op::Map { to } => frame[*to as usize] = Value::Map(self.make(Data::EMPTY_OBJECT, None)),
            Op::List { to, kind } => {
                let list = self.make(Data::EMPTY_ARRAY, *kind);
                frame[*to as usize] = self.read(list);
            }
            Op::Put { map, key, value } => {
                let (key, value) = (self.load(frame, key)?, self.load(frame, value)?);
                if let Value::Map(map) = frame[*map as usize] {
                    self.map_put(map, key, value)?;
                }
            }
            Op::Push { list, value } => {
                let value = self.load(frame, value)?;
                if let Value::List(list) | Value::Array(list) = frame[*list as usize] {
                    self.push(list, value)?;
                }
            }
            Op::Turn => self.tick()?,
            Op::Walk { walk, of } => {
                let of = self.load(frame, of)?;
                frame[*walk as usize] = Value::Object(self.start_walk(of)?);
            }
            Op::EndWalk(walk) => self.end_walk(walk_in(frame, *walk)),
            other => self.seldom(other, frame)?,
        }
        Ok(())
    }

    /// What scripts do less often: apart, so that the others do not pay for its stack frame.
    #[inline(never)]
    fn seldom(&mut self, op: &'c Op, frame: &mut [Value<'c>]) -> Result<(), Thrown> {
        match op {
            Op::Cast { to, from, class } => {
                let from = self.load(frame, from)?;
                frame[*to as usize] = self.cast(from, *class)?;
            }
            Op::Unary { to, op, of } => {
                let of = self.load(frame, of)?;
                frame[*to as usize] = self.unary(*op, of)?;
            }
            Op::Array { to, default, length } => {
                let length = self.load(frame, length)?;
                frame[*to as usize] = self.new_array(length, default)?;
            }
            Op::Lambda { to, lambda } => frame[*to as usize] = self.lambda(lambda, frame),
            Op::Throw(value) => {
                let value = self.load(frame, value)?;
                return Err(self.thrown(value));
            }
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn boolean(&mut self, frame: &[Value<'c>], of: &'c crate::flat::Operand) -> Result<bool, Thrown> {
        match self.load(frame, of)? {
            Value::Bool(value) => Ok(value),
            value => self.coerce(value, Type::Boolean).map(|_| false),
        }
    }

    #[inline]
    fn combined(&mut self, op: Binary, left: Value<'c>, right: Value<'c>) -> super::Outcome<'c> {
        if let (Value::Int(left), Value::Int(right)) = (left, right)
            && let Some(value) = whole_numbers(op, left, right)
        {
            return Ok(value);
        }
        self.binary(op, left, right)
    }

    #[inline]
    fn ordered(&mut self, op: Binary, left: Value<'c>, right: Value<'c>) -> Result<bool, Thrown> {
        Ok(matches!(self.combined(op, left, right)?, Value::Bool(true)))
    }

    /// Where the code goes on after an error of an operation; what is on the error's way out is ended.
    #[cold]
    #[inline(never)]
    fn land(
        &mut self,
        function: &'c Function,
        frame: &mut [Value<'c>],
        at: usize,
        mut thrown: Thrown,
    ) -> Result<usize, Thrown> {
        if let Some(place) = function.places.get(at).copied().flatten() {
            thrown.at.get_or_insert(place);
        }
        for landing in &function.landings {
            if !(landing.from as usize..landing.to as usize).contains(&at) {
                continue;
            }
            match landing.what {
                Meets::Walk(walk) => self.end_walk(walk_in(frame, walk)),
                Meets::Catch { class, slot, handler } if thrown.class.is_a(class) => {
                    frame[slot as usize] = self.object(Object::Exception(*thrown));
                    return Ok(handler as usize);
                }
                Meets::Catch { .. } => {}
            }
        }
        Err(thrown)
    }

    /// What `throw` throws for a value.
    fn thrown(&self, value: Value<'c>) -> Thrown {
        match value {
            Value::Object(index) => match &self.objects[index] {
                Object::Exception(exception) => Box::new(exception.clone()),
                _ => Exception::class_cast(format!("[{}] is no exception", self.java_class(value))),
            },
            Value::Null => Exception::bare("NullPointerException", None),
            other => Exception::class_cast(format!("[{}] is no exception", self.java_class(other))),
        }
    }
}

/// The walk that a loop is on.
#[inline]
fn walk_in(frame: &[Value<'_>], slot: Slot) -> usize {
    match frame[slot as usize] {
        Value::Object(walk) => walk,
        _ => usize::MAX,
    }
}

/// Notes where an exception was thrown, unless somebody further in has.
pub(super) fn place(mut thrown: Thrown, at: usize) -> Thrown {
    thrown.at.get_or_insert(at);
    thrown
}
