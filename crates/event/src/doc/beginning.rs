//! What documents have before their pipeline runs, which is the same for many of them.

use std::sync::Arc;

use super::key::KeyFilter;
use super::places::Found;
use super::{Doc, Fragment, Node, NodeId};

/// A document that has begun, as it is restored for the next one.
#[derive(Clone, Debug)]
pub(super) struct Beginning {
    fields: Arc<Fragment>,
    /// How many bytes of constants were in front of the text, as far as which its spans are right.
    front: usize,
    nodes: Vec<Node>,
    keys: KeyFilter,
}

impl Doc {
    /// [`Doc::clear`], after which the source has the fields of an object. With the same object again it is less work.
    pub fn begin(&mut self, fields: &Arc<Fragment>) {
        self.empty();
        let front = self.text.len();
        match &self.beginning {
            Some(begun) if begun.front == front && Arc::ptr_eq(&begun.fields, fields) => {
                self.keys = begun.keys;
                self.nodes.extend_from_slice(&begun.nodes);
                for (id, node) in begun.nodes.iter().enumerate() {
                    self.found[node.place.index()] = Found::new(NodeId(id as u32), node.data.kind());
                }
                // Of nodes that have no place.
                self.found[0] = Found::NOTHING;
                self.text.push_str(fields.text());
            }
            _ => {
                self.make_roots();
                let object = self.graft(fields);
                self.set_data(Self::SOURCE, self.data(object));
                let (nodes, keys) = (self.nodes.clone(), self.keys);
                self.beginning = Some(Beginning { fields: Arc::clone(fields), front, nodes, keys });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Places;
    use crate::{FieldPath, Key};

    #[test]
    fn a_document_begins_as_the_one_before() {
        let long = r#"{"a":{"b":1,"c":"x"},"d":[true]}"#;
        let fragment = |json: &str| Arc::new(Fragment::from_value(&serde_json::from_str(json).unwrap()));
        let (one, two) = (fragment(long), fragment(r#"{"a":2}"#));
        let mut places = Places::default();
        let path = FieldPath::known("a.b", &mut places).unwrap();
        let places = Arc::new(places);
        let (mut doc, key) = (Doc::new(), Key::new("e"));
        for _ in 0..3 {
            for (fields, json, has_path) in
                [(&one, long, true), (&one, long, true), (&two, r#"{"a":2}"#, false)]
            {
                doc.begin(fields);
                doc.adopt(&places);
                assert_eq!(doc.json(Doc::SOURCE), json);
                assert_eq!(doc.has(&path), has_path);
                // Whatever happens to it then is forgotten.
                let node = doc.constant_string(&key);
                assert_eq!(doc.set(&path, node).is_ok(), has_path);
                doc.remove(Doc::SOURCE, &Key::new("d"));
                let node = doc.string("f");
                doc.put(Doc::SOURCE, &key, node);
            }
        }
        doc.clear();
        assert_eq!(doc.json(Doc::SOURCE), "{}");
    }
}
