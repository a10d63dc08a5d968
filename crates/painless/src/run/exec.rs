//! Running flat code: one operation after the other on the slots of a frame.

use event::doc::Data;

use super::arith::whole_numbers;
use super::{Run, null_reference};
use crate::ast::Binary;
use crate::exception::{Exception, Thrown};
use crate::fixed::Fixed;
use crate::flat::{Function, Meets, Op, Slot, Target};
use crate::types::Type;
use crate::value::{Object, Value};

/// What a function returns; `None` where it ends without a `return`.
type Returned<'c> = Result<Option<Value<'c>>, Thrown>;

impl<'c> Run<'_, 'c> {
    /// Runs a function's code on a frame.
    pub(super) fn exec(&mut self, function: &'c Function, frame: &mut [Value<'c>]) -> Returned<'c> {
        let code = function.code.as_slice();
        let mut at = 0;
        let mut returned = None;
        while let Some(op) = code.get(at) {
            let mut next = at + 1;
            if let Err(thrown) = self.step(op, frame, &mut next, &mut returned) {
                next = self.land(function, frame, at, thrown)?;
            }
            at = next;
        }
        Ok(returned)
    }

    /// One operation; it sets what is `next` where it jumps. All of them in one table: with the jumps apart, the compiler
    /// looks at the operation twice (400 instructions an event).
    #[inline(always)]
    fn step(
        &mut self,
        op: &'c Op,
        frame: &mut [Value<'c>],
        next: &mut usize,
        returned: &mut Option<Value<'c>>,
    ) -> Result<(), Thrown> {
        let mut jump = |jumps: bool, then: Target| {
            if jumps {
                *next = then as usize;
            }
        };
        match op {
            Op::Move { to, from } => frame[*to as usize] = self.load(frame, from),
            Op::Path { to, path } => frame[*to as usize] = self.path(path)?,
            Op::Coerce { to, from, into } => {
                frame[*to as usize] = self.fitted(self.load(frame, from), *into)?;
            }
            Op::Jump(then) => jump(true, *then),
            Op::Ask { quick, is, then, past } => {
                if let Some(answer) = quick.test(self.doc) {
                    jump(true, if answer == *is { *then } else { *past });
                }
            }
            Op::If { of, is, then } => jump(self.boolean(self.load(frame, of))? == *is, *then),
            Op::IfNull { of, is, then } => {
                jump(matches!(self.load(frame, of), Value::Null) == *is, *then);
            }
            Op::IfInstance { of, classes, is, then } => {
                let class = self.class(self.load(frame, of));
                jump((classes >> class as u32 & 1 != 0) == *is, *then);
            }
            Op::IfException { of, class, is, then } => {
                let of = self.load(frame, of);
                jump(self.instance_of(of, Type::Exception(class)) == *is, *then);
            }
            Op::IfEqual { left, right, is, then } => {
                let (left, right) = (self.load(frame, left), self.load(frame, right));
                jump(self.alike(left, right) == *is, *then);
            }
            Op::IfOrder { op, left, right, is, then } => {
                let (left, right) = (self.load(frame, left), self.load(frame, right));
                jump(self.ordered(*op, left, right)? == *is, *then);
            }
            Op::Next { walk, to, into, then } => {
                if let Some(value) = self.advance(walk_in(frame, *walk))? {
                    self.tick()?;
                    frame[*to as usize] = self.fitted(value, *into)?;
                    jump(true, *then);
                }
            }
            Op::Return(value) => {
                *returned = Some(self.load(frame, value));
                jump(true, Target::MAX);
            }
            Op::Call { to, of, call, skips } => {
                let result = self.method(of, call, frame)?;
                frame[*to as usize] = result;
                if *skips != 0 && skips >> self.class(result) as u32 & 1 != 0 {
                    *next += 1;
                }
            }
            Op::IfCall { of, call, is, then } => {
                let answer = self.method(of, call, frame)?;
                jump(self.boolean(answer)? == *is, *then);
            }
            Op::Binary { to, op, left, right } => {
                let (left, right) = (self.load(frame, left), self.load(frame, right));
                frame[*to as usize] = self.combined(*op, left, right)?;
            }
            Op::Field { to, of, step } => {
                frame[*to as usize] = self.field(self.load(frame, of), step)?;
            }
            Op::Index { to, of, index } => {
                let (of, index) = (self.load(frame, of), self.load(frame, index));
                frame[*to as usize] = self.index(of, index)?;
            }
            Op::SetField { of, above, step, value } => {
                let of = self.load(frame, of);
                if let Value::Null = of {
                    return Err(null_reference(step.key.name()));
                }
                self.set_field(of, *above, step, self.load(frame, value))?;
            }
            Op::SetIndex { of, index, value } => {
                let (of, index) = (self.load(frame, of), self.load(frame, index));
                self.set_index(of, index, self.load(frame, value))?;
            }
            Op::Present { of, name } => {
                if let Value::Null = self.load(frame, of) {
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
            Op::Map { to } => frame[*to as usize] = Value::map(self.make(Data::EMPTY_OBJECT, None)),
            Op::List { to, kind } => {
                let list = self.make(Data::EMPTY_ARRAY, *kind);
                frame[*to as usize] = self.read(list);
            }
            Op::Put { map, key, value } => {
                if let Value::Map(map) = frame[*map as usize] {
                    self.map_put(map.get(), self.load(frame, key), self.load(frame, value))?;
                }
            }
            Op::Push { list, value } => {
                if let Value::List(list) | Value::Array(list) = frame[*list as usize] {
                    self.push(list.get(), self.load(frame, value))?;
                }
            }
            Op::Turn => self.tick()?,
            Op::Walk { walk, of } => {
                frame[*walk as usize] = Value::Object(self.start_walk(self.load(frame, of))?);
            }
            Op::WalkPairs { walk, of } => {
                if let Fixed::Map(map) = &**of {
                    frame[*walk as usize] = Value::Object(self.start_pairs(map));
                }
            }
            Op::EndWalk(walk) => self.end_walk(walk_in(frame, *walk)),
            Op::Cast { .. } | Op::Unary { .. } | Op::Array { .. } | Op::Lambda { .. } | Op::Throw(_) => {
                self.seldom(op, frame)?;
            }
        }
        Ok(())
    }

    /// What scripts do less often: apart, so that the others do not pay for its stack frame.
    #[inline(never)]
    fn seldom(&mut self, op: &'c Op, frame: &mut [Value<'c>]) -> Result<(), Thrown> {
        match op {
            Op::Cast { to, from, class } => {
                frame[*to as usize] = self.cast(self.load(frame, from), *class)?;
            }
            Op::Unary { to, op, of } => frame[*to as usize] = self.unary(*op, self.load(frame, of))?,
            Op::Array { to, default, length } => {
                frame[*to as usize] = self.new_array(self.load(frame, length), default)?;
            }
            Op::Lambda { to, lambda } => frame[*to as usize] = self.lambda(lambda, frame),
            Op::Throw(value) => return Err(self.thrown(self.load(frame, value))),
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn boolean(&self, value: Value<'c>) -> Result<bool, Thrown> {
        match value {
            Value::Bool(value) => Ok(value.get()),
            value => self.coerce(value, Type::Boolean).map(|_| false),
        }
    }

    /// `==`
    #[inline]
    fn alike(&self, left: Value<'c>, right: Value<'c>) -> bool {
        match (left, right) {
            (Value::Int(left), Value::Int(right)) => left == right,
            _ => self.equal(left, right),
        }
    }

    #[inline]
    fn combined(&mut self, op: Binary, left: Value<'c>, right: Value<'c>) -> super::Outcome<'c> {
        if let (Value::Int(left), Value::Int(right)) = (left, right)
            && let Some(value) = whole_numbers(op, left.get(), right.get())
        {
            return Ok(value);
        }
        self.binary(op, left, right)
    }

    #[inline]
    fn ordered(&mut self, op: Binary, left: Value<'c>, right: Value<'c>) -> Result<bool, Thrown> {
        Ok(self.combined(op, left, right)?.is_true())
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
