//! `StringBuilder`.

use super::args::int;
use super::string::units;
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::{Outcome, Run};
use crate::value::{Class, Object, Value};

const BUILDER: &[Class] = &[Class::Builder];

pub(super) const METHODS: &[Method] = &[
    method(BUILDER, "append", 1, |run, args| {
        let text = run.text_of(args[1])?;
        run.hold(text.len())?;
        builder(run, args[0])?.push_str(&text);
        Ok(args[0])
    }),
    method(BUILDER, "length", 0, |run, args| Ok(Value::int(units(builder(run, args[0])?) as i32))),
    method(BUILDER, "setLength", 1, |run, args| {
        let length = int(run, args[1])?;
        let text = builder(run, args[0])?;
        let kept: Vec<u16> = text.encode_utf16().take(usize::try_from(length).unwrap_or(0)).collect();
        *text = String::from_utf16_lossy(&kept);
        Ok(Value::Null)
    }),
    method(BUILDER, "charAt", 1, |run, args| {
        let place = int(run, args[1])?;
        let text = builder(run, args[0])?;
        let unit = usize::try_from(place).ok().and_then(|place| text.encode_utf16().nth(place));
        unit.map(Value::char).ok_or_else(|| {
            let reason = format!("Index {place} out of bounds for length {}", units(text));
            Exception::new("StringIndexOutOfBoundsException", reason)
        })
    }),
    method(BUILDER, "insert", 2, |run, args| {
        let place = int(run, args[1])?;
        let put = run.text_of(args[2])?;
        run.hold(put.len())?;
        edit(run, args[0], place, place, &put, |length| range(place, length as i32, length))
    }),
    method(BUILDER, "deleteCharAt", 1, |run, args| {
        let place = int(run, args[1])?;
        edit(run, args[0], place, place.saturating_add(1), "", |length| {
            format!("Index {place} out of bounds for length {length}")
        })
    }),
    method(BUILDER, "delete", 2, |run, args| {
        let (from, to) = (int(run, args[1])?, int(run, args[2])?);
        let to = to.min(units(builder(run, args[0])?) as i32);
        edit(run, args[0], from, to, "", |length| range(from, to, length))
    }),
    method(BUILDER, "reverse", 0, |run, args| {
        let text = builder(run, args[0])?;
        *text = text.chars().rev().collect();
        Ok(args[0])
    }),
];

pub(super) const STATICS: &[Static] = &[
    function("StringBuilder", "new", 0, |run, _| Ok(run.object(Object::Builder(String::new())))),
    function("StringBuilder", "new", 1, |run, args| {
        let text = if let Value::Int(_) = args[0] { String::new() } else { run.text_of(args[0])? };
        Ok(run.object(Object::Builder(text)))
    }),
];

fn builder<'a>(run: &'a mut Run<'_, '_>, value: Value<'_>) -> Result<&'a mut String, Thrown> {
    match value {
        Value::Object(index) => match &mut run.objects[index] {
            Object::Builder(text) => Ok(text),
            _ => Err(not_a_builder()),
        },
        _ => Err(not_a_builder()),
    }
}

/// Puts a text in the place of another one; places count UTF-16 units.
fn edit<'c>(
    run: &mut Run<'_, 'c>,
    of: Value<'c>,
    from: i32,
    to: i32,
    with: &str,
    why_not: impl Fn(usize) -> String,
) -> Outcome<'c> {
    let text = builder(run, of)?;
    let mut own: Vec<u16> = text.encode_utf16().collect();
    match (usize::try_from(from), usize::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to && to <= own.len() => {
            own.splice(from..to, with.encode_utf16());
        }
        _ => return Err(Exception::new("StringIndexOutOfBoundsException", why_not(own.len()))),
    }
    *text = String::from_utf16_lossy(&own);
    Ok(of)
}

fn range(from: i32, to: i32, length: usize) -> String {
    format!("Range [{from}, {to}) out of bounds for length {length}")
}

fn not_a_builder() -> Thrown {
    Exception::class_cast("this is no java.lang.StringBuilder")
}
