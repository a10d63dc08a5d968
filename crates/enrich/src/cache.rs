//! Answers that were given before: an address is decoded once, then its finished object is copied.
//!
//! One table for all views, cut into shards that worker threads seldom share. A shard is a set-associative table:
//! an address and view can stand in one of the four slots of one set, so a look-up reads at most two cache lines.
//! A shard starts small and doubles while its memory allows; from then on new answers push old ones out. An answer
//! is valid for one generation of its database, so a reload makes the old ones worthless at once, and their slots
//! are the first that are given away.

use std::net::IpAddr;

use event::{Doc, Fragment};
use ingest::lookup::GeoAnswer;
use parking_lot::Mutex;

const SHARDS: usize = 64;
const WAYS: usize = 4;
/// What an allocator adds to the three blocks of an answer.
const OVERHEAD: usize = 3 * 16;
/// Answers above this are not kept: one entry must not push out many.
const LARGEST_ANSWER: usize = 4096;

/// Whose answer it is: an address, the view that was asked, and the generation of the database behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CacheKey {
    /// High and low half; in two, so that a slot of the table has no padding.
    address: [u64; 2],
    view: u32,
    /// From 1; 0 marks an empty slot.
    generation: u32,
}

impl CacheKey {
    pub(crate) fn new(address: IpAddr, view: u32, generation: u32) -> Self {
        let address = number(address);
        Self { address: [(address >> 64) as u64, address as u64], view, generation }
    }

    /// Mixes address and view: a multiplication whose halves are folded, as fast hashes of integers do.
    fn hash(&self) -> u64 {
        const ODD: u128 = 0x9e37_79b9_7f4a_7c15;
        let [high, low] = self.address;
        let view = u64::from(self.view) << 48;
        let wide = u128::from(low ^ high.rotate_left(29) ^ view ^ 0x5851_f42d_4c95_7f2d) * ODD;
        (wide as u64) ^ ((wide >> 64) as u64)
    }
}

/// An address as a number; all IPv4 addresses lie in `::ffff:0:0/96`.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[derive(Clone, Debug)]
struct Slot {
    key: CacheKey,
    /// `None`: the database does not know the address.
    answer: Option<Box<Fragment>>,
}

impl Slot {
    const EMPTY: Self = Self { key: CacheKey { address: [0; 2], view: 0, generation: 0 }, answer: None };

    fn is_empty(&self) -> bool {
        self.key.generation == 0
    }

    fn size(&self) -> usize {
        self.answer.as_ref().map_or(0, |answer| size_of::<Fragment>() + answer.size() + OVERHEAD)
    }
}

/// A bounded table of answers.
pub(crate) struct Cache {
    shards: Box<[Mutex<Shard>]>,
}

impl Cache {
    /// `memory`: bytes that slots and answers may take in all.
    pub(crate) fn new(memory: usize) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::new(Shard::new(memory / SHARDS))).collect() }
    }

    /// Copies an answer that was kept into `doc`.
    pub(crate) fn find(&self, key: CacheKey, doc: &mut Doc) -> Option<GeoAnswer> {
        let hash = key.hash();
        let shard = self.shard(hash).lock();
        let slot = shard.set(hash).iter().find(|slot| slot.key == key)?;
        Some(slot.answer.as_ref().map_or(GeoAnswer::NotFound, |answer| GeoAnswer::Found(doc.graft(answer))))
    }

    /// Keeps an answer, in the place of another if need be.
    pub(crate) fn keep(&self, key: CacheKey, answer: Option<Fragment>) {
        if answer.as_ref().is_some_and(|answer| answer.size() > LARGEST_ANSWER) {
            return;
        }
        let hash = key.hash();
        self.shard(hash).lock().keep(hash, Slot { key, answer: answer.map(Box::new) });
    }

    fn shard(&self, hash: u64) -> &Mutex<Shard> {
        &self.shards[hash as usize % SHARDS]
    }

    #[cfg(test)]
    fn size(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().size()).sum()
    }
}

struct Shard {
    /// Sets of [`WAYS`] slots; their number is a power of two.
    slots: Vec<Slot>,
    used: usize,
    /// Bytes of all answers.
    answers: usize,
    memory: usize,
    /// The set that is emptied next when memory is short.
    hand: usize,
}

impl Shard {
    const FIRST: usize = 8 * WAYS;

    fn new(memory: usize) -> Self {
        Self { slots: vec![Slot::EMPTY; Self::FIRST], used: 0, answers: 0, memory, hand: 0 }
    }

    fn size(&self) -> usize {
        self.slots.len() * size_of::<Slot>() + self.answers
    }

    fn set_start(&self, hash: u64) -> usize {
        let sets = self.slots.len() / WAYS;
        ((hash >> 32) as usize & (sets - 1)) * WAYS
    }

