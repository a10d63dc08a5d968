//! What addresses lead to: a table that never grows beyond its memory, and that is read without a lock.
//!
//! Set-associative, as a processor's cache is: the hash of an address names a set of [`WAYS`] slots, and it stands in one
//! of them or nowhere. A slot has the answers of two views, since pipelines ask two databases about the same address,
//! one for the place and one for the network. Keys and answers of a set lie apart, so that a look-up reads a line of
//! each. A new address takes the place of one that is drawn by lot, since a log that is read from one end to the other
//! asks for its addresses in a circle, and the oldest would then always be the one that is needed next.
//!
//! # Readers and writers
//! The lines of a set are far away more often than not, and a lock would make whoever looks up wait for each of them
//! alone. So the sets are atomic words, and those of a shard have a version, which is odd while one of them is written
//! (a seqlock): a reader that meets another version behind its look than before it has found nothing.

use std::hint::black_box;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

use parking_lot::Mutex;
use smallvec::SmallVec;

/// Slots of a set.
const WAYS: usize = 8;

const SHARDS: usize = 64;

/// What is known of an address or record in one view.
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

/// An address with what else tells it apart; all zeros are none.
pub(crate) type Key<const N: usize> = [u64; N];

/// Slots with the same hash.
#[derive(Debug)]
#[repr(align(64))]
struct Set<const N: usize> {
    keys: [[AtomicU64; N]; WAYS],
    cells: [[AtomicU64; 2]; WAYS],
}

impl<const N: usize> Set<N> {
    fn empty() -> Self {
        Self {
            keys: [const { [const { AtomicU64::new(0) }; N] }; WAYS],
            cells: [const { [const { AtomicU64::new(0) }; 2] }; WAYS],
        }
    }

    fn find(&self, key: Key<N>) -> Option<usize> {
        self.keys
            .iter()
            .position(|own| own.iter().zip(key).all(|(own, word)| own.load(Ordering::Relaxed) == word))
    }

    fn put(&self, at: usize, view: usize, cell: Cell) {
        self.cells[at][view & 1].store(cell.0, Ordering::Relaxed);
    }
}

/// What the sets of a shard share.
#[derive(Debug)]
#[repr(align(64))]
struct Shard {
    version: AtomicU32,
    /// Held by who writes; draws who gives way.
    lot: Mutex<u32>,
}

/// A table of addresses.
pub(crate) struct Table<const N: usize> {
    sets: Box<[Set<N>]>,
    shards: Box<[Shard]>,
}

impl<const N: usize> Table<N> {
    /// `memory`: bytes that it may take; it has one set whatever that is.
    pub(crate) fn new(memory: usize) -> Self {
        let sets = (memory / size_of::<Set<N>>()).max(1);
        let shard = |_| Shard { version: AtomicU32::new(0), lot: Mutex::new(1) };
        Self { sets: (0..sets).map(|_| Set::empty()).collect(), shards: (0..SHARDS).map(shard).collect() }
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        size_of_val(&*self.sets)
    }

    /// Has the lines of some addresses fetched, then what `kept` fetches of their answers: of all at once, so that one
    /// waits for the slowest of them and not for each.
    pub(crate) fn foresee(&self, keys: impl Iterator<Item = Key<N>>, kept: impl Fn(NonZeroU64)) {
        let asked: SmallVec<[_; 32]> = keys.map(|key| (key, &self.sets[self.place(key)])).collect();
        for (_, set) in &asked {
            black_box(set.keys[0][0].load(Ordering::Relaxed));
            black_box(set.cells[0][0].load(Ordering::Relaxed));
            black_box(set.cells[WAYS / 2][0].load(Ordering::Relaxed));
        }
        for (key, set) in asked {
            let cells = set.find(key).map(|at| &set.cells[at]).into_iter().flatten();
            for cell in cells {
                if let Some(Known::Kept(handle)) = Cell(cell.load(Ordering::Relaxed)).known() {
                    kept(handle);
                }
            }
        }
    }

