//! Answers that were given before: an address is looked up once, a record is decoded once, then its finished object is
//! copied.
//!
//! Many addresses share a record of a database, so there are two tables, of all views. One, in `addresses`, knows what an
//! address leads to; the other, in `answers`, keeps the objects. Both are cut into shards that worker threads seldom share.
//! What is kept is valid for one epoch: a reload of any database begins a new one and makes the old worthless at once.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use event::{Doc, Fragment};
use ingest::lookup::GeoAnswer;
use parking_lot::Mutex;

use crate::addresses::{Key, Known, Table};
use crate::answers::{Answers, RecordKey};

const SHARDS: usize = 64;

/// Counts the databases that came, changed or went.
#[derive(Clone, Default)]
pub(crate) struct Epoch(Arc<AtomicU32>);

impl Epoch {
    /// Begins a new one, after a database has changed.
    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// The present one, to be asked for before a database is: what that says is then never kept for a later one.
    pub(crate) fn now(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }
}

/// Whose answer it is: an address and the view that was asked, in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    address: IpAddr,
    view: u32,
    epoch: u32,
}

impl CacheKey {
    /// Of an address in its canonical form.
    pub(crate) fn new(address: IpAddr, view: u32, epoch: u32) -> Self {
        Self { address, view, epoch }
    }

    /// The address.
    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }

    /// Views that were made one after the other share the slots of their addresses. The epochs that fit go round in
    /// sixteen million; a slot does not outlive that many.
    fn tag(&self) -> Option<u32> {
        let pair = u8::try_from(self.view / 2).ok()?;
        Some(u32::from(pair) << 24 | (self.epoch.wrapping_add(1) & 0x00ff_ffff))
    }
}

/// An IPv4 address and a tag.
type Short = u64;

/// An IPv6 address, high and low half, and a tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Long([u64; 2], u32);

/// Mixes by a multiplication whose halves are folded, as fast hashes of integers do.
fn mix(bits: u64) -> u64 {
    let wide = u128::from(bits ^ 0x5851_f42d_4c95_7f2d) * 0x9e37_79b9_7f4a_7c15;
    (wide as u64) ^ ((wide >> 64) as u64)
}

impl Key for Short {
    fn hash(self) -> u64 {
        mix(self)
    }
}

impl Key for Long {
    fn hash(self) -> u64 {
        let Self([high, low], tag) = self;
        mix(low ^ high.rotate_left(29) ^ u64::from(tag) << 32)
    }
}

/// Bounded tables of answers.
pub(crate) struct Cache {
    short: Box<[Mutex<Table<Short>>]>,
    long: Box<[Mutex<Table<Long>>]>,
    answers: Answers,
}

fn shards<K: Key>(memory: usize) -> Box<[Mutex<Table<K>>]> {
    (0..SHARDS).map(|_| Mutex::new(Table::new(memory / SHARDS))).collect()
}

fn shard<K: Key>(shards: &[Mutex<Table<K>>], key: K) -> &Mutex<Table<K>> {
    &shards[key.hash() as usize % SHARDS]
}

impl Cache {
    /// `memory`: bytes that addresses and answers may take in all.
    pub(crate) fn new(memory: usize) -> Self {
        Self {
            short: shards(memory / 16 * 9),
            long: shards(memory / 16 * 3),
            answers: Answers::new(memory / 4),
        }
    }

    /// Copies the answer of an address that was asked before into `doc`.
    pub(crate) fn find(&self, key: CacheKey, doc: &mut Doc) -> Option<GeoAnswer> {
        match self.known(key)? {
            Known::Kept(handle) => self.answers.copy(handle, doc).map(GeoAnswer::Found),
            Known::Nothing => Some(GeoAnswer::NotFound),
        }
    }

    /// Copies the answer of a record that another address has led to, and keeps that this one does as well.
    pub(crate) fn find_record(&self, key: CacheKey, record: RecordKey, doc: &mut Doc) -> Option<GeoAnswer> {
        let (handle, node) = self.answers.find(record, doc)?;
        self.note(key, Some(Known::Kept(handle)));
        Some(GeoAnswer::Found(node))
    }

    /// Keeps an answer, in the place of another if need be.
    pub(crate) fn keep(&self, key: CacheKey, answer: Option<(RecordKey, Fragment)>) {
        let known = match answer {
            None => Some(Known::Nothing),
            Some((record, answer)) => self.answers.keep(record, answer).map(Known::Kept),
        };
        self.note(key, known);
    }

