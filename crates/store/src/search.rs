//! The rows that a text finds: those of the full-text index and those that wait in memory, one partition at a time.
//!
//! A page needs only the newest partitions, so each is asked when somebody comes to it.

use std::sync::{Arc, OnceLock};

use crate::columns::Snapshot;
use crate::index::{Hits, Part};
use crate::shared::Shared;
use crate::text::{Query, Says};
use crate::{StoreError, cores};

/// A text that is looked up.
pub(crate) struct Search {
    query: Arc<Query>,
    /// Rows of a partition.
    partition: usize,
    /// The rows found, by partition; the first row of a partition is 0.
    partitions: Vec<OnceLock<Hits>>,
}

impl Search {
    /// Prepares a look-up; `None` when the index can not tell.
    pub(crate) fn new(query: &Arc<Query>, snapshot: &Snapshot) -> Option<Self> {
        let partitions = snapshot.rows().div_ceil(snapshot.geometry().partition);
        (!query.clauses().is_empty()).then(|| Self {
            query: Arc::clone(query),
            partition: snapshot.geometry().partition,
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
        let hits = self.partition(shared, snapshot, first / geometry.partition)?;
        Ok(hits.rows.words(first % geometry.partition, geometry.segment))
    }

    /// Whether a row that was found is meant as far as its words go, whatever its document has.
    pub(crate) fn is_sure(&self, row: u32) -> bool {
        let hits = self.partitions.get(row as usize / self.partition).and_then(OnceLock::get);
        hits.is_some_and(|hits| !hits.unsure.has(row as usize % self.partition))
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

    fn partition(&self, shared: &Shared, snapshot: &Snapshot, partition: usize) -> Result<&Hits, StoreError> {
        let found = &self.partitions[partition];
        if let Some(hits) = found.get() {
            return Ok(hits);
        }
        let hits = self.look_up(shared, snapshot, partition)?;
        Ok(found.get_or_init(|| hits))
    }

    fn look_up(&self, shared: &Shared, snapshot: &Snapshot, partition: usize) -> Result<Hits, StoreError> {
        let (length, tail) = (snapshot.geometry().partition, &snapshot.tail);
        let first = partition * length;
        let indexed = (tail.first() as usize).clamp(first, first + length) - first;
        let mut hits = Hits::default();
        if indexed > 0 {
            let reader = shared.readers.take()?;
            let part = Part { partition, first, rows: indexed, few: snapshot.geometry().few };
            hits = part.search(&reader.connection, &self.query, &shared.found)?;
            shared.readers.give(reader);
        }
        if indexed < length {
            Arc::make_mut(&mut hits.rows).grow(length.min(snapshot.rows() - first));
            for (row, words) in tail.iter() {
                let row = row as usize;
                if !(first..first + length).contains(&row) {
                    continue;
                }
                match self.query.says(words) {
                    Says::No => {}
                    says => hits.set(row - first, says == Says::Yes),
                }
            }
        }
        Ok(hits)
    }
}
