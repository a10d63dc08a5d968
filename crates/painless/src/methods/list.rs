//! Lists and arrays.

use std::cmp::Ordering;

use event::doc::NodeId;

use super::args::int;
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::{Outcome, Run, compare_numbers};
use crate::value::{Class, Value};

const LIST: &[Class] = &[Class::List];

pub(super) const METHODS: &[Method] = &[
    method(LIST, "get", 1, |run, args| {
        let place = strict_place(run, args[0], args[1])?;
        run.element(args[0], place)
    }),
    method(LIST, "set", 2, |run, args| {
        let list = run.changeable(args[0])?;
        let place = strict_place(run, args[0], args[1])?;
        let old = run.node_at(list, place)?;
        let before = run.read(old);
        run.replace_element(list, old, args[2])?;
        Ok(before)
    }),
    method(LIST, "add", 1, |run, args| {
        let list = run.changeable(args[0])?;
        run.push(list, args[1])?;
        Ok(Value::bool(true))
    }),
    method(LIST, "add", 2, insert),
    method(LIST, "addAll", 1, |run, args| {
        let list = run.changeable(args[0])?;
        let values = run.listed(args[1])?;
        for value in &values {
            run.push(list, *value)?;
        }
        Ok(Value::bool(!values.is_empty()))
    }),
    method(LIST, "remove", 1, remove),
    method(LIST, "indexOf", 1, |run, args| {
        let values = run.listed(args[0])?;
        Ok(Value::int(values.iter().position(|own| run.equals(*own, args[1])).map_or(-1, |at| at as i32)))
    }),
    method(LIST, "lastIndexOf", 1, |run, args| {
        let values = run.listed(args[0])?;
        Ok(Value::int(values.iter().rposition(|own| run.equals(*own, args[1])).map_or(-1, |at| at as i32)))
    }),
    method(LIST, "sort", 1, |run, args| sort(run, args[0], args[1])),
    method(LIST, "subList", 2, |run, args| {
        let (from, to) = (int(run, args[1])?, int(run, args[2])?);
        sub_list(run, args[0], from, to)
    }),
    method(LIST, "replaceAll", 1, |run, args| {
        let list = run.changeable(args[0])?;
        let mut next = run.doc.first_child(list);
        while let Some(node) = next {
            next = run.doc.next_sibling(node);
            let value = run.read(node);
            let value = run.call(args[1], &[value])?;
            run.replace_element(list, node, value)?;
        }
        Ok(Value::Null)
    }),
];

pub(super) const STATICS: &[Static] = &[
    function("ArrayList", "new", 0, |run, _| run.make_list(&[])),
    function("ArrayList", "new", 1, |run, args| match args[0] {
        Value::Int(_) => run.make_list(&[]),
        of => {
            let values = run.listed(of)?;
            run.make_list(&values)
        }
    }),
    function("Arrays", "asList", 1, |run, args| {
        let values = run.listed(args[0])?;
        run.make_list(&values)
    }),
    function("Collections", "emptyList", 0, |run, _| run.make_list(&[])),
    function("Collections", "singletonList", 1, |run, args| run.make_list(args)),
    function("Collections", "sort", 1, |run, args| sort(run, args[0], Value::Null)),
    function("Collections", "sort", 2, |run, args| sort(run, args[0], args[1])),
    function("Collections", "reverse", 1, |run, args| {
        let list = run.changeable(args[0])?;
        let mut nodes: Vec<NodeId> = run.doc.children(list).collect();
        nodes.reverse();
        run.refill(list, &nodes)?;
        Ok(Value::Null)
    }),
];

/// A place of `get`, `set` and `remove`, which do not count from the end.
fn strict_place<'c>(run: &Run<'_, 'c>, of: Value<'c>, place: Value<'c>) -> Result<usize, Thrown> {
    let place = int(run, place)?;
    let length = run.length(of);
    match usize::try_from(place) {
        Ok(at) if at < length => Ok(at),
        _ => Err(crate::run::out_of_bounds(i64::from(place), length)),
    }
}

/// `add(place, value)`
fn insert<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let list = run.changeable(args[0])?;
    let (place, length) = (int(run, args[1])?, run.length(args[0]));
    let Some(at) = usize::try_from(place).ok().filter(|at| *at <= length) else {
        let reason = format!("Index: {place}, Size: {length}");
        return Err(Exception::new("IndexOutOfBoundsException", reason));
    };
    let mut nodes: Vec<NodeId> = run.doc.children(list).collect();
    run.push(list, args[2])?;
    if at < length {
        let last: Vec<NodeId> = run.doc.children(list).skip(length).collect();
        nodes.splice(at..at, last);
        run.refill(list, &nodes)?;
    }
    Ok(Value::Null)
}

