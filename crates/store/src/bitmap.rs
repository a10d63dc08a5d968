//! A set of rows, one bit each.

/// Rows from 0 on; those never set are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bitmap {
    words: Vec<u64>,
}

impl Bitmap {
    /// An empty set with room for `rows` rows.
    pub(crate) fn new(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)] }
    }

    /// Adds a row; rows beyond the room are left out.
    pub(crate) fn set(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    /// Whether a row is in the set.
    pub(crate) fn has(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word & 1 << (row % 64) != 0)
    }

    /// The words of some rows, 64 rows a word; `first` is a multiple of 64.
    pub(crate) fn words(&self, first: usize, rows: usize) -> &[u64] {
        let from = (first / 64).min(self.words.len());
        let to = (first + rows).div_ceil(64).min(self.words.len());
        &self.words[from..to]
    }

    /// Makes room for `rows` rows.
    pub(crate) fn grow(&mut self, rows: usize) {
        if self.words.len() * 64 < rows {
            self.words.resize(rows.div_ceil(64), 0);
        }
    }

    /// Leaves the rows that are in another set as well.
    pub(crate) fn and(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own &= other);
    }

    /// Leaves the rows that are not in another set.
    pub(crate) fn and_not(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own &= !other);
    }

    /// Adds the rows of another set, as far as there is room.
    pub(crate) fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own |= other);
    }

    /// How many rows are in the set.
    pub(crate) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The rows of the set, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let bits = std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)));
            bits.take_while(|word| *word != 0).map(move |word| at * 64 + word.trailing_zeros() as usize)
        })
    }

    /// Whether no row is in the set.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// The set as bytes, eight rows each.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Adds the rows of [such bytes](Self::to_bytes), as far as there is room; `first` is a multiple of 64.
    pub(crate) fn add_bytes(&mut self, first: usize, bytes: &[u8]) {
        let own = self.words.iter_mut().skip(first / 64);
        for (own, bytes) in own.zip(bytes.as_chunks().0) {
            *own |= u64::from_le_bytes(*bytes);
        }
    }

    /// Bytes of memory.
    pub(crate) fn size(&self) -> usize {
        self.words.len() * 8
    }
}
