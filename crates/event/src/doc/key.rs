//! Keys of objects, and other texts of pipelines: hashed once, compared by hash first.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// Ids of texts: nobody outside of the process can make two of them meet.
static IDS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A text that a pipeline knows when it is compiled, most of all the name of a field: hashed, and with what it takes
/// to write it.
///
/// A document keeps those that it is given often where they need not be copied; see the module `constants`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The text between quotes, with a colon behind, as the writer wants a key; the text as it is where that needs
    /// escapes.
    quoted: Box<str>,
    id: u64,
    hash: u32,
    clean: bool,
}

impl Key {
    /// Hashes a text.
    pub fn new(text: &str) -> Self {
        Self {
            quoted: format!("\"{text}\":").into(),
            id: IDS.hash_one(text).max(1),
            hash: hash(text.as_bytes()),
            clean: super::escape::is_clean(text.as_bytes()),
        }
    }

    /// The text.
    #[inline]
    pub fn name(&self) -> &str {
        &self.quoted[1..self.quoted.len() - 2]
    }

    /// The bytes of the text: comparing them takes no look at its boundaries.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        let quoted = self.quoted.as_bytes();
        &quoted[1..quoted.len() - 2]
    }

    pub(super) fn quoted(&self) -> &str {
        &self.quoted
    }

    /// The same for the same text, in this process; never 0.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Whether the texts are the same; told without reading them.
    pub fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// The hash of the text.
    pub fn hash(&self) -> u32 {
        self.hash
    }

    /// The hash that a key of this text has.
    pub fn hash_of(text: &str) -> u32 {
        hash(text.as_bytes())
    }

    pub(super) fn is_clean(&self) -> bool {
        self.clean
    }
}

/// The hash of a key. Not for hostile hash tables: equal hashes only cost a comparison of the bytes.
pub(super) fn hash(name: &[u8]) -> u32 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = (name.len() as u64).wrapping_mul(K);
    let mut rest = name;
    while rest.len() > 8
        && let Some((word, tail)) = rest.split_first_chunk::<8>()
    {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(K);
        hash ^= hash >> 29;
        rest = tail;
    }
    hash = (hash ^ last_word(name, rest)).wrapping_mul(K);
    (hash ^ hash >> 32) as u32
}

/// What is left of a name, in one word; a word that overlaps what came before, where there is one.
#[inline]
fn last_word(name: &[u8], rest: &[u8]) -> u64 {
    let half = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    match (name.last_chunk::<8>(), rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(word), ..) => u64::from_le_bytes(*word),
        (None, Some(first), Some(last)) => half(first) << 32 | half(last),
        _ => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Which keys fields without a place have ever had in a document: "no" is certain, "yes" may be wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyFilter([u64; 16]);

impl KeyFilter {
    pub(super) fn clear(&mut self) {
        self.0 = [0; 16];
    }

    fn place(hash: u32) -> (usize, u64) {
        ((hash >> 6 & 15) as usize, 1 << (hash & 63))
    }

    /// Marks a key; true when its place was empty, so that the key is new for certain.
    pub(super) fn insert(&mut self, hash: u32) -> bool {
        let (word, bit) = Self::place(hash);
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    #[inline]
    pub(super) fn contains(&self, hash: u32) -> bool {
        let (word, bit) = Self::place(hash);
        self.0[word] & bit != 0
    }
}
