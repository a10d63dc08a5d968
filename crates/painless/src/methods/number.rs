//! Numbers and booleans, and their classes' static methods.

use super::args::{int, text};
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::{Outcome, Run, compare_numbers};
use crate::types::Type;
use crate::value::{Class, Value};

const NUMBER: &[Class] = &[Class::Integer, Class::Long, Class::Float, Class::Double];
const BOOLEAN: &[Class] = &[Class::Boolean];

pub(super) const METHODS: &[Method] = &[
    method(NUMBER, "intValue", 0, |run, args| run.cast(args[0], Type::Int)),
    method(NUMBER, "longValue", 0, |run, args| run.cast(args[0], Type::Long)),
    method(NUMBER, "floatValue", 0, |run, args| run.cast(args[0], Type::Float)),
    method(NUMBER, "doubleValue", 0, |run, args| run.cast(args[0], Type::Double)),
    method(NUMBER, "compareTo", 1, |run, args| {
        super::list::natural(run, args[0], args[1]).map(|order| Value::int(order as i32))
    }),
    method(BOOLEAN, "booleanValue", 0, |_, args| Ok(args[0])),
];

pub(super) const STATICS: &[Static] = &[
    function("Integer", "parseInt", 1, |run, args| parse_int(run, args[0], 10)),
    function("Integer", "parseInt", 2, |run, args| {
        let radix = int(run, args[1])?;
        parse_int(run, args[0], radix)
    }),
    function("Integer", "valueOf", 1, |run, args| match args[0] {
        Value::Int(_) => Ok(args[0]),
        other => parse_int(run, other, 10),
    }),
    function("Integer", "valueOf", 2, |run, args| {
        let radix = int(run, args[1])?;
        parse_int(run, args[0], radix)
    }),
    function("Integer", "toString", 1, super::any::to_string),
    function("Integer", "toString", 2, in_radix),
    function("Integer", "toBinaryString", 1, |run, args| {
        let text = format!("{:b}", int(run, args[0])?);
        run.string(&text)
    }),
    function("Integer", "toOctalString", 1, |run, args| {
        let text = format!("{:o}", int(run, args[0])?);
        run.string(&text)
    }),
    function("Integer", "max", 2, |run, args| Ok(Value::int(int(run, args[0])?.max(int(run, args[1])?)))),
    function("Integer", "min", 2, |run, args| Ok(Value::int(int(run, args[0])?.min(int(run, args[1])?)))),
    function("Integer", "toHexString", 1, |run, args| {
        let text = format!("{:x}", int(run, args[0])?);
        run.string(&text)
    }),
    function("Integer", "compare", 2, |_, args| Ok(compare(args))),
    function("Long", "parseLong", 1, |run, args| parse_long(run, args[0], 10)),
    function("Long", "parseLong", 2, |run, args| {
        let radix = int(run, args[1])?;
        parse_long(run, args[0], radix)
    }),
    function("Long", "valueOf", 1, |run, args| match args[0] {
        Value::Int(_) | Value::Long(_) => run.cast(args[0], Type::Long),
        other => parse_long(run, other, 10),
    }),
    function("Long", "toString", 1, super::any::to_string),
    function("Long", "toString", 2, in_radix),
    function("Long", "toHexString", 1, |run, args| {
        let text = format!("{:x}", long(run, args[0])?);
        run.string(&text)
    }),
    function("Long", "toBinaryString", 1, |run, args| {
        let text = format!("{:b}", long(run, args[0])?);
        run.string(&text)
    }),
    function("Long", "max", 2, |run, args| Ok(Value::Long(long(run, args[0])?.max(long(run, args[1])?)))),
    function("Long", "min", 2, |run, args| Ok(Value::Long(long(run, args[0])?.min(long(run, args[1])?)))),
    function("Long", "compare", 2, |_, args| Ok(compare(args))),
    function("Double", "parseDouble", 1, |run, args| parse_double(run, args[0])),
    function("Double", "valueOf", 1, |run, args| match run.as_str(args[0]) {
        Some(_) => parse_double(run, args[0]),
        None => run.cast(args[0], Type::Double),
    }),
    function("Double", "toString", 1, super::any::to_string),
    function("Double", "isNaN", 1, |run, args| tell(run, args[0], f64::is_nan)),
    function("Double", "isInfinite", 1, |run, args| tell(run, args[0], f64::is_infinite)),
    function("Double", "isFinite", 1, |run, args| tell(run, args[0], f64::is_finite)),
    function("Double", "compare", 2, |_, args| Ok(compare(args))),
    function("Float", "parseFloat", 1, |run, args| {
        let value = parse_double(run, args[0])?;
        run.cast(value, Type::Float)
    }),
    function("Boolean", "parseBoolean", 1, |run, args| {
        // A null is false, anything else than a text is no argument of it.
        Ok(Value::bool(!matches!(args[0], Value::Null) && text(run, args[0])?.eq_ignore_ascii_case("true")))
    }),
    function("Boolean", "toString", 1, super::any::to_string),
    function("Boolean", "valueOf", 1, |run, args| match args[0] {
        Value::Bool(_) => Ok(args[0]),
        other => Ok(Value::bool(run.as_str(other).is_some_and(|text| text.eq_ignore_ascii_case("true")))),
    }),
];

