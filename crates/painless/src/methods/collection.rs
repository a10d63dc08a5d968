//! What lists, sets, arrays and the views of maps have in common; sets.

use event::doc::{Data, NodeId};

use super::{Method, Static, function, method};
use crate::exception::Thrown;
use crate::fixed::Fixed;
use crate::run::{Kind, Outcome, Run};
use crate::value::{Class, Value};

const ALL: &[Class] = &[Class::List, Class::Set, Class::Keys, Class::Values, Class::Entries];
const SIZED: &[Class] = &[Class::List, Class::Set, Class::Keys, Class::Values, Class::Entries, Class::Map];
const SET: &[Class] = &[Class::Set];

pub(super) const METHODS: &[Method] = &[
    method(SIZED, "size", 0, |run, args| Ok(Value::int(run.length(args[0]) as i32))),
    // Painless gives lists this name too, and the field that it stands for.
    method(&[Class::List], "getLength", 0, |run, args| Ok(Value::int(run.length(args[0]) as i32))),
    method(SIZED, "isEmpty", 0, |run, args| Ok(Value::bool(run.length(args[0]) == 0))),
    method(ALL, "contains", 1, |run, args| contains(run, args[0], args[1]).map(Value::bool)),
    method(ALL, "containsAll", 1, |run, args| {
        for value in run.listed(args[1])? {
            if !contains(run, args[0], value)? {
                return Ok(Value::bool(false));
            }
        }
        Ok(Value::bool(true))
    }),
    method(ALL, "forEach", 1, for_each),
    method(ALL, "remove", 1, remove),
    method(ALL, "removeIf", 1, |run, args| {
        let test = run.function(args[1])?;
        remove_where(run, args[0], |run, value| truth(run, test, value))
    }),
    method(ALL, "removeAll", 1, |run, args| {
        let others = run.listed(args[1])?;
        remove_where(run, args[0], |run, value| Ok(others.iter().any(|other| run.equals(value, *other))))
    }),
    method(ALL, "retainAll", 1, |run, args| {
        let others = run.listed(args[1])?;
        remove_where(run, args[0], |run, value| Ok(!others.iter().any(|other| run.equals(value, *other))))
    }),
    method(ALL, "clear", 0, |run, args| {
        remove_where(run, args[0], |_, _| Ok(true))?;
        Ok(Value::Null)
    }),
    method(SET, "add", 1, |run, args| add_to_set(run, args[0], args[1]).map(Value::bool)),
    method(SET, "addAll", 1, |run, args| {
        let mut changed = false;
        for value in run.listed(args[1])? {
            changed |= add_to_set(run, args[0], value)?;
        }
        Ok(Value::bool(changed))
    }),
    method(ALL, "any", 1, |run, args| Ok(Value::bool(first_where(run, args, true)?.is_some()))),
    method(ALL, "every", 1, |run, args| Ok(Value::bool(first_where(run, args, false)?.is_none()))),
    method(ALL, "find", 1, |run, args| Ok(first_where(run, args, true)?.unwrap_or(Value::Null))),
    method(ALL, "findAll", 1, |run, args| {
        let mut found = Vec::new();
        for value in run.listed(args[0])? {
            if truth(run, args[1], value)? {
                found.push(value);
            }
        }
        run.make_list(&found)
    }),
    method(ALL, "collect", 1, |run, args| {
        let mut made = Vec::new();
        for value in run.listed(args[0])? {
            made.push(run.call(args[1], &[value])?);
        }
        run.make_list(&made)
    }),
    method(ALL, "join", 1, |run, args| {
        let between = super::args::text(run, args[1])?.into_owned();
        let mut out = String::new();
        for (place, value) in run.listed(args[0])?.into_iter().enumerate() {
            if place > 0 {
                out.push_str(&between);
            }
            run.append(value, &mut out)?;
        }
        run.string(&out)
    }),
];

