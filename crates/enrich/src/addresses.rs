//! What addresses lead to: a table that never grows beyond its memory.
//!
//! Set-associative, as a processor's cache is: the hash of an address names a set of [`WAYS`] slots, and it stands in one
//! of them or nowhere. A slot has the answers of two views, since pipelines ask two databases about the same address,
//! one for the place and one for the network. Keys and answers of a set lie apart, so that a look-up reads a line of
//! each. A table starts small and doubles while it may; then a new address takes the place of one that is drawn by lot,
//! since a log that is read from one end to the other asks for its addresses in a circle, and the oldest would then
//! always be the one that is needed next.

use std::num::NonZeroU64;

/// Slots of a set.
const WAYS: usize = 8;

/// What is known of an address in one view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The database does not have it.
    Nothing,
    /// Where the answer is kept.
    Kept(NonZeroU64),
}

/// [`Known`], or that nobody asked yet, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell(u64);

impl Cell {
    const UNASKED: Self = Self(0);
    const NOTHING: Self = Self(u64::MAX);

    fn of(known: Option<Known>) -> Self {
        match known {
            None => Self::UNASKED,
            Some(Known::Nothing) => Self::NOTHING,
            Some(Known::Kept(handle)) => Self(handle.get()),
        }
    }

    fn known(self) -> Option<Known> {
        match self {
            Self::NOTHING => Some(Known::Nothing),
            Self(handle) => NonZeroU64::new(handle).map(Known::Kept),
        }
    }
}

/// Slots with the same hash.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Set<K> {
    /// The default key marks an empty slot.
    keys: [K; WAYS],
    cells: [[Cell; 2]; WAYS],
}

/// A key of a [`Table`]. Its default stands for none.
pub(crate) trait Key: Copy + Default + PartialEq {
    /// Well mixed in all bits.
    fn hash(self) -> u64;
}

/// A table of addresses.
pub(crate) struct Table<K> {
    sets: Vec<Set<K>>,
    used: usize,
    /// Sets that there may be.
    most: usize,
    /// Draws who gives way.
    lot: u32,
}

impl<K: Key> Table<K> {
    /// `memory`: bytes that it may take; it has one set whatever that is.
    pub(crate) fn new(memory: usize) -> Self {
        let most = (memory / size_of::<Set<K>>()).max(1);
        Self { sets: vec![Self::empty(); most.min(4)], used: 0, most, lot: 1 }
    }

    fn empty() -> Set<K> {
        Set { keys: [K::default(); WAYS], cells: [[Cell::UNASKED; 2]; WAYS] }
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.sets.len() * size_of::<Set<K>>()
    }

    /// What is known of an address in a view, the first or the second.
    pub(crate) fn find(&self, key: K, view: usize) -> Option<Known> {
        let set = &self.sets[self.place(key)];
        let at = set.keys.iter().position(|own| *own == key)?;
        set.cells[at][view & 1].known()
    }

    /// Writes down what is known of an address in a view; `None`: that it has to be asked again.
    pub(crate) fn keep(&mut self, key: K, view: usize, known: Option<Known>) {
        let place = self.place(key);
        let is_there = |own: &K| *own == key;
        if !self.sets[place].keys.iter().any(is_there) {
            // Three quarters full, sets begin to overflow.
            if 4 * self.used >= 3 * WAYS * self.sets.len() && self.sets.len() < self.most {
                self.grow();
            }
            self.enter(key, [Cell::UNASKED; 2]);
        }
        let place = self.place(key);
        let set = &mut self.sets[place];
        if let Some(at) = set.keys.iter().position(is_there) {
            set.cells[at][view & 1] = Cell::of(known);
        }
    }

    /// Gives an address that is not there a slot: an empty one, else one that is drawn.
    fn enter(&mut self, key: K, cells: [Cell; 2]) {
        // An xorshift: that it is even is all that matters.
        self.lot ^= self.lot << 13;
        self.lot ^= self.lot >> 17;
        self.lot ^= self.lot << 5;
        let (place, drawn) = (self.place(key), self.lot as usize % WAYS);
        let set = &mut self.sets[place];
        let empty = set.keys.iter().position(|own| *own == K::default());
        self.used += usize::from(empty.is_some());
        let at = empty.unwrap_or(drawn);
        (set.keys[at], set.cells[at]) = (key, cells);
    }

    fn grow(&mut self) {
        let sets = (2 * self.sets.len()).min(self.most);
        let old = std::mem::replace(&mut self.sets, vec![Self::empty(); sets]);
        self.used = 0;
        for set in &old {
            for (key, cells) in set.keys.iter().zip(set.cells).filter(|(key, _)| **key != K::default()) {
                self.enter(*key, cells);
            }
        }
    }

    /// The set of an address: the upper half of its hash as a part of the number of sets, which need be no power of two.
    fn place(&self, key: K) -> usize {
        (((key.hash() >> 32) * self.sets.len() as u64) >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Default, PartialEq, Debug)]
    struct Number(u64);

    impl Key for Number {
        fn hash(self) -> u64 {
            self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        }
    }

    fn kept(number: u64) -> Option<Known> {
        NonZeroU64::new(number).map(Known::Kept)
    }

    #[test]
    fn a_set_of_short_keys_is_three_lines() {
        assert_eq!(size_of::<Set<u64>>(), 192);
    }

    #[test]
    fn both_views_of_an_address_are_kept_and_apart() {
        let mut table = Table::new(1 << 16);
        table.keep(Number(7), 0, kept(1));
        assert_eq!((table.find(Number(7), 0), table.find(Number(7), 1)), (kept(1), None));
        table.keep(Number(7), 1, Some(Known::Nothing));
        assert_eq!((table.find(Number(7), 0), table.find(Number(7), 1)), (kept(1), Some(Known::Nothing)));
        table.keep(Number(7), 0, None);
        assert_eq!((table.find(Number(7), 0), table.find(Number(7), 1)), (None, Some(Known::Nothing)));
    }

    /// Addresses that come in a circle, a fifth more of them than there is room for: most are found all the same.
    #[test]
    fn a_circle_that_is_too_long_is_not_lost_whole() {
        let memory = 192 * 1000;
        let mut table = Table::new(memory);
        let count = WAYS as u64 * 1000 * 6 / 5;
        let mut found = 0;
        for turn in 0..6 {
            for number in 1..=count {
                if table.find(Number(number), 0).is_some() {
                    found += usize::from(turn == 5);
                } else {
                    table.keep(Number(number), 0, kept(number));
                }
            }
        }
        assert!(table.size() <= memory);
        assert!(found > count as usize / 2, "{found} of {count}");
    }
}
