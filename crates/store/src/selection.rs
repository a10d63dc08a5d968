//! The filters that the columns answer: terms and times.

use crate::columns::{Codes, Segment};
use crate::filter::Filter;
use crate::terms::{COLUMNS, DIMENSIONS, Dictionary, Dimension};

/// A row's flag for "not in the time range, or not found". The lower bits are the columns whose filter says no.
pub(crate) const OUT: u8 = 1 << 7;

/// Terms and times that a filter lets through.
pub(crate) struct Selection {
    /// For each column with a filter, its bit for every term that the filter does not name.
    refused: [Option<Vec<u8>>; COLUMNS],
    from: i64,
    to: i64,
}

impl Selection {
    /// Looks the terms of a filter up.
    pub(crate) fn new(filter: &Filter, dictionaries: &[Dictionary; DIMENSIONS]) -> Self {
        let refused = std::array::from_fn(|column| {
            let wanted = wanted(filter, Dimension::ALL[column])?;
            let mut refused = vec![1 << column; dictionaries[column].len() + 1];
            for (code, values) in dictionaries[column].terms() {
                if values.iter().any(|value| wanted.names(value)) {
                    refused[code as usize] = 0;
                }
            }
            Some(refused)
        });
        Self {
            refused,
            from: filter.from.map_or(i64::MIN, jiff::Timestamp::as_microsecond),
            to: filter.to.map_or(i64::MAX, jiff::Timestamp::as_microsecond),
        }
    }

    /// The first time that counts and the first behind it that does not, in microseconds.
    pub(crate) fn range(&self) -> (i64, i64) {
        (self.from, self.to)
    }

    /// Whether a segment may have rows in the time range.
    pub(crate) fn may_have(&self, segment: &Segment) -> bool {
        segment.max >= self.from && segment.min < self.to
    }

    /// Adds the flags of the rows that are not let through.
    pub(crate) fn mark(&self, segment: &Segment, flags: &mut [u8]) {
        if segment.min < self.from || segment.max >= self.to {
            for (flag, time) in flags.iter_mut().zip(&segment.times) {
                *flag |= if (self.from..self.to).contains(time) { 0 } else { OUT };
            }
        }
        for (codes, refused) in segment.codes.iter().zip(&self.refused) {
            if let Some(refused) = refused {
                match codes {
                    Codes::Narrow(codes) => mark(codes, refused, flags),
                    Codes::Middle(codes) => mark(codes, refused, flags),
                    Codes::Wide(codes) => mark(codes, refused, flags),
                }
            }
        }
    }
}

fn mark<T: Copy + TryInto<usize>>(codes: &[T], refused: &[u8], flags: &mut [u8]) {
    let all = refused.first().copied().unwrap_or_default();
    for (flag, &code) in flags.iter_mut().zip(codes) {
        *flag |= code.try_into().ok().and_then(|code| refused.get(code)).copied().unwrap_or(all);
    }
}

/// The values that a filter names in a column.
struct Wanted<'a> {
    values: &'a [String],
    folded: Option<Vec<String>>,
}

impl Wanted<'_> {
    fn names(&self, value: &str) -> bool {
        match &self.folded {
            None => self.values.iter().any(|wanted| wanted == value),
            Some(folded) => folded.contains(&value.to_lowercase()),
        }
    }
}

fn wanted(filter: &Filter, dimension: Dimension) -> Option<Wanted<'_>> {
    let (values, folded) = match dimension {
        Dimension::Dataset => (&filter.datasets, None),
        Dimension::Action => (&filter.actions, None),
        Dimension::Category => (&filter.categories, None),
        Dimension::Outcome => (&filter.outcomes, None),
        Dimension::User => {
            (&filter.users, Some(filter.users.iter().map(|user| user.to_lowercase()).collect()))
        }
        Dimension::Stream => return None,
    };
    (!values.is_empty()).then_some(Wanted { values, folded })
}
