//! The columns that filters, facets and pages are computed from, kept in memory.
//!
//! Rows are numbered from 0 in the order of their arrival and lie in segments of equal length. A reader takes a
//! [`Snapshot`], which is a few shared pointers, and works on it without a lock; the writer copies the last segment
//! before it appends only while a reader holds it.

use std::sync::Arc;

use crate::tail::Tail;
use crate::terms::COLUMNS;
use crate::times::Times;

/// How rows are divided. Lengths are multiples of 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// Rows of a segment.
    pub(crate) segment: usize,
    /// Rows of a full-text partition; a multiple of `segment`, at most 2^20.
    pub(crate) partition: usize,
    /// Rows that wait in memory before they are written to the full-text index, all at once.
    pub(crate) tail: usize,
    /// So few documents are looked into in less time than it takes to ask every block for the pairs of a phrase.
    pub(crate) few: usize,
}

impl Default for Geometry {
    fn default() -> Self {
        Self { segment: 1 << 16, partition: 1 << 20, tail: 10_000, few: 256 }
    }
}

/// What is kept in memory of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cells {
    /// Microseconds since 1970.
    pub(crate) time: i64,
    /// The number of its term in each column.
    pub(crate) codes: [u32; COLUMNS],
}

/// Term numbers, as wide as the largest of them.
#[derive(Clone, Debug)]
pub(crate) enum Codes {
    Narrow(Vec<u8>),
    Middle(Vec<u16>),
    Wide(Vec<u32>),
}

impl Codes {
    fn push(&mut self, code: u32) {
        match self {
            Self::Narrow(codes) => match u8::try_from(code) {
                Ok(code) => return codes.push(code),
                Err(_) => *self = Self::Middle(codes.iter().map(|&code| code.into()).collect()),
            },
            Self::Middle(codes) => match u16::try_from(code) {
                Ok(code) => return codes.push(code),
                Err(_) => *self = Self::Wide(codes.iter().map(|&code| code.into()).collect()),
            },
            Self::Wide(codes) => return codes.push(code),
        }
        self.push(code);
    }

    fn shrink(&mut self) {
        match self {
            Self::Narrow(codes) => codes.shrink_to_fit(),
            Self::Middle(codes) => codes.shrink_to_fit(),
            Self::Wide(codes) => codes.shrink_to_fit(),
        }
    }
}

/// Some rows, column by column.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) times: Times,
    pub(crate) codes: [Codes; COLUMNS],
    /// The earliest time.
    pub(crate) min: i64,
    /// The latest time.
    pub(crate) max: i64,
}

impl Segment {
    fn new() -> Self {
        Self {
            times: Times::Wide(Vec::new()),
            codes: std::array::from_fn(|_| Codes::Narrow(Vec::new())),
            min: i64::MAX,
            max: i64::MIN,
        }
    }

    fn push(&mut self, cells: &Cells) {
        self.times.push(cells.time);
        for (column, code) in self.codes.iter_mut().zip(cells.codes) {
            column.push(code);
        }
        self.min = self.min.min(cells.time);
        self.max = self.max.max(cells.time);
    }

    /// Gives back what a full segment does not need.
    fn pack(&mut self) {
        self.times = self.times.packed(self.min, self.max);
        self.codes.iter_mut().for_each(Codes::shrink);
    }
}

/// The rows of a moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    geometry: Geometry,
    pub(crate) segments: Vec<Arc<Segment>>,
    /// The rows that the full-text index does not have yet.
    pub(crate) tail: Tail,
}

impl Snapshot {
    pub(crate) fn new(geometry: Geometry) -> Self {
        Self { geometry, segments: Vec::new(), tail: Tail::default() }
    }

    pub(crate) fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        let full = self.segments.len().saturating_sub(1) * self.geometry.segment;
        full + self.segments.last().map_or(0, |segment| segment.times.len())
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, cells: &Cells) {
        let full = self.segments.last().is_none_or(|last| last.times.len() == self.geometry.segment);
        if full {
            if let Some(last) = self.segments.last_mut() {
                Arc::make_mut(last).pack();
            }
            self.segments.push(Arc::new(Segment::new()));
        }
        if let Some(last) = self.segments.last_mut() {
            Arc::make_mut(last).push(cells);
        }
    }
}
