//! Facets and histogram: one exact pass over the rows of a view.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::columns::{Codes, Segment};
use crate::selection::OUT;
use crate::terms::{COLUMNS, Dictionary, Dimension};
use crate::view::View;
use crate::{Count, Facets, Histogram, QueryError, Shape, StoreError, Summary};

/// More bars than any screen has pixels for.
const MAX_BUCKETS: usize = 10_000;
/// Widths of bars in seconds that people can read; above the last, multiples of 10,000 days.
const WIDTHS: [i64; 24] = [
    1,
    2,
    5,
    10,
    30,
    60,
    120,
    300,
    600,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    86_400,
    172_800,
    604_800,
    1_209_600,
    2_592_000,
    7_776_000,
    31_536_000,
    86_400_000,
    864_000_000,
];
const MICROS: i64 = 1_000_000;

impl View {
    /// Counts what the filter finds.
    pub(crate) fn summary(&self, shape: Shape) -> Result<Summary, QueryError> {
        if shape.buckets > MAX_BUCKETS {
            return Err(QueryError::Invalid(format!("ask for at most {MAX_BUCKETS} buckets")));
        }
        self.search_all()?;
        let dictionaries = self.shared.dictionaries.read();
        let mut counts: [Vec<u64>; COLUMNS] =
            std::array::from_fn(|column| vec![0; dictionaries[column].len() + 1]);
        drop(dictionaries);
        let mut bars = self.bars(shape.buckets);
        let mut total = 0;
        let mut flags = Vec::new();
        for (at, segment) in self.snapshot.segments.iter().enumerate() {
            if !self.flags(at, &mut flags)? {
                continue;
            }
            self.verify(at * self.snapshot.geometry().segment, &mut flags, u32::from(shape.top > 0))?;
            total += flags.iter().filter(|&&flag| flag == 0).count() as u64;
            if let Some(bars) = &mut bars {
                bars.count(segment, &flags);
            }
            if shape.top > 0 {
                count(segment, &flags, &mut counts);
            }
        }
        let facets = if shape.top > 0 { self.facets(&counts, shape.top) } else { Facets::default() };
        Ok(Summary { total, facets, histogram: bars.and_then(Bars::finish) })
    }

    /// Flags the rows whose documents are not meant. With facets, those that one filter alone keeps out count in that
    /// one's facet: so rows that up to `refusals` filters keep out are looked into as well.
    pub(crate) fn verify(&self, first: usize, flags: &mut [u8], refusals: u32) -> Result<(), StoreError> {
        let Some(verifier) = &self.verifier else { return Ok(()) };
        let mut reader = self.shared.readers.take()?;
        for (at, flag) in flags.iter_mut().enumerate() {
            let counts = *flag & OUT == 0 && flag.count_ones() <= refusals;
            if counts && !verifier.passes(&mut reader, (first + at) as u32)? {
                *flag |= OUT;
            }
        }
        self.shared.readers.give(reader);
        Ok(())
    }

    fn facets(&self, counts: &[Vec<u64>; COLUMNS], top: usize) -> Facets {
        let dictionaries = self.shared.dictionaries.read();
        let facet = |dimension: Dimension| {
            let column = dimension as usize;
            facet(&dictionaries[column], &counts[column], top, dimension == Dimension::User)
        };
        Facets {
            datasets: facet(Dimension::Dataset),
            actions: facet(Dimension::Action),
            categories: facet(Dimension::Category),
            outcomes: facet(Dimension::Outcome),
            users: facet(Dimension::User),
        }
    }

    /// The bars for the filter's range, as far as there are events.
    fn bars(&self, buckets: usize) -> Option<Bars> {
        let segments = &self.snapshot.segments;
        let (from, to) = self.selection.range();
        let first = segments.iter().map(|segment| segment.min).min()?;
        let last = segments.iter().map(|segment| segment.max).max()?;
        let first = if from == i64::MIN { first } else { from };
        let last = if to == i64::MAX { last } else { to.saturating_sub(1) };
        (buckets > 0 && first <= last).then(|| Bars::new(first, last, buckets as i64))
    }
}

/// Counts the terms of the rows that all filters but the column's own let through.
fn count(segment: &Segment, flags: &[u8], counts: &mut [Vec<u64>; COLUMNS]) {
    for (column, (codes, counts)) in segment.codes.iter().zip(counts).enumerate() {
        let others = !(1 << column);
        match codes {
            Codes::Narrow(codes) => tally(codes, flags, others, counts),
            Codes::Middle(codes) => tally(codes, flags, others, counts),
            Codes::Wide(codes) => tally(codes, flags, others, counts),
        }
    }
}

fn tally<T: Copy + TryInto<usize>>(codes: &[T], flags: &[u8], others: u8, counts: &mut [u64]) {
    for (&code, &flag) in codes.iter().zip(flags) {
        if let Some(count) = code.try_into().ok().and_then(|code| counts.get_mut(code)) {
            *count += u64::from(flag & others == 0);
        }
    }
}

/// The most frequent values of a column; of an actor only the first name counts.
fn facet(dictionary: &Dictionary, counts: &[u64], top: usize, first_only: bool) -> Vec<Count> {
    let mut events: HashMap<&str, u64> = HashMap::new();
    for (code, &count) in counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
        let values = dictionary.values(code as u32);
        let shown = if first_only { 1 } else { values.len() };
        for value in values.iter().take(shown) {
            *events.entry(value).or_default() += count;
        }
    }
    let mut facet: Vec<_> = events.into_iter().collect();
    facet.sort_by_key(|&(value, events)| (Reverse(events), value));
    facet.truncate(top);
    facet.into_iter().map(|(value, events)| Count { value: value.to_owned(), events }).collect()
}

/// A histogram that is being counted.
struct Bars {
    /// Microseconds.
    start: i64,
    width: i64,
    bars: Vec<u64>,
}

impl Bars {
    /// Bars over a range, both ends included.
    fn new(first: i64, last: i64, buckets: i64) -> Self {
        let needed =
            |width: i64| last.div_euclid(width).saturating_sub(first.div_euclid(width)).saturating_add(1);
        let widths = WIDTHS.into_iter().chain((2..).map(|times| times * 864_000_000));
        let width = widths.map(|width| width * MICROS).find(|&width| needed(width) <= buckets.max(2));
        let width = width.unwrap_or(i64::MAX);
        let start = first.div_euclid(width).saturating_mul(width);
        Self { start, width, bars: vec![0; needed(width) as usize] }
    }

    fn count(&mut self, segment: &Segment, flags: &[u8]) {
        for (time, &flag) in segment.times.iter().zip(flags) {
            if flag == 0
                && let Some(bar) =
                    self.bars.get_mut((time.wrapping_sub(self.start) as u64 / self.width as u64) as usize)
            {
                *bar += 1;
            }
        }
    }

    fn finish(self) -> Option<Histogram> {
        let start = Timestamp::from_microsecond(self.start).ok()?;
        Some(Histogram { start, width: self.width / MICROS, bars: self.bars })
    }
}
