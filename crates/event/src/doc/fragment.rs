//! A subtree outside any document, ready to be grafted into many.

use std::sync::Arc;

use super::escape::is_clean;
use super::number::is_written_shortest;
use super::{Data, Doc, Links, Node, NodeId, Place, Text, Word};

/// A frozen subtree: what look-ups cache and constants are. Grafting it is two copies and a shift of indices.
///
/// Many objects have the same fields with values of the same kinds. What they share is their [`Shape`]; what is an
/// object's own are some words ([`Fragment::words`]), which a store of many objects can keep as it likes.
#[derive(Clone, Debug)]
pub struct Fragment {
    shape: Arc<Shape>,
    /// The scalars in the order of their nodes: of texts their [`Text::length_word`], of others their bits.
    values: Box<[u64]>,
    /// The texts, in quotes, one behind the other.
    text: Box<str>,
}

/// The fields of a subtree without their values.
#[derive(Debug, PartialEq)]
pub struct Shape {
    /// Scalars are empty here, texts and numbers as well as others.
    nodes: Box<[Node]>,
    names: Box<str>,
    scalars: usize,
}

impl Shape {
    /// Bytes of memory it takes.
    pub fn size(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.nodes) + self.names.len()
    }
}

impl Fragment {
    /// Freezes a subtree of a document.
    pub fn of(doc: &Doc, id: NodeId) -> Self {
        let (nodes, values, names, text) = (Vec::new(), Vec::new(), String::new(), String::new());
        let mut freezer = Freezer { doc, nodes, values, names, text };
        freezer.freeze(id);
        let Freezer { nodes, values, names, text, .. } = freezer;
        let shape = Shape { nodes: nodes.into(), names: names.into(), scalars: values.len() };
        Self { shape: Arc::new(shape), values: values.into(), text: text.into() }
    }

    /// Freezes a value.
    pub fn from_value(value: &serde_json::Value) -> Self {
        let mut doc = Doc::new();
        let id = doc.build(value);
        Self::of(&doc, id)
    }

    /// What others of its kind may have in common with it.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// What it has of its own, for [`Doc::graft_words`].
    pub fn words(&self) -> impl Iterator<Item = u64> {
        let word = |bytes: &[u8]| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        };
        self.values.iter().copied().chain(self.text.as_bytes().chunks(8).map(word))
    }

    /// Appends what a graft of it appends to the text of a document.
    pub(super) fn push_text(&self, text: &mut String) {
        text.push_str(&self.shape.names);
        text.push_str(&self.text);
    }
}

/// A subtree on its way into a fragment.
struct Freezer<'a> {
    doc: &'a Doc,
    nodes: Vec<Node>,
    values: Vec<u64>,
    names: String,
    text: String,
}

impl Freezer<'_> {
    fn freeze(&mut self, id: NodeId) -> NodeId {
        let own = NodeId(self.nodes.len() as u32);
        let from = *self.doc.at(id);
        let empty = self.value(from.data);
        // The root is named where it is grafted, elements never.
        let key = if own == NodeId(0) || from.hash == 0 {
            Text::EMPTY
        } else {
            keep(&mut self.names, self.doc, from.key)
        };
        self.nodes.push(Node {
            data: Data::Null,
            key,
            hash: from.hash,
            next: NodeId::NONE,
            before: NodeId::NONE,
            place: Place::NONE,
        });
        let mut links = Links::EMPTY;
        for child in self.doc.children(id) {
            let child = self.freeze(child);
            match links.last().some() {
                Some(last) => {
                    self.nodes[last.0 as usize].next = child;
                    self.nodes[child.0 as usize].before = last;
                }
                None => links.set_first(child),
            }
            links.set_last(child);
        }
        self.nodes[own.index()].data = match from.data {
            Data::Array(_) => Data::Array(links),
            Data::Object(_) => Data::Object(links),
            _ => empty,
        };
        own
    }

    /// Takes over a scalar; gives it as shapes have it.
    fn value(&mut self, data: Data) -> Data {
        let (empty, word) = match data {
            Data::Null | Data::Array(_) | Data::Object(_) => return data,
            Data::Bool(value) => (Data::bool(false), value.bits()),
            Data::Int(value) => (Data::int(0), value.bits()),
            Data::Long(value) => (Data::Long(0), value.cast_unsigned()),
            Data::Float(value) => (Data::float(0.0), value.bits()),
            // As a parsed one: its digits are looked for once, and not whenever a graft is written.
            Data::Double(value) if is_written_shortest(value.get()) => {
                let digits = keep_str(&mut self.text, ryu::Buffer::new().format_finite(value.get()), false);
                (Data::Number(Text::EMPTY), digits.length_word())
            }
            Data::Double(value) => (Data::double(0.0), value.bits()),
            Data::Number(text) => {
                (Data::Number(Text::EMPTY), keep(&mut self.text, self.doc, text).length_word())
            }
            Data::Str(text) => (Data::Str(Text::EMPTY), keep(&mut self.text, self.doc, text).length_word()),
        };
        self.values.push(word);
        empty
    }
}