fn compare<'c>(args: &[Value<'c>]) -> Value<'c> {
    Value::int(compare_numbers(args[0], args[1]).flatten().map_or(0, |order| order as i32))
}

fn long<'c>(run: &Run<'_, 'c>, value: Value<'c>) -> Result<i64, Thrown> {
    match run.coerce(value, Type::Long)? {
        Value::Long(value) => Ok(value),
        other => int(run, other).map(i64::from),
    }
}

fn tell<'c>(run: &mut Run<'_, 'c>, value: Value<'c>, test: fn(f64) -> bool) -> Outcome<'c> {
    Ok(Value::bool(match run.coerce(value, Type::Double)? {
        Value::Double(value) => test(value.get()),
        _ => false,
    }))
}

/// The digits of a number; in base ten where there is none like what is asked for.
fn in_radix<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let (number, radix) = (long(run, args[0])?, int(run, args[1])?);
    let radix = u64::try_from(radix).ok().filter(|radix| (2..=36).contains(radix)).unwrap_or(10);
    let (mut rest, mut digits) = (number.unsigned_abs(), Vec::new());
    loop {
        digits.extend(char::from_digit((rest % radix) as u32, radix as u32));
        rest /= radix;
        if rest == 0 {
            break;
        }
    }
    digits.extend((number < 0).then_some('-'));
    let text: String = digits.into_iter().rev().collect();
    run.string(&text)
}

fn digits<'c>(run: &Run<'_, 'c>, value: Value<'c>, radix: i32) -> Result<(String, u32), Thrown> {
    if let Value::Null = value {
        return Err(Exception::new("NumberFormatException", "Cannot parse null string"));
    }
    let text = text(run, value)?.into_owned();
    match u32::try_from(radix) {
        Ok(radix @ 2..=36) => Ok((text, radix)),
        _ => Err(Exception::new(
            "NumberFormatException",
            format!("radix {radix} is out of the range of 2 to 36"),
        )),
    }
}

fn malformed(text: &str, radix: u32) -> Thrown {
    let under = if radix == 10 { String::new() } else { format!(" under radix {radix}") };
    Exception::new("NumberFormatException", format!("For input string: \"{text}\"{under}"))
}

fn parse_int<'c>(run: &mut Run<'_, 'c>, value: Value<'c>, radix: i32) -> Outcome<'c> {
    let (text, radix) = digits(run, value, radix)?;
    i32::from_str_radix(&text, radix).map(Value::int).map_err(|_| malformed(&text, radix))
}

fn parse_long<'c>(run: &mut Run<'_, 'c>, value: Value<'c>, radix: i32) -> Outcome<'c> {
    let (text, radix) = digits(run, value, radix)?;
    i64::from_str_radix(&text, radix).map(Value::Long).map_err(|_| malformed(&text, radix))
}

/// Whether Java, reading a text as a floating-point number, meets a second point among the digits that it begins with:
/// it has words of its own for that.
pub fn has_two_points(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c <= ' ');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.chars().take_while(|c| c.is_ascii_digit() || *c == '.').filter(|c| *c == '.').count() > 1
}

fn parse_double<'c>(run: &mut Run<'_, 'c>, value: Value<'c>) -> Outcome<'c> {
    let text = text(run, value)?;
    let trimmed = text.trim_matches(|c: char| c <= ' ');
    if trimmed.is_empty() {
        return Err(Exception::new("NumberFormatException", "empty String"));
    }
    if has_two_points(trimmed) {
        return Err(Exception::new("NumberFormatException", "multiple points"));
    }
    let number = trimmed.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(trimmed);
    // Rust also reads "inf" and "nan", which Java does not.
    let parsed = match trimmed {
        "NaN" => Some(f64::NAN),
        "Infinity" | "+Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ if number.ends_with(|c: char| c.is_ascii_digit() || c == '.') => number.parse().ok(),
        _ => None,
    };
    parsed.map(Value::double).ok_or_else(|| malformed(&text, 10))
}
