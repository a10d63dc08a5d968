//! One event after another, on one thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrich::Networks;
use event::{Doc, DocumentBatch, FieldPath, Key, RawBatch, RawEvent};
use ingest::{Outcome, Pipelines};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::base::{Base, Names};
use crate::failed;

/// Elasticsearch's limit for `_id`, in bytes.
const MAX_ID: usize = 512;

/// What all events share.
pub struct Normalization {
    pipelines: Pipelines,
    networks: Networks,
    names: Names,
    index: Key,
    id: Key,
    kind: FieldPath,
}

impl Normalization {
    /// Takes compiled pipelines, of which a dataset's events go through the one that is called as the dataset, and
    /// the networks that have names.
    pub fn new(pipelines: Pipelines, networks: Networks) -> Self {
        #[expect(clippy::expect_used, reason = "a constant that is a path")]
        let kind = FieldPath::known("event.kind").expect("a path");
        Self {
            pipelines,
            networks,
            names: Names::default(),
            index: Key::new("_index"),
            id: Key::new("_id"),
            kind,
        }
    }

    /// The pipelines.
    pub fn pipelines(&self) -> &Pipelines {
        &self.pipelines
    }
}

/// Normalizes batches; holds the memory that events use one after another.
pub struct Worker {
    shared: Arc<Normalization>,
    doc: Doc,
}

/// What is the same for the events of one batch.
struct Batch<'a> {
    raw: &'a RawBatch,
    base: Base,
    stream: Arc<str>,
    timestamp: String,
}

impl Worker {
    /// A worker with empty memory.
    pub fn new(shared: Arc<Normalization>) -> Self {
        Self { shared, doc: Doc::new() }
    }

    /// Makes the documents of a batch, in the order of its events.
    pub fn normalize(&mut self, raw: Arc<RawBatch>) -> DocumentBatch {
        let base = Base::new(&raw);
        let stream = Arc::from(base.stream.name());
        let batch = Batch { raw: &raw, base, stream, timestamp: format!("{:.3}", Timestamp::now()) };
        let mut documents = DocumentBatch::new(Arc::clone(&raw));
        let mut failures = Failures::default();
        for (index, event) in raw.events.iter().enumerate() {
            self.event(&batch, index as u32, event, &mut documents, &mut failures);
        }
        failures.report(&raw);
        documents
    }

    fn event(
        &mut self,
        batch: &Batch<'_>,
        index: u32,
        event: &RawEvent,
        documents: &mut DocumentBatch,
        failures: &mut Failures,
    ) {
        let bytes = batch.raw.bytes(event);
        let failure = match std::str::from_utf8(bytes) {
            Ok(text) => {
                self.begin(batch, text, event.offset);
                match self.run(batch) {
                    Ok(Outcome::Done) => None,
                    Ok(Outcome::Dropped) => {
                        documents.dropped += 1;
                        return;
                    }
                    Err(reason) => {
                        self.begin(batch, text, event.offset);
                        Some(reason)
                    }
                }
            }
            Err(_) => {
                let (text, reason) = failed::escape_invalid(bytes);
                self.begin(batch, &text, event.offset);
                Some(reason)
            }
        };
        if let Some(reason) = &failure {
            failed::mark(&mut self.doc, reason, &batch.timestamp);
        }
        let is_failed = failure.is_some() || self.says_it_failed();
        if is_failed {
            failures.note(event, failure);
        }
        self.shared.networks.apply(&mut self.doc);
        self.push(batch, index, bytes, is_failed, documents);
    }

    /// Runs the dataset's pipeline; a mistake of the engine costs one event its fields, and not the sidecar its life.
    fn run(&mut self, batch: &Batch<'_>) -> Result<Outcome, String> {
        let dataset = batch.raw.source.dataset.as_str();
        let run = AssertUnwindSafe(|| self.shared.pipelines.run(dataset, &mut self.doc, &batch.timestamp));
        match catch_unwind(run) {
            Ok(result) => result.map_err(|failure| failed::message(&failure)),
            Err(_) => {
                Err(format!("the engine of pipeline [{dataset}] broke on this event; please report it"))
            }
        }
    }

    fn begin(&mut self, batch: &Batch<'_>, text: &str, offset: u64) {
        self.doc.clear();
        batch.base.begin(&mut self.doc, &self.shared.names, text, offset);
    }

    /// Whether the pipeline handled a failure of its own.
    fn says_it_failed(&self) -> bool {
        self.doc.find(&self.shared.kind).and_then(|kind| self.doc.as_str(kind)) == Some("pipeline_error")
    }

    fn push(&self, batch: &Batch<'_>, index: u32, bytes: &[u8], failed: bool, documents: &mut DocumentBatch) {
        let doc = &self.doc;
        let metadata = |key: &Key| doc.get(Doc::METADATA, key).and_then(|node| doc.as_str(node));
        let other;
        let stream = match metadata(&self.shared.index) {
            Some(name) if name != &*batch.stream && !name.is_empty() => {
                other = Arc::from(name);
                &other
            }
            _ => &batch.stream,
        };
        let write = |out: &mut Vec<u8>| doc.write(Doc::SOURCE, out);
        match metadata(&self.shared.id).filter(|id| (1..=MAX_ID).contains(&id.len())) {
            Some(id) => documents.push(index, stream, id, failed, write),
            None => {
                let id = digest(batch.raw.source.dataset.as_str(), bytes);
                documents.push(index, stream, &id, failed, write);
            }
        }
    }
}

/// The id of an event that has none of its own: the same line again is the same document.
fn digest(dataset: &str, raw: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(dataset.as_bytes());
    hash.update([0]);
    hash.update(raw);
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// The failures of a batch, of which the first is told in full.
#[derive(Default)]
struct Failures {
    count: u64,
    first: Option<(u64, Option<String>)>,
}

impl Failures {
    fn note(&mut self, event: &RawEvent, reason: Option<String>) {
        self.count += 1;
        self.first.get_or_insert((event.offset, reason));
    }

    fn report(&self, raw: &RawBatch) {
        if let Some((offset, reason)) = &self.first {
            tracing::warn!(
                source = %raw.source.id,
                file = raw.location.as_deref().unwrap_or_default(),
                offset,
                events = self.count,
                reason = reason.as_deref().unwrap_or("see error.message of the document"),
                "events failed in their pipeline; each is delivered with event.kind pipeline_error and its raw event"
            );
        }
    }
}