/// Copies a text of a document.
fn keep(into: &mut String, doc: &Doc, text: Text) -> Text {
    keep_str(into, doc.text(text), text.is_quoted() || is_clean(doc.bytes(text)))
}

fn keep_str(into: &mut String, text: &str, quoted: bool) -> Text {
    into.push('"');
    let start = into.len();
    into.push_str(text);
    into.push('"');
    Text::new(start, text.len(), quoted)
}

impl Doc {
    /// Makes a detached copy of a fragment.
    pub fn graft(&mut self, fragment: &Fragment) -> NodeId {
        let (root, _) = self.plant(&fragment.shape, &fragment.values);
        self.text.push_str(&fragment.text);
        root
    }

    /// Makes a detached copy of the fragment that has a shape and [`Fragment::words`]; others may follow them.
    ///
    /// # Panics
    /// When they are not of one fragment.
    #[expect(clippy::expect_used, reason = "the words of a fragment have its text, which is UTF-8")]
    pub fn graft_words(&mut self, shape: &Shape, words: &[u64]) -> NodeId {
        let (values, text) = words.split_at(shape.scalars);
        let (root, len) = self.plant(shape, values);
        let mut bytes = std::mem::take(&mut self.scratch).into_bytes();
        bytes.resize(len.next_multiple_of(8), 0);
        bytes.as_chunks_mut().0.iter_mut().zip(text).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
        bytes.truncate(len);
        self.scratch = String::from_utf8(bytes).expect("the words of a fragment");
        self.text.push_str(&self.scratch);
        self.scratch.clear();
        root
    }

    /// Makes the nodes of a fragment, whose text then has to be pushed; gives its length as well.
    fn plant(&mut self, shape: &Shape, values: &[u64]) -> (NodeId, usize) {
        let nodes = self.nodes.len() as u32;
        let names_at = self.text.len() as u32;
        let values_at = names_at + shape.names.len() as u32;
        let shift = |id: NodeId| id.some().map_or(NodeId::NONE, |id| NodeId(id.0 + nodes));
        let shifted = |links: Links| Links::new(shift(links.first()), shift(links.last()));
        self.text.push_str(&shape.names);
        let mut end = values_at;
        let mut text = |word: u64| {
            let text = Text::of_length_word(word, end + 1);
            end += text.len() as u32 + 2;
            text
        };
        let mut values = values.iter();
        let mut word = || values.next().copied().unwrap_or_default();
        for node in &shape.nodes {
            self.keys.insert(node.hash);
            self.nodes.push(Node {
                data: match node.data {
                    Data::Array(links) => Data::Array(shifted(links)),
                    Data::Object(links) => Data::Object(shifted(links)),
                    Data::Str(_) => Data::Str(text(word())),
                    Data::Number(_) => Data::Number(text(word())),
                    Data::Null => Data::Null,
                    Data::Bool(_) => Data::Bool(Word::of_bits(word())),
                    Data::Int(_) => Data::Int(Word::of_bits(word())),
                    Data::Long(_) => Data::Long(word().cast_signed()),
                    Data::Float(_) => Data::Float(Word::of_bits(word())),
                    Data::Double(_) => Data::Double(Word::of_bits(word())),
                },
                key: node.key.moved(names_at),
                hash: node.hash,
                next: shift(node.next),
                before: shift(node.before),
                place: Place::NONE,
            });
        }
        (NodeId(nodes), (end - values_at) as usize)
    }

