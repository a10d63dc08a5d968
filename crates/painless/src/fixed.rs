//! Constants of a script: `params`, and literals that are only read.

use std::collections::HashMap;

use event::doc::{Data, Doc, NodeId};

use crate::hash::FastHash;
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
    Text(Box<str>),
    List(Vec<Self>),
    Map(FixedMap),
}

/// A map of constants, found by a hash table and kept in the order that it was written in.
#[derive(Clone, Debug, Default)]
pub(crate) struct FixedMap {
    entries: Vec<(Box<str>, Fixed)>,
    places: HashMap<Box<str>, usize, FastHash>,
}

impl FixedMap {
    pub(crate) fn put(&mut self, key: &str, value: Fixed) {
        match self.places.get(key) {
            Some(place) => self.entries[*place].1 = value,
            None => {
                self.places.insert(key.into(), self.entries.len());
                self.entries.push((key.into(), value));
            }
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Fixed> {
        self.places.get(key).map(|place| &self.entries[*place].1)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entries in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Box<str>, Fixed)> {
        self.entries.iter()
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
            serde_json::Value::String(text) => Self::Text(text.as_str().into()),
            serde_json::Value::Array(values) => Self::List(values.iter().map(Self::from_json).collect()),
            serde_json::Value::Object(fields) => {
                let mut map = FixedMap::default();
                for (key, value) in fields {
                    map.put(key, Self::from_json(value));
                }
                Self::Map(map)
            }
        }
    }

    /// The constant as a value.
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Long(value) => Value::Long(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Double(value) => Value::Double(*value),
            Self::Text(text) => Value::Lit(text),
            Self::List(_) | Self::Map(_) => Value::Fixed(self),
        }
    }

    /// Copies it into a document, detached.
    pub(crate) fn plant(&self, doc: &mut Doc) -> NodeId {
        match self {
            Self::Null => doc.node(Data::Null),
            Self::Bool(value) => doc.node(Data::Bool(*value)),
            Self::Int(value) => doc.node(Data::Int(*value)),
            Self::Long(value) => doc.node(Data::Long(*value)),
            Self::Float(value) => doc.node(Data::Float(*value)),
            Self::Double(value) => doc.node(Data::Double(*value)),
            Self::Text(text) => doc.string(text),
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
                    doc.put_named(object, key, node);
                }
                object
            }
        }
    }
}
