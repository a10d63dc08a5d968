//! Finding a field of an object without walking over its siblings.
//!
//! A document notes each (object, name) that was ever linked in a Bloom filter, so that most look-ups of what is not
//! there end at once, and remembers where fields are in a small table. A look-up relies on what it finds there and
//! walks for the rest. Both are told of every link that is made or undone.

use std::cell::Cell;

use super::NodeId;

/// Words of the filter: with as many fields as events have, one look-up in thirty walks in vain.
const FILTER: usize = 64;

/// Fields that are remembered at a time.
const SLOTS: usize = 512;

/// Where a field of an object is.
#[derive(Clone, Copy, Debug)]
struct Slot {
    object: NodeId,
    hash: u32,
    node: NodeId,
    /// The generation that it was written down in.
    generation: u32,
    /// The id of the name as a constant, once it has been compared.
    name: u64,
}

/// What a document knows of its fields' places.
#[derive(Clone, Debug)]
pub(super) struct Index {
    filter: [u64; FILTER],
    slots: Box<[Cell<Slot>; SLOTS]>,
    /// Grows when everything remembered becomes worthless.
    generation: u32,
}

/// What the index says of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// The object has no field of this name.
    Nowhere,
    /// It has this one.
    At(NodeId),
    /// It has this one, if the name is the same and not only its hash.
    Maybe(NodeId),
    /// It has to be walked.
    Unknown,
}

impl Default for Index {
    fn default() -> Self {
        const EMPTY: Slot =
            Slot { object: NodeId::NONE, hash: 0, node: NodeId::NONE, generation: 0, name: 0 };
        Self { filter: [0; FILTER], slots: Box::new([const { Cell::new(EMPTY) }; SLOTS]), generation: 1 }
    }
}

