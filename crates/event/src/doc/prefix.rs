//! Objects that many paths lead through, found once.
//!
//! The fields of `json.event_data` are read and moved one after another, by dozens of processors. A document remembers
//! where it found such an object for as long as no object has left its place; what is added, and what happens to
//! anything but objects, moves none of them.

use std::cell::Cell;

use super::{Data, Doc, Key, NodeId};

/// Objects that are remembered at a time.
const SLOTS: usize = 32;

/// Names that lead from the source to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    keys: Box<[Key]>,
    /// A hash of all the names, 64 bits wide: two prefixes of a pipeline do not share one.
    id: u64,
}

impl Prefix {
    /// The prefix of these names, at least one.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut id = 0u64;
        let mut keys = Vec::new();
        for name in names {
            for byte in name.bytes().chain([0xff]) {
                id = (id ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                id ^= id >> 32;
            }
            keys.push(Key::new(name));
        }
        Self { keys: keys.into(), id }
    }

    fn slot(&self) -> usize {
        (self.id >> 32) as usize % SLOTS
    }
}

/// What a document remembers.
#[derive(Clone, Debug)]
pub(super) struct Prefixes {
    /// Counts the times that an object has left its place.
    moves: u64,
    /// Prefix, the count when it was found, and the object.
    found: [Cell<(u64, u64, NodeId)>; SLOTS],
}

impl Default for Prefixes {
    fn default() -> Self {
        Self { moves: 1, found: [const { Cell::new((0, 0, NodeId::NONE)) }; SLOTS] }
    }
}

impl Prefixes {
    /// Forgets everything.
    pub(super) fn forget(&mut self) {
        self.moves += 1;
    }
}

impl Doc {
    /// The object at a prefix; `None` when there is none, or when something else is on the way.
    #[inline]
    pub fn object_at(&self, prefix: &Prefix) -> Option<NodeId> {
        if let [key] = &*prefix.keys {
            let node = self.get(Self::SOURCE, key)?;
            return matches!(self.data(node), Data::Object(_)).then_some(node);
        }
        let (id, moves, node) = self.prefixes.found[prefix.slot()].get();
        if id == prefix.id && moves == self.prefixes.moves { Some(node) } else { self.walk_prefix(prefix) }
    }

    #[inline(never)]
    fn walk_prefix(&self, prefix: &Prefix) -> Option<NodeId> {
        let mut at = Self::SOURCE;
        for key in &prefix.keys {
            at = self.get(at, key)?;
        }
        if !matches!(self.data(at), Data::Object(_)) {
            return None;
        }
        self.prefixes.found[prefix.slot()].set((prefix.id, self.prefixes.moves, at));
        Some(at)
    }

    /// To be told of every node that leaves its place or loses what it holds.
    pub(super) fn leaves(&mut self, id: NodeId) {
        if matches!(self.data(id), Data::Object(_)) {
            self.prefixes.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::FieldPath;

    const PATHS: [&str; 7] = ["a", "a.b", "a.b.c", "a.b.d", "d", "d.b", "a.l.0"];

    #[derive(Clone, Debug)]
    enum Change {
        Set(usize, &'static str),
        Detach(usize),
        Shift(usize, usize),
    }

    fn change() -> impl Strategy<Value = Change> {
        let path = || 0..PATHS.len();
        prop_oneof![
            (path(), prop::sample::select(vec!["1", "{}", r#"{"b":{"c":1}}"#, "[{}]", "null"]))
                .prop_map(|(at, json)| Change::Set(at, json)),
            path().prop_map(Change::Detach),
            (path(), path()).prop_map(|(from, to)| Change::Shift(from, to)),
        ]
    }

    fn apply(doc: &mut Doc, paths: &[FieldPath], change: &Change) -> String {
        match change {
            Change::Set(at, json) => {
                let node = doc.parse_str(json).unwrap();
                format!("{:?}", doc.set(&paths[*at], node))
            }
            Change::Detach(at) => format!("{:?}", doc.detach(&paths[*at]).map(drop)),
            Change::Shift(from, to) => format!("{:?}", doc.shift(&paths[*from], &paths[*to])),
        }
    }

    proptest! {
        /// Paths that remember give the same as paths that do not.
        #[test]
        fn what_is_remembered_is_true(changes in prop::collection::vec(change(), 1..30)) {
            let plain = PATHS.map(|path| FieldPath::parse(path).unwrap());
            let known = PATHS.map(|path| FieldPath::known(path).unwrap());
            let (mut one, mut other) = (Doc::new(), Doc::new());
            one.clear();
            other.clear();
            for change in &changes {
                prop_assert_eq!(apply(&mut one, &plain, change), apply(&mut other, &known, change));
                prop_assert_eq!(one.json(Doc::SOURCE), other.json(Doc::SOURCE));
                for (plain, known) in plain.iter().zip(&known) {
                    let json = |doc: &Doc, node: Option<NodeId>| node.map(|node| doc.json(node));
                    prop_assert_eq!(json(&one, one.find(plain)), json(&other, other.find(known)));
                }
            }
        }
    }
}
