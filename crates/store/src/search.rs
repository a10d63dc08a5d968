//! The rows that a text finds: those of the full-text index and those that wait in memory, one partition at a time.
//!
//! A page needs only the newest partitions, so each is asked when somebody comes to it.

use std::sync::{Arc, OnceLock};

use crate::bitmap::Bitmap;
use crate::columns::Snapshot;
use crate::index::Part;
use crate::shared::Shared;
use crate::text::Query;
use crate::{StoreError, cores};

/// A text that is looked up.
pub(crate) struct Search {
    query: Arc<Query>,
    /// The rows found, by partition; the first row of a partition is 0.
    partitions: Vec<OnceLock<Arc<Bitmap>>>,
}

impl Search {
    /// Prepares a look-up; `None` when the index can not tell.
    pub(crate) fn new(query: &Arc<Query>, snapshot: &Snapshot) -> Option<Self> {
        let partitions = snapshot.rows().div_ceil(snapshot.geometry().partition);
        (!query.clauses().is_empty()).then(|| Self {
            query: Arc::clone(query),
            partitions: (0..partitions).map(|_| OnceLock::new()).collect(),
        })
    }

    /// The rows of a segment, 64 in a word.
    pub(crate) fn segment(
        &self,
        shared: &Shared,
        snapshot: &Snapshot,
        segment: usize,
    ) -> Result<&[u64], StoreError> {
        let geometry = snapshot.geometry();
        let first = segment * geometry.segment;
        let rows = self.partition(shared, snapshot, first / geometry.partition)?;
        Ok(rows.words(first % geometry.partition, geometry.segment))
    }

    /// Asks all partitions, on all cores.
    pub(crate) fn all(&self, shared: &Shared, snapshot: &Snapshot) -> Result<(), StoreError> {
        cores::divide(self.partitions.len(), |partitions| {
            for partition in partitions {
                self.partition(shared, snapshot, partition)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn partition(
        &self,
        shared: &Shared,
        snapshot: &Snapshot,
        partition: usize,
    ) -> Result<&Bitmap, StoreError> {
        let found = &self.partitions[partition];
        if let Some(rows) = found.get() {
            return Ok(rows);
        }
        let rows = self.look_up(shared, snapshot, partition)?;
        Ok(found.get_or_init(|| rows))
    }

    fn look_up(
        &self,
        shared: &Shared,
        snapshot: &Snapshot,
        partition: usize,
    ) -> Result<Arc<Bitmap>, StoreError> {
        let (length, tail) = (snapshot.geometry().partition, &snapshot.tail);
        let first = partition * length;
        let indexed = (tail.first() as usize).clamp(first, first + length) - first;
        let mut rows = Arc::default();
        if indexed > 0 {
            let reader = shared.readers.take()?;
            let part = Part { partition, first, rows: indexed };
            rows = part.search(&reader.connection, &self.query, &shared.found)?.unwrap_or_default();
            shared.readers.give(reader);
        }
        if indexed < length {
            let own = Arc::make_mut(&mut rows);
            own.grow(length.min(snapshot.rows() - first));
            for (row, words) in tail.iter() {
                let row = row as usize;
                if (first..first + length).contains(&row) && self.query.matches_words(words) {
                    own.set(row - first);
                }
            }
        }
        Ok(rows)
    }
}