    /// Builds a detached node from a `serde_json` value.
    pub fn build(&mut self, value: &serde_json::Value) -> NodeId {
        match value {
            serde_json::Value::Null => self.node(Data::Null),
            serde_json::Value::Bool(value) => self.node(Data::bool(*value)),
            serde_json::Value::String(text) => self.string(text),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(value) => self.node(i32::try_from(value).map_or(Data::Long(value), Data::int)),
                None => {
                    let text = self.add_text(&number.to_string());
                    self.node(Data::Number(text))
                }
            },
            serde_json::Value::Array(values) => {
                let array = self.node(Data::EMPTY_ARRAY);
                for value in values {
                    let node = self.build(value);
                    self.push(array, node);
                }
                array
            }
            serde_json::Value::Object(fields) => {
                let object = self.node(Data::EMPTY_OBJECT);
                for (name, value) in fields {
                    let node = self.build(value);
                    self.put_named(object, name, node);
                }
                object
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    #[test]
    fn a_graft_is_equal_to_its_fragment_wherever_it_lands() {
        let json = r#"{"geo":{"city_name":"Zürich","location":{"lat":47.37,"lon":8.55}},"n":[1,5000000000,null,"a\"b"]}"#;
        let fragment = Fragment::from_value(&serde_json::from_str(json).unwrap());
        let mut doc = Doc::new();
        doc.add_text("something before");
        for _ in 0..2 {
            let id = doc.graft(&fragment);
            assert_eq!(doc.json(id), json);
            let geo = doc.get(id, &Key::new("geo")).unwrap();
            assert!(doc.get(geo, &Key::new("city_name")).is_some());
        }
    }

    #[test]
    fn fragments_with_the_same_fields_share_their_shape() {
        let frozen = |json: &str| Fragment::from_value(&serde_json::from_str(json).unwrap());
        let known = frozen(r#"{"a":1,"b":{"c":"x"}}"#);
        for (json, shares) in [
            (r#"{"a":-2,"b":{"c":"longer"}}"#, true),
            (r#"{"a":5000000000,"b":{"c":"x"}}"#, false),
            (r#"{"a":"1","b":{"c":"x"}}"#, false),
            (r#"{"a":null,"b":{"c":"x"}}"#, false),
            (r#"{"a":1,"b":{"d":"x"}}"#, false),
            (r#"{"a":1,"b":{}}"#, false),
            (r#"{"a":1,"b":["x"]}"#, false),
            (r#"{"a":1}"#, false),
        ] {
            assert_eq!(frozen(json).shape() == known.shape(), shares, "{json}");
        }
    }

    #[test]
    fn words_and_a_shape_are_the_whole_fragment() {
        let known = Fragment::from_value(&serde_json::json!({ "a": "x", "b": 1.5 }));
        for json in [r#"{"a":"Zürich","b":-20.25}"#, r#"{"a":"","b":1.0}"#, r#"{"a":"12345\"678","b":1e+22}"#]
        {
            let mut words: Vec<u64> =
                Fragment::from_value(&serde_json::from_str(json).unwrap()).words().collect();
            words.push(u64::MAX);
            let mut doc = Doc::new();
            let graft = doc.graft_words(known.shape(), &words);
            let text = doc.add_text("after");
            assert_eq!((doc.json(graft).as_str(), doc.text(text)), (json, "after"));
        }
    }

    #[test]
    fn doubles_stay_what_they_are() {
        for value in [1.5, -0.25, 47.0, 1e7, 1e-4, 0.0, -0.0, f64::NAN, f64::INFINITY] {
            let mut doc = Doc::new();
            let id = doc.node(Data::double(value));
            let graft = doc.graft(&Fragment::of(&doc, id));
            assert_eq!(doc.json(graft), doc.json(id));
            assert_eq!(doc.scalar_text(graft), doc.scalar_text(id));
            assert_eq!(doc.class_name(graft), "java.lang.Double");
            assert!(doc.equals(graft, id) && doc.equals(id, graft), "{value}");
        }
    }
}
