//! The filters that the columns answer: terms and times.

use std::borrow::Cow;

use crate::columns::{Codes, Segment};
use crate::filter::{Filter, Values};
use crate::row::PROJECT;
use crate::terms::{ACTION, CATEGORY, COLUMNS, DATASET, DIMENSIONS, Dictionary, Dimension, OUTCOME, Term};

/// A row's flag for "not in the time range, or not found". The lower bits are the [`Choice`]s that say no.
pub(crate) const OUT: u8 = 1 << 7;

/// A filter that has a facet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Dataset,
    Action,
    Category,
    Outcome,
    User,
    Project,
}

impl Choice {
    pub(crate) const ALL: [Self; 6] =
        [Self::Dataset, Self::Action, Self::Category, Self::Outcome, Self::User, Self::Project];

    /// The flag of rows that it keeps out.
    pub(crate) fn flag(self) -> u8 {
        1 << self as u8
    }

    /// The column that answers it.
    pub(crate) fn dimension(self) -> Dimension {
        match self {
            Self::Dataset | Self::Action | Self::Category | Self::Outcome => Dimension::Kind,
            Self::User => Dimension::User,
            Self::Project => Dimension::Scope,
        }
    }

    /// The values of a term that it chooses among; of a user the first is the name that is shown.
    pub(crate) fn values(self, term: &Term) -> impl Iterator<Item = &str> {
        let fields = match self {
            Self::Dataset => DATASET..DATASET + 1,
            Self::Action => ACTION..ACTION + 1,
            Self::Category => CATEGORY..CATEGORY + 1,
            Self::Outcome => OUTCOME..OUTCOME + 1,
            Self::User => 0..2,
            Self::Project => 0..PROJECT.len(),
        };
        fields.flat_map(|field| term.values(field)).map(|value| &**value)
    }
}

/// The values that a filter names for a choice.
struct Named<'a> {
    choice: Choice,
    wanted: Cow<'a, [String]>,
    unwanted: Cow<'a, [String]>,
}

impl<'a> Named<'a> {
    /// Those of a choice; `None` when the filter names none.
    fn of(filter: &'a Filter, choice: Choice) -> Option<Self> {
        let of = |values: &'a Values| match choice {
            Choice::Dataset => &values.datasets,
            Choice::Action => &values.actions,
            Choice::Category => &values.categories,
            Choice::Outcome => &values.outcomes,
            Choice::User => &values.users,
            Choice::Project => &values.projects,
        };
        let (wanted, unwanted) = (of(&filter.wanted), of(&filter.unwanted));
        // Names of people are compared without regard to case.
        let ready = |values: &'a Vec<String>| match choice {
            Choice::User => values.iter().map(|value| value.to_lowercase()).collect(),
            _ => Cow::Borrowed(values.as_slice()),
        };
        let is_open = wanted.is_empty() && unwanted.is_empty();
        (!is_open).then(|| Self { choice, wanted: ready(wanted), unwanted: ready(unwanted) })
    }

    /// Whether a term is let through; `None` is the one without values.
    fn lets_through(&self, term: Option<&Term>) -> bool {
        let is_named = |named: &[String], value: &str| match self.choice {
            Choice::User => named.contains(&value.to_lowercase()),
            _ => named.iter().any(|own| own == value),
        };
        let any = |named: &[String]| {
            term.is_some_and(|term| self.choice.values(term).any(|value| is_named(named, value)))
        };
        (self.wanted.is_empty() || any(&self.wanted)) && !any(&self.unwanted)
    }
}

/// Terms and times that a filter lets through.
pub(crate) struct Selection {
    /// For each column with a filter, the flags of those that keep a term out.
    refused: [Option<Vec<u8>>; COLUMNS],
    from: i64,
    to: i64,
}

impl Selection {
    /// Looks the terms of a filter up.
    pub(crate) fn new(filter: &Filter, dictionaries: &[Dictionary; DIMENSIONS]) -> Self {
        let mut selection = Self {
            refused: [const { None }; COLUMNS],
            from: filter.from.map_or(i64::MIN, jiff::Timestamp::as_microsecond),
            to: filter.to.map_or(i64::MAX, jiff::Timestamp::as_microsecond),
        };
        for choice in Choice::ALL {
            let Some(named) = Named::of(filter, choice) else { continue };
            selection
                .refuse(dictionaries, choice.dimension(), choice.flag(), |term| named.lets_through(term));
        }
        let fields = filter.wanted.fields.iter().map(|field| (field, true));
        for (field, is_wanted) in fields.chain(filter.unwanted.fields.iter().map(|field| (field, false))) {
            if let Some((dimension, place)) = field.column() {
                selection.refuse(dictionaries, dimension, OUT, |term| {
                    let holds = |term: &Term| {
                        term.values(place).iter().any(|value| field.values.iter().any(|own| **own == **value))
                    };
                    term.is_some_and(holds) == is_wanted
                });
            }
        }
        for derived in &filter.derived {
            if let Some(dimension) = derived.column() {
                selection.refuse(dictionaries, dimension, OUT, |term| derived.takes(dimension, term));
            }
        }
        selection
    }

    /// Flags the terms of a dimension that are not let through; `None` is the one without values.
    fn refuse(
        &mut self,
        dictionaries: &[Dictionary; DIMENSIONS],
        dimension: Dimension,
        flag: u8,
        lets_through: impl Fn(Option<&Term>) -> bool,
    ) {
        let dictionary = &dictionaries[dimension as usize];
        let refused = self.refused[dimension as usize].get_or_insert_with(|| vec![0; dictionary.len() + 1]);
        let terms = dictionary.terms().map(|(code, term)| (code, Some(term)));
        for (code, term) in terms.chain([(0, None)]) {
            if !lets_through(term) {
                refused[code] |= flag;
            }
        }
    }

    /// The flags of a term.
    pub(crate) fn flags(&self, dimension: Dimension, code: usize) -> u8 {
        let refused = self.refused[dimension as usize].as_ref();
        refused.and_then(|refused| refused.get(code)).copied().unwrap_or_default()
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
            let range = self.from..self.to;
            segment.times.each(|row, time| flags[row] |= if range.contains(&time) { 0 } else { OUT });
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

/// Every term of the rows has its flags, for the terms are looked up after the rows.
fn mark<T: Copy + TryInto<usize>>(codes: &[T], refused: &[u8], flags: &mut [u8]) {
    for (flag, &code) in flags.iter_mut().zip(codes) {
        *flag |= code.try_into().ok().and_then(|code| refused.get(code)).copied().unwrap_or(OUT);
    }
}
