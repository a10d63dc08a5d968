//! `StringBuilder`.

use super::args::int;
use super::string::units;
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::Run;
use crate::value::{Class, Object, Value};

const BUILDER: &[Class] = &[Class::Builder];

pub(super) const METHODS: &[Method] = &[
    method(BUILDER, "append", 1, |run, args| {
        let text = run.text_of(args[1])?;
        run.hold(text.len())?;
        builder(run, args[0])?.push_str(&text);
        Ok(args[0])
    }),
    method(BUILDER, "length", 0, |run, args| Ok(Value::Int(units(builder(run, args[0])?) as i32))),
    method(BUILDER, "setLength", 1, |run, args| {
        let length = int(run, args[1])?;
        let text = builder(run, args[0])?;
        let kept: Vec<u16> = text.encode_utf16().take(usize::try_from(length).unwrap_or(0)).collect();
        *text = String::from_utf16_lossy(&kept);
        Ok(Value::Null)
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

fn not_a_builder() -> Thrown {
    Exception::class_cast("this is no java.lang.StringBuilder")
}
