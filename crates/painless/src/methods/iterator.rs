//! `Iterator`.

use super::{Method, method};
use crate::exception::{Exception, Thrown};
use crate::run::Run;
use crate::value::{Class, Object, Value};

const WALKED: &[Class] = &[Class::List, Class::Set, Class::Keys, Class::Values, Class::Entries];
const ITERATOR: &[Class] = &[Class::Iterator];

pub(super) const METHODS: &[Method] = &[
    method(WALKED, "iterator", 0, |run, args| {
        let walk = run.start_walk(args[0])?;
        Ok(run.object(Object::Iterator(walk)))
    }),
    method(ITERATOR, "hasNext", 0, |run, args| Ok(Value::bool(run.has_next(walk(run, args[0])?)))),
    method(ITERATOR, "next", 0, |run, args| {
        run.tick()?;
        let walk = walk(run, args[0])?;
        run.advance_or_fail(walk)
    }),
    method(ITERATOR, "remove", 0, |run, args| {
        let walk = walk(run, args[0])?;
        run.remove_last(walk)?;
        Ok(Value::Null)
    }),
];

fn walk(run: &Run<'_, '_>, value: Value<'_>) -> Result<usize, Thrown> {
    match value {
        Value::Object(index) => match run.objects[index] {
            Object::Iterator(walk) => Ok(walk),
            _ => Err(not_an_iterator()),
        },
        _ => Err(not_an_iterator()),
    }
}

fn not_an_iterator() -> Thrown {
    Exception::class_cast("this is no java.util.Iterator")
}
