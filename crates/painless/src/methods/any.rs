//! Methods of every object.

use super::{Method, method};
use crate::run::{Outcome, Run};
use crate::value::{Class, Value};

pub(super) const METHODS: &[Method] = &[
    method(Class::ALL, "equals", 1, |run, args| Ok(Value::bool(run.equals(args[0], args[1])))),
    method(Class::ALL, "toString", 0, to_string),
    method(Class::ALL, "hashCode", 0, hash_code),
];

pub(super) fn to_string<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    if run.as_str(args[0]).is_some() {
        return Ok(args[0]);
    }
    let text = run.text_of(args[0])?;
    run.string(&text)
}

/// The codes of texts and numbers, which scripts use to spread values; those of containers are of their text.
fn hash_code<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let fold = |value: i64| (value ^ (value as u64 >> 32) as i64) as i32;
    Ok(Value::int(match args[0] {
        Value::Int(value) => value.get(),
        Value::Char(unit) => i32::from(unit.get()),
        Value::Bool(value) => {
            if value.get() {
                1231
            } else {
                1237
            }
        }
        Value::Long(value) => fold(value),
        Value::Double(value) => fold(value.get().to_bits() as i64),
        other => {
            let text = run.text_of(other)?;
            text.encode_utf16().fold(0i32, |code, unit| code.wrapping_mul(31).wrapping_add(i32::from(unit)))
        }
    }))
}
