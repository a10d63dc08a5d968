//! The filters that the columns answer: terms and times.

use std::borrow::Cow;

use crate::columns::{Codes, Segment};
use crate::filter::Filter;
use crate::terms::{COLUMNS, DIMENSIONS, Dictionary, Dimension};

/// A row's flag for "not in the time range, or not found". The lower bits are the columns whose filter says no.
pub(crate) const OUT: u8 = 1 << 7;

/// Terms and times that a filter lets through.
pub(crate) struct Selection {
    /// For each column with a filter, its bit for every term that the filter does not let through.
    refused: [Option<Vec<u8>>; COLUMNS],
    from: i64,
    to: i64,
}

impl Selection {
    /// Looks the terms of a filter up.
    pub(crate) fn new(filter: &Filter, dictionaries: &[Dictionary; DIMENSIONS]) -> Self {
        let refused = std::array::from_fn(|column| {
            let named = Named::of(filter, Dimension::ALL[column])?;
            let bit = 1 << column;
            let unnamed = if named.wanted.is_empty() { 0 } else { bit };
            let mut refused = vec![unnamed; dictionaries[column].len() + 1];
            for (code, values) in dictionaries[column].terms() {
                refused[code as usize] = if named.lets_through(values) { 0 } else { bit };
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
struct Named<'a> {
    wanted: Cow<'a, [String]>,
    unwanted: Cow<'a, [String]>,
    /// Whether upper and lower case are the same.
    is_folded: bool,
}

impl<'a> Named<'a> {
    /// Those of a column; `None` when the filter names none.
    fn of(filter: &'a Filter, dimension: Dimension) -> Option<Self> {
        let except = &filter.except;
        let (wanted, unwanted) = match dimension {
            Dimension::Dataset => (&filter.datasets, &except.datasets),
            Dimension::Action => (&filter.actions, &except.actions),
            Dimension::Category => (&filter.categories, &except.categories),
            Dimension::Outcome => (&filter.outcomes, &except.outcomes),
            Dimension::User => (&filter.users, &except.users),
            Dimension::Stream => return None,
        };
        if wanted.is_empty() && unwanted.is_empty() {
            return None;
        }
        let is_folded = dimension == Dimension::User;
        let ready = |values: &'a Vec<String>| match is_folded {
            true => values.iter().map(|value| value.to_lowercase()).collect(),
            false => Cow::Borrowed(values.as_slice()),
        };
        Some(Self { wanted: ready(wanted), unwanted: ready(unwanted), is_folded })
    }

    fn lets_through(&self, values: &[Box<str>]) -> bool {
        let any = |named: &[String]| {
            values.iter().any(|value| match self.is_folded {
                true => named.contains(&value.to_lowercase()),
                false => named.iter().any(|own| **own == **value),
            })
        };
        (self.wanted.is_empty() || any(&self.wanted)) && !any(&self.unwanted)
    }
}
