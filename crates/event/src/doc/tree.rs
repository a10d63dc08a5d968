//! Links between nodes: objects, arrays, copies and equality.

use super::key::hash;
use super::{DEEPEST, Data, Doc, Key, Links, Node, NodeId, Place, Text};

/// The hash of loose nodes. Names stand in the buffer behind a quote, so that none has the place of [`Text::EMPTY`].
const LOOSE: u32 = 1;

/// The children of a container in their order.
#[derive(Clone)]
pub struct Children<'doc> {
    doc: &'doc Doc,
    at: NodeId,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let id = self.at.some()?;
        self.at = self.doc.nodes[id.0 as usize].next;
        Some(id)
    }
}

/// Whether two texts are equal: short ones, as nearly all are, without a call.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    match (a.first_chunk::<16>(), a.last_chunk::<16>(), b.first_chunk::<16>(), b.last_chunk::<16>()) {
        (Some(a_first), Some(a_last), Some(b_first), Some(b_last)) if a.len() <= 32 => {
            return a.len() == b.len() && a_first == b_first && a_last == b_last;
        }
        _ => {}
    }
    match (a.first_chunk::<8>(), a.last_chunk::<8>(), b.first_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(a_first), Some(a_last), Some(b_first), Some(b_last)) if a.len() <= 16 => {
            a.len() == b.len() && a_first == b_first && a_last == b_last
        }
        _ => a == b,
    }
}

impl Doc {
    pub(super) fn at(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    fn at_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    pub(super) fn links(&self, id: NodeId) -> Links {
        match self.data(id) {
            Data::Array(links) | Data::Object(links) => links,
            _ => Links::EMPTY,
        }
    }

    /// The links of a container, to be changed.
    #[inline]
    fn links_mut(&mut self, id: NodeId) -> Option<&mut Links> {
        match &mut self.at_mut(id).data {
            Data::Array(links) | Data::Object(links) => Some(links),
            _ => {
                debug_assert!(false, "links of a scalar");
                None
            }
        }
    }

    /// The children of an object or array; none for anything else.
    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children { doc: self, at: self.links(id).first() }
    }

    /// The first child, for walks that change the tree on their way.
    pub fn first_child(&self, id: NodeId) -> Option<NodeId> {
        self.links(id).first().some()
    }