/// `remove(place)`, or `remove(value)` for what is no int.
fn remove<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let list = run.changeable(args[0])?;
    if let Value::Int(_) = args[1] {
        let place = strict_place(run, args[0], args[1])?;
        let node = run.node_at(list, place)?;
        run.unlink(list, node);
        return Ok(run.read(node));
    }
    let hit = run.doc.children(list).find(|node| run.node_equals(*node, args[1]));
    if let Some(node) = hit {
        run.unlink(list, node);
    }
    Ok(Value::bool(hit.is_some()))
}

fn sub_list<'c>(run: &mut Run<'_, 'c>, of: Value<'c>, from: i32, to: i32) -> Outcome<'c> {
    let values = run.listed(of)?;
    let length = values.len();
    if from < 0 {
        return Err(Exception::new("IndexOutOfBoundsException", format!("fromIndex = {from}")));
    }
    if to > length as i32 {
        return Err(Exception::new("IndexOutOfBoundsException", format!("toIndex = {to}")));
    }
    if from > to {
        return Err(Exception::illegal_argument(format!("fromIndex({from}) > toIndex({to})")));
    }
    run.make_list(&values[from as usize..to as usize])
}

/// Sorts by a comparator, or in the elements' own order.
fn sort<'c>(run: &mut Run<'_, 'c>, of: Value<'c>, comparator: Value<'c>) -> Outcome<'c> {
    let list = run.changeable(of)?;
    let nodes: Vec<NodeId> = run.doc.children(list).collect();
    let sorted = sorted(run, nodes, |run, node| run.read(node), comparator)?;
    run.refill(list, &sorted)?;
    Ok(Value::Null)
}

/// Items in the order of the values that they stand for: stable, and at peace with comparators that contradict themselves or
/// throw.
pub(super) fn sorted<'d, 'c, T: Copy>(
    run: &mut Run<'d, 'c>,
    mut items: Vec<T>,
    read: fn(&Run<'d, 'c>, T) -> Value<'c>,
    comparator: Value<'c>,
) -> Result<Vec<T>, Thrown> {
    if items.len() < 2 {
        return Ok(items);
    }
    let right = items.split_off(items.len() / 2);
    let left = sorted(run, items, read, comparator)?;
    let right = sorted(run, right, read, comparator)?;
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let (a, b) = (read(run, *a), read(run, *b));
        let order = ordered(run, comparator, a, b)?;
        merged.extend(if order == Ordering::Greater { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

/// The order that a comparator gives two values, or their own where there is none.
pub(super) fn ordered<'c>(
    run: &mut Run<'_, 'c>,
    comparator: Value<'c>,
    a: Value<'c>,
    b: Value<'c>,
) -> Result<Ordering, Thrown> {
    match comparator {
        Value::Null => natural(run, a, b),
        function => match run.call(function, &[a, b])? {
            Value::Int(order) => Ok(order.get().cmp(&0)),
            other => run.coerce(other, crate::types::Type::Int).map(|_| Ordering::Equal),
        },
    }
}

/// The order of `compareTo`: numbers of one class, texts, booleans.
pub(super) fn natural<'c>(run: &Run<'_, 'c>, a: Value<'c>, b: Value<'c>) -> Result<Ordering, Thrown> {
    if let (Some(a), Some(b)) = (run.as_str(a), run.as_str(b)) {
        return Ok(a.encode_utf16().cmp(b.encode_utf16()));
    }
    let (left, right) = (run.class(a), run.class(b));
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Err(Exception::bare("NullPointerException", None)),
        (Value::Bool(a), Value::Bool(b)) => Ok(a.get().cmp(&b.get())),
        (Value::Double(a), Value::Double(b)) => Ok(a.get().total_cmp(&b.get())),
        _ if left == right && compare_numbers(a, b).is_some() => {
            Ok(compare_numbers(a, b).flatten().unwrap_or(Ordering::Equal))
        }
        _ => Err(Exception::class_cast(format!(
            "class {} cannot be cast to class {} ({0} and {1} are in module java.base of loader 'bootstrap')",
            left.java(),
            right.java()
        ))),
    }
}
