//! A subtree outside any document, ready to be grafted into many.

use super::escape::is_clean;
use super::number::is_written_shortest;
use super::{Data, Doc, Links, Node, NodeId, Place, Text};

/// A frozen subtree: what look-ups cache and constants are. Grafting it is two copies and a shift of indices.
#[derive(Clone, Debug)]
pub struct Fragment {
    nodes: Box<[Node]>,
    text: Box<str>,
}

impl Fragment {
    /// Freezes a subtree of a document.
    pub fn of(doc: &Doc, id: NodeId) -> Self {
        let mut freezer = Freezer { doc, nodes: Vec::new(), text: String::new() };
        freezer.freeze(id);
        Self { nodes: freezer.nodes.into(), text: freezer.text.into() }
    }

    /// Freezes a value.
    pub fn from_value(value: &serde_json::Value) -> Self {
        let mut doc = Doc::new();
        let id = doc.build(value);
        Self::of(&doc, id)
    }

    /// What a graft of it appends to the text of a document.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Bytes of memory it takes.
    pub fn size(&self) -> usize {
        size_of_val(&*self.nodes) + self.text.len()
    }
}

/// A subtree on its way into a fragment.
struct Freezer<'a> {
    doc: &'a Doc,
    nodes: Vec<Node>,
    text: String,
}

impl Freezer<'_> {
    fn freeze(&mut self, id: NodeId) -> NodeId {
        let own = NodeId(self.nodes.len() as u32);
        let from = *self.doc.at(id);
        let data = match from.data {
            Data::Str(text) => Data::Str(self.keep(text)),
            Data::Number(text) => Data::Number(self.keep(text)),
            // As a parsed one: its digits are looked for once, and not whenever a graft is written.
            Data::Double(value) if is_written_shortest(value) => {
                Data::Number(self.keep_str(ryu::Buffer::new().format_finite(value), false))
            }
            data => data,
        };
        // The root is named where it is grafted, elements never.
        let key = if own == NodeId(0) || from.hash == 0 { Text::EMPTY } else { self.keep(from.key) };
        self.nodes.push(Node {
            data,
            key,
            hash: from.hash,
            next: NodeId::NONE,
            before: NodeId::NONE,
            place: Place::NONE,
        });
        let mut links = Links::EMPTY;
        for child in self.doc.children(id) {
            let child = self.freeze(child);
            match links.last.some() {
                Some(last) => {
                    self.nodes[last.0 as usize].next = child;
                    self.nodes[child.0 as usize].before = last;
                }
                None => links.first = child,
            }
            links.last = child;
        }
        if let Data::Array(own_links) | Data::Object(own_links) = &mut self.nodes[own.0 as usize].data {
            *own_links = links;
        }
        own
    }

    fn keep(&mut self, text: Text) -> Text {
        self.keep_str(self.doc.text(text), text.is_quoted() || is_clean(self.doc.bytes(text)))
    }

    fn keep_str(&mut self, text: &str, quoted: bool) -> Text {
        self.text.push('"');
        let start = self.text.len();
        self.text.push_str(text);
        self.text.push('"');
        Text::new(start, text.len(), quoted)
    }
}

impl Doc {
    /// Makes a detached copy of a fragment.
    pub fn graft(&mut self, fragment: &Fragment) -> NodeId {
        let (nodes, text) = (self.nodes.len() as u32, self.text.len() as u32);
        let shift = |id: NodeId| id.some().map_or(NodeId::NONE, |id| NodeId(id.0 + nodes));
        self.text.push_str(&fragment.text);
        for node in &fragment.nodes {
            self.keys.insert(node.hash);
            self.nodes.push(Node {
                data: match node.data {
                    Data::Str(own) => Data::Str(own.moved(text)),
                    Data::Number(own) => Data::Number(own.moved(text)),
                    Data::Array(links) => {
                        Data::Array(Links { first: shift(links.first), last: shift(links.last) })
                    }
                    Data::Object(links) => {
                        Data::Object(Links { first: shift(links.first), last: shift(links.last) })
                    }
                    data => data,
                },
                key: node.key.moved(text),
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
            serde_json::Value::Bool(value) => self.node(Data::Bool(*value)),
            serde_json::Value::String(text) => self.string(text),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(value) => self.node(i32::try_from(value).map_or(Data::Long(value), Data::Int)),
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
    fn doubles_stay_what_they_are() {
        for value in [1.5, -0.25, 47.0, 1e7, 1e-4, 0.0, -0.0, f64::NAN, f64::INFINITY] {
            let mut doc = Doc::new();
            let id = doc.node(Data::Double(value));
            let graft = doc.graft(&Fragment::of(&doc, id));
            assert_eq!(doc.json(graft), doc.json(id));
            assert_eq!(doc.scalar_text(graft), doc.scalar_text(id));
            assert_eq!(doc.class_name(graft), "java.lang.Double");
            assert!(doc.equals(graft, id) && doc.equals(id, graft), "{value}");
        }
    }
}
