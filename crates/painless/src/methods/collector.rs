//! `Collectors`, and `collect` of streams.

use super::args::text;
use super::collection::add_to_set;
use super::stream::elements;
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::{Kind, Outcome, Run};
use crate::value::{Class, Collector, Object, Value};
use event::doc::Data;

/// Collectors that may stand inside of each other.
const MAX_DEPTH: usize = 32;

pub(super) const METHODS: &[Method] = &[method(&[Class::Stream], "collect", 1, |run, args| {
    let values = elements(run, args[0])?;
    gather(run, &values, args[1], 0)
})];

pub(super) const STATICS: &[Static] = &[
    function("Collectors", "toList", 0, |run, _| new(run, Collector::List)),
    function("Collectors", "toSet", 0, |run, _| new(run, Collector::Set)),
    function("Collectors", "counting", 0, |run, _| new(run, Collector::Count)),
    function("Collectors", "joining", 0, |run, _| new(run, Collector::Text(Default::default()))),
    function("Collectors", "joining", 1, |run, args| {
        let between = text(run, args[0])?.into_owned();
        new(run, Collector::Text([between, String::new(), String::new()].into()))
    }),
    function("Collectors", "joining", 3, |run, args| {
        let read = |at: usize| Ok::<_, Thrown>(text(run, args[at])?.into_owned());
        let parts = [read(0)?, read(1)?, read(2)?];
        new(run, Collector::Text(parts.into()))
    }),
    function("Collectors", "toMap", 2, |run, args| new(run, Collector::Map([args[0], args[1], Value::Null]))),
    function("Collectors", "toMap", 3, |run, args| new(run, Collector::Map([args[0], args[1], args[2]]))),
    function("Collectors", "groupingBy", 1, |run, args| {
        let list = new(run, Collector::List)?;
        new(run, Collector::Groups { key: args[0], each: list })
    }),
    function("Collectors", "groupingBy", 2, |run, args| {
        new(run, Collector::Groups { key: args[0], each: args[1] })
    }),
    function("Collectors", "mapping", 2, |run, args| {
        new(run, Collector::Mapped { by: args[0], each: args[1] })
    }),
];

fn new<'c>(run: &mut Run<'_, 'c>, collector: Collector<'c>) -> Outcome<'c> {
    Ok(run.object(Object::Collector(collector)))
}

/// What a collector makes of values, `depth` collectors inside of others.
fn gather<'c>(
    run: &mut Run<'_, 'c>,
    values: &[Value<'c>],
    collector: Value<'c>,
    depth: usize,
) -> Outcome<'c> {
    run.tick()?;
    if depth > MAX_DEPTH {
        return Err(Exception::bare("StackOverflowError", None));
    }
    let Value::Object(index) = collector else { return Err(no_collector(run, collector)) };
    let Object::Collector(kind) = &run.objects[index] else { return Err(no_collector(run, collector)) };
    match kind.clone() {
        Collector::List => run.make_list(values),
        Collector::Set => {
            let set = Value::set(run.make(Data::EMPTY_ARRAY, Some(Kind::Set)));
            for value in values {
                add_to_set(run, set, *value)?;
            }
            Ok(set)
        }
        Collector::Count => Ok(Value::Long(values.len() as i64)),
        Collector::Text(parts) => {
            let [between, before, after] = &*parts;
            let mut out = before.clone();
            for (place, value) in values.iter().enumerate() {
                out.push_str(if place > 0 { between } else { "" });
                run.append(*value, &mut out)?;
            }
            out.push_str(after);
            run.string(&out)
        }
        Collector::Map(functions) => to_map(run, values, functions),
        Collector::Groups { key, each } => {
            group(run, values, key, |run, group| gather(run, group, each, depth + 1))
        }
        Collector::Mapped { by, each } => {
            let made: Vec<Value<'c>> =
                values.iter().map(|value| run.call(by, &[*value])).collect::<Result<_, _>>()?;
            gather(run, &made, each, depth + 1)
        }
    }
}

fn to_map<'c>(
    run: &mut Run<'_, 'c>,
    values: &[Value<'c>],
    [key, value, merge]: [Value<'c>; 3],
) -> Outcome<'c> {
    let map = run.make(Data::EMPTY_OBJECT, None);
    for element in values {
        let (key, mut value) = (run.call(key, &[*element])?, run.call(value, &[*element])?);
        if let Value::Null = value {
            return Err(Exception::bare("NullPointerException", None));
        }
        let before = run.map_get(Value::map(map), key)?;
        if !matches!(before, Value::Null) {
            if let Value::Null = merge {
                let (key, before, value) = (run.text_of(key)?, run.text_of(before)?, run.text_of(value)?);
                let reason = format!("Duplicate key {key} (attempted merging values {before} and {value})");
                return Err(Exception::new("IllegalStateException", reason));
            }
            value = run.call(merge, &[before, value])?;
        }
        run.map_put(map, key, value)?;
    }
    Ok(Value::map(map))
}

fn group<'d, 'c>(
    run: &mut Run<'d, 'c>,
    values: &[Value<'c>],
    key: Value<'c>,
    mut each: impl FnMut(&mut Run<'d, 'c>, &[Value<'c>]) -> Outcome<'c>,
) -> Outcome<'c> {
    let mut groups: Vec<(Value<'c>, Vec<Value<'c>>)> = Vec::new();
    for element in values {
        let key = run.call(key, &[*element])?;
        if let Value::Null = key {
            return Err(Exception::null_pointer("element cannot be mapped to a null key"));
        }
        match groups.iter_mut().find(|(own, _)| run.equals(*own, key)) {
            Some((_, group)) => group.push(*element),
            None => groups.push((key, vec![*element])),
        }
    }
    let map = run.make(Data::EMPTY_OBJECT, None);
    for (key, group) in groups {
        let made = each(run, &group)?;
        run.map_put(map, key, made)?;
    }
    Ok(Value::map(map))
}

fn no_collector<'c>(run: &Run<'_, 'c>, value: Value<'c>) -> Thrown {
    Exception::class_cast(format!("{} is no java.util.stream.Collector", run.java_class(value)))
}