pub(super) const STATICS: &[Static] = &[
    function("HashSet", "new", 0, |run, _| Ok(Value::set(run.make(Data::EMPTY_ARRAY, Some(Kind::Set))))),
    function("HashSet", "new", 1, |run, args| set_of(run, args[0])),
    function("LinkedHashSet", "new", 0, |run, _| {
        Ok(Value::set(run.make(Data::EMPTY_ARRAY, Some(Kind::Set))))
    }),
    function("LinkedHashSet", "new", 1, |run, args| set_of(run, args[0])),
];

fn set_of<'c>(run: &mut Run<'_, 'c>, of: Value<'c>) -> Outcome<'c> {
    let set = Value::set(run.make(Data::EMPTY_ARRAY, Some(Kind::Set)));
    if let Value::Int(_) = of {
        return Ok(set);
    }
    for value in run.listed(of)? {
        add_to_set(run, set, value)?;
    }
    Ok(set)
}

pub(super) fn add_to_set<'c>(
    run: &mut Run<'_, 'c>,
    set: Value<'c>,
    value: Value<'c>,
) -> Result<bool, Thrown> {
    if contains(run, set, value)? {
        return Ok(false);
    }
    let id = run.changeable(set)?;
    run.push(id, value)?;
    Ok(true)
}

/// The answer of a function that gives a boolean.
pub(super) fn truth<'c>(run: &mut Run<'_, 'c>, test: Value<'c>, value: Value<'c>) -> Result<bool, Thrown> {
    match run.call(test, &[value])? {
        Value::Bool(answer) => Ok(answer.get()),
        other => run.coerce(other, crate::types::Type::Boolean).map(|_| false),
    }
}

/// The first element for which a test gives an answer.
fn first_where<'c>(
    run: &mut Run<'_, 'c>,
    args: &[Value<'c>],
    answer: bool,
) -> Result<Option<Value<'c>>, Thrown> {
    for value in run.listed(args[0])? {
        if truth(run, args[1], value)? == answer {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

pub(super) fn contains<'c>(run: &mut Run<'_, 'c>, of: Value<'c>, value: Value<'c>) -> Result<bool, Thrown> {
    Ok(match of {
        Value::Fixed(Fixed::List(values)) => values.iter().any(|own| run.equals(own.value(), value)),
        Value::List(id) | Value::Set(id) => {
            run.doc.children(id.get()).any(|node| run.node_equals(node, value))
        }
        Value::Keys(map) => run.find_key(map.get(), value).is_some(),
        other => run.listed(other)?.into_iter().any(|own| run.equals(own, value)),
    })
}

fn for_each<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let action = run.function(args[1])?;
    let walk = run.start_walk(args[0])?;
    while let Some(value) = run.advance(walk)? {
        run.call(action, &[value])?;
    }
    run.end_walk(walk);
    Ok(Value::Null)
}

/// `remove(value)` of sets and views; lists have their own.
fn remove<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let mut done = false;
    remove_where(run, args[0], |run, value| {
        let hit = !done && run.equals(value, args[1]);
        done |= hit;
        Ok(hit)
    })
}

/// Takes out the elements for which a test holds; whether there were any.
pub(super) fn remove_where<'d, 'c>(
    run: &mut Run<'d, 'c>,
    of: Value<'c>,
    mut test: impl FnMut(&mut Run<'d, 'c>, Value<'c>) -> Result<bool, Thrown>,
) -> Outcome<'c> {
    let container = run.changeable(of)?;
    let walk = run.start_walk(of)?;
    let mut hits: Vec<NodeId> = Vec::new();
    while let Some(value) = run.advance(walk)? {
        let node = run.last_of(walk);
        if test(run, value)? {
            hits.extend(node);
        }
    }
    run.end_walk(walk);
    for node in &hits {
        run.take_out(container, *node)?;
    }
    Ok(Value::bool(!hits.is_empty()))
}
