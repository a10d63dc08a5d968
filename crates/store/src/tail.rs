//! The words of the newest events, until they are written to the full-text index many at a time.
//!
//! They are derived from the documents: after a crash they are read from those again.

use std::sync::Arc;

/// Rows that share an allocation.
const BLOCK: usize = 1_000;

/// Rows of consecutive numbers, each with its words: ` word word `.
type Block = Vec<Box<str>>;

/// The words of the rows from `first` on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail {
    first: u32,
    rows: usize,
    blocks: Vec<Arc<Block>>,
}

impl Tail {
    /// A tail without rows whose first one will be `first`.
    pub(crate) fn starting(first: u32) -> Self {
        Self { first, rows: 0, blocks: Vec::new() }
    }

    /// The row that it begins with: all before it are in the index.
    pub(crate) fn first(&self) -> u32 {
        self.first
    }

    /// How many rows it holds.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Appends the words of the next row.
    pub(crate) fn push(&mut self, words: String) {
        if self.rows.is_multiple_of(BLOCK) {
            self.blocks.push(Arc::new(Vec::with_capacity(BLOCK)));
        }
        if let Some(block) = self.blocks.last_mut() {
            Arc::make_mut(block).push(words.into_boxed_str());
            self.rows += 1;
        }
    }

    /// Every row with its words.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (self.first..).zip(self.blocks.iter().flat_map(|block| block.iter()).map(|words| &**words))
    }
}
