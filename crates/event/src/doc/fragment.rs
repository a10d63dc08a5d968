//! A subtree outside any document, ready to be grafted into many.

use std::sync::Arc;

use super::escape::is_clean;
use super::number::is_written_shortest;
use super::{Data, Doc, Links, Node, NodeId, Place, Text};

/// A frozen subtree: what look-ups cache and constants are. Grafting it is two copies and a shift of indices.
///
/// Many objects have the same fields in the same order. What they share is their [`Shape`], which is kept once where
/// [`Fragment::share`] finds it; what is an object's own are its values.
#[derive(Clone, Debug)]
pub struct Fragment {
    shape: Arc<Shape>,
    /// The scalars in the order of their nodes, their texts in `text`.
    values: Box<[Data]>,
    text: Box<str>,
}

/// The fields of a subtree without their values.
#[derive(Debug, PartialEq)]
pub struct Shape {
    /// Scalars are nulls here.
    nodes: Box<[Node]>,
    names: Box<str>,
}

impl Shape {
    /// Bytes of memory it takes.
    pub fn size(&self) -> usize {
        size_of_val(&*self.nodes) + self.names.len()
    }
}

impl Fragment {
    /// Freezes a subtree of a document.
    pub fn of(doc: &Doc, id: NodeId) -> Self {
        let (nodes, values, names, text) = (Vec::new(), Vec::new(), String::new(), String::new());
        let mut freezer = Freezer { doc, nodes, values, names, text };
        freezer.freeze(id);
        let shape = Shape { nodes: freezer.nodes.into(), names: freezer.names.into() };
        Self { shape: Arc::new(shape), values: freezer.values.into(), text: freezer.text.into() }
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

    /// Takes one of some shapes for its own, where it is equal; whether there was one.
    pub fn share(&mut self, shapes: &[Arc<Shape>]) -> bool {
        let Some(known) = shapes.iter().find(|known| ***known == *self.shape) else { return false };
        self.shape = Arc::clone(known);
        true
    }

    /// Appends what a graft of it appends to the text of a document.
    pub(super) fn push_text(&self, text: &mut String) {
        text.push_str(&self.shape.names);
        text.push_str(&self.text);
    }

    /// Bytes of memory it takes, without its shape.
    pub fn size(&self) -> usize {
        size_of_val(&*self.values) + self.text.len()
    }
}

/// A subtree on its way into a fragment.
struct Freezer<'a> {
    doc: &'a Doc,
    nodes: Vec<Node>,
    values: Vec<Data>,
    names: String,
    text: String,
}

impl Freezer<'_> {
    fn freeze(&mut self, id: NodeId) -> NodeId {
        let own = NodeId(self.nodes.len() as u32);
        let from = *self.doc.at(id);
        if !from.data.is_container() {
            let value = self.value(from.data);
            self.values.push(value);
        }
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
            _ => Data::Null,
        };
        own
    }

    fn value(&mut self, data: Data) -> Data {
        match data {
            Data::Str(text) => Data::Str(keep(&mut self.text, self.doc, text)),
            Data::Number(text) => Data::Number(keep(&mut self.text, self.doc, text)),
            // As a parsed one: its digits are looked for once, and not whenever a graft is written.
            Data::Double(value) if is_written_shortest(value.get()) => {
                Data::Number(keep_str(&mut self.text, ryu::Buffer::new().format_finite(value.get()), false))
            }
            data => data,
        }
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
        let Fragment { shape, values, text } = fragment;
        let nodes = self.nodes.len() as u32;
        let names_at = self.text.len() as u32;
        let values_at = names_at + shape.names.len() as u32;
        let shift = |id: NodeId| id.some().map_or(NodeId::NONE, |id| NodeId(id.0 + nodes));
        self.text.push_str(&shape.names);
        self.text.push_str(text);
        let mut values = values.iter();
        for node in &shape.nodes {
            self.keys.insert(node.hash);
            self.nodes.push(Node {
                data: match node.data {
                    Data::Array(links) => Data::Array(Links::new(shift(links.first()), shift(links.last()))),
                    Data::Object(links) => {
                        Data::Object(Links::new(shift(links.first()), shift(links.last())))
                    }
                    _ => match values.next() {
                        Some(Data::Str(own)) => Data::Str(own.moved(values_at)),
                        Some(Data::Number(own)) => Data::Number(own.moved(values_at)),
                        Some(data) => *data,
                        None => Data::Null,
                    },
                },
                key: node.key.moved(names_at),
                hash: node.hash,
                next: shift(node.next),
                before: shift(node.before),
                place: Place::NONE,
            });
        }
        NodeId(nodes)
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
            assert!(doc.get(id, &Key::new("geo")).is_some());
        }
        assert!(doc.may_hold(&Key::new("city_name")));
    }

    #[test]
    fn fragments_with_the_same_fields_share_their_shape() {
        let frozen = |json: &str| Fragment::from_value(&serde_json::from_str(json).unwrap());
        let known = [Arc::clone(frozen(r#"{"a":1,"b":{"c":"x"}}"#).shape())];
        for (json, shares) in [
            (r#"{"a":"y","b":{"c":2.5}}"#, true),
            (r#"{"a":null,"b":{"c":true}}"#, true),
            (r#"{"a":1,"b":{"d":"x"}}"#, false),
            (r#"{"a":1,"b":{}}"#, false),
            (r#"{"a":1,"b":["x"]}"#, false),
            (r#"{"a":1}"#, false),
        ] {
            let mut fragment = frozen(json);
            assert_eq!(fragment.share(&known), shares, "{json}");
            assert_eq!(Arc::ptr_eq(fragment.shape(), &known[0]), shares, "{json}");
            let mut doc = Doc::new();
            let graft = doc.graft(&fragment);
            assert_eq!(doc.json(graft), json);
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
