//! Events by their number in the order of a view, without holding those before them.
//!
//! The range of places is divided into equal parts whose events are counted; the part with the wanted number is divided
//! again, until few events are before it. So any offset costs a few passes over the columns and the memory of the counts.

use crate::page::{Direction, Place};
use crate::reader::Reader;
use crate::view::View;
use crate::{QueryError, StoreError};

/// With so few events before the wanted one, they are walked over.
const NEAR: u64 = 64;
/// Parts of a range.
const PARTS: i128 = 1 << 16;

/// Places from one on and up to another, as numbers.
#[derive(Clone, Copy)]
struct Span {
    low: i128,
    high: i128,
}

impl Place {
    /// Its number in the order of all places.
    fn number(self) -> i128 {
        i128::from(self.time) << 32 | i128::from(self.row)
    }

    fn of(number: i128) -> Self {
        Self { time: (number >> 32) as i64, row: (number & 0xffff_ffff) as u32 }
    }
}

impl Span {
    /// The width of its parts is 2 to the power of this.
    fn shift(self) -> u32 {
        (0..128).find(|shift| self.high - self.low <= PARTS << shift).unwrap_or(0)
    }

    fn part(self, at: usize, shift: u32) -> Self {
        let low = self.low + ((at as i128) << shift);
        Self { low, high: self.high.min(low + (1 << shift)) }
    }
}

impl View {
    /// How many events there are, and the places of up to `limit` of them after the `offset` newest, newest first.
    pub(crate) fn slice(
        &self,
        reader: &mut Reader,
        offset: u64,
        limit: usize,
    ) -> Result<(u64, Vec<Place>), QueryError> {
        self.search_all()?;
        let Some(mut span) = self.span() else { return Ok((0, Vec::new())) };
        let mut counts = self.counts(span)?;
        let total: u64 = counts.iter().sum();
        if offset >= total {
            return Ok((total, Vec::new()));
        }
        let mut before = offset;
        while before > NEAR {
            let shift = span.shift();
            let mut at = counts.len();
            // The newest part that holds the wanted event; it is there, since it is among those counted.
            while at > 0 && before >= counts[at - 1] {
                at -= 1;
                before -= counts[at];
            }
            span = span.part(at.saturating_sub(1), shift);
            if before > NEAR {
                counts = self.counts(span)?;
            }
        }
        let before = before as usize;
        let mut places =
            self.places(reader, Direction::Older, Some(Place::of(span.high)), before.saturating_add(limit))?;
        places.drain(..before.min(places.len()));
        Ok((total, places))
    }

    /// All places; `None` when there is none.
    fn span(&self) -> Option<Span> {
        let segments = &self.snapshot.segments;
        let first = segments.iter().map(|segment| segment.min).min()?;
        let last = segments.iter().map(|segment| segment.max).max()?;
        let low = Place { time: first, row: 0 }.number();
        Some(Span { low, high: Place { time: last, row: u32::MAX }.number() + 1 })
    }

    /// The events in each part of a span.
    fn counts(&self, span: Span) -> Result<Vec<u64>, StoreError> {
        let shift = span.shift();
        let mut counts = vec![0; ((span.high - span.low - 1) >> shift) as usize + 1];
        let mut flags = Vec::new();
        for (at, segment) in self.snapshot.segments.iter().enumerate() {
            let newest = Place { time: segment.max, row: u32::MAX }.number();
            let oldest = Place { time: segment.min, row: 0 }.number();
            if newest < span.low || oldest >= span.high || !self.flags(at, &mut flags)? {
                continue;
            }
            let first = at * self.snapshot.geometry().segment;
            self.verify(first, &mut flags, 0)?;
            segment.times.each(|at, time| {
                let number = Place { time, row: (first + at) as u32 }.number();
                if flags[at] == 0 && (span.low..span.high).contains(&number) {
                    counts[((number - span.low) >> shift) as usize] += 1;
                }
            });
        }
        Ok(counts)
    }
}
