//! Methods of maps that take functions of a key and a value.

use super::map::{holds, pairs};
use super::{Method, method};
use crate::exception::Thrown;
use crate::run::{Outcome, Run};
use crate::types::Type;
use crate::value::{Class, Value};
use event::doc::Data;

const MAP: &[Class] = &[Class::Map];

pub(super) const METHODS: &[Method] = &[
    method(MAP, "every", 1, |run, args| Ok(Value::bool(first_where(run, args, false)?.is_none()))),
    method(MAP, "find", 1, |run, args| {
        let found = first_where(run, args, true)?;
        let Some((key, _)) = found else { return Ok(Value::Null) };
        let entries = super::map::entries(run, &args[..1])?;
        let entry = run.listed(entries)?.into_iter().find(|entry| run.equals(run.entry_key(*entry), key));
        Ok(entry.unwrap_or(Value::Null))
    }),
    method(MAP, "findAll", 1, |run, args| {
        let map = run.make(Data::EMPTY_OBJECT, None);
        for (key, value) in pairs(run, args[0])? {
            if meets(run, args[1], key, value)? {
                run.map_put(map, key, value)?;
            }
        }
        Ok(Value::map(map))
    }),
    method(MAP, "count", 1, |run, args| {
        let mut count = 0;
        for (key, value) in pairs(run, args[0])? {
            count += i32::from(meets(run, args[1], key, value)?);
        }
        Ok(Value::int(count))
    }),
    method(MAP, "collect", 1, |run, args| {
        let mut made = Vec::new();
        for (key, value) in pairs(run, args[0])? {
            made.push(run.call(args[1], &[key, value])?);
        }
        run.make_list(&made)
    }),
    method(MAP, "each", 1, |run, args| {
        for (key, value) in pairs(run, args[0])? {
            run.call(args[1], &[key, value])?;
        }
        Ok(args[0])
    }),
    method(MAP, "replaceAll", 1, |run, args| {
        let map = run.changeable(args[0])?;
        for (key, value) in pairs(run, args[0])? {
            let value = run.call(args[1], &[key, value])?;
            run.map_put(map, key, value)?;
        }
        Ok(Value::Null)
    }),
    method(MAP, "compute", 2, |run, args| {
        let before = run.map_get(args[0], args[1])?;
        let value = run.call(args[2], &[args[1], before])?;
        put_or_remove(run, args[0], args[1], value)
    }),
    method(MAP, "computeIfPresent", 2, |run, args| match run.map_get(args[0], args[1])? {
        Value::Null => Ok(Value::Null),
        before => {
            let value = run.call(args[2], &[args[1], before])?;
            put_or_remove(run, args[0], args[1], value)
        }
    }),
    method(MAP, "merge", 3, |run, args| {
        let value = match run.map_get(args[0], args[1])? {
            Value::Null => args[2],
            before => run.call(args[3], &[before, args[2]])?,
        };
        put_or_remove(run, args[0], args[1], value)
    }),
    method(MAP, "remove", 2, |run, args| {
        let hit = holds(run, args[0], args[1]) && {
            let own = run.map_get(args[0], args[1])?;
            run.equals(own, args[2])
        };
        if hit {
            let map = run.changeable(args[0])?;
            run.map_remove(map, args[1])?;
        }
        Ok(Value::bool(hit))
    }),
];

/// Puts what a function made; nothing is made by null, which takes the key out.
fn put_or_remove<'c>(run: &mut Run<'_, 'c>, of: Value<'c>, key: Value<'c>, value: Value<'c>) -> Outcome<'c> {
    let map = run.changeable(of)?;
    match value {
        Value::Null => run.map_remove(map, key).map(|_| Value::Null),
        value => run.map_put(map, key, value).map(|_| value),
    }
}

fn meets<'c>(
    run: &mut Run<'_, 'c>,
    test: Value<'c>,
    key: Value<'c>,
    value: Value<'c>,
) -> Result<bool, Thrown> {
    let answer = run.call(test, &[key, value])?;
    Ok(run.coerce(answer, Type::Boolean)?.is_true())
}

/// The first key and value for which a test gives an answer.
fn first_where<'c>(
    run: &mut Run<'_, 'c>,
    args: &[Value<'c>],
    answer: bool,
) -> Result<Option<(Value<'c>, Value<'c>)>, Thrown> {
    for (key, value) in pairs(run, args[0])? {
        if meets(run, args[1], key, value)? == answer {
            return Ok(Some((key, value)));
        }
    }
    Ok(None)
}
