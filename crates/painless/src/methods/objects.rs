//! `Objects`, and exceptions.

use super::{Method, Static, function, method};
use crate::exception::{self, Exception};
use crate::run::{Outcome, Run};
use crate::value::{Class, Object, Value};

pub(super) const METHODS: &[Method] = &[method(&[Class::Exception], "getMessage", 0, message)];

pub(super) const STATICS: &[Static] = &[
    function("Objects", "isNull", 1, |_, args| Ok(Value::bool(matches!(args[0], Value::Null)))),
    function("Objects", "nonNull", 1, |_, args| Ok(Value::bool(!matches!(args[0], Value::Null)))),
    function("Objects", "equals", 2, |run, args| Ok(Value::bool(run.equals(args[0], args[1])))),
    function("Objects", "toString", 1, super::any::to_string),
    function("Objects", "toString", 2, |run, args| match args[0] {
        Value::Null => Ok(args[1]),
        _ => super::any::to_string(run, &args[..1]),
    }),
    function("Objects", "requireNonNull", 1, |_, args| match args[0] {
        Value::Null => Err(Exception::bare("NullPointerException", None)),
        value => Ok(value),
    }),
];

/// `new SomeException(message)`: the class's name comes first.
pub(crate) fn new_exception<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let class = run.as_str(args[0]).and_then(exception::find);
    let message = match args.get(1) {
        None | Some(Value::Null) => None,
        Some(message) => Some(run.text_of(*message)?),
    };
    let exception = class.map(|class| Exception { class, message, at: None });
    Ok(exception.map_or(Value::Null, |exception| run.object(Object::Exception(exception))))
}

fn message<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let message = match args[0] {
        Value::Object(index) => match &run.objects[index] {
            Object::Exception(exception) => exception.message.clone(),
            _ => None,
        },
        _ => None,
    };
    message.map_or(Ok(Value::Null), |message| run.string(&message))
}
