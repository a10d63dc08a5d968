//! Finished objects of records, for all addresses that lead to them.
//!
//! An object is copied from here again and again. What the objects of many records have in common, the names of their
//! fields, is kept once for each shard. New ones push the oldest out when memory is short; a [`Handle`] of one
//! that is gone is known by its stamp.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use event::doc::Shape;
use event::{Doc, Fragment, NodeId};
use parking_lot::Mutex;

const SHARDS: usize = 16;

/// Answers above this are not kept: one must not push out many.
pub(crate) const LARGEST_ANSWER: usize = 4096;

/// What an allocator adds to the two blocks of an answer.
const OVERHEAD: usize = 2 * 16;

/// Which answer it is: that of a view, in one generation of its database, to a record; or to an address where the answer
/// holds more than the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RecordKey {
    view: u32,
    generation: u32,
    of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Of {
    Record(usize),
    Address(IpAddr),
}

impl RecordKey {
    /// Of a record, by its place in the database.
    pub(crate) fn of_record(view: u32, generation: u32, offset: usize) -> Self {
        Self { view, generation, of: Of::Record(offset) }
    }

    /// Of an address alone.
    pub(crate) fn of_address(view: u32, generation: u32, address: IpAddr) -> Self {
        Self { view, generation, of: Of::Address(address) }
    }
}

/// A kept answer: the stamp of what is there; above it, slot and shard, which are never all ones.
pub(crate) type Handle = NonZeroU64;

/// A bounded table of answers.
pub(crate) struct Answers {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
}

impl Answers {
    /// `memory`: bytes that they may take in all.
    pub(crate) fn new(memory: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard::new(memory / SHARDS))).collect();
        Self { shards, hasher: RandomState::new() }
    }

    /// Copies an answer into `doc`; `None` when it is gone.
    pub(crate) fn copy(&self, handle: Handle, doc: &mut Doc) -> Option<NodeId> {
        let (slot, stamp) = ((handle.get() >> 32) as usize, handle.get() as u32);
        let shard = self.shards[slot % SHARDS].lock();
        let entry = shard.entries.get(slot / SHARDS)?;
        (entry.stamp.get() == stamp).then(|| doc.graft(&entry.answer))
    }

    /// Copies a record's answer into `doc`, and gives its handle.
    pub(crate) fn find(&self, record: RecordKey, doc: &mut Doc) -> Option<(Handle, NodeId)> {
        let at = self.shard_of(record);
        let shard = self.shards[at].lock();
        let index = *shard.by_record.get(&record)?;
        let entry = shard.entries.get(index as usize)?;
        Some((handle(at, index, entry.stamp), doc.graft(&entry.answer)))
    }

    /// Keeps a record's answer; `None` where it is too large for that.
    pub(crate) fn keep(&self, record: RecordKey, answer: Fragment) -> Option<Handle> {
        let at = self.shard_of(record);
        let mut shard = self.shards[at].lock();
        let (index, stamp) = shard.keep(record, answer)?;
        Some(handle(at, index, stamp))
    }

    fn shard_of(&self, record: RecordKey) -> usize {
        self.hasher.hash_one(record) as usize % SHARDS
    }

    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().bytes).sum()
    }
}

fn handle(shard: usize, index: u32, stamp: NonZeroU32) -> Handle {
    NonZeroU64::from(stamp) | u64::from(index * SHARDS as u32 + shard as u32) << 32
}

struct Entry {
    record: RecordKey,
    stamp: NonZeroU32,
    answer: Fragment,
    /// What it takes, with its place in the index, and with its shape where no other answer has it.
    bytes: usize,
}

struct Shard {
    entries: Vec<Entry>,
    /// Of the answers: a view gives few kinds of objects, by what is known of a place.
    shapes: Vec<Arc<Shape>>,
    by_record: HashMap<RecordKey, u32>,
    bytes: usize,
    /// Bytes of the shapes, which `bytes` has as well.
    listed: usize,
    memory: usize,
    /// The entry that gives way next when memory is short.
    hand: usize,
    /// Grows with every answer.
    stamp: NonZeroU32,
}

impl Shard {
    fn new(memory: usize) -> Self {
        Self {
            entries: Vec::new(),
            shapes: Vec::new(),
            by_record: HashMap::new(),
            bytes: 0,
            listed: 0,
            memory,
            hand: 0,
            stamp: NonZeroU32::MIN,
        }
    }

    fn keep(&mut self, record: RecordKey, mut answer: Fragment) -> Option<(u32, NonZeroU32)> {
        let shape = answer.shape().size() + OVERHEAD;
        if answer.size() + shape > LARGEST_ANSWER {
            return None;
        }
        let mut bytes = size_of::<Entry>() + 2 * size_of::<(RecordKey, u32)>() + answer.size() + OVERHEAD;
        if !answer.share(&self.shapes) {
            if 4 * (self.listed + shape) <= self.memory {
                self.shapes.push(Arc::clone(answer.shape()));
                self.listed += shape;
                self.bytes += shape;
            } else {
                bytes += shape;
            }
        }
        if self.listed + bytes > self.memory {
            return None;
        }
        self.stamp = self.stamp.checked_add(1).unwrap_or(NonZeroU32::MIN);
        let entry = Entry { record, stamp: self.stamp, answer, bytes };
        let index = match self.by_record.get(&record) {
            Some(index) => self.put(*index as usize, entry),
            None if self.bytes + bytes <= self.memory || self.entries.is_empty() => {
                self.bytes += bytes;
                self.entries.push(entry);
                self.entries.len() - 1
            }
            None => {
                self.hand = (self.hand + 1) % self.entries.len();
                self.put(self.hand, entry)
            }
        };
        self.by_record.insert(record, index as u32);
        // One that is larger than what it took the place of.
        while self.bytes > self.memory
            && let Some(last) = self.entries.pop_if(|last| last.record != record)
        {
            self.bytes -= last.bytes;
            self.by_record.remove(&last.record);
        }
        Some((index as u32, self.stamp))
    }

    /// Puts an answer in the place of another.
    fn put(&mut self, index: usize, entry: Entry) -> usize {
        self.bytes += entry.bytes;
        let old = std::mem::replace(&mut self.entries[index], entry);
        self.bytes -= old.bytes;
        self.by_record.remove(&old.record);
        index
    }
}
