//! Constants of a script: `params`, and literals that are only read.

use event::Key;
use event::doc::{Data, Doc, NodeId};

use crate::value::Value;

/// A constant.
#[derive(Clone, Debug)]
pub(crate) enum Fixed {
    Null,
    Bool(bool),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Text(Key),
    List(Vec<Self>),
    Map(FixedMap),
}

/// A map of constants, found by a hash table and kept in the order that it was written in.
#[derive(Clone, Debug, Default)]
pub(crate) struct FixedMap {
    entries: Vec<(Key, Fixed)>,
    /// Places of entries behind one another from where their hash says; a power of two of them, half of them free.
    table: Vec<u32>,
}

impl FixedMap {
    const FREE: u32 = u32::MAX;

    pub(crate) fn put(&mut self, key: Key, value: Fixed) {
        match self.find(key.hash(), |own| own.is(&key)) {
            Some(place) => self.entries[place].1 = value,
            None => {
                self.entries.push((key, value));
                self.index();
            }
        }
    }

    fn index(&mut self) {
        let size = (self.entries.len() * 2).next_power_of_two();
        self.table.clear();
        self.table.resize(size, Self::FREE);
        for (place, (key, _)) in self.entries.iter().enumerate() {
            let mut at = key.hash() as usize & (size - 1);
            while self.table[at] != Self::FREE {
                at = (at + 1) & (size - 1);
            }
            self.table[at] = place as u32;
        }
    }

    #[inline]
    fn find(&self, hash: u32, is_it: impl Fn(&Key) -> bool) -> Option<usize> {
        let mask = self.table.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        loop {
            let place = *self.table.get(at)? as usize;
            let (key, _) = self.entries.get(place)?;
            if key.hash() == hash && is_it(key) {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Fixed> {
        self.find(key.hash(), |own| own.is(key)).map(|place| &self.entries[place].1)
    }

    /// [`FixedMap::get`] with a text that is first known at run time.
    pub(crate) fn get_named(&self, name: &str) -> Option<&Fixed> {
        self.find(Key::hash_of(name), |own| own.bytes() == name.as_bytes())
            .map(|place| &self.entries[place].1)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entries in their order.
    pub(crate) fn entries(&self) -> &[(Key, Fixed)] {
        &self.entries
    }
}

impl Fixed {
    /// A constant of a pipeline's definition.
    pub(crate) fn from_json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(value) => i32::try_from(value).map_or(Self::Long(value), Self::Int),
                None => Self::Double(number.as_f64().unwrap_or(f64::INFINITY)),
            },
            serde_json::Value::String(text) => Self::Text(Key::new(text)),
            serde_json::Value::Array(values) => Self::List(values.iter().map(Self::from_json).collect()),
            serde_json::Value::Object(fields) => {
                let mut map = FixedMap::default();
                for (key, value) in fields {
                    map.put(Key::new(key), Self::from_json(value));
                }
                Self::Map(map)
            }
        }
    }

    /// The constant as a value.
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::bool(*value),
            Self::Int(value) => Value::int(*value),
            Self::Long(value) => Value::Long(*value),
            Self::Float(value) => Value::float(*value),
            Self::Double(value) => Value::double(*value),
            Self::Text(text) => Value::Lit(text),
            Self::List(_) | Self::Map(_) => Value::Fixed(self),
        }
    }

    /// Copies it into a document, detached.
    pub(crate) fn plant(&self, doc: &mut Doc) -> NodeId {
        match self {
            Self::Null => doc.node(Data::Null),
            Self::Bool(value) => doc.node(Data::bool(*value)),
            Self::Int(value) => doc.node(Data::int(*value)),
            Self::Long(value) => doc.node(Data::Long(*value)),
            Self::Float(value) => doc.node(Data::float(*value)),
            Self::Double(value) => doc.node(Data::double(*value)),
            Self::Text(text) => doc.constant_string(text),
            Self::List(values) => {
                let list = doc.node(Data::EMPTY_ARRAY);
                for value in values {
                    let node = value.plant(doc);
                    doc.push(list, node);
                }
                list
            }
            Self::Map(map) => {
                let object = doc.node(Data::EMPTY_OBJECT);
                for (key, value) in &map.entries {
                    let node = value.plant(doc);
                    doc.put(object, key, node);
                }
                object
            }
        }
    }
}
