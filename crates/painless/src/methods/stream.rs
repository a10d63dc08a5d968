//! Streams: those of collections, and of whole numbers.
//!
//! A stream holds all its elements, and each step makes the next stream: what a step's function does beside its answer
//! happens to all elements before the step behind it, where Java takes one element through all steps.

use std::cmp::Ordering;
use std::rc::Rc;

use super::args::int;
use super::collection::truth;
use super::list::{ordered, sorted};
use super::optional::optional;
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::{Kind, Outcome, Run};
use crate::types::Type;
use crate::value::{Class, Object, Value};
use event::doc::Data;

const WALKED: &[Class] = &[Class::List, Class::Set, Class::Keys, Class::Values, Class::Entries];
const STREAM: &[Class] = &[Class::Stream];

pub(super) const METHODS: &[Method] = &[
    method(WALKED, "stream", 0, |run, args| {
        let values = run.listed(args[0])?;
        stream(run, values)
    }),
    method(STREAM, "map", 1, map),
    method(STREAM, "mapToObj", 1, map),
    method(STREAM, "boxed", 0, |_, args| Ok(args[0])),
    method(STREAM, "mapToInt", 1, |run, args| numbers(run, args, Type::Int)),
    method(STREAM, "mapToLong", 1, |run, args| numbers(run, args, Type::Long)),
    method(STREAM, "mapToDouble", 1, |run, args| numbers(run, args, Type::Double)),
    method(STREAM, "filter", 1, |run, args| {
        let mut kept = Vec::new();
        for value in elements(run, args[0])?.iter() {
            if truth(run, args[1], *value)? {
                kept.push(*value);
            }
        }
        stream(run, kept)
    }),
    method(STREAM, "flatMap", 1, |run, args| {
        let mut made = Vec::new();
        for value in elements(run, args[0])?.iter() {
            let inner = run.call(args[1], &[*value])?;
            made.extend_from_slice(&elements(run, inner)?);
        }
        stream(run, made)
    }),
    method(STREAM, "peek", 1, |run, args| for_each(run, args).map(|_| args[0])),
    method(STREAM, "forEach", 1, for_each),
    method(STREAM, "forEachOrdered", 1, for_each),
    method(STREAM, "distinct", 0, |run, args| {
        let mut kept: Vec<Value<'_>> = Vec::new();
        for value in elements(run, args[0])?.iter() {
            run.tick()?;
            if !kept.iter().any(|own| run.equals(*own, *value)) {
                kept.push(*value);
            }
        }
        stream(run, kept)
    }),
    method(STREAM, "sorted", 0, |run, args| sort(run, args[0], Value::Null)),
    method(STREAM, "sorted", 1, |run, args| sort(run, args[0], args[1])),
    method(STREAM, "limit", 1, |run, args| {
        let (own, count) = (elements(run, args[0])?, count(run, args[1])?);
        stream(run, own.iter().copied().take(count).collect())
    }),
    method(STREAM, "skip", 1, |run, args| {
        let (own, count) = (elements(run, args[0])?, count(run, args[1])?);
        stream(run, own.iter().copied().skip(count).collect())
    }),
    method(STREAM, "count", 0, |run, args| Ok(Value::Long(elements(run, args[0])?.len() as i64))),
    method(STREAM, "anyMatch", 1, |run, args| meets(run, args, true).map(Value::bool)),
    method(STREAM, "noneMatch", 1, |run, args| Ok(Value::bool(!meets(run, args, true)?))),
    method(STREAM, "allMatch", 1, |run, args| Ok(Value::bool(!meets(run, args, false)?))),
    method(STREAM, "findFirst", 0, first),
    method(STREAM, "findAny", 0, first),
    method(STREAM, "min", 0, |run, args| outermost(run, args[0], Value::Null, Ordering::Less)),
    method(STREAM, "min", 1, |run, args| outermost(run, args[0], args[1], Ordering::Less)),
    method(STREAM, "max", 0, |run, args| outermost(run, args[0], Value::Null, Ordering::Greater)),
    method(STREAM, "max", 1, |run, args| outermost(run, args[0], args[1], Ordering::Greater)),
    method(STREAM, "sum", 0, sum),
    method(STREAM, "reduce", 2, |run, args| {
        let own = elements(run, args[0])?;
        own.iter().try_fold(args[1], |so_far, value| run.call(args[2], &[so_far, *value]))
    }),
    method(STREAM, "reduce", 1, |run, args| {
        let own = elements(run, args[0])?;
        let Some((first, rest)) = own.split_first() else { return optional(run, None) };
        let all = rest.iter().try_fold(*first, |so_far, value| run.call(args[1], &[so_far, *value]))?;
        optional(run, Some(all))
    }),
    method(STREAM, "toArray", 0, |run, args| {
        let array = run.make(Data::EMPTY_ARRAY, Some(Kind::Array));
        for value in elements(run, args[0])?.iter() {
            run.push(array, *value)?;
        }
        Ok(Value::array(array))
    }),
];

