//! A subtree outside any document, ready to be grafted into many.

use super::{Data, Doc, Links, Node, NodeId};

/// A frozen subtree: what look-ups cache and constants are. Grafting it is two copies and a shift of indices.
#[derive(Clone, Debug)]
pub struct Fragment {
    nodes: Box<[Node]>,
    text: Box<str>,
}

impl Fragment {
    /// Freezes a subtree of a document.
    pub fn of(doc: &Doc, id: NodeId) -> Self {
        let mut own = Doc::bare();
        own.import(doc, id);
        Self { nodes: own.nodes.into(), text: own.text.into() }
    }

    /// Freezes a value.
    pub fn from_value(value: &serde_json::Value) -> Self {
        let mut doc = Doc::new();
        let id = doc.build(value);
        Self::of(&doc, id)
    }

    /// Bytes of memory it takes.
    pub fn size(&self) -> usize {
        size_of_val(&*self.nodes) + self.text.len()
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
            });
        }
        NodeId(nodes)
    }

    /// Copies a subtree of another document into this one, detached.
    pub fn import(&mut self, from: &Self, id: NodeId) -> NodeId {
        let data = match from.data(id) {
            Data::Str(text) => Data::Str(self.add_text(from.text(text))),
            Data::Number(text) => Data::Number(self.add_text(from.text(text))),
            Data::Array(_) => Data::EMPTY_ARRAY,
            Data::Object(_) => Data::EMPTY_OBJECT,
            data => data,
        };
        let copy = self.node(data);
        for child in from.children(id) {
            let node = self.import(from, child);
            match data {
                Data::Object(_) => {
                    let key = self.add_text(from.key(child));
                    self.name_node(node, key, from.nodes[child.0 as usize].hash);
                    self.link_last(copy, node);
                }
                _ => self.push(copy, node),
            }
        }
        copy
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
}
