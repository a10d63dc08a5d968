//! Maps and their entries. A map's keys are texts here: other keys turn into their text when they are put.

use event::doc::Data;

use super::{Method, Static, function, method};
use crate::exception::Thrown;
use crate::fixed::Fixed;
use crate::run::{Outcome, Run, unmodifiable};
use crate::value::{Class, Value};

const MAP: &[Class] = &[Class::Map];
const ENTRY: &[Class] = &[Class::Entry];

pub(super) const METHODS: &[Method] = &[
    method(MAP, "get", 1, |run, args| run.map_get(args[0], args[1])),
    method(MAP, "getOrDefault", 2, |run, args| {
        if holds(run, args[0], args[1]) { run.map_get(args[0], args[1]) } else { Ok(args[2]) }
    }),
    method(MAP, "containsKey", 1, |run, args| Ok(Value::bool(holds(run, args[0], args[1])))),
    method(MAP, "containsValue", 1, |run, args| {
        let values = values(run, &args[..1])?;
        super::collection::contains(run, values, args[1]).map(Value::bool)
    }),
    method(MAP, "put", 2, |run, args| {
        let map = run.changeable(args[0])?;
        run.map_put(map, args[1], args[2])
    }),
    method(MAP, "putIfAbsent", 2, |run, args| {
        let map = run.changeable(args[0])?;
        match run.map_get(args[0], args[1])? {
            Value::Null => run.map_put(map, args[1], args[2]),
            value => Ok(value),
        }
    }),
    method(MAP, "putAll", 1, |run, args| {
        let map = run.changeable(args[0])?;
        if let Value::Fixed(Fixed::Map(entries)) = args[1] {
            for (key, value) in entries.entries() {
                run.map_put(map, Value::Lit(key), value.value())?;
            }
            return Ok(Value::Null);
        }
        for (key, value) in pairs(run, args[1])? {
            run.map_put(map, key, value)?;
        }
        Ok(Value::Null)
    }),
    method(MAP, "remove", 1, |run, args| {
        let map = run.changeable(args[0])?;
        run.map_remove(map, args[1])
    }),
    method(MAP, "replace", 2, |run, args| {
        let map = run.changeable(args[0])?;
        if holds(run, args[0], args[1]) { run.map_put(map, args[1], args[2]) } else { Ok(Value::Null) }
    }),
    method(MAP, "computeIfAbsent", 2, |run, args| {
        let map = run.changeable(args[0])?;
        match run.map_get(args[0], args[1])? {
            Value::Null => {
                let value = run.call(args[2], &[args[1]])?;
                if !matches!(value, Value::Null) {
                    run.map_put(map, args[1], value)?;
                }
                Ok(value)
            }
            value => Ok(value),
        }
    }),
    method(MAP, "clear", 0, |run, args| {
        let keys = keys(run, args)?;
        super::collection::remove_where(run, keys, |_, _| Ok(true))?;
        Ok(Value::Null)
    }),
    method(MAP, "keySet", 0, keys),
    method(MAP, "values", 0, values),
    method(MAP, "entrySet", 0, entries),
    method(MAP, "forEach", 1, |run, args| {
        let action = run.function(args[1])?;
        let of = entries(run, &args[..1])?;
        let walk = run.start_walk(of)?;
        while let Some(entry) = run.advance(walk)? {
            let (key, value) = (run.entry_key(entry), run.entry_value(entry));
            run.call(action, &[key, value])?;
        }
        run.end_walk(walk);
        Ok(Value::Null)
    }),
    method(ENTRY, "getKey", 0, |run, args| Ok(run.entry_key(args[0]))),
    method(ENTRY, "getValue", 0, |run, args| Ok(run.entry_value(args[0]))),
    method(ENTRY, "setValue", 1, |run, args| match args[0] {
        Value::Entry(entry) => {
            let (map, node) = entry.get();
            let key = Value::Str(run.doc.key_text(node));
            run.map_put(map, key, args[1])
        }
        _ => Err(unmodifiable()),
    }),
];

pub(super) const STATICS: &[Static] = &[
    function("HashMap", "new", 0, new_map),
    function("HashMap", "new", 1, copy_map),
    function("LinkedHashMap", "new", 0, new_map),
    function("LinkedHashMap", "new", 1, copy_map),
    function("Collections", "emptyMap", 0, new_map),
];

fn new_map<'c>(run: &mut Run<'_, 'c>, _: &[Value<'c>]) -> Outcome<'c> {
    Ok(Value::map(run.make(Data::EMPTY_OBJECT, None)))
}

fn copy_map<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let map = run.make(Data::EMPTY_OBJECT, None);
    if !matches!(args[0], Value::Int(_)) {
        for (key, value) in pairs(run, args[0])? {
            run.map_put(map, key, value)?;
        }
    }
    Ok(Value::map(map))
}

pub(super) fn holds<'c>(run: &Run<'_, 'c>, map: Value<'c>, key: Value<'c>) -> bool {
    match map {
        Value::Fixed(Fixed::Map(map)) => run.find_fixed(map, key).is_some(),
        Value::Map(map) => run.find_key(map.get(), key).is_some(),
        _ => false,
    }
}

/// The entries of a map as pairs.
pub(super) fn pairs<'c>(run: &mut Run<'_, 'c>, of: Value<'c>) -> Result<Vec<(Value<'c>, Value<'c>)>, Thrown> {
    if let Value::Fixed(Fixed::Map(map)) = of {
        return Ok(map.entries().iter().map(|(key, value)| (Value::Lit(key), value.value())).collect());
    }
    let of = entries(run, &[of])?;
    Ok(run.listed(of)?.into_iter().map(|entry| (run.entry_key(entry), run.entry_value(entry))).collect())
}

/// The node of a map; one of constants is copied.
fn node<'c>(run: &mut Run<'_, 'c>, map: Value<'c>) -> Result<event::NodeId, Thrown> {
    match map {
        Value::Map(map) => Ok(map.get()),
        Value::Fixed(fixed @ Fixed::Map(_)) => Ok(fixed.plant(run.doc)),
        other => Err(crate::exception::Exception::class_cast(format!(
            "[{}] is no java.util.Map",
            run.java_class(other)
        ))),
    }
}

fn keys<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    node(run, args[0]).map(Value::keys)
}

fn values<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    node(run, args[0]).map(Value::values)
}

pub(super) fn entries<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    node(run, args[0]).map(Value::entries)
}
