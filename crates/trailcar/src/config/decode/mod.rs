//! From the tree to the structs of the file, by serde, without stopping at the first mistake.
//!
//! A value that does not fit is noted and given up, and decoding begins again as if its key was not there; that ends
//! when everything that is left fits. Keys that a struct does not have are noted with the nearest one that it has.
//!
//! An enum is written in one of two ways. One whose serde name begins with a small letter, `type` for instance, is a
//! mapping in which the key of that name tells the variant (`{type: files, paths: […]}`); any other is a word, or a
//! mapping with one key, which is the variant (`{store: {}}`).

mod access;
mod fault;

use std::cell::RefCell;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Visitor};

use access::{Fields, Items, Variant};
use fault::Fault;

use super::mistakes::Mistakes;
use super::tree::{Key, Node, Scalar, Value, join};
use ingest::nearest::unknown;

/// Decodes a tree; `None` when nothing is left.
pub(super) fn decode<T: DeserializeOwned>(root: &Node, mistakes: &mut Mistakes) -> Option<T> {
    let mistakes = RefCell::new(mistakes);
    let top =
        Decoder { node: root, path: String::new(), without: None, is_surplus: false, mistakes: &mistakes };
    let mut given_up = None;
    // Each round gives a key up that no round before did, so there are no more rounds than values.
    while !mistakes.borrow().is_broken("") && given_up != Some(mistakes.borrow().broken()) {
        given_up = Some(mistakes.borrow().broken());
        match T::deserialize(top.clone()) {
            Ok(value) => return Some(value),
            Err(fault) => top.note(fault),
        }
    }
    None
}

/// Says that a word is none of the variants.
fn other(scalar: &Scalar, what: &str, variants: &[&str]) -> String {
    unknown(&format!("[{}] is an unknown {what}", scalar.shown()), scalar.shown(), variants)
}

#[derive(Clone)]
struct Decoder<'a> {
    node: &'a Node,
    path: String,
    /// The key that has told the variant and is no field.
    without: Option<&'static str>,
    /// Whether it is a variant beside others: it is decoded for the mistakes in it, and given up then.
    is_surplus: bool,
    mistakes: &'a RefCell<&'a mut Mistakes>,
}

impl<'a> Decoder<'a> {
    fn inner(&self, node: &'a Node, path: String) -> Self {
        Decoder { node, path, without: None, is_surplus: false, mistakes: self.mistakes }
    }

    /// Decodes a value below this one; a fault is noted there.
    fn decode<S: DeserializeSeed<'a>>(&self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(self.clone()).map_err(|fault| {
            self.note(fault);
            Fault::Told
        })
    }

    fn note(&self, fault: Fault) {
        let mut mistakes = self.mistakes.borrow_mut();
        let place = Some(self.node.place);
        match fault {
            Fault::Told => return,
            Fault::Hollow => {}
            Fault::Missing(key) if mistakes.is_broken(&join(&self.path, key)) => {}
            Fault::Missing(key) => mistakes.add(place, &self.path, format!("lacks the key {key}")),
            Fault::Quotes(_) if self.is_hidden() => mistakes.add(
                place,
                &self.path,
                "what the environment variable holds does not fit here; it is not shown, since it may be a secret",
            ),
            Fault::Says(message) | Fault::Quotes(message) => mistakes.add(place, &self.path, message),
        }
        mistakes.give_up(&self.path);
    }

    fn is_hidden(&self) -> bool {
        matches!(&self.node.value, Value::Scalar(Scalar { hidden: true, .. }))
    }

    fn is_broken(&self, path: &str) -> bool {
        self.mistakes.borrow().is_broken(path)
    }

    fn scalar(&self, wanted: &str) -> Result<&'a Scalar, Fault> {
        let found = match &self.node.value {
            Value::Scalar(scalar) => return Ok(scalar),
            Value::Null => "nothing",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a section",
        };
        Err(Fault::Says(format!("needs {wanted}, and here is {found}")))
    }

    /// A plain word of which a number or boolean is made.
    fn plain<T: std::str::FromStr>(&self, wanted: &str) -> Result<T, Fault> {
        let scalar = self.scalar(wanted)?;
        let value = (!scalar.quoted).then(|| scalar.text.parse().ok()).flatten();
        value.ok_or_else(|| Fault::Says(format!("needs {wanted}, and here is [{}]", scalar.shown())))
    }

    /// The entries of a section; none for a section that is empty.
    fn entries(&self, wanted: &str) -> Result<&'a [(Key, Node)], Fault> {
        match &self.node.value {
            Value::Mapping(entries) => Ok(entries),
            Value::Null => Ok(&[]),
            Value::Scalar(_) | Value::Sequence(_) => {
                Err(Fault::Says(format!("is no section: it holds {wanted}")))
            }
        }
    }

    /// The entries that decode into fields: known, and not given up.
    fn fields(&self, known: &'static [&'static str]) -> Result<Entries<'a>, Fault> {
        let entries = self.entries(&format!("the keys {}", known.join(", ")))?;
        let mut taken = Vec::new();
        for (key, node) in entries.iter().filter(|(key, _)| Some(key.name.as_str()) != self.without) {
            let path = join(&self.path, &key.name);
            if known.contains(&key.name.as_str()) {
                taken.push((key.name.as_str(), node, path));
            } else if !self.dotted(known, key, node, &mut taken) && !self.is_broken(&path) {
                let mut mistakes = self.mistakes.borrow_mut();
                mistakes.add(Some(key.place), &path, unknown("is an unknown key", &key.name, known));
                mistakes.give_up(&path);
            }
        }
        taken.retain(|(_, _, path)| !self.is_broken(path));
        Ok(taken)
    }

    /// A field whose own name has a dot, `space.id` for instance: its value stands one level below.
    fn dotted(
        &self,
        known: &'static [&'static str],
        key: &Key,
        node: &'a Node,
        taken: &mut Entries<'a>,
    ) -> bool {
        let mut fields = known.iter().filter_map(|name| {
            let rest = name.strip_prefix(key.name.as_str())?.strip_prefix('.')?;
            node.entry(rest).map(|(_, value)| (*name, value, join(&self.path, name)))
        });
        fields.next().map(|field| taken.push(field)).is_some()
    }

    fn map<V: Visitor<'a>>(&self, entries: Entries<'a>, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(Fields { parent: self, entries: entries.into_iter(), value: None })
    }
}

