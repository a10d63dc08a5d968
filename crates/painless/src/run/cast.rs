//! Casts: those that a declaration makes and those that are written.

use super::{Outcome, Run};
use crate::exception::{Exception, Thrown};
use crate::flat::Into;
use crate::types::Type;
use crate::value::{Class, Object, Value};

impl<'c> Run<'_, 'c> {
    /// `value instanceof class`
    pub(crate) fn instance_of(&self, value: Value<'c>, class: Type) -> bool {
        match (class, value) {
            (Type::Exception(class), Value::Object(index)) => match &self.objects[index] {
                Object::Exception(exception) => exception.class.is_a(class),
                _ => false,
            },
            _ => class.holds(self.class(value)),
        }
    }

    /// A value for a variable of a type: only what loses nothing.
    #[inline]
    pub(super) fn fitted(&self, value: Value<'c>, into: Into) -> Outcome<'c> {
        if into.fits == u32::MAX || into.fits >> self.class(value) as u32 & 1 != 0 {
            Ok(value)
        } else {
            self.coerce(value, into.class)
        }
    }

    /// [`Run::fitted`] of any value.
    #[inline(never)]
    pub(crate) fn coerce(&self, value: Value<'c>, class: Type) -> Outcome<'c> {
        match (class, value) {
            (Type::Def | Type::Void, value) => Ok(value),
            (class, Value::Null) if class.is_primitive() => Err(null_value()),
            (_, Value::Null) => Ok(Value::Null),
            (Type::Class(own), value) => match own.boxed {
                Some(of) if !class.holds(self.class(value)) => self.widen(value, of),
                _ if class.holds(self.class(value)) => Ok(value),
                _ => Err(self.no_class_cast(value, class, own.name == "String")),
            },
            (Type::Array | Type::Exception(_), value) if self.instance_of(value, class) => Ok(value),
            (Type::Array | Type::Exception(_), value) => Err(self.no_class_cast(value, class, false)),
            (class, value) => self.widen(value, class),
        }
    }

    fn widen(&self, value: Value<'c>, class: Type) -> Outcome<'c> {
        Ok(match (class, value) {
            (Type::Boolean, Value::Bool(_)) => value,
            (Type::Char, Value::Char(_)) => value,
            (Type::Int, Value::Int(_)) => value,
            // Bytes and shorts are ints here that were cut when they were cast.
            (Type::Byte, Value::Int(number)) if i8::try_from(number.get()).is_ok() => value,
            (Type::Short, Value::Int(number)) if i16::try_from(number.get()).is_ok() => value,
            (Type::Char, Value::Int(number)) if u16::try_from(number.get()).is_ok() => {
                Value::char(number.get() as u16)
            }
            (Type::Int, Value::Char(unit)) => Value::int(i32::from(unit.get())),
            (Type::Long, Value::Long(_)) => value,
            (Type::Long, Value::Int(number)) => Value::Long(i64::from(number.get())),
            (Type::Long, Value::Char(unit)) => Value::Long(i64::from(unit.get())),
            (Type::Float, Value::Float(_)) => value,
            (Type::Float, Value::Int(number)) => Value::float(number.get() as f32),
            (Type::Float, Value::Long(number)) => Value::float(number as f32),
            (Type::Double, Value::Double(_)) => value,
            (Type::Double, Value::Int(number)) => Value::double(f64::from(number.get())),
            (Type::Double, Value::Long(number)) => Value::double(number as f64),
            (Type::Double, Value::Float(number)) => Value::double(f64::from(number.get())),
            _ => {
                let from = self.class(value).unboxed();
                let implicitly = if class == Type::Boolean { "" } else { "implicitly " };
                let reason = format!("cannot {implicitly}cast def [{from}] to {}", class.java());
                return Err(Exception::class_cast(reason));
            }
        })
    }

    /// `(class) value`
    pub(crate) fn cast(&self, value: Value<'c>, class: Type) -> Outcome<'c> {
        let (number, class) = match class {
            Type::Class(own) if own.boxed.is_some() => return self.coerce(value, class),
            Type::Class(own) if own.name == "String" => return self.to_text(value, class),
            Type::Byte | Type::Short | Type::Char | Type::Int | Type::Long | Type::Float | Type::Double => {
                (value, class)
            }
            _ => return self.coerce(value, class),
        };
        let (whole, real) = match number {
            Value::Int(number) => (i64::from(number.get()), f64::from(number.get())),
            Value::Char(unit) => (i64::from(unit.get()), f64::from(unit.get())),
            Value::Long(number) => (number, number as f64),
            Value::Float(number) => (number.get() as i64, f64::from(number.get())),
            Value::Double(number) => (number.get() as i64, number.get()),
            Value::Null => return Err(null_value()),
            _ if class == Type::Char => return self.to_unit(value),
            _ => {
                let from = self.class(value).unboxed();
                return Err(Exception::class_cast(format!(
                    "cannot explicitly cast def [{from}] to {}",
                    class.java()
                )));
            }
        };
        // A fraction turns into an int before it turns into something smaller.
        let fraction = matches!(number, Value::Float(_) | Value::Double(_));
        let int = if fraction { real as i32 } else { whole as i32 };
        Ok(match class {
            Type::Byte => Value::int(i32::from(int as i8)),
            Type::Short => Value::int(i32::from(int as i16)),
            Type::Char => Value::char(int as u16),
            Type::Int => Value::int(int),
            Type::Long => Value::Long(whole),
            Type::Float => Value::float(match number {
                Value::Long(number) => number as f32,
                Value::Float(number) => number.get(),
                _ => real as f32,
            }),
            _ => Value::double(real),
        })
    }

    fn to_text(&self, value: Value<'c>, class: Type) -> Outcome<'c> {
        // A character turns into a string when it is first put together with one; its text is the same.
        if let Value::Char(_) = value { Ok(value) } else { self.coerce(value, class) }
    }

    /// A string of one character as that character.
    fn to_unit(&self, value: Value<'c>) -> Outcome<'c> {
        let mut units = self.as_str(value).unwrap_or_default().encode_utf16();
        match (units.next(), units.next()) {
            (Some(unit), None) => Ok(Value::char(unit)),
            _ => {
                let from = self.class(value).unboxed();
                Err(Exception::class_cast(format!(
                    "cannot cast [{from}] with length not equal to one to [char]"
                )))
            }
        }
    }

    fn no_class_cast(&self, value: Value<'c>, class: Type, text: bool) -> Thrown {
        let from = self.class(value);
        if text {
            return Exception::class_cast(format!(
                "cannot implicitly cast def [{}] to {}",
                from.unboxed(),
                class.java()
            ));
        }
        let (from, to) = (self.java_class(value), class.java());
        Exception::class_cast(format!(
            "class {from} cannot be cast to class {to} ({from} and {to} are in module java.base of loader 'bootstrap')"
        ))
    }

    /// A function out of a value.
    pub(crate) fn function(&self, value: Value<'c>) -> Result<Value<'c>, Thrown> {
        match self.class(value) {
            Class::Lambda => Ok(value),
            Class::Null => Err(Exception::bare("NullPointerException", None)),
            class => Err(Exception::class_cast(format!("[{}] is no function", class.java()))),
        }
    }
}

/// What a null where Java needs a primitive throws.
fn null_value() -> Thrown {
    Exception::null_pointer("Cannot invoke \"Object.getClass()\" because \"value\" is null")
}
