//! Which terms some rows have at all: bits that each term sets a few of, so that a term whose bits are not all set is in none.

/// Bits for each distinct term: one of a hundred that are not there seems to be.
const BITS: usize = 10;
/// Bits that a term sets.
const EACH: u64 = 4;

/// Terms that are collected.
#[derive(Default)]
pub(crate) struct Sieve(Vec<u64>);

impl Sieve {
    /// Adds a term.
    pub(crate) fn add(&mut self, term: &str) {
        self.0.push(hash(term));
    }

    /// The bits.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.0.sort_unstable();
        self.0.dedup();
        let mut bytes = vec![0; (self.0.len() * BITS).div_ceil(8)];
        let bits = bytes.len() as u64 * 8;
        for hash in self.0 {
            for bit in places(hash, bits) {
                bytes[bit / 8] |= 1 << (bit % 8);
            }
        }
        bytes
    }
}

/// Whether a term may be among those that became these bits.
pub(crate) fn may_have(bytes: &[u8], term: &str) -> bool {
    let bits = bytes.len() as u64 * 8;
    bits > 0 && places(hash(term), bits).all(|bit| bytes[bit / 8] & 1 << (bit % 8) != 0)
}

fn places(hash: u64, bits: u64) -> impl Iterator<Item = usize> {
    let step = hash >> 32 | 1;
    (0..EACH).map(move |at| (hash.wrapping_add(at.wrapping_mul(step)) % bits) as usize)
}

/// FNV-1a with its bits mixed: the same in every build, since it is written to disk.
fn hash(term: &str) -> u64 {
    let hash = term.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    (hash ^ hash >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_there_and_little_else() {
        let mut sieve = Sieve::default();
        (0..1_000).for_each(|at| sieve.add(&format!("term{at}")));
        let bytes = sieve.into_bytes();
        assert!((0..1_000).all(|at| may_have(&bytes, &format!("term{at}"))));
        let wrong = (0..10_000).filter(|at| may_have(&bytes, &format!("other{at}"))).count();
        assert!(wrong < 300, "{wrong} of 10000");
        assert!(!may_have(&Sieve::default().into_bytes(), "term"));
    }
}
