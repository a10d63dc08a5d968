//! Calls: of methods, of the script's functions, of lambdas.

use std::rc::Rc;

use super::{CALL_LEVELS, INLINE_SLOTS, MAX_LEVELS, Outcome, Run, null_reference};
use crate::exception::{Exception, Thrown};
use crate::flat::{Call, Function, Lambda, Operand};
use crate::value::{Class, Object, Value};

impl<'c> Run<'_, 'c> {
    /// `of.name(args)`
    #[inline(always)]
    pub(super) fn method(&mut self, of: &'c Operand, call: &'c Call, frame: &[Value<'c>]) -> Outcome<'c> {
        match &*call.args {
            [] => self.call_on(call, &[self.load(frame, of)]),
            [arg] => self.call_on(call, &[self.load(frame, of), self.load(frame, arg)]),
            [one, two] => {
                let values = [self.load(frame, of), self.load(frame, one), self.load(frame, two)];
                self.call_on(call, &values)
            }
            args => self.with_args(Some(of), args, frame, |run, values| run.call_on(call, values)),
        }
    }

    /// Calls the method that the class of the first value has.
    #[inline(always)]
    fn call_on(&mut self, call: &'c Call, values: &[Value<'c>]) -> Outcome<'c> {
        let class = values.first().map_or(Class::Null, |of| self.class(*of));
        match call.natives[class as usize] {
            Some(native) => native(self, values),
            None => Err(self.no_method(class, &call.name, values.len() - 1)),
        }
    }

    /// Reads arguments, behind a receiver where there is one.
    #[inline(never)]
    pub(super) fn with_args(
        &mut self,
        of: Option<&'c Operand>,
        args: &'c [Operand],
        frame: &[Value<'c>],
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
            values[0] = self.load(frame, of);
        }
        for (value, arg) in values[first..].iter_mut().zip(args) {
            *value = self.load(frame, arg);
        }
        call(self, values)
    }

    /// Calls a function of the script.
    pub(super) fn call_function(&mut self, index: usize, args: &[Value<'c>]) -> Outcome<'c> {
        self.enter(&self.program.functions[index], args, [])
    }

    /// Runs a function in a new frame, with captured values in their slots.
    pub(super) fn enter(
        &mut self,
        function: &'c Function,
        args: &[Value<'c>],
        captured: impl IntoIterator<Item = (usize, Value<'c>)>,
    ) -> Outcome<'c> {
        let levels = self.levels + function.levels + CALL_LEVELS;
        if levels > MAX_LEVELS {
            return Err(Exception::bare("StackOverflowError", None));
        }
        let returned = on_a_frame(function, |frame| {
            for ((slot, arg), class) in frame.iter_mut().zip(args).zip(&function.params) {
                *slot = self.fitted(*arg, *class)?;
            }
            for (slot, value) in captured {
                frame[slot] = value;
            }
            let around = std::mem::replace(&mut self.levels, levels);
            let returned = self.exec(function, frame);
            self.levels = around;
            returned
        })?;
        match returned {
            Some(value) => self.coerce(value, function.returns),
            None => Ok(function.default.value()),
        }
    }

    #[inline(never)]
    pub(super) fn lambda(&mut self, lambda: &'c Lambda, frame: &[Value<'c>]) -> Value<'c> {
        let captured = match lambda {
            Lambda::Code { captures, .. } => captures.iter().map(|(outer, _)| frame[*outer]).collect(),
            _ => Rc::default(),
        };
        self.object(Object::Lambda { code: lambda, captured })
    }

    /// Calls a lambda or method reference.
    pub(crate) fn call(&mut self, lambda: Value<'c>, args: &[Value<'c>]) -> Outcome<'c> {
        let Value::Object(index) = lambda else { return Err(not_a_function(self.class(lambda))) };
        let Object::Lambda { code, captured } = &self.objects[index] else {
            return Err(not_a_function(self.class(lambda)));
        };
        let (code, captured) = (*code, Rc::clone(captured));
        self.tick()?;
        match code {
            Lambda::Function(function) => self.call_function(*function, args),
            Lambda::Method { statics, methods, name } => {
                if let Some(native) = statics.get(args.len()).copied().flatten() {
                    return native(self, args);
                }
                let class = args.first().map_or(Class::Null, |of| self.class(*of));
                let natives = args.len().checked_sub(1).and_then(|arity| methods.get(arity));
                match natives.and_then(|natives| natives[class as usize]) {
                    Some(native) => native(self, args),
                    None => Err(self.no_method(class, name, args.len().saturating_sub(1))),
                }
            }
            Lambda::Code { function, captures } => {
                if function.params.len() != args.len() {
                    let reason = format!(
                        "a lambda of {} parameters is called with {}",
                        function.params.len(),
                        args.len()
                    );
                    return Err(Exception::illegal_argument(reason));
                }
                let slots = captures.iter().map(|(_, slot)| *slot);
                self.enter(function, args, slots.zip(captured.iter().copied()))
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn no_method(&self, class: Class, name: &str, arity: usize) -> Thrown {
        match class {
            Class::Null => null_reference(name),
            _ => Exception::illegal_argument(format!(
                "dynamic method [{}, {name}/{arity}] not found",
                class.java()
            )),
        }
    }
}

/// Does something with a new frame of a function.
#[inline(always)]
pub(super) fn on_a_frame<'c, T>(function: &'c Function, inner: impl FnOnce(&mut [Value<'c>]) -> T) -> T {
    let mut few = [Value::Null; INLINE_SLOTS];
    match few.get_mut(..function.slots) {
        Some(frame) => inner(frame),
        None => inner(&mut vec![Value::Null; function.slots]),
    }
}

fn not_a_function(class: Class) -> Thrown {
    Exception::class_cast(format!("cannot call a value of type [{}] as a function", class.java()))
}
