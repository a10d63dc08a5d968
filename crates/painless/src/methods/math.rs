//! `Math`.

use super::{Static, function};
use crate::exception::Exception;
use crate::run::{Outcome, Run, as_double, compare_numbers};
use crate::types::Type;
use crate::value::Value;

pub(super) const STATICS: &[Static] = &[
    function("Math", "abs", 1, |run, args| {
        Ok(match args[0] {
            Value::Int(value) => Value::int(value.get().wrapping_abs()),
            Value::Long(value) => Value::Long(value.wrapping_abs()),
            Value::Float(value) => Value::float(value.get().abs()),
            other => Value::double(double(run, other)?.abs()),
        })
    }),
    function("Math", "max", 2, |run, args| extreme(run, args, true)),
    function("Math", "min", 2, |run, args| extreme(run, args, false)),
    function("Math", "round", 1, |run, args| {
        Ok(match args[0] {
            Value::Float(value) => Value::int((value.get() + 0.5).floor() as i32),
            other => Value::Long((double(run, other)? + 0.5).floor() as i64),
        })
    }),
    function("Math", "floor", 1, |run, args| real(run, args, f64::floor)),
    function("Math", "ceil", 1, |run, args| real(run, args, f64::ceil)),
    function("Math", "sqrt", 1, |run, args| real(run, args, f64::sqrt)),
    function("Math", "log", 1, |run, args| real(run, args, f64::ln)),
    function("Math", "log10", 1, |run, args| real(run, args, f64::log10)),
    function("Math", "exp", 1, |run, args| real(run, args, f64::exp)),
    function("Math", "pow", 2, |run, args| {
        Ok(Value::double(double(run, args[0])?.powf(double(run, args[1])?)))
    }),
    function("Math", "floorDiv", 2, |run, args| {
        whole(run, args, |a, b| a.div_euclid(b) - i64::from(b < 0 && a.rem_euclid(b) != 0))
    }),
    function("Math", "floorMod", 2, |run, args| whole(run, args, |a, b| ((a % b) + b) % b)),
];

fn double<'c>(run: &Run<'_, 'c>, value: Value<'c>) -> Result<f64, crate::exception::Thrown> {
    match as_double(value) {
        Some(value) => Ok(value),
        None => run.coerce(value, Type::Double).map(|_| 0.0),
    }
}

fn real<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], function: fn(f64) -> f64) -> Outcome<'c> {
    Ok(Value::double(function(double(run, args[0])?)))
}

/// The greater or lesser of two numbers, in the wider of their types.
fn extreme<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], greater: bool) -> Outcome<'c> {
    let (a, b) = (args[0], args[1]);
    let wide = [Type::Double, Type::Float, Type::Long, Type::Int]
        .into_iter()
        .find(|class| class.holds(run.class(a)) || class.holds(run.class(b)))
        .unwrap_or(Type::Double);
    let (a, b) = (run.coerce(a, wide)?, run.coerce(b, wide)?);
    let a_is_greater = compare_numbers(a, b).flatten().is_some_and(std::cmp::Ordering::is_gt);
    Ok(if a_is_greater == greater { a } else { b })
}

fn whole<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], function: fn(i64, i64) -> i64) -> Outcome<'c> {
    let (Value::Long(a), Value::Long(b)) = (run.cast(args[0], Type::Long)?, run.cast(args[1], Type::Long)?)
    else {
        return Ok(Value::Null);
    };
    if b == 0 {
        return Err(Exception::new("ArithmeticException", "/ by zero"));
    }
    let value = if (a, b) == (i64::MIN, -1) { a } else { function(a, b) };
    match (args[0], args[1]) {
        (Value::Int(_), Value::Int(_)) => Ok(Value::int(value as i32)),
        _ => Ok(Value::Long(value)),
    }
}
