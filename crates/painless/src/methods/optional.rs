//! `Optional`, and what is like it for numbers.

use super::collection::truth;
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::{Outcome, Run};
use crate::value::{Class, Object, Value};

const OPTIONAL: &[Class] = &[Class::Optional];

pub(super) const METHODS: &[Method] = &[
    method(OPTIONAL, "get", 0, get),
    method(OPTIONAL, "getAsInt", 0, get),
    method(OPTIONAL, "getAsLong", 0, get),
    method(OPTIONAL, "getAsDouble", 0, get),
    method(OPTIONAL, "isPresent", 0, |run, args| Ok(Value::bool(held(run, args[0])?.is_some()))),
    method(OPTIONAL, "orElse", 1, |run, args| Ok(held(run, args[0])?.unwrap_or(args[1]))),
    method(OPTIONAL, "orElseGet", 1, |run, args| match held(run, args[0])? {
        Some(value) => Ok(value),
        None => run.call(args[1], &[]),
    }),
    method(OPTIONAL, "ifPresent", 1, |run, args| {
        if let Some(value) = held(run, args[0])? {
            run.call(args[1], &[value])?;
        }
        Ok(Value::Null)
    }),
    method(OPTIONAL, "map", 1, |run, args| {
        let Some(value) = held(run, args[0])? else { return Ok(args[0]) };
        let made = run.call(args[1], &[value])?;
        of_nullable(run, made)
    }),
    method(OPTIONAL, "flatMap", 1, |run, args| match held(run, args[0])? {
        Some(value) => run.call(args[1], &[value]),
        None => Ok(args[0]),
    }),
    method(OPTIONAL, "filter", 1, |run, args| match held(run, args[0])? {
        Some(value) if !truth(run, args[1], value)? => optional(run, None),
        _ => Ok(args[0]),
    }),
];

pub(super) const STATICS: &[Static] = &[
    function("Optional", "empty", 0, |run, _| optional(run, None)),
    function("Optional", "of", 1, |run, args| match args[0] {
        Value::Null => Err(Exception::bare("NullPointerException", None)),
        value => optional(run, Some(value)),
    }),
    function("Optional", "ofNullable", 1, |run, args| of_nullable(run, args[0])),
];

/// An optional with a value, or without one.
pub(super) fn optional<'c>(run: &mut Run<'_, 'c>, value: Option<Value<'c>>) -> Outcome<'c> {
    Ok(run.object(Object::Optional(value)))
}

fn of_nullable<'c>(run: &mut Run<'_, 'c>, value: Value<'c>) -> Outcome<'c> {
    optional(run, Some(value).filter(|value| !matches!(value, Value::Null)))
}

fn held<'c>(run: &Run<'_, 'c>, of: Value<'c>) -> Result<Option<Value<'c>>, Thrown> {
    match of {
        Value::Object(index) if let Object::Optional(value) = &run.objects[index] => Ok(*value),
        _ => Err(Exception::class_cast("this is no java.util.Optional")),
    }
}

fn get<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    held(run, args[0])?.ok_or_else(|| Exception::new("NoSuchElementException", "No value present"))
}
