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
const SLOTS: usize = 256;

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
