//! Answers that were given before: an address is looked up once, a record is decoded once, then its finished object is
//! copied.
//!
//! Many addresses share a record of a database, so the objects of all views lie apart, in `answers`, and tables as in
//! `addresses` know which of them an address or a record leads to.
//! What is kept is valid for one epoch: a reload of any database begins a new one and makes the old worthless at once.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use event::{Doc, Fragment};
use ingest::lookup::GeoAnswer;

use crate::addresses::{Key, Known, Table};
use crate::answers::Answers;

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
    #[inline]
    fn tag(&self) -> Option<u32> {
        let pair = u8::try_from(self.view / 2).ok()?;
        Some(u32::from(pair) << 24 | (self.epoch.wrapping_add(1) & 0x00ff_ffff))
    }
}

/// Which record it is, for a view, in one generation of its database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordKey {
    view: u32,
    generation: u32,
    offset: usize,
}

impl RecordKey {
    /// `offset`: its place in the database.
    pub(crate) fn new(view: u32, generation: u32, offset: usize) -> Self {
        Self { view, generation, offset }
    }

    fn words(self) -> Key<2> {
        [u64::from(self.view / 2) << 32 | u64::from(self.generation), self.offset as u64 + 1]
    }
}

/// Bounded tables of answers.
pub(crate) struct Cache {
    /// IPv4 addresses and tags.
    short: Table<1>,
    /// IPv6 addresses, high and low half, and tags; made for the first one that comes.
    long: OnceLock<Table<3>>,
    long_memory: usize,
    records: Table<2>,
    answers: Answers,
}

impl Cache {
    /// `memory`: bytes that addresses and answers may take in all.
    pub(crate) fn new(memory: usize) -> Self {
        Self {
            short: Table::new(memory / 16 * 11),
            long: OnceLock::new(),
            long_memory: memory / 16 * 2,
            records: Table::new(memory / 32),
            answers: Answers::new(memory / 32 * 5),
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
        let known = self.records.find(record.words(), record.view as usize)?;
        let Known::Kept(handle) = known else { return None };
        let node = self.answers.copy(handle, doc)?;
        self.note(key, Some(known));
        Some(GeoAnswer::Found(node))
    }

    /// Keeps an answer, in the place of another if need be; with the record that has it, unless it is of the address
    /// alone.
    pub(crate) fn keep(&self, key: CacheKey, record: Option<RecordKey>, answer: Option<&Fragment>) {
        let known = match answer {
            None => Some(Known::Nothing),
            Some(answer) => self.answers.keep(answer).map(Known::Kept),
        };
        if let (Some(record), Some(Known::Kept(_))) = (record, known) {
            self.records.keep(record.words(), record.view as usize, known);
        }
        self.note(key, known);
    }

    /// Has what is known of some addresses fetched from memory, in all views of them.
    pub(crate) fn foresee(&self, keys: impl Iterator<Item = CacheKey> + Clone) {
        let short_keys = keys.clone().filter_map(|key| match key.address {
            IpAddr::V4(address) => Some(short(address, key.tag()?)),
            IpAddr::V6(_) => None,
        });
        self.short.foresee(short_keys, |handle| self.answers.foresee(handle));
        if let Some(table) = self.long.get() {
            let long_keys = keys.filter_map(|key| match key.address {
                IpAddr::V6(address) => Some(long(address, key.tag()?)),
                IpAddr::V4(_) => None,
            });
            table.foresee(long_keys, |handle| self.answers.foresee(handle));
        }
    }

    fn known(&self, key: CacheKey) -> Option<Known> {
        let (tag, view) = (key.tag()?, key.view as usize);
        match key.address {
            IpAddr::V4(address) => self.short.find(short(address, tag), view),
            IpAddr::V6(address) => self.long.get()?.find(long(address, tag), view),
        }
    }

    fn note(&self, key: CacheKey, known: Option<Known>) {
        let (Some(tag), view) = (key.tag(), key.view as usize) else { return };
        match key.address {
            IpAddr::V4(address) => self.short.keep(short(address, tag), view, known),
            IpAddr::V6(address) => {
                let table = self.long.get_or_init(|| Table::new(self.long_memory));
                table.keep(long(address, tag), view, known);
            }
        }
    }

    #[cfg(test)]
    fn size(&self) -> usize {
        self.short.size() + self.long.get().map_or(0, Table::size) + self.records.size() + self.answers.size()
    }
}

fn short(address: Ipv4Addr, tag: u32) -> Key<1> {
    [u64::from(address.to_bits()) << 32 | u64::from(tag)]
}

fn long(address: Ipv6Addr, tag: u32) -> Key<3> {
    let bits = address.to_bits();
    [(bits >> 64) as u64, bits as u64, u64::from(tag)]
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

    fn answer(text: &str) -> Fragment {
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
    fn memory_stays_within_its_bounds_and_the_newest_answer_is_there() {
        let memory = 1 << 20;
        let cache = Cache::new(memory);
        let long = "x".repeat(500);
        for address in 0..50_000 {
            cache.keep(key(address, 0, 1), None, Some(&answer(&long)));
            assert!(read(&cache, key(address, 0, 1)).is_some());
        }
        assert!(cache.size() <= memory, "{}", cache.size());
        assert!(cache.size() > memory / 2, "{}", cache.size());
        cache.keep(key(1, 7, 1), None, Some(&answer(&"x".repeat(LARGEST_ANSWER))));
        assert_eq!(read(&cache, key(1, 7, 1)), None);
    }

    #[test]
    fn most_answers_are_found_again_while_memory_allows() {
        let cache = Cache::new(64 << 20);
        let count = 100_000;
        for address in 0..count {
            cache.keep(key(address, 0, 1), None, None);
        }
        let found = (0..count).filter(|&address| read(&cache, key(address, 0, 1)).is_some()).count();
        assert!(found > count as usize * 9 / 10, "{found}");
    }

    #[test]
    fn addresses_of_one_record_share_its_answer() {
        let cache = Cache::new(1 << 20);
        let record = RecordKey::new(0, 1, 77);
        cache.keep(key(1, 0, 1), Some(record), Some(&answer("here")));
        let mut doc = Doc::new();
        assert!(cache.find(key(2, 0, 1), &mut doc).is_none());
        assert!(cache.find_record(key(2, 0, 1), record, &mut doc).is_some());
        assert_eq!(read(&cache, key(2, 0, 1)), Some(Some("{\"city_name\":\"here\"}".to_owned())));
        assert!(cache.find_record(key(3, 0, 2), RecordKey::new(0, 2, 77), &mut doc).is_none());
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
                cache.keep(key, None, text.as_deref().map(answer).as_ref());
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
