//! Looking into documents where the index alone can not tell: fields without a column, and phrases with parts of words or with
//! words that come again.
//!
//! Documents never change, so what was looked up once is kept for as long as the same thing is asked.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::StoreError;
use crate::bitmap::Bitmap;
use crate::reader::Reader;
use crate::text::Query;

/// So many queries are remembered.
const KEPT: usize = 4;

/// What is known of the rows that a query has met.
#[derive(Default)]
struct Known {
    checked: Bitmap,
    passed: Bitmap,
}

/// A query with what is known of it.
#[derive(Clone)]
pub(crate) struct Verifier {
    query: Arc<Query>,
    known: Arc<Mutex<Known>>,
}

/// The queries verified lately, the latest last.
#[derive(Default)]
pub(crate) struct Verified(Mutex<Vec<Verifier>>);

impl Verified {
    /// A verifier for a query, with what is known already; `None` when the index alone can tell.
    pub(crate) fn of(&self, query: Arc<Query>) -> Option<Verifier> {
        if !query.must_verify() && query.phrases().is_empty() {
            return None;
        }
        let mut kept = self.0.lock();
        let verifier = match kept.iter().position(|verifier| verifier.query == query) {
            Some(at) => kept.remove(at),
            None => Verifier { query, known: Arc::default() },
        };
        kept.push(verifier.clone());
        let old = kept.len().saturating_sub(KEPT);
        kept.drain(..old);
        Some(verifier)
    }
}

impl Verifier {
    /// Whether documents are to be looked into that the index is sure of.
    pub(crate) fn asks_all(&self) -> bool {
        self.query.must_verify()
    }

    /// Whether a row's document is meant.
    pub(crate) fn passes(&self, reader: &mut Reader, row: u32) -> Result<bool, StoreError> {
        let at = row as usize;
        {
            let known = self.known.lock();
            if known.checked.has(at) {
                return Ok(known.passed.has(at));
            }
        }
        let source = reader.source(row)?;
        reader.doc.clear();
        let root = reader.doc.parse_str(&source).map_err(|error| StoreError::no_json(row, &error))?;
        let passed = self.query.verify(&reader.doc, root);
        let mut known = self.known.lock();
        known.checked.grow(at + 1);
        known.checked.set(at);
        if passed {
            known.passed.grow(at + 1);
            known.passed.set(at);
        }
        Ok(passed)
    }
}
