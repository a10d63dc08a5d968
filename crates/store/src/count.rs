//! Facets and histogram: one exact pass over the rows of a view.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::columns::{Codes, Segment};
use crate::selection::{Choice, OUT, Selection};
use crate::terms::{COLUMNS, DIMENSIONS, Dictionary};
use crate::view::View;
use crate::{Count, Facets, Histogram, QueryError, Shape, StoreError, Summary, cores};

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
        let segments = self.snapshot.segments.len();
        let counted = cores::divide(segments, |segments| {
            let mut own = Counted::new(self, shape);
            for at in segments {
                own.add(self, at)?;
            }
            Ok(own)
        })?;
        let mut all = Counted::new(self, shape);
        counted.iter().for_each(|counted| all.merge(counted));
        let facets = all
            .facets
            .map(|facets| facets.finish(&self.selection, &self.shared.dictionaries.read(), shape.top));
        Ok(Summary {
            total: all.total,
            facets: facets.unwrap_or_default(),
            histogram: all.bars.and_then(Bars::finish),
        })
    }

    /// Flags the rows whose documents are not meant. With facets, those that one filter alone keeps out count in that
    /// one's facet: so rows that up to `refusals` filters keep out are looked into as well.
    pub(crate) fn verify(&self, first: usize, flags: &mut [u8], refusals: u32) -> Result<(), StoreError> {
        let Some(verifier) = &self.verifier else { return Ok(()) };
        let mut reader = self.shared.readers.take()?;
        for (at, flag) in flags.iter_mut().enumerate() {
            let counts = *flag & OUT == 0 && flag.count_ones() <= refusals;
            if counts && !self.passes(verifier, &mut reader, (first + at) as u32)? {
                *flag |= OUT;
            }
        }
        self.shared.readers.give(reader);
        Ok(())
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

/// What was counted of some segments.
struct Counted {
    total: u64,
    facets: Option<Counts>,
    bars: Option<Bars>,
    flags: Vec<u8>,
}

impl Counted {
    fn new(view: &View, shape: Shape) -> Self {
        Self {
            total: 0,
            facets: (shape.top > 0).then(|| Counts::new(&view.shared.dictionaries.read())),
            bars: view.bars(shape.buckets),
            flags: Vec::new(),
        }
    }

    /// Counts a segment.
    fn add(&mut self, view: &View, at: usize) -> Result<(), StoreError> {
        if !view.flags(at, &mut self.flags)? {
            return Ok(());
        }
        let refusals = u32::from(self.facets.is_some());
        view.verify(at * view.snapshot.geometry().segment, &mut self.flags, refusals)?;
        let segment = &view.snapshot.segments[at];
        self.total += self.flags.iter().filter(|&&flag| flag == 0).count() as u64;
        if let Some(bars) = &mut self.bars {
            bars.count(segment, &self.flags);
        }
        if let Some(facets) = &mut self.facets {
            facets.count(segment, &self.flags);
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) {
        self.total += other.total;
        if let (Some(own), Some(other)) = (&mut self.facets, &other.facets) {
            own.0.iter_mut().zip(&other.0).for_each(|(own, other)| add_all(own, other));
        }
        if let (Some(own), Some(other)) = (&mut self.bars, &other.bars) {
            add_all(&mut own.bars, &other.bars);
        }
    }
}

/// Terms that came meanwhile have no counts: no row of the view has them.
fn add_all(own: &mut [u64], other: &[u64]) {
    own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
}

/// Events by term, of those columns that have a facet.
struct Counts([Vec<u64>; COLUMNS]);

impl Counts {
    fn new(dictionaries: &[Dictionary; DIMENSIONS]) -> Self {
        let has_facet =
            |column: usize| Choice::ALL.iter().any(|choice| choice.dimension() as usize == column);
        let terms = |column: usize| if has_facet(column) { dictionaries[column].len() + 1 } else { 0 };
        Self(std::array::from_fn(|column| vec![0; terms(column)]))
    }

    /// Counts the terms of the rows that no choice in another column keeps out. Which choices in its own column keep a
    /// term out is the same for all its rows.
    fn count(&mut self, segment: &Segment, flags: &[u8]) {
        for (column, (codes, counts)) in segment.codes.iter().zip(&mut self.0).enumerate() {
            if counts.is_empty() {
                continue;
            }
            let others = Choice::ALL.into_iter().filter(|choice| choice.dimension() as usize != column);
            let others = others.fold(OUT, |flags, choice| flags | choice.flag());
            match codes {
                Codes::Narrow(codes) => tally(codes, flags, others, counts),
                Codes::Middle(codes) => tally(codes, flags, others, counts),
                Codes::Wide(codes) => tally(codes, flags, others, counts),
            }
        }
    }

    fn finish(&self, selection: &Selection, dictionaries: &[Dictionary; DIMENSIONS], top: usize) -> Facets {
        let facet = |choice: Choice| {
            let dimension = choice.dimension();
            let (terms, counts) = (&dictionaries[dimension as usize], &self.0[dimension as usize]);
            let mut events: HashMap<&str, u64> = HashMap::new();
            let mut values = Vec::new();
            for (code, term) in terms.terms() {
                let count = counts.get(code).copied().unwrap_or_default();
                if count == 0 || selection.flags(dimension, code) & !choice.flag() != 0 {
                    continue;
                }
                let shown = if choice == Choice::User { 1 } else { usize::MAX };
                values.clear();
                values.extend(choice.values(term).take(shown));
                // What two fields say alike is one value.
                values.sort_unstable();
                values.dedup();
                for value in &values {
                    *events.entry(value).or_default() += count;
                }
            }
            most_frequent(events, top)
        };
        Facets {
            datasets: facet(Choice::Dataset),
            actions: facet(Choice::Action),
            categories: facet(Choice::Category),
            outcomes: facet(Choice::Outcome),
            users: facet(Choice::User),
            projects: facet(Choice::Project),
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

fn most_frequent(events: HashMap<&str, u64>, top: usize) -> Vec<Count> {
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
        segment.times.each(|row, time| {
            if flags[row] == 0
                && let Some(bar) =
                    self.bars.get_mut((time.wrapping_sub(self.start) as u64 / self.width as u64) as usize)
            {
                *bar += 1;
            }
        });
    }

    fn finish(self) -> Option<Histogram> {
        let start = Timestamp::from_microsecond(self.start).ok()?;
        Some(Histogram { start, width: self.width / MICROS, bars: self.bars })
    }
}
