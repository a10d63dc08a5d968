//! Expressions.

use std::rc::Rc;

use super::exec::place;
use super::{Outcome, Run, null_reference};
use crate::ast::{Binary, Unary};
use crate::code::{Assign, Call, Expr, Lambda, PathStep, Target};
use crate::exception::{Exception, Thrown};
use crate::fixed::Fixed;
use crate::types::Type;
use crate::value::{Object, Value};
use event::Doc;

impl<'c> Run<'_, 'c> {
    /// The value of an expression: a variable at once, all else by a call.
    #[inline(always)]
    pub(super) fn eval(&mut self, expr: &'c Expr) -> Outcome<'c> {
        match expr {
            Expr::Local(slot) => Ok(self.slots[self.base + slot]),
            other => self.look(other),
        }
    }

    /// What is a look: apart from [`Run::compute`], so that looking does not pay for its stack frame.
    fn look(&mut self, expr: &'c Expr) -> Outcome<'c> {
        match expr {
            Expr::Const(value) => Ok(value.value()),
            Expr::Path(steps) => self.path(steps),
            other => self.compute(other),
        }
    }

    /// What is more than a look.
    #[inline(never)]
    pub(super) fn compute(&mut self, expr: &'c Expr) -> Outcome<'c> {
        match expr {
            Expr::Const(_) | Expr::Local(_) | Expr::Path(_) => self.eval(expr),
            Expr::Pattern(pattern) => Ok(Value::Pattern(pattern)),
            Expr::Ctx => Ok(Value::Map(Doc::SOURCE)),
            Expr::Params => Ok(Value::Fixed(&self.program.params)),
            Expr::Field { of, step } => {
                let of = self.eval(of)?;
                self.field(of, step)
            }
            Expr::Index { of, index, at } => {
                let of = self.eval(of)?;
                let index = self.eval(index)?;
                self.index(of, index).map_err(|thrown| place(thrown, *at))
            }
            Expr::Call(call) => self.method(call),
            Expr::Static { native, args, at } => {
                self.with_args(None, args, |run, args| native(run, args)).map_err(|thrown| place(thrown, *at))
            }
            Expr::Function { index, args, at } => self
                .with_args(None, args, |run, args| run.call_function(*index, args))
                .map_err(|thrown| place(thrown, *at)),
            Expr::NewArray { default, length, at } => {
                let length = self.eval(length)?;
                self.new_array(length, default).map_err(|thrown| place(thrown, *at))
            }
            Expr::List(values) => self.new_list(values, None),
            Expr::Array(values) => self.new_list(values, Some(super::Kind::Array)),
            Expr::Map(entries) => self.new_map(entries),
            Expr::And(_) | Expr::Or(_) | Expr::InstanceOf { .. } | Expr::Ask(_) => {
                self.test(expr).map(Value::Bool)
            }
            Expr::Unary { op: Unary::Not, .. } => self.test(expr).map(Value::Bool),
            Expr::Unary { op, of, at } => {
                let of = self.eval(of)?;
                self.unary(*op, of).map_err(|thrown| place(thrown, *at))
            }
            Expr::Binary { op, left, right, at } => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                if let (Value::Int(left), Value::Int(right)) = (left, right)
                    && let Some(value) = whole_numbers(*op, left, right)
                {
                    return Ok(value);
                }
                self.binary(*op, left, right).map_err(|thrown| place(thrown, *at))
            }
            Expr::Cast { class, of, at } => {
                let of = self.eval(of)?;
                self.cast(of, *class).map_err(|thrown| place(thrown, *at))
            }
            Expr::Conditional { test, yes, no } => {
                let chosen = if self.test(test)? { yes } else { no };
                self.eval(chosen)
            }
            Expr::Elvis { of, other } => match self.eval(of)? {
                Value::Null => self.eval(other),
                value => Ok(value),
            },
            Expr::Assign(assign) => self.assign(assign),
            Expr::Lambda(lambda) => Ok(self.lambda(lambda)),
        }
    }

    /// An expression where a boolean is needed.
    pub(super) fn test(&mut self, expr: &'c Expr) -> Result<bool, Thrown> {
        match expr {
            Expr::Ask(ask) => match ask.0.test(self.doc) {
                Some(answer) => Ok(answer),
                None => self.test(&ask.1),
            },
            Expr::And(parts) => {
                for part in parts {
                    if !self.test(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::Or(parts) => {
                for part in parts {
                    if self.test(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expr::Unary { op: Unary::Not, of, .. } => self.test(of).map(|value| !value),
            Expr::Binary { op: op @ (Binary::Eq | Binary::Ne), left, right, .. } => {
                let left = self.eval(left)?;
                if let Expr::Const(Fixed::Null) = **right {
                    return Ok(matches!(left, Value::Null) == (*op == Binary::Eq));
                }
                let right = self.eval(right)?;
                if let (Value::Int(left), Value::Int(right)) = (left, right) {
                    return Ok((left == right) == (*op == Binary::Eq));
                }
                Ok(self.equal(left, right) == (*op == Binary::Eq))
            }
            Expr::Binary { op, left, right, at } => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                if let (Value::Int(left), Value::Int(right)) = (left, right)
                    && let Some(Value::Bool(answer)) = whole_numbers(*op, left, right)
                {
                    return Ok(answer);
                }
                let value = self.binary(*op, left, right).map_err(|thrown| place(thrown, *at))?;
                self.boolean(value, expr)
            }
            Expr::InstanceOf { of, class } => {
                let of = self.eval(of)?;
                Ok(self.instance_of(of, *class))
            }
            other => {
                let value = self.eval(other)?;
                self.boolean(value, other)
            }
        }
    }

    #[inline]
    fn boolean(&self, value: Value<'c>, of: &Expr) -> Result<bool, Thrown> {
        match value {
            Value::Bool(value) => Ok(value),
            value => {
                self.coerce(value, Type::Boolean).map(|_| false).map_err(|thrown| place(thrown, start_of(of)))
            }
        }
    }

    /// `ctx.a?.b`
    #[inline]
    fn path(&mut self, steps: &'c [PathStep]) -> Outcome<'c> {
        let Some((last, way)) = steps.split_last() else { return Ok(Value::Map(Doc::SOURCE)) };
        match (self.doc.at_place(last.field), way.last()) {
            (Some(node), _) => Ok(self.read(node)),
            (None, Some(above)) if self.doc.object_at(above.field).is_none() => self.walk_path(steps),
            (None, _) => Ok(Value::Null),
        }
    }

    #[inline(never)]
    fn walk_path(&mut self, steps: &'c [PathStep]) -> Outcome<'c> {
        let mut at = Doc::SOURCE;
        let mut rest = steps.iter();
        while let Some(step) = rest.next() {
            let object = if step.meta && at == Doc::SOURCE { Doc::METADATA } else { at };
            match self.doc.get(object, &step.key) {
                Some(node) if matches!(self.doc.data(node), event::Data::Object(_)) => at = node,
                found => {
                    let value = found.map_or(Value::Null, |node| self.read(node));
                    return rest.try_fold(value, |value, step| self.field(value, step));
                }
            }
        }
        Ok(Value::Map(at))
    }

    fn field(&mut self, of: Value<'c>, step: &'c PathStep) -> Outcome<'c> {
        if let Value::Null = of {
            return if step.safe {
                Ok(Value::Null)
            } else {
                Err(place(null_reference(step.key.name()), step.at))
            };
        }
        self.get_field(of, step).map_err(|thrown| place(thrown, step.at))
    }

    #[inline(never)]
    pub(super) fn method(&mut self, call: &'c Call) -> Outcome<'c> {
        let of = self.eval(&call.of)?;
        let class = self.class(of);
        let Some(native) = call.natives[class as usize] else { return self.no_native(call, of) };
        let result = match call.args.as_slice() {
            [] => native(self, &[of]),
            [arg] => {
                let arg = self.eval(arg)?;
                native(self, &[of, arg])
            }
            args => self.with_args(Some(of), args, |run, args| native(run, args)),
        };
        result.map_err(|thrown| place(thrown, call.at))
    }

    /// A call of a method that the receiver's class does not have.
    #[inline(never)]
    fn no_native(&mut self, call: &'c Call, of: Value<'c>) -> Outcome<'c> {
        if matches!(of, Value::Null) && call.safe {
            return Ok(Value::Null);
        }
        // Arguments are evaluated before the method is looked for, as in Java.
        for arg in &call.args {
            self.eval(arg)?;
        }
        Err(place(self.no_method(self.class(of), &call.name, call.args.len()), call.at))
    }

    /// Evaluates arguments, behind a receiver where there is one.
    fn with_args(
        &mut self,
        of: Option<Value<'c>>,
        args: &'c [Expr],
        call: impl FnOnce(&mut Self, &[Value<'c>]) -> Outcome<'c>,
    ) -> Outcome<'c> {
        const FEW: usize = 4;
        let first = usize::from(of.is_some());
        let count = first + args.len();
        let mut few = [Value::Null; FEW];
        let mut many = Vec::new();
        let values = if count <= FEW {
            &mut few[..count]
        } else {
            many.resize(count, Value::Null);
            many.as_mut_slice()
        };
        if let Some(of) = of {
            values[0] = of;
        }
        for (value, arg) in values[first..].iter_mut().zip(args) {
            *value = self.eval(arg)?;
        }
        call(self, values)
    }

    #[inline(never)]
    fn lambda(&mut self, lambda: &'c Lambda) -> Value<'c> {
        let captured = match lambda {
            Lambda::Code { captures, .. } => {
                captures.iter().map(|(outer, _)| self.slots[self.base + outer]).collect()
            }
            _ => Rc::default(),
        };
        self.object(Object::Lambda { code: lambda, captured })
    }

    #[inline(never)]
    pub(super) fn assign(&mut self, assign: &'c Assign) -> Outcome<'c> {
        let at = |thrown| place(thrown, assign.at);
        match &assign.target {
            Target::Local { slot, class } => {
                let old = self.slots[self.base + slot];
                let new = self.new_value(assign, old)?;
                let new = match assign.op {
                    // Java narrows what a compound assignment gives.
                    Some(_) if class.is_primitive() => self.cast(new, *class),
                    _ => self.coerce(new, *class),
                }
                .map_err(at)?;
                self.set_local(*slot, new);
                Ok(if assign.gives_old { old } else { new })
            }
            Target::Field { of, step } => {
                let of = self.eval(of)?;
                if let Value::Null = of {
                    return Err(place(null_reference(step.key.name()), step.at));
                }
                let old = match assign.op {
                    Some(_) => self.field(of, step)?,
                    None => Value::Null,
                };
                let new = self.new_value(assign, old)?;
                self.set_field(of, step, new).map_err(|thrown| place(thrown, step.at))?;
                Ok(if assign.gives_old { old } else { new })
            }
            Target::Index { of, index } => {
                let of = self.eval(of)?;
                let index = self.eval(index)?;
                let old = match assign.op {
                    Some(_) => self.index(of, index).map_err(at)?,
                    None => Value::Null,
                };
                let new = self.new_value(assign, old)?;
                self.set_index(of, index, new).map_err(at)?;
                Ok(if assign.gives_old { old } else { new })
            }
        }
    }

    fn new_value(&mut self, assign: &'c Assign, old: Value<'c>) -> Outcome<'c> {
        let value = self.eval(&assign.value)?;
        match assign.op {
            Some(op) => self.binary(op, old, value).map_err(|thrown| place(thrown, assign.at)),
            None => Ok(value),
        }
    }

    /// An operator of one operand; `!` is a test.
    #[inline(never)]
    fn unary(&self, op: Unary, of: Value<'c>) -> Outcome<'c> {
        Ok(match (op, of) {
            (Unary::Plus, Value::Int(_) | Value::Long(_) | Value::Float(_) | Value::Double(_)) => of,
            (Unary::Plus | Unary::Neg | Unary::BitNot, Value::Char(unit)) => {
                return self.unary(op, Value::Int(i32::from(unit)));
            }
            (Unary::Neg, Value::Int(value)) => Value::Int(value.wrapping_neg()),
            (Unary::Neg, Value::Long(value)) => Value::Long(value.wrapping_neg()),
            (Unary::Neg, Value::Float(value)) => Value::Float(-value),
            (Unary::Neg, Value::Double(value)) => Value::Double(-value),
            (Unary::BitNot, Value::Int(value)) => Value::Int(!value),
            (Unary::BitNot, Value::Long(value)) => Value::Long(!value),
            (_, Value::Null) => return Err(super::arith::null_operand("unary")),
            _ => {
                let sign = match op {
                    Unary::BitNot => '~',
                    Unary::Plus => '+',
                    _ => '-',
                };
                let reason = format!("Cannot apply [{sign}] operation to type [{}].", self.java_class(of));
                return Err(Exception::class_cast(reason));
            }
        })
    }
}

/// The most frequent operators of two ints; `None` for the others.
#[inline]
fn whole_numbers<'c>(op: Binary, left: i32, right: i32) -> Option<Value<'c>> {
    Some(match op {
        Binary::Eq => Value::Bool(left == right),
        Binary::Ne => Value::Bool(left != right),
        Binary::Lt => Value::Bool(left < right),
        Binary::Le => Value::Bool(left <= right),
        Binary::Gt => Value::Bool(left > right),
        Binary::Ge => Value::Bool(left >= right),
        Binary::Add => Value::Int(left.wrapping_add(right)),
        Binary::Sub => Value::Int(left.wrapping_sub(right)),
        _ => return None,
    })
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