    /// What is known of an address in a view, the first or the second.
    pub(crate) fn find(&self, key: Key<N>, view: usize) -> Option<Known> {
        let place = self.place(key);
        let (set, shard) = (&self.sets[place], &self.shards[place % SHARDS]);
        let version = shard.version.load(Ordering::Acquire);
        let at = set.find(key)?;
        let cell = Cell(set.cells[at][view & 1].load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        if !version.is_multiple_of(2) || shard.version.load(Ordering::Relaxed) != version {
            return None;
        }
        cell.known()
    }

    /// Writes down what is known of an address in a view; `None`: that it has to be asked again.
    pub(crate) fn keep(&self, key: Key<N>, view: usize, known: Option<Known>) {
        let place = self.place(key);
        let (set, shard) = (&self.sets[place], &self.shards[place % SHARDS]);
        let mut lot = shard.lot.lock();
        let version = shard.version.load(Ordering::Relaxed);
        shard.version.store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        let at = set.find(key).unwrap_or_else(|| Self::enter(set, key, &mut lot));
        set.put(at, view, Cell::of(known));
        shard.version.store(version.wrapping_add(2), Ordering::Release);
    }

    /// Gives an address that is not there a slot: an empty one, else one that is drawn.
    fn enter(set: &Set<N>, key: Key<N>, lot: &mut u32) -> usize {
        // An xorshift: that it is even is all that matters.
        *lot ^= *lot << 13;
        *lot ^= *lot >> 17;
        *lot ^= *lot << 5;
        let at = set.find([0; N]).unwrap_or(*lot as usize % WAYS);
        for (own, word) in set.keys[at].iter().zip(key) {
            own.store(word, Ordering::Relaxed);
        }
        set.put(at, 0, Cell::UNASKED);
        set.put(at, 1, Cell::UNASKED);
        at
    }

    /// The set of an address: the upper half of its hash as a part of the number of sets, which need be no power of two.
    #[inline]
    fn place(&self, key: Key<N>) -> usize {
        let hash = key.iter().fold(0, |hash: u64, word| mix(hash.rotate_left(29) ^ word));
        (((hash >> 32) * self.sets.len() as u64) >> 32) as usize
    }
}

/// Mixes by a multiplication whose halves are folded, as fast hashes of integers do.
fn mix(bits: u64) -> u64 {
    let wide = u128::from(bits ^ 0x5851_f42d_4c95_7f2d) * 0x9e37_79b9_7f4a_7c15;
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    fn kept(number: u64) -> Option<Known> {
        NonZeroU64::new(number).map(Known::Kept)
    }

    #[test]
    fn a_set_of_short_keys_is_three_lines() {
        assert_eq!(size_of::<Set<1>>(), 192);
    }

    #[test]
    fn both_views_of_an_address_are_kept_and_apart() {
        let table = Table::new(1 << 16);
        table.keep([7], 0, kept(1));
        assert_eq!((table.find([7], 0), table.find([7], 1)), (kept(1), None));
        table.keep([7], 1, Some(Known::Nothing));
        assert_eq!((table.find([7], 0), table.find([7], 1)), (kept(1), Some(Known::Nothing)));
        table.keep([7], 0, None);
        assert_eq!((table.find([7], 0), table.find([7], 1)), (None, Some(Known::Nothing)));
    }

    /// Addresses that come in a circle, a fifth more of them than there is room for: most are found all the same.
    #[test]
    fn a_circle_that_is_too_long_is_not_lost_whole() {
        let memory = 192 * 1000;
        let table = Table::new(memory);
        let count = WAYS as u64 * 1000 * 6 / 5;
        let mut found = 0;
        for turn in 0..6 {
            for number in 1..=count {
                if table.find([number], 0).is_some() {
                    found += usize::from(turn == 5);
                } else {
                    table.keep([number], 0, kept(number));
                }
            }
        }
        assert!(table.size() <= memory);
        assert!(found > count as usize / 2, "{found} of {count}");
    }

    /// One set, which two threads write while another reads: what is found is always the address's own.
    #[test]
    fn nobody_reads_the_answer_of_another_address() {
        let table: Table<3> = Table::new(0);
        let over = AtomicBool::new(false);
        let key = |number: u64| [number, number << 1, number];
        std::thread::scope(|scope| {
            for from in [1, 2] {
                let (table, over) = (&table, &over);
                scope.spawn(move || {
                    for turn in 0..200_000_u64 {
                        let number = 1 + (turn * 7 + from) % 24;
                        table.keep(key(number), 0, kept(number));
                    }
                    over.store(true, Ordering::Relaxed);
                });
            }
            let mut found = 0_u64;
            let mut number = 1;
            while !over.load(Ordering::Relaxed) || found == 0 {
                number = 1 + number % 24;
                if let Some(known) = table.find(key(number), 0) {
                    assert_eq!(Some(known), kept(number));
                    found += 1;
                }
            }
        });
    }
}