    fn known(&self, key: CacheKey) -> Option<Known> {
        let (tag, view) = (key.tag()?, key.view as usize);
        match key.address {
            IpAddr::V4(address) => {
                let key = short(address, tag);
                shard(&self.short, key).lock().find(key, view)
            }
            IpAddr::V6(address) => {
                let key = long(address, tag);
                shard(&self.long, key).lock().find(key, view)
            }
        }
    }

    fn note(&self, key: CacheKey, known: Option<Known>) {
        let (Some(tag), view) = (key.tag(), key.view as usize) else { return };
        match key.address {
            IpAddr::V4(address) => {
                let key = short(address, tag);
                shard(&self.short, key).lock().keep(key, view, known);
            }
            IpAddr::V6(address) => {
                let key = long(address, tag);
                shard(&self.long, key).lock().keep(key, view, known);
            }
        }
    }

    #[cfg(test)]
    fn size(&self) -> usize {
        self.short.iter().map(|shard| shard.lock().size()).sum::<usize>()
            + self.long.iter().map(|shard| shard.lock().size()).sum::<usize>()
            + self.answers.size()
    }
}

fn short(address: Ipv4Addr, tag: u32) -> Short {
    u64::from(address.to_bits()) << 32 | u64::from(tag)
}

fn long(address: Ipv6Addr, tag: u32) -> Long {
    let bits = address.to_bits();
    Long([(bits >> 64) as u64, bits as u64], tag)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::answers::LARGEST_ANSWER;

    /// Half of the addresses are of each kind.
    fn key(address: u32, view: u32, epoch: u32) -> CacheKey {
        let v4 = Ipv4Addr::from_bits(address);
        let address = if address.is_multiple_of(2) { v4.into() } else { v4.to_ipv6_compatible().into() };
        CacheKey::new(address, view, epoch)
    }

    /// An answer, of a record of its own.
    fn answer(key: CacheKey, text: &str) -> (RecordKey, Fragment) {
        (
            RecordKey::of_address(key.view, key.epoch, key.address),
            Fragment::from_value(&serde_json::json!({ "city_name": text })),
        )
    }

    fn read(cache: &Cache, key: CacheKey) -> Option<Option<String>> {
        let mut doc = Doc::new();
        cache.find(key, &mut doc).map(|answer| match answer {
            GeoAnswer::Found(node) => Some(doc.json(node)),
            _ => None,
        })
    }

    #[test]
    fn memory_stays_within_its_bounds_and_the_newest_answer_is_there() {
        let memory = 1 << 20;
        let cache = Cache::new(memory);
        let long = "x".repeat(500);
        for address in 0..50_000 {
            cache.keep(key(address, 0, 1), Some(answer(key(address, 0, 1), &long)));
            assert!(read(&cache, key(address, 0, 1)).is_some());
        }
        assert!(cache.size() <= memory, "{}", cache.size());
        assert!(cache.size() > memory / 2, "{}", cache.size());
        cache.keep(key(1, 7, 1), Some(answer(key(1, 7, 1), &"x".repeat(LARGEST_ANSWER))));
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

    #[test]
    fn addresses_of_one_record_share_its_answer() {
        let cache = Cache::new(1 << 20);
        let record = RecordKey::of_record(0, 1, 77);
        cache.keep(key(1, 0, 1), Some((record, answer(key(1, 0, 1), "here").1)));
        let mut doc = Doc::new();
        assert!(cache.find(key(2, 0, 1), &mut doc).is_none());
        assert!(cache.find_record(key(2, 0, 1), record, &mut doc).is_some());
        assert_eq!(read(&cache, key(2, 0, 1)), Some(Some("{\"city_name\":\"here\"}".to_owned())));
        assert!(cache.find_record(key(3, 0, 2), RecordKey::of_record(0, 2, 77), &mut doc).is_none());
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
            for (address, view, generation, text) in steps {
                let key = key(address, view, generation);
                cache.keep(key, text.as_deref().map(|text| answer(key, text)));
                newest.insert((address, view, generation), text);
            }
            for ((address, view, generation), text) in newest {
                if let Some(found) = read(&cache, key(address, view, generation)) {
                    let expected = text.map(|text| format!("{{\"city_name\":\"{text}\"}}"));
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}