impl Index {
    /// Spreads a pair over 32 bits: the upper ones pick the filter's bit, the lower ones the slot.
    #[inline]
    fn mix(object: NodeId, hash: u32) -> usize {
        let pair = u64::from(object.0) << 32 | u64::from(hash);
        (pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize
    }

    #[inline]
    fn bit(mix: usize) -> (usize, u64) {
        (mix >> 26 & (FILTER - 1), 1 << (mix >> 20 & 63))
    }

    /// Empties it for the next document.
    pub(super) fn clear(&mut self) {
        self.filter = [0; FILTER];
        self.forget();
    }

    /// Forgets where fields are, though not that there are some.
    pub(super) fn forget(&mut self) {
        match self.generation.checked_add(1) {
            Some(next) => self.generation = next,
            None => {
                let filter = self.filter;
                *self = Self { filter, ..Self::default() };
            }
        }
    }

    /// Where a field is, whose name has this id as a constant, or 0 when it is none.
    #[inline]
    pub(super) fn find(&self, object: NodeId, hash: u32, name: u64) -> Found {
        let mix = Self::mix(object, hash);
        let (word, bit) = Self::bit(mix);
        if self.filter[word] & bit == 0 {
            return Found::Nowhere;
        }
        let slot = self.slots[mix & (SLOTS - 1)].get();
        if slot.object != object || slot.generation != self.generation {
            Found::Unknown
        } else if slot.name == name && name != 0 {
            Found::At(slot.node)
        } else if slot.hash == hash {
            Found::Maybe(slot.node)
        } else {
            Found::Unknown
        }
    }

    /// To be told of every field that gets its place.
    #[inline]
    pub(super) fn linked(&mut self, object: NodeId, hash: u32, node: NodeId, name: u64) {
        let mix = Self::mix(object, hash);
        let (word, bit) = Self::bit(mix);
        self.filter[word] |= bit;
        self.slots[mix & (SLOTS - 1)].set(Slot { object, hash, node, generation: self.generation, name });
    }

    /// Writes down what a walk has found.
    #[inline]
    pub(super) fn remember(&self, object: NodeId, hash: u32, node: NodeId, name: u64) {
        let slot = &self.slots[Self::mix(object, hash) & (SLOTS - 1)];
        slot.set(Slot { object, hash, node, generation: self.generation, name });
    }

    /// To be told of every field that leaves its place.
    #[inline]
    pub(super) fn unlinked(&mut self, object: NodeId, hash: u32, node: NodeId) {
        let slot = self.slots[Self::mix(object, hash) & (SLOTS - 1)].get_mut();
        if slot.object == object && slot.node == node {
            slot.generation = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{Data, Doc, Key, NodeId};

    #[derive(Clone, Debug)]
    enum Change {
        Put(usize, usize),
        PutNamed(usize, usize),
        Remove(usize, usize),
        TakeOver(usize, usize),
        Copy(usize),
        MakeAndForget(usize),
    }

    fn change() -> impl Strategy<Value = Change> {
        let pair = || (0..6usize, 0..9usize);
        prop_oneof![
            4 => pair().prop_map(|(object, name)| Change::Put(object, name)),
            4 => pair().prop_map(|(object, name)| Change::PutNamed(object, name)),
            4 => pair().prop_map(|(object, name)| Change::Remove(object, name)),
            1 => (0..6usize, 0..6usize).prop_map(|(to, from)| Change::TakeOver(to, from)),
            1 => (0..6usize).prop_map(Change::Copy),
            1 => (0..9usize).prop_map(Change::MakeAndForget),
        ]
    }

    /// What a walk over the children finds.
    fn walked(doc: &Doc, object: NodeId, name: &str) -> Option<NodeId> {
        match doc.data(object) {
            Data::Object(_) => doc.children(object).find(|child| doc.key(*child) == name),
            _ => None,
        }
    }

    fn apply(doc: &mut Doc, objects: &mut [NodeId], names: &[Key], change: &Change) {
        match *change {
            Change::Put(object, name) => {
                let node = doc.node(Data::Null);
                doc.put(objects[object], &names[name], node);
            }
            Change::PutNamed(object, name) => {
                let node = doc.node(Data::Bool(true));
                doc.put_named(objects[object], names[name].name(), node);
            }
            Change::Remove(object, name) => {
                doc.remove(objects[object], &names[name]);
            }
            // The children move to another object; the one that they were in starts anew.
            Change::TakeOver(to, from) if to != from => {
                doc.set_data(objects[to], doc.data(objects[from]));
                objects[from] = doc.node(Data::EMPTY_OBJECT);
            }
            Change::TakeOver(..) => {}
            Change::Copy(object) => objects[object] = doc.copy(objects[object]),
            Change::MakeAndForget(name) => {
                let mark = doc.mark();
                let object = doc.node(Data::EMPTY_OBJECT);
                let node = doc.node(Data::Null);
                doc.put(object, &names[name], node);
                assert_eq!(doc.get(object, &names[name]), Some(node));
                doc.rewind(mark);
            }
        }
    }

    proptest! {
        /// The index gives what a walk gives, whatever happens to the tree, one document after another.
        #[test]
        fn it_finds_what_a_walk_finds(runs in prop::collection::vec(prop::collection::vec(change(), 1..60), 1..4)) {
            let names: Vec<Key> = ["a", "b", "c", "event_data", "user_email", "x", "", "a longer name than words", "y\"z"]
                .map(Key::new).into();
            let mut doc = Doc::new();
            for changes in &runs {
                doc.clear();
                let mut objects: Vec<NodeId> = (0..6).map(|_| doc.node(Data::EMPTY_OBJECT)).collect();
                for change in changes {
                    apply(&mut doc, &mut objects, &names, change);
                    for (object, key) in objects.iter().flat_map(|object| names.iter().map(move |key| (*object, key))) {
                        let expected = walked(&doc, object, key.name());
                        prop_assert_eq!(doc.get(object, key), expected);
                        prop_assert_eq!(doc.get_named(object, key.name()), expected);
                    }
                }
            }
        }
    }
}
