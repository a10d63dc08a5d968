//! Reading and writing fields and places.

use event::Doc;
use event::doc::{Data, NodeId, Place};

use super::{Outcome, Run, null_reference};
use crate::code::PathStep;
use crate::exception::{Exception, Thrown};
use crate::fixed::{Fixed, FixedMap};
use crate::resolve::is_metadata;
use crate::value::{Object, Value};

impl<'c> Run<'_, 'c> {
    /// `value.name`, the value not being null.
    pub(super) fn get_field(&mut self, of: Value<'c>, step: &'c PathStep) -> Outcome<'c> {
        match of {
            Value::Map(map) => {
                let object = if step.meta && map == Doc::SOURCE { Doc::METADATA } else { map.get() };
                Ok(self.doc.get(object, &step.key).map_or(Value::Null, |node| self.read(node)))
            }
            Value::Fixed(Fixed::Map(map)) => Ok(map.get(&step.key).map_or(Value::Null, Fixed::value)),
            other => self.get_shortcut(other, step),
        }
    }

    /// `value.name` of what is no map.
    fn get_shortcut(&mut self, of: Value<'c>, step: &'c PathStep) -> Outcome<'c> {
        let name = step.key.name();
        match of {
            Value::List(_) | Value::Array(_) | Value::Fixed(_) => match step.place {
                Some(place) if !matches!(of, Value::Array(_)) => self.index(of, Value::int(place)),
                _ if name == "length" => Ok(Value::int(self.length(of) as i32)),
                _ if matches!(of, Value::Array(_)) => Err(self.no_getter(of, name)),
                _ => Err(Exception::illegal_argument(format!("Illegal list shortcut value [{name}]."))),
            },
            Value::Entry(_) | Value::Pair(_) => match name {
                "key" => Ok(self.entry_key(of)),
                "value" => Ok(self.entry_value(of)),
                _ => Err(self.no_getter(of, name)),
            },
            Value::Object(index) => match (&self.objects[index], name) {
                (Object::Exception(exception), "message") => {
                    let message = exception.message.clone();
                    message.map_or(Ok(Value::Null), |message| self.string(&message))
                }
                _ => Err(self.no_getter(of, name)),
            },
            Value::Null => Err(null_reference(name)),
            _ => match (name, crate::methods::find("isEmpty", 0)[self.class(of) as usize]) {
                ("empty", Some(native)) => native(self, &[of]),
                _ => Err(self.no_getter(of, name)),
            },
        }
    }

    fn no_getter(&self, of: Value<'c>, name: &str) -> Thrown {
        Exception::illegal_argument(format!("dynamic getter [{}, {name}] not found", self.java_class(of)))
    }

    /// `value.name = new`, where the value may stand at a place.
    pub(super) fn set_field(
        &mut self,
        of: Value<'c>,
        above: Place,
        step: &'c PathStep,
        new: Value<'c>,
    ) -> Result<(), Thrown> {
        match of {
            Value::Map(map) => {
                let object = if step.meta && map == Doc::SOURCE { Doc::METADATA } else { map.get() };
                self.check_writable(object)?;
                let node = self.detached(new, object)?;
                if self.doc.at_place(above) == Some(object)
                    && let Some(old) = self.doc.put_at(above, &step.key, step.field, node)
                {
                    self.note_put(object, old, node);
                } else {
                    self.put_key(object, &step.key, node);
                }
                Ok(())
            }
            Value::List(_) if step.place.is_some() => {
                self.set_index(of, Value::int(step.place.unwrap_or_default()), new)
            }
            Value::List(_) => Err(Exception::illegal_argument(format!(
                "Illegal list shortcut value [{}].",
                step.key.name()
            ))),
            Value::Fixed(_) => Err(unmodifiable()),
            _ => Err(Exception::illegal_argument(format!(
                "dynamic setter [{}, {}] not found",
                self.java_class(of),
                step.key.name()
            ))),
        }
    }

    /// `value[index]`
    pub(super) fn index(&mut self, of: Value<'c>, index: Value<'c>) -> Outcome<'c> {
        match of {
            Value::Map(_) | Value::Fixed(Fixed::Map(_)) => self.map_get(of, index),
            Value::List(list) | Value::Array(list) => {
                let node = self.place_in(list.get(), index)?;
                Ok(self.read(node))
            }
            Value::Fixed(Fixed::List(values)) => {
                let place = self.checked_place(index, values.len())?;
                Ok(values[place].value())
            }
            Value::Null => Err(null_reference("[]")),
            _ => Err(Exception::illegal_argument(format!(
                "Attempting to address a non-array type [{}] as an array.",
                self.java_class(of)
            ))),
        }
    }

    /// `value[index] = new`
    pub(super) fn set_index(
        &mut self,
        of: Value<'c>,
        index: Value<'c>,
        new: Value<'c>,
    ) -> Result<(), Thrown> {
        match of {
            Value::Map(map) => self.map_put(map.get(), index, new).map(|_| ()),
            Value::List(list) | Value::Array(list) => {
                let old = self.place_in(list.get(), index)?;
                self.replace_element(list.get(), old, new)
            }
            Value::Fixed(_) => Err(unmodifiable()),
            Value::Null => Err(null_reference("[]")),
            _ => Err(Exception::illegal_argument(format!(
                "Attempting to address a non-array type [{}] as an array.",
                self.java_class(of)
            ))),
        }
    }

    /// The element at a place that is known to be there.
    pub(crate) fn element(&mut self, of: Value<'c>, place: usize) -> Outcome<'c> {
        self.index(of, Value::int(place as i32))
    }

    /// The node of an element.
    pub(crate) fn node_at(&self, list: NodeId, place: usize) -> Result<NodeId, Thrown> {
        self.doc.element(list, place).ok_or_else(|| out_of_bounds(place as i64, self.doc.len(list)))
    }

    /// The element at a place; a negative one counts from the end.
    pub(super) fn place_in(&self, list: NodeId, index: Value<'c>) -> Result<NodeId, Thrown> {
        if let Value::Int(place) = index
            && let Ok(place) = usize::try_from(place.get())
            && let Some(node) = self.doc.element(list, place)
        {
            return Ok(node);
        }
        let place = self.checked_place(index, self.doc.len(list))?;
        self.doc.element(list, place).ok_or_else(|| out_of_bounds(place as i64, self.doc.len(list)))
    }

    fn checked_place(&self, index: Value<'c>, length: usize) -> Result<usize, Thrown> {
        let place = match index {
            Value::Int(place) => i64::from(place.get()),
            Value::Char(unit) => i64::from(unit.get()),
            Value::Null => return Err(null_reference("intValue")),
            other => {
                let from = self.class(other).unboxed();
                return Err(Exception::class_cast(format!("cannot implicitly cast def [{from}] to int")));
            }
        };
        let from_start = if place < 0 { place + length as i64 } else { place };
        match usize::try_from(from_start) {
            Ok(at) if at < length => Ok(at),
            _ => Err(out_of_bounds(place, length)),
        }
    }

    /// What a map holds for a key; null where it has none.
    pub(crate) fn map_get(&self, of: Value<'c>, key: Value<'c>) -> Outcome<'c> {
        match of {
            Value::Fixed(Fixed::Map(map)) => Ok(self.find_fixed(map, key).map_or(Value::Null, Fixed::value)),
            Value::Map(map) => Ok(self.find_key(map.get(), key).map_or(Value::Null, |node| self.read(node))),
            _ => Ok(Value::Null),
        }
    }

    /// The node of a key. Keys are strings here: other values are never found.
    pub(crate) fn find_key(&self, map: NodeId, key: Value<'c>) -> Option<NodeId> {
        match key {
            Value::Lit(key) if map != Doc::SOURCE => self.doc.get(map, key),
            _ => {
                let name = self.as_str(key)?;
                self.doc.get_named(self.home(map, name), name)
            }
        }
    }

    /// What a map of constants has for a key.
    pub(crate) fn find_fixed(&self, map: &'c FixedMap, key: Value<'c>) -> Option<&'c Fixed> {
        match key {
            Value::Lit(key) => map.get(key),
            _ => map.get_named(self.as_str(key)?),
        }
    }

    /// The object that holds a field of a map: `ctx` is the source and the metadata.
    pub(crate) fn home(&self, map: NodeId, name: &str) -> NodeId {
        if map == Doc::SOURCE && is_metadata(name) { Doc::METADATA } else { map }
    }

    /// Number of elements, entries or characters.
    pub(crate) fn length(&self, of: Value<'c>) -> usize {
        match of {
            Value::List(id) | Value::Set(id) | Value::Array(id) => self.doc.len(id.get()),
            Value::Map(id) | Value::Keys(id) | Value::Values(id) | Value::Entries(id) => {
                let metadata = if id == Doc::SOURCE { self.doc.len(Doc::METADATA) } else { 0 };
                self.doc.len(id.get()) + metadata
            }
            Value::Fixed(Fixed::List(values)) => values.len(),
            Value::Fixed(Fixed::Map(map)) => map.len(),
            _ => 0,
        }
    }

    /// The key of a map's entry.
    pub(crate) fn entry_key(&self, entry: Value<'c>) -> Value<'c> {
        match entry {
            Value::Entry(entry) => Value::Str(self.doc.key_text(entry.get().1)),
            Value::Pair((key, _)) => Value::Lit(key),
            _ => Value::Null,
        }
    }

    /// The present value of a map's entry.
    pub(crate) fn entry_value(&self, entry: Value<'c>) -> Value<'c> {
        match entry {
            Value::Entry(entry) => self.read(self.current(entry.get().1)),
            Value::Pair((_, value)) => value.value(),
            _ => Value::Null,
        }
    }

    /// The node that stands where a node stood.
    pub(crate) fn current(&self, node: NodeId) -> NodeId {
        let mut at = node;
        while let Some(next) = self.replaced.get(&at) {
            at = *next;
        }
        at
    }

    /// Refuses to change what a condition only reads.
    pub(crate) fn check_writable(&self, container: NodeId) -> Result<(), Thrown> {
        if self.read_only && self.start.is_before(container) {
            let reason = "Mutating ingest documents in conditionals is not supported";
            return Err(Exception::new("UnsupportedOperationException", reason));
        }
        Ok(())
    }

    /// Whether a node holds others.
    pub(super) fn is_container(&self, id: NodeId) -> bool {
        matches!(self.doc.data(id), Data::Array(_) | Data::Object(_))
    }
}

pub(crate) fn out_of_bounds(place: i64, length: usize) -> Thrown {
    Exception::new("IndexOutOfBoundsException", format!("Index {place} out of bounds for length {length}"))
}

/// What changing an unmodifiable collection throws.
pub(crate) fn unmodifiable() -> Thrown {
    Exception::bare("UnsupportedOperationException", None)
}
