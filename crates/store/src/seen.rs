//! Which (data stream, `_id`) are stored already.
//!
//! A unique index on random ids would write random pages and halve the speed. So some bits of a hash of every stored
//! key are kept in memory; who finds them compares the key in the file. The newest keys are in a hash table that
//! grows, at 12 bytes each. When there are enough of them they are packed into a [`Part`], which never changes again and
//! takes 4.5.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// A part's entries have so many bits for the row, and the others for the hash.
const ROW_BITS: u32 = 20;
/// Keys of a bucket, in the mean.
const BUCKET: usize = 8;

/// The hashes of all stored keys by row. The hash is seeded anew at each start, so nobody can aim at collisions.
#[derive(Debug)]
pub(crate) struct Seen {
    hasher: RandomState,
    /// Rows of a part; at most 2^20.
    length: usize,
    parts: Vec<Part>,
    /// The hashes of the rows behind the parts.
    hashes: Vec<u32>,
    /// Those rows, counted from the first behind the parts.
    rows: HashTable<u32>,
}

/// The keys of some rows: buckets by the upper bits of their hash, one behind the other.
#[derive(Debug)]
struct Part {
    /// Where each bucket begins, and the last one ends.
    starts: Vec<u32>,
    /// The lower bits of the hash above the row.
    entries: Vec<u32>,
}

/// Spreads 32 bits over 64, since the table takes its tag from the upper ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Seen {
    /// With parts of so many rows.
    pub(crate) fn new(length: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            length: length.min(1 << ROW_BITS),
            parts: Vec::new(),
            hashes: Vec::new(),
            rows: HashTable::new(),
        }
    }

    /// The hash of a key.
    pub(crate) fn hash(&self, stream: &str, id: &str) -> u32 {
        self.hasher.hash_one((stream, id)) as u32
    }

    /// Rows whose key may be the one with this hash.
    pub(crate) fn candidates(&self, hash: u32) -> Vec<u32> {
        let packed = self.parts.iter().enumerate().flat_map(|(part, keys)| {
            let first = (part * self.length) as u32;
            keys.candidates(hash).map(move |row| first + row)
        });
        let first = self.first() as u32;
        let same = self.rows.iter_hash(spread(hash)).copied();
        let newest = same.filter(|&row| self.hashes[row as usize] == hash).map(|row| first + row);
        packed.chain(newest).collect()
    }

    /// Adds the key of the next row.
    pub(crate) fn push(&mut self, hash: u32) {
        let row = self.hashes.len() as u32;
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.rows.insert_unique(spread(hash), row, |&row| spread(hashes[row as usize]));
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.first() + self.hashes.len()
    }

    /// The first row behind the parts.
    fn first(&self) -> usize {
        self.parts.len() * self.length
    }

    /// Forgets the keys of the rows from `rows` on, which are not packed yet.
    pub(crate) fn truncate(&mut self, rows: usize) {
        let rows = rows.saturating_sub(self.first());
        for row in rows..self.hashes.len() {
            if let Ok(entry) = self.rows.find_entry(spread(self.hashes[row]), |&other| other as usize == row)
            {
                entry.remove();
            }
        }
        self.hashes.truncate(rows);
    }

    /// Packs the keys that fill a part. They can not be forgotten any more.
    pub(crate) fn pack(&mut self) {
        if self.hashes.len() < self.length {
            return;
        }
        let hashes = std::mem::take(&mut self.hashes);
        let parts = hashes.chunks_exact(self.length);
        let rest = parts.remainder();
        self.parts.extend(parts.map(Part::new));
        self.rows.clear();
        rest.iter().for_each(|hash| self.push(*hash));
    }
}

impl Part {
    fn new(hashes: &[u32]) -> Self {
        let buckets = hashes.len().div_ceil(BUCKET).next_power_of_two();
        let mut part = Self { starts: vec![0; buckets + 1], entries: vec![0; hashes.len()] };
        // How many are in each bucket, then where each ends, then, as they are filled from behind, where each begins.
        for hash in hashes {
            let bucket = part.bucket(*hash);
            part.starts[bucket] += 1;
        }
        let mut end = 0;
        for start in &mut part.starts {
            end += *start;
            *start = end;
        }
        for (row, hash) in hashes.iter().enumerate() {
            let bucket = part.bucket(*hash);
            part.starts[bucket] -= 1;
            part.entries[part.starts[bucket] as usize] = *hash << ROW_BITS | row as u32;
        }
        part
    }

    /// The bucket of a hash, by its upper bits.
    fn bucket(&self, hash: u32) -> usize {
        let bits = (self.starts.len() - 1).trailing_zeros();
        (u64::from(hash) >> (32 - bits)) as usize
    }

    fn candidates(&self, hash: u32) -> impl Iterator<Item = u32> {
        let bucket = self.bucket(hash);
        let entries = &self.entries[self.starts[bucket] as usize..self.starts[bucket + 1] as usize];
        let same = move |entry: &&u32| (**entry ^ hash << ROW_BITS) >> ROW_BITS == 0;
        entries.iter().filter(same).map(|entry| entry & ((1 << ROW_BITS) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_few_others_are() {
        for length in [1, 7, 64, 1_000, 1 << ROW_BITS] {
            let mut seen = Seen::new(length);
            let hash = |seen: &Seen, at: usize| seen.hash("stream", &at.to_string());
            for at in 0..5_000 {
                let own = hash(&seen, at);
                seen.push(own);
                if at % 300 == 299 {
                    // As after a transaction that failed: what came last is gone, and comes again.
                    seen.truncate(at - 20);
                    for at in at - 20..=at {
                        let own = hash(&seen, at);
                        seen.push(own);
                    }
                    seen.pack();
                }
            }
            assert_eq!(seen.len(), 5_000);
            for at in 0..5_000 {
                assert!(seen.candidates(hash(&seen, at)).contains(&(at as u32)), "{at} of parts of {length}");
            }
            if length >= 64 {
                let others: usize = (5_000..10_000).map(|at| seen.candidates(hash(&seen, at)).len()).sum();
                assert!(others < 2_500, "{others} of 5,000 in parts of {length}");
            }
            seen.truncate(0);
            assert_eq!(seen.len(), seen.first());
        }
    }
}
