//! A filter, looked up: which rows of a snapshot it lets through.

use std::sync::Arc;

use crate::QueryError;
use crate::bitmap::Bitmap;
use crate::columns::{Codes, Segment, Snapshot};
use crate::filter::Filter;
use crate::index;
use crate::shared::Shared;
use crate::terms::{COLUMNS, Dimension};
use crate::text::Query;
use crate::verify::Verifier;

/// A row's flag for "not in the time range, or not found". The lower bits are the columns whose filter says no.
pub(crate) const OUT: u8 = 1 << 7;

/// The rows that a filter lets through.
pub(crate) struct Selection {
    /// For each column with a filter, its bit for every term that the filter does not name.
    refused: [Option<Vec<u8>>; COLUMNS],
    from: i64,
    to: i64,
    /// The rows that the full-text index has found; `None` when it was not asked.
    found: Option<Bitmap>,
    /// What has to look into the documents of those rows.
    pub(crate) verifier: Option<Verifier>,
}

impl Selection {
    /// Looks a filter up for a snapshot.
    pub(crate) fn new(shared: &Shared, snapshot: &Snapshot, filter: &Filter) -> Result<Self, QueryError> {
        let query = Query::new(filter)?;
        let found = find(shared, snapshot, &query)?;
        let dictionaries = shared.dictionaries.read();
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
        drop(dictionaries);
        Ok(Self {
            refused,
            from: filter.from.map_or(i64::MIN, jiff::Timestamp::as_microsecond),
            to: filter.to.map_or(i64::MAX, jiff::Timestamp::as_microsecond),
            found,
            verifier: shared.verified.of(query),
        })
    }

    /// The first time that counts and the first behind it that does not, in microseconds.
    pub(crate) fn range(&self) -> (i64, i64) {
        (self.from, self.to)
    }

    /// Writes the flags of a segment's rows, 0 for those let through; false when there is nothing to look for.
    pub(crate) fn flags(&self, segment: &Segment, first: usize, flags: &mut Vec<u8>) -> bool {
        let rows = segment.times.len();
        flags.clear();
        if segment.max < self.from || segment.min >= self.to {
            return false;
        }
        match &self.found {
            None => flags.resize(rows, 0),
            Some(found) => {
                let words = found.words(first, rows);
                if words.iter().all(|&word| word == 0) {
                    return false;
                }
                flags.resize(rows, OUT);
                for (flags, word) in flags.chunks_mut(64).zip(words) {
                    for (at, flag) in flags.iter_mut().enumerate() {
                        *flag = OUT & !((word >> at) as u8 & 1).wrapping_neg();
                    }
                }
            }
        }
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
        true
    }
}

fn mark<T: Copy + TryInto<usize>>(codes: &[T], refused: &[u8], flags: &mut [u8]) {
    let all = refused.first().copied().unwrap_or_default();
    for (flag, &code) in flags.iter_mut().zip(codes) {
        *flag |= code.try_into().ok().and_then(|code| refused.get(code)).copied().unwrap_or(all);
    }
}

/// The rows that a text or filters on fields may mean; `None` when the index can not tell.
fn find(shared: &Shared, snapshot: &Snapshot, query: &Query) -> Result<Option<Bitmap>, QueryError> {
    let Some(fts) = query.fts() else { return Ok(None) };
    let reader = shared.readers.take()?;
    let tail = &snapshot.tail;
    let mut found =
        index::search(&reader.connection, snapshot.geometry(), tail.first(), &fts, &shared.found)?;
    shared.readers.give(reader);
    found.grow(snapshot.rows());
    for (row, words) in tail.iter() {
        if query.matches_words(words) {
            found.set(row as usize);
        }
    }
    Ok(Some(found))
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

/// A filter looked up at one moment: everything that reads from it sees the same events.
pub(crate) struct View {
    pub(crate) shared: Arc<Shared>,
    pub(crate) snapshot: Snapshot,
    pub(crate) selection: Selection,
}

impl View {
    /// Looks a filter up in what is stored now.
    pub(crate) fn new(shared: &Arc<Shared>, filter: &Filter) -> Result<Self, QueryError> {
        let snapshot = shared.snapshot.read().clone();
        let selection = Selection::new(shared, &snapshot, filter)?;
        Ok(Self { shared: Arc::clone(shared), snapshot, selection })
    }
}
