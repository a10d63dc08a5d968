//! Tests of the whole store, with rows divided finely so that few events fill several segments and partitions.

mod access;
mod crash;
mod deliver;
mod export;
mod history;
mod oracle;
mod paging;
mod search;
mod together;
mod upgrade;

use std::path::Path;
use std::sync::Arc;

use event::{Checkpoint, Dataset, DocumentBatch, RawBatch, RawEvent, Source};
use jiff::Timestamp;
use ledger::DataDir;
use serde_json::Value;

use crate::Store;
use crate::columns::Geometry;

/// Few rows fill everything.
const FINE: Geometry = Geometry { segment: 64, partition: 128, tail: 50, few: 2 };
const STREAM: &str = "logs-a.b-default";

/// A document: data stream, `_id`, source.
type Stored<'a> = (&'a str, &'a str, &'a Value);

fn batch(documents: &[Stored<'_>], checkpoint: u64) -> DocumentBatch {
    let source = Source::new("s", Dataset::new("a.b").unwrap());
    let raw = RawBatch {
        source: Arc::new(source),
        sequence: checkpoint,
        location: None,
        buffer: vec![b'x'; documents.len()].into(),
        events: (0..documents.len()).map(|at| RawEvent { span: at..at + 1, offset: at as u64 }).collect(),
        collected: Timestamp::UNIX_EPOCH,
        checkpoint: Checkpoint(checkpoint.into()),
        notices: Vec::new(),
        set_aside: Vec::new(),
        settled: None,
    };
    let mut batch = DocumentBatch::new(Arc::new(raw));
    for (at, (stream, id, source)) in documents.iter().enumerate() {
        let bytes = source.to_string().into_bytes();
        batch.push(at as u32, &Arc::from(*stream), id, false, |out| out.extend_from_slice(&bytes));
    }
    batch
}

fn open(path: &Path) -> Store {
    Store::open_with(&DataDir::lock(path).unwrap(), FINE).unwrap()
}

/// Stores documents and says how many of them were new.
fn put(store: &Store, documents: &[Stored<'_>], checkpoint: u64) -> u64 {
    let writer = store.writer.as_ref().unwrap();
    let mut stored = None;
    writer
        .write(&store.shared, &batch(documents, checkpoint), |(_, tally)| stored = Some(tally.stored))
        .unwrap();
    stored.unwrap()
}
