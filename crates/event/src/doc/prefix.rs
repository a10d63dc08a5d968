//! Objects that many paths lead through, remembered while the document keeps its shape.
//!
//! The fields of `json.event_data` are read and moved one after another, by dozens of processors. Moving a value that
//! is no object or array changes no way to an object, so a document counts changes of its *shape* only (an object or
//! array that comes, goes or is replaced), and what was found is good until the next one.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Data, Doc, Key, NodeId};

/// Numbers of all prefixes that definitions name. It grows by definitions that are loaded, never by documents.
static KNOWN: Mutex<BTreeMap<Vec<String>, u32>> = Mutex::new(BTreeMap::new());
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Names that lead from the source to an object, with a number that a document remembers that object by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    number: u32,
    keys: Box<[Key]>,
}

impl Prefix {
    /// The prefix of these names, at least one. For names that a definition holds; not for those of documents.
    pub fn known<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<String> = names.map(str::to_owned).collect();
        let keys = names.iter().map(|name| Key::new(name)).collect();
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.len() as u32;
        let number = *known.entry(names).or_insert(next);
        COUNT.store(known.len(), Ordering::Relaxed);
        Self { number, keys }
    }
}

/// What a document remembers of the prefixes.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// Changes with every change of the shape.
    version: u32,
    /// By the number of a prefix: the object, and the version in which it was there.
    found: Vec<Cell<(u32, NodeId)>>,
}

impl Shape {
    /// The shape has changed.
    pub(super) fn change(&mut self) {
        self.version = self.version.wrapping_add(1);
        // After four thousand million changes an old answer could look new.
        if self.version == 0 {
            self.found.clear();
            self.version = 1;
        }
    }

    /// Begins a new document.
    pub(super) fn clear(&mut self) {
        self.change();
        let count = COUNT.load(Ordering::Relaxed);
        if self.found.len() < count {
            self.found.resize(count, Cell::new((0, NodeId::NONE)));
        }
    }
}

impl Doc {
    /// The object at a prefix; `None` when there is none, or when something else is on the way.
    pub fn object_at(&self, prefix: &Prefix) -> Option<NodeId> {
        let remembered = self.shape.found.get(prefix.number as usize);
        if let Some((version, node)) = remembered.map(Cell::get)
            && version == self.shape.version
        {
            return Some(node);
        }
        let mut at = Self::SOURCE;
        for key in &prefix.keys {
            at = self.get(at, key)?;
        }
        if !matches!(self.data(at), Data::Object(_)) {
            return None;
        }
        if let Some(remembered) = remembered {
            remembered.set((self.shape.version, at));
        }
        Some(at)
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