pub(super) const STATICS: &[Static] = &[
    function("IntStream", "range", 2, |run, args| {
        let (from, to) = (int(run, args[0])?, int(run, args[1])?);
        range(run, i64::from(from)..i64::from(to))
    }),
    function("IntStream", "rangeClosed", 2, |run, args| {
        let (from, to) = (int(run, args[0])?, int(run, args[1])?);
        range(run, i64::from(from)..i64::from(to) + 1)
    }),
];

/// A stream of values.
fn stream<'c>(run: &mut Run<'_, 'c>, values: Vec<Value<'c>>) -> Outcome<'c> {
    run.check_size(size_of_val(&*values))?;
    Ok(run.object(Object::Stream(values.into())))
}

/// The elements of a stream.
pub(super) fn elements<'c>(run: &Run<'_, 'c>, of: Value<'c>) -> Result<Rc<[Value<'c>]>, Thrown> {
    match of {
        Value::Object(index) if let Object::Stream(values) = &run.objects[index] => Ok(Rc::clone(values)),
        other => Err(Exception::class_cast(format!("{} is no stream", run.java_class(other)))),
    }
}

fn range<'c>(run: &mut Run<'_, 'c>, numbers: std::ops::Range<i64>) -> Outcome<'c> {
    let length = usize::try_from(numbers.end - numbers.start).unwrap_or(0);
    run.check_size(length.saturating_mul(size_of::<Value<'_>>()))?;
    stream(run, numbers.map(|number| Value::int(number as i32)).collect())
}

fn map<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let own = elements(run, args[0])?;
    let made = own.iter().map(|value| run.call(args[1], &[*value])).collect::<Result<_, _>>()?;
    stream(run, made)
}

fn numbers<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], to: Type) -> Outcome<'c> {
    let own = elements(run, args[0])?;
    let made = own
        .iter()
        .map(|value| run.call(args[1], &[*value]).and_then(|made| run.coerce(made, to)))
        .collect::<Result<_, _>>()?;
    stream(run, made)
}

fn for_each<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    for value in elements(run, args[0])?.iter() {
        run.call(args[1], &[*value])?;
    }
    Ok(Value::Null)
}

fn sort<'c>(run: &mut Run<'_, 'c>, of: Value<'c>, comparator: Value<'c>) -> Outcome<'c> {
    let own = elements(run, of)?.to_vec();
    let sorted = sorted(run, own, |_, value| value, comparator)?;
    stream(run, sorted)
}

/// How many elements `limit` and `skip` are told of.
fn count<'c>(run: &Run<'_, 'c>, value: Value<'c>) -> Result<usize, Thrown> {
    let count = match value {
        Value::Long(count) => count,
        other => i64::from(int(run, other)?),
    };
    usize::try_from(count).map_err(|_| Exception::illegal_argument(count.to_string()))
}

/// Whether a test gives an answer for any element.
fn meets<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], answer: bool) -> Result<bool, Thrown> {
    for value in elements(run, args[0])?.iter() {
        if truth(run, args[1], *value)? == answer {
            return Ok(true);
        }
    }
    Ok(false)
}

fn first<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let first = elements(run, args[0])?.first().copied();
    match first {
        Some(Value::Null) => Err(Exception::bare("NullPointerException", None)),
        first => optional(run, first),
    }
}

/// The first of the least elements, or the last of the greatest.
fn outermost<'c>(run: &mut Run<'_, 'c>, of: Value<'c>, comparator: Value<'c>, side: Ordering) -> Outcome<'c> {
    let own = elements(run, of)?;
    let Some((first, rest)) = own.split_first() else { return optional(run, None) };
    let mut best = *first;
    for value in rest {
        let order = ordered(run, comparator, *value, best)?;
        if order == side || (order == Ordering::Equal && side == Ordering::Greater) {
            best = *value;
        }
    }
    optional(run, Some(best))
}

/// The sum of a stream of numbers.
fn sum<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    elements(run, args[0])?.iter().try_fold(Value::int(0), |sum, value| match (sum, *value) {
        (Value::Int(sum), Value::Int(value)) => Ok(Value::int(sum.get().wrapping_add(value.get()))),
        (Value::Int(zero), value @ (Value::Long(_) | Value::Double(_))) if zero == 0 => Ok(value),
        (Value::Long(sum), Value::Long(value)) => Ok(Value::Long(sum.wrapping_add(value))),
        (Value::Double(sum), Value::Double(value)) => Ok(Value::double(sum.get() + value.get())),
        (_, other) => Err(Exception::illegal_argument(format!(
            "a stream with a [{}] in it has no sum: use mapToInt, mapToLong or mapToDouble",
            run.java_class(other)
        ))),
    })
}
