//! Which (data stream, `_id`) are stored already.
//!
//! A unique index on random ids would write random pages and halve the speed. So 32 bits of a hash of every stored
//! key are kept in memory, some 12 bytes an event; who finds one compares the key in the file.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// The hashes of all stored keys by row. The hash is seeded anew at each start, so nobody can aim at collisions.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    hasher: RandomState,
    hashes: Vec<u32>,
    rows: HashTable<u32>,
}

/// Spreads 32 bits over 64, since the table takes its tag from the upper ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Seen {
    /// The hash of a key.
    pub(crate) fn hash(&self, stream: &str, id: &str) -> u32 {
        self.hasher.hash_one((stream, id)) as u32
    }

    /// Rows whose key may be the one with this hash.
    pub(crate) fn candidates(&self, hash: u32) -> Vec<u32> {
        let same = self.rows.iter_hash(spread(hash));
        same.copied().filter(|&row| self.hashes.get(row as usize) == Some(&hash)).collect()
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
        self.hashes.len()
    }

    /// Forgets the keys of the rows from `rows` on.
    pub(crate) fn truncate(&mut self, rows: usize) {
        for row in rows..self.hashes.len() {
            if let Ok(entry) = self.rows.find_entry(spread(self.hashes[row]), |&other| other as usize == row)
            {
                entry.remove();
            }
        }
        self.hashes.truncate(rows);
    }

    /// Makes room for this many keys.
    pub(crate) fn reserve(&mut self, keys: usize) {
        let hashes = &self.hashes;
        self.rows.reserve(keys, |&row| spread(hashes[row as usize]));
        self.hashes.reserve(keys);
    }
}
