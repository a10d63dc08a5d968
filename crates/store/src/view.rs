//! A filter looked up at one moment: everything that reads from it sees the same events.

use std::sync::Arc;

use crate::columns::Snapshot;
use crate::filter::Filter;
use crate::reader::Reader;
use crate::search::Search;
use crate::selection::{OUT, Selection};
use crate::shared::Shared;
use crate::text::Query;
use crate::verify::Verifier;
use crate::{QueryError, StoreError};

/// A filter and the events of a moment.
pub(crate) struct View {
    pub(crate) shared: Arc<Shared>,
    pub(crate) snapshot: Snapshot,
    pub(crate) selection: Selection,
    /// Rows from this one on do not count.
    end: u64,
    /// What asks the full-text index; `None` when it can not tell.
    search: Option<Search>,
    /// What looks into the documents that the index has found.
    pub(crate) verifier: Option<Verifier>,
}

impl View {
    /// Whether a row that the index has found is really meant: its document tells where the index can not.
    pub(crate) fn passes(
        &self,
        verifier: &Verifier,
        reader: &mut Reader,
        row: u32,
    ) -> Result<bool, StoreError> {
        let is_sure = || self.search.as_ref().is_some_and(|search| search.is_sure(row));
        if !verifier.asks_all() && is_sure() {
            return Ok(true);
        }
        verifier.passes(reader, row)
    }
}

impl View {
    /// Looks a filter up in what is stored now.
    pub(crate) fn new(shared: &Arc<Shared>, filter: &Filter) -> Result<Self, QueryError> {
        let query = Arc::new(Query::new(filter)?);
        let snapshot = shared.snapshot.read().clone();
        Ok(Self {
            selection: Selection::new(filter, &shared.dictionaries.read()),
            end: filter.as_of.unwrap_or(u64::MAX),
            search: Search::new(&query, &snapshot),
            verifier: shared.verified.of(query),
            shared: Arc::clone(shared),
            snapshot,
        })
    }

    /// Asks the index about all rows at once, on all cores: for who is going to look at every segment.
    pub(crate) fn search_all(&self) -> Result<(), StoreError> {
        match &self.search {
            Some(search) => search.all(&self.shared, &self.snapshot),
            None => Ok(()),
        }
    }

    /// Writes the flags of a segment's rows, 0 for those let through; false when there is nothing to look for.
    pub(crate) fn flags(&self, at: usize, flags: &mut Vec<u8>) -> Result<bool, StoreError> {
        let segment = &self.snapshot.segments[at];
        flags.clear();
        let first = (at * self.snapshot.geometry().segment) as u64;
        if first >= self.end || !self.selection.may_have(segment) {
            return Ok(false);
        }
        let rows = segment.times.len();
        match &self.search {
            None => flags.resize(rows, 0),
            Some(search) => {
                let words = search.segment(&self.shared, &self.snapshot, at)?;
                if words.iter().all(|&word| word == 0) {
                    return Ok(false);
                }
                flags.resize(rows, OUT);
                for (flags, word) in flags.chunks_mut(64).zip(words) {
                    for (at, flag) in flags.iter_mut().enumerate() {
                        *flag = OUT & !((word >> at) as u8 & 1).wrapping_neg();
                    }
                }
            }
        }
        self.selection.mark(segment, flags);
        let end = usize::try_from(self.end - first).unwrap_or(usize::MAX).min(rows);
        flags[end..].iter_mut().for_each(|flag| *flag |= OUT);
        Ok(true)
    }
}