    /// The next sibling, for walks that change the tree on their way.
    pub fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        self.at(id).next.some()
    }

    /// Number of children. Walks them.
    pub fn len(&self, id: NodeId) -> usize {
        self.children(id).count()
    }

    /// Whether a container has no children.
    pub fn is_empty(&self, id: NodeId) -> bool {
        self.links(id).first() == NodeId::NONE
    }

    /// The key of a field; empty for elements of arrays and detached nodes.
    pub fn key(&self, id: NodeId) -> &str {
        self.text(self.at(id).key)
    }

    /// The key of a field as a span of the text buffer.
    pub fn key_text(&self, id: NodeId) -> Text {
        self.at(id).key
    }

    /// The field of an object that has a name, whose hash this is.
    pub(super) fn lookup(&self, object: NodeId, hash: u32, name: &[u8]) -> Option<NodeId> {
        match self.place_below(object, hash, name) {
            Place::NONE if self.keys.contains(hash) => self.walk_to(object, hash, name),
            Place::NONE => None,
            place => self.at_place(place),
        }
    }

    #[inline(never)]
    fn walk_to(&self, object: NodeId, hash: u32, name: &[u8]) -> Option<NodeId> {
        let Data::Object(links) = self.data(object) else { return None };
        let (nodes, text) = (self.nodes.as_slice(), self.text.as_bytes());
        let mut at = links.first();
        // The end of the links is no index, so one check of bounds tells both.
        while let Some(node) = nodes.get(at.0 as usize) {
            if node.hash == hash && text.get(node.key.range()).is_some_and(|key| same(key, name)) {
                return Some(at);
            }
            at = node.next;
        }
        None
    }

    /// A field of an object; `None` where it has none of that name or is no object.
    #[inline]
    pub fn get(&self, object: NodeId, key: &Key) -> Option<NodeId> {
        match self.place_of(object, key) {
            Place::NONE if self.keys.contains(key.hash()) => self.walk_to(object, key.hash(), key.bytes()),
            Place::NONE => None,
            place => self.at_place(place),
        }
    }

    /// [`Doc::get`] with a name that is first known at run time.
    pub fn get_named(&self, object: NodeId, name: &str) -> Option<NodeId> {
        self.lookup(object, hash(name.as_bytes()), name.as_bytes())
    }

    /// Puts a detached node into an object: in the place of a field of the same name, which it gives then, else behind
    /// the last.
    pub fn put(&mut self, object: NodeId, key: &Key, node: NodeId) -> Option<NodeId> {
        match self.place_of(object, key) {
            Place::NONE => self.put_unknown(object, key, node),
            place => {
                let old = self.at_place(place);
                self.put_for(object, key, place, old, node);
                old
            }
        }
    }

    /// [`Doc::put`] of a field that no pipeline asks for.
    #[inline(never)]
    fn put_unknown(&mut self, object: NodeId, key: &Key, node: NodeId) -> Option<NodeId> {
        let old =
            self.keys.contains(key.hash()).then(|| self.walk_to(object, key.hash(), key.bytes())).flatten();
        self.put_for(object, key, Place::NONE, old, node);
        old
    }

    /// [`Doc::put`] into the object at a place, of a field whose place is known as well; `None` and nothing done where
    /// there is no object.
    pub fn put_at(&mut self, above: Place, key: &Key, place: Place, node: NodeId) -> Option<Option<NodeId>> {
        let object = self.object_at(above).filter(|_| place.is_some())?;
        let old = self.at_place(place);
        self.put_for(object, key, place, old, node);
        Some(old)
    }

    #[inline]
    pub(super) fn put_for(
        &mut self,
        object: NodeId,
        key: &Key,
        place: Place,
        old: Option<NodeId>,
        node: NodeId,
    ) {
        match old {
            Some(old) => self.replace(object, old, node),
            None => self.add(object, key, place, node),
        }
    }

    /// [`Doc::put`] of a field that the object is known not to have, and whose place is known.
    #[inline(never)]
    pub(super) fn add(&mut self, object: NodeId, key: &Key, place: Place, node: NodeId) {
        match self.known_constant(key) {
            Some(name) => self.link(object, name, key.hash(), place, node),
            None => self.add_anew(object, key, place, node),
        }
    }

    /// [`Doc::add`] with a name that does not stand in the text yet.
    #[cold]
    #[inline(never)]
    fn add_anew(&mut self, object: NodeId, key: &Key, place: Place, node: NodeId) {
        let name = self.other_constant(key);
        self.link(object, name, key.hash(), place, node);
    }

    /// [`Doc::put`] with a name that is first known at run time.
    pub fn put_named(&mut self, object: NodeId, name: &str, node: NodeId) -> Option<NodeId> {
        let hash = hash(name.as_bytes());
        let old = self.lookup(object, hash, name.as_bytes());
        let text = if old.is_some() { Text::EMPTY } else { self.add_text(name) };
        self.name(object, old, text, hash, node);
        old
    }

    /// [`Doc::put`] with a name that stands in the text buffer.
    pub fn put_text(&mut self, object: NodeId, name: Text, node: NodeId) -> Option<NodeId> {
        let hash = hash(self.bytes(name));
        let old = self.lookup(object, hash, self.bytes(name));
        self.name(object, old, name, hash, node);
        old
    }

    /// Puts a node in the place of a field, or behind the last.
    fn name(&mut self, object: NodeId, old: Option<NodeId>, key: Text, hash: u32, node: NodeId) {
        match old {
            Some(old) => self.replace(object, old, node),
            None => {
                let place = self.place_below(object, hash, self.bytes(key));
                self.link(object, key, hash, place, node);
            }
        }
    }

    /// Puts a detached node behind the last field of an object.
    #[inline(always)]
    fn link(&mut self, object: NodeId, key: Text, hash: u32, place: Place, node: NodeId) {
        let data = self.chain(object, key, hash, place, node);
        if place.is_some() {
            self.note(node, place, data);
        } else {
            self.keys.insert(hash);
        }
    }

    /// Puts a detached node behind the last child of a container, and tells what it holds.
    #[inline]
    fn chain(&mut self, parent: NodeId, key: Text, hash: u32, place: Place, child: NodeId) -> Data {
        let last = self.links_mut(parent).map_or(NodeId::NONE, |links| links.set_last(child));
        self.lead_on(parent, last, child);
        let node = self.at_mut(child);
        (node.key, node.hash, node.next, node.before, node.place) = (key, hash, NodeId::NONE, last, place);
        node.data
    }

    /// Lets the child before, or where there is none the container, lead on to a child.
    #[inline(always)]
    fn lead_on(&mut self, parent: NodeId, before: NodeId, child: NodeId) {
        // That there is none is no index, so one check of bounds tells both.
        if let Some(before) = self.nodes.get_mut(before.index()) {
            before.next = child;
        } else if let Some(links) = self.links_mut(parent) {
            links.set_first(child);
        }
    }

    /// Lets the child behind, or where there is none the container, lead back to a child.
    #[inline(always)]
    fn lead_back(&mut self, parent: NodeId, next: NodeId, child: NodeId) {
        if let Some(next) = self.nodes.get_mut(next.index()) {
            next.before = child;
        } else if let Some(links) = self.links_mut(parent) {
            links.set_last(child);
        }
    }

    /// Puts a detached node in the place of a child; the child is then detached.
    pub fn replace(&mut self, parent: NodeId, old: NodeId, new: NodeId) {
        let node = self.at_mut(old);
        let Node { data, key, hash, next, before, place } = *node;
        (node.next, node.place) = (NodeId::NONE, Place::NONE);
        let node = self.at_mut(new);
        (node.key, node.hash, node.next, node.before, node.place) = (key, hash, next, before, place);
        let new_data = node.data;
        self.lead_on(parent, before, new);
        self.lead_back(parent, next, new);
        if place.is_some() {
            self.vacate(place, data);
            self.note(new, place, new_data);
        }
    }

    /// Takes a child out of its container; it is then detached.
    #[inline(always)]
    pub fn unlink(&mut self, parent: NodeId, child: NodeId) {
        let node = self.at_mut(child);
        let Node { data, next, before, place, .. } = *node;
        (node.next, node.place) = (NodeId::NONE, Place::NONE);
        self.lead_on(parent, before, next);
        self.lead_back(parent, next, before);
        if place.is_some() {
            self.vacate(place, data);
        }
    }

    /// Marks a detached node as one that somebody may put into a place; that ends when it gets one.
    pub fn set_loose(&mut self, id: NodeId) {
        let node = self.at_mut(id);
        (node.key, node.hash) = (Text::EMPTY, LOOSE);
    }

    /// Whether a node is marked by [`Doc::set_loose`] and has no place since.
    pub fn is_loose(&self, id: NodeId) -> bool {
        let node = self.at(id);
        node.hash == LOOSE && node.key == Text::EMPTY
    }

    /// Takes a field out of an object and returns it, detached.
    pub fn remove(&mut self, object: NodeId, key: &Key) -> Option<NodeId> {
        let child = self.get(object, key)?;
        self.unlink(object, child);
        Some(child)
    }

    /// Appends a detached node to an array.
    pub fn push(&mut self, array: NodeId, node: NodeId) {
        self.chain(array, Text::EMPTY, 0, Place::NONE, node);
    }

    /// The element of an array at a place from 0.
    pub fn element(&self, array: NodeId, index: usize) -> Option<NodeId> {
        match self.data(array) {
            Data::Array(_) => self.children(array).nth(index),
            _ => None,
        }
    }

    /// A detached copy of a subtree. Text is shared, since it never changes.
    #[inline]
    pub fn copy(&mut self, id: NodeId) -> NodeId {
        match self.data(id) {
            Data::Array(_) | Data::Object(_) => self.copy_at(id, 0),
            data => self.node(data),
        }
    }

    fn copy_at(&mut self, id: NodeId, depth: usize) -> NodeId {
        let copy = self.node(match self.data(id) {
            Data::Array(_) => Data::EMPTY_ARRAY,
            Data::Object(_) => Data::EMPTY_OBJECT,
            data => data,
        });
        let mut child = self.first_child(id).filter(|_| depth < DEEPEST);
        while let Some(from) = child {
            let to = self.copy_at(from, depth + 1);
            let Node { key, hash, next, .. } = *self.at(from);
            self.keys.insert(hash);
            self.chain(copy, key, hash, Place::NONE, to);
            child = next.some();
        }
        copy
    }

    /// Java's `equals`: numbers are equal only to numbers of their own class, maps whatever their order.
    pub fn equals(&self, a: NodeId, b: NodeId) -> bool {
        match (self.data(a), self.data(b)) {
            (Data::Str(x), Data::Str(y)) => self.text(x) == self.text(y),
            (Data::Array(_), Data::Array(_)) => {
                self.len(a) == self.len(b)
                    && self.children(a).zip(self.children(b)).all(|(x, y)| self.equals(x, y))
            }
            (Data::Object(_), Data::Object(_)) => {
                self.len(a) == self.len(b)
                    && self.children(a).all(|x| {
                        self.lookup(b, self.at(x).hash, self.bytes(self.at(x).key))
                            .is_some_and(|y| self.equals(x, y))
                    })
            }
            (Data::Number(_), _) | (_, Data::Number(_)) => self.equal_numbers(a, b),
            (Data::Double(x), Data::Double(y)) => x.get().to_bits() == y.get().to_bits(),
            (x, y) => x == y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> (Doc, NodeId) {
        let mut doc = Doc::new();
        let id = doc.parse_str(json).unwrap();
        (doc, id)
    }

    #[test]
    fn put_keeps_the_place_of_a_field_that_is_there() {
        let (mut doc, id) = object(r#"{"a":1,"b":2,"c":3}"#);
        for key in ["b", "c", "a", "d"] {
            let new = doc.node(Data::bool(true));
            doc.put(id, &Key::new(key), new);
        }
        assert_eq!(doc.json(id), r#"{"a":true,"b":true,"c":true,"d":true}"#);
    }

    #[test]
    fn removed_fields_leave_the_others_linked() {
        for (remove, left) in
            [("a", r#"{"b":2,"c":3}"#), ("b", r#"{"a":1,"c":3}"#), ("c", r#"{"a":1,"b":2}"#)]
        {
            let (mut doc, id) = object(r#"{"a":1,"b":2,"c":3}"#);
            assert!(doc.remove(id, &Key::new(remove)).is_some());
            assert_eq!(doc.json(id), left);
            let new = doc.node(Data::Null);
            doc.put(id, &Key::new("z"), new);
            assert!(doc.json(id).ends_with(r#","z":null}"#));
        }
    }

    #[test]
    fn equality_is_javas() {
        for (a, b, equal) in [
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[2],"a":1}"#, true),
            ("1", "5000000000", false),
            ("1", "1.0", false),
            ("1.0", "1.00", true),
            (r#""x""#, r#""\u0078""#, true),
            ("[1,2]", "[2,1]", false),
        ] {
            let mut doc = Doc::new();
            let (a, b) = (doc.parse_str(a).unwrap(), doc.parse_str(b).unwrap());
            assert_eq!(doc.equals(a, b), equal, "{} {}", doc.json(a), doc.json(b));
        }
    }

    #[test]
    fn a_copy_is_equal_and_apart() {
        let (mut doc, id) = object(r#"{"a":{"b":[1,"x"]}}"#);
        let copy = doc.copy(id);
        assert!(doc.equals(id, copy));
        doc.remove(copy, &Key::new("a"));
        assert_eq!(doc.json(id), r#"{"a":{"b":[1,"x"]}}"#);
    }
}