    fn set(&self, hash: u64) -> &[Slot] {
        let start = self.set_start(hash);
        &self.slots[start..start + WAYS]
    }

    fn keep(&mut self, hash: u64, slot: Slot) {
        // Half full, some sets overflow already.
        if 2 * self.used >= self.slots.len() && 2 * self.size() <= self.memory {
            self.grow();
        }
        while self.size() + slot.size() > self.memory && self.used > 0 {
            self.empty_next_set();
        }
        self.place(hash, slot);
    }

    /// Takes the slot of the same address and view, whatever its generation; else an empty one; else the set's
    /// last, and moves it to the front: the one that was longest there goes.
    fn place(&mut self, hash: u64, slot: Slot) {
        let start = self.set_start(hash);
        let set = &mut self.slots[start..start + WAYS];
        let same = |old: &Slot| (old.key.address, old.key.view) == (slot.key.address, slot.key.view);
        let at =
            set.iter().position(same).or_else(|| set.iter().position(Slot::is_empty)).unwrap_or(WAYS - 1);
        let size = slot.size();
        let old = std::mem::replace(&mut set[at], slot);
        set[..=at].rotate_right(1);
        self.used += usize::from(old.is_empty());
        self.answers = self.answers + size - old.size();
    }

    fn grow(&mut self) {
        let twice = vec![Slot::EMPTY; 2 * self.slots.len()];
        let old = std::mem::replace(&mut self.slots, twice);
        (self.used, self.answers, self.hand) = (0, 0, 0);
        for slot in old.into_iter().rev().filter(|slot| !slot.is_empty()) {
            self.place(slot.key.hash(), slot);
        }
    }

    fn empty_next_set(&mut self) {
        for slot in &mut self.slots[self.hand..self.hand + WAYS] {
            let old = std::mem::replace(slot, Slot::EMPTY);
            self.used -= usize::from(!old.is_empty());
            self.answers -= old.size();
        }
        self.hand = (self.hand + WAYS) % self.slots.len();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    fn key(address: u32, view: u32, generation: u32) -> CacheKey {
        CacheKey::new(Ipv4Addr::from_bits(address).into(), view, generation)
    }

    fn fragment(text: &str) -> Fragment {
        Fragment::from_value(&serde_json::json!({ "city_name": text }))
    }

    fn read(cache: &Cache, key: CacheKey) -> Option<Option<String>> {
        let mut doc = Doc::new();
        cache.find(key, &mut doc).map(|answer| match answer {
            GeoAnswer::Found(node) => Some(doc.json(node)),
            _ => None,
        })
    }

    #[test]
    fn a_slot_is_half_a_cache_line() {
        assert_eq!(size_of::<Slot>(), 32);
    }

    #[test]
    fn memory_stays_within_its_bounds_and_the_newest_answer_is_there() {
        let memory = 1 << 20;
        let cache = Cache::new(memory);
        let long = "x".repeat(500);
        for address in 0..50_000 {
            cache.keep(key(address, 0, 1), Some(fragment(&long)));
            assert!(read(&cache, key(address, 0, 1)).is_some());
        }
        assert!(cache.size() <= memory, "{}", cache.size());
        assert!(cache.size() > memory / 2, "{}", cache.size());
        cache.keep(key(1, 7, 1), Some(fragment(&"x".repeat(LARGEST_ANSWER))));
        assert_eq!(read(&cache, key(1, 7, 1)), None);
    }

    #[test]
    fn most_answers_are_found_again_while_memory_allows() {
        let cache = Cache::new(64 << 20);
        let count = 100_000;
        for address in 0..count {
            cache.keep(key(address, 0, 1), None);
        }
        let found = (0..count).filter(|&address| read(&cache, key(address, 0, 1)).is_some()).count();
        assert!(found > count as usize * 9 / 10, "{found}");
    }

    proptest! {
        /// Whatever was kept and pushed out: an answer is the newest for its key, or there is none.
        #[test]
        fn answers_are_never_wrong(
            steps in prop::collection::vec((0u32..200, 0u32..3, 1u32..4, prop::option::of("[a-z]{0,90}")), 1..600),
            memory in 0usize..400_000,
        ) {
            let cache = Cache::new(memory);
            let mut newest = HashMap::new();
            for (address, view, generation, answer) in steps {
                cache.keep(key(address, view, generation), answer.as_deref().map(fragment));
                newest.insert((address, view, generation), answer);
            }
            for ((address, view, generation), answer) in newest {
                if let Some(found) = read(&cache, key(address, view, generation)) {
                    let expected = answer.map(|text| format!("{{\"city_name\":\"{text}\"}}"));
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}