/// Name, value and path.
type Entries<'a> = Vec<(&'a str, &'a Node, String)>;

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty, $wanted:literal;)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.plain::<$type>($wanted)?)
        }
    )*};
}

impl<'a> de::Deserializer<'a> for Decoder<'a> {
    type Error = Fault;

    numbers! {
        deserialize_bool visit_bool bool, "true or false";
        deserialize_i8 visit_i8 i8, "a whole number";
        deserialize_i16 visit_i16 i16, "a whole number";
        deserialize_i32 visit_i32 i32, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_u8 visit_u8 u8, "a whole number from 0 to 255";
        deserialize_u16 visit_u16 u16, "a whole number from 0 to 65535";
        deserialize_u32 visit_u32 u32, "a whole number, not below 0";
        deserialize_u64 visit_u64 u64, "a whole number, not below 0";
        deserialize_f32 visit_f32 f32, "a number";
        deserialize_f64 visit_f64 f64, "a number";
        deserialize_char visit_char char, "one letter";
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(&self.scalar("a text")?.text)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    /// One value stands for a list of one, as in the Elastic Stack's own files.
    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        let items = match &self.node.value {
            Value::Sequence(items) => {
                items.iter().enumerate().map(|(at, item)| (format!("[{at}]"), item)).collect()
            }
            Value::Scalar(_) => vec![(String::new(), self.node)],
            Value::Null => Vec::new(),
            Value::Mapping(_) => {
                return Err(Fault::Says("needs a list: begin each of its elements with -".to_owned()));
            }
        };
        visitor.visit_seq(Items { parent: &self, items: items.into_iter() })
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        let entries = self
            .entries("names with their values")?
            .iter()
            .map(|(key, node)| (key.name.as_str(), node, join(&self.path, &key.name)));
        let entries = entries.filter(|(_, _, path)| !self.is_broken(path)).collect();
        self.map(entries, visitor)
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.map(self.fields(fields)?, visitor)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let variant = if name.starts_with(char::is_lowercase) {
            self.tagged(name, variants)?
        } else if let Value::Scalar(scalar) = &self.node.value {
            let known = variants.iter().find(|variant| **variant == scalar.text);
            let fault = || Fault::Says(other(scalar, "value", variants));
            Variant { name: known.ok_or_else(fault)?, content: self }
        } else {
            self.keyed(variants)?
        };
        visitor.visit_enum(variant)
    }

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Scalar(scalar) => visitor.visit_borrowed_str(&scalar.text),
            Value::Sequence(_) => self.deserialize_seq(visitor),
            Value::Mapping(_) => self.deserialize_map(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>>
        i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct ignored_any
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }
}

impl<'a> Decoder<'a> {
    /// The variant that the key `tag` names.
    fn tagged(&self, tag: &'static str, variants: &'static [&'static str]) -> Result<Variant<'a>, Fault> {
        let path = join(&self.path, tag);
        if self.is_broken(&path) {
            return Err(Fault::Hollow);
        }
        let node = self.node.entry(tag).map(|(_, node)| node).ok_or_else(|| {
            Fault::Says(format!("lacks the key {tag}: give it one of {}", variants.join(", ")))
        })?;
        let told = self.inner(node, path);
        let found = told.scalar("a word").and_then(|scalar| {
            let known = variants.iter().find(|variant| **variant == scalar.text);
            known.ok_or_else(|| Fault::Says(other(scalar, tag, variants)))
        });
        match found {
            Ok(name) => Ok(Variant { name, content: Decoder { without: Some(tag), ..self.clone() } }),
            Err(fault) => {
                told.note(fault);
                Err(Fault::Hollow)
            }
        }
    }

    /// The variant that is the section's only key.
    fn keyed(&self, variants: &'static [&'static str]) -> Result<Variant<'a>, Fault> {
        let all = variants.join(", ");
        let entries = self.fields(variants)?;
        match &entries[..] {
            [(name, node, path)] => Ok(Variant { name, content: self.inner(node, path.clone()) }),
            [] if matches!(&self.node.value, Value::Mapping(all) if !all.is_empty()) => Err(Fault::Hollow),
            [] => Err(Fault::Says(format!("needs one of the keys {all} below it"))),
            [..] => {
                let message = format!("can have only one of the keys {all}: keep one of them");
                self.mistakes.borrow_mut().add(Some(self.node.place), &self.path, message);
                // The first variant stays to the last, and is what the file means from then on.
                let of = |name: &str| variants.iter().position(|variant| *variant == name);
                let last = entries.into_iter().max_by_key(|(name, ..)| of(name));
                let (name, node, path) = last.ok_or(Fault::Hollow)?;
                Ok(Variant { name, content: Decoder { is_surplus: true, ..self.inner(node, path) } })
            }
        }
    }
}
