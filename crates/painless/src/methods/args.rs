//! Reading the arguments of methods, with Java's words for what does not fit.

use std::borrow::Cow;

use crate::exception::{Exception, Thrown};
use crate::run::Run;
use crate::value::{Class, Value};

/// A whole number where a method takes an `int`.
pub(super) fn int<'c>(run: &Run<'_, 'c>, value: Value<'c>) -> Result<i32, Thrown> {
    match value {
        Value::Int(value) => Ok(value.get()),
        Value::Char(unit) => Ok(i32::from(unit.get())),
        other => Err(mismatch(run.class(other), "int")),
    }
}

/// The receiver of a method of texts, which is called on nothing else.
#[inline]
pub(super) fn own<'a, 'c: 'a>(run: &'a Run<'_, 'c>, args: &[Value<'c>]) -> &'a str {
    args.first().and_then(|own| run.as_str(*own)).unwrap_or_default()
}

/// A text where a method takes a `String` or `CharSequence`; characters and builders count.
#[inline]
pub(super) fn text<'a, 'c: 'a>(run: &'a Run<'_, 'c>, value: Value<'c>) -> Result<Cow<'a, str>, Thrown> {
    match run.as_str(value) {
        Some(text) => Ok(Cow::Borrowed(text)),
        None => text_like(run, value),
    }
}

#[inline(never)]
fn text_like<'a, 'c: 'a>(run: &'a Run<'_, 'c>, value: Value<'c>) -> Result<Cow<'a, str>, Thrown> {
    match value {
        Value::Char(unit) => Ok(Cow::Owned(String::from_utf16_lossy(&[unit.get()]))),
        Value::Object(index) => match &run.objects[index] {
            crate::value::Object::Builder(text) => Ok(Cow::Borrowed(text)),
            _ => Err(mismatch(run.class(value), "String")),
        },
        Value::Null => Err(Exception::bare("NullPointerException", None)),
        other => Err(mismatch(run.class(other), "String")),
    }
}

fn mismatch(class: Class, wanted: &str) -> Thrown {
    match class {
        Class::Null => Exception::bare("NullPointerException", None),
        class if wanted == "String" => Exception::class_cast(format!(
            "cannot implicitly cast def [{}] to java.lang.String",
            class.unboxed()
        )),
        class => Exception::class_cast(format!("Cannot cast {} to {wanted}", class.java())),
    }
}
