//! One event after another, on one thread.

use std::borrow::Cow;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrich::Networks;
use event::{Data, Doc, DocumentBatch, FieldPath, Key, RawBatch, RawEvent};
use ingest::{Failure, IndexPipelines, Outcome, Pipelines};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::base::{Base, Names};
use crate::failed;
use crate::streams::Streams;

/// Elasticsearch's limit for `_id`, in bytes.
const MAX_ID: usize = 512;

/// What all events share.
pub struct Normalization {
    pipelines: ArcSwap<Pipelines>,
    networks: Networks,
    names: Names,
    index: Key,
    id: Key,
    kind: FieldPath,
}

impl Normalization {
    /// Takes compiled pipelines, of which a dataset's events go through the one that is called as the dataset, and
    /// the networks that have names.
    pub fn new(pipelines: impl Into<Arc<Pipelines>>, networks: Networks) -> Self {
        #[expect(clippy::expect_used, reason = "a constant that is a path")]
        let kind = FieldPath::parse("event.kind").expect("a path");
        Self {
            pipelines: ArcSwap::new(pipelines.into()),
            networks,
            names: Names::default(),
            index: Key::new("_index"),
            id: Key::new("_id"),
            kind,
        }
    }

    /// The pipelines as they are now.
    pub fn pipelines(&self) -> Arc<Pipelines> {
        self.pipelines.load_full()
    }

    /// Puts other pipelines in their place: batches that begin from now on go through these.
    pub fn replace(&self, pipelines: Arc<Pipelines>) {
        self.pipelines.store(pipelines);
    }
}

/// Events that go through their pipeline side by side.
const ROW: usize = 8;

/// Normalizes batches; holds the memory that events use one after another.
pub struct Worker {
    shared: Arc<Normalization>,
    docs: Vec<Doc>,
}

/// What is the same for the events of one batch.
struct Batch<'a> {
    raw: &'a RawBatch,
    pipelines: &'a Pipelines,
    base: Base,
    stream: Arc<str>,
    own: IndexPipelines,
    timestamp: String,
}

/// An event as text.
struct Incoming<'a> {
    event: &'a RawEvent,
    index: u32,
    text: Cow<'a, str>,
    /// What is wrong with its bytes, where they are no text.
    invalid: Option<String>,
}

impl<'a> Incoming<'a> {
    fn new(raw: &'a RawBatch, index: usize) -> Self {
        let event = &raw.events[index];
        let bytes = raw.bytes(event);
        let (text, invalid) = match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), None),
            Err(_) => {
                let (text, reason) = failed::escape_invalid(bytes);
                (Cow::Owned(text), Some(reason))
            }
        };
        Self { event, index: index as u32, text, invalid }
    }
}

impl Worker {
    /// A worker with empty memory.
    pub fn new(shared: Arc<Normalization>) -> Self {
        Self { shared, docs: vec![Doc::new(); ROW] }
    }

    /// Makes the documents of a batch, in the order of its events.
    pub fn normalize(&mut self, raw: Arc<RawBatch>) -> DocumentBatch {
        let (base, pipelines) = (Base::new(&raw), self.shared.pipelines());
        let stream = Arc::from(base.stream.name());
        let own = IndexPipelines { first: Some(raw.source.dataset.to_string()), last: None };
        let timestamp = format!("{:.3}", Timestamp::now());
        let batch = Batch { raw: &raw, pipelines: &pipelines, base, stream, own, timestamp };
        let mut documents = DocumentBatch::new(Arc::clone(&raw));
        let mut failures = Failures::default();
        let mut row = Vec::with_capacity(ROW);
        for first in (0..raw.events.len()).step_by(ROW) {
            row.extend((first..raw.events.len().min(first + ROW)).map(|index| Incoming::new(&raw, index)));
            let outcomes = self.run(&batch, &row);
            for (lane, (incoming, outcome)) in row.drain(..).zip(outcomes).enumerate() {
                self.finish(&batch, lane, &incoming, outcome, &mut documents, &mut failures);
            }
        }
        failures.report(&raw);
        documents
    }

    /// Runs the dataset's pipeline on some events; a mistake of the engine costs one event its fields, and not the
    /// sidecar its life.
    fn run(&mut self, batch: &Batch<'_>, row: &[Incoming<'_>]) -> Vec<Result<Outcome, String>> {
        let (pipelines, dataset) = (batch.pipelines, batch.raw.source.dataset.as_str());
        let streams = Streams { pipelines, own: dataset };
        let mut run = |lanes: Range<usize>| {
            for lane in lanes.clone() {
                batch.begin(&mut self.docs[lane], &self.shared.names, &row[lane]);
            }
            let docs = &mut self.docs[lanes];
            catch_unwind(AssertUnwindSafe(|| {
                pipelines.route_abreast(&batch.own, &streams, docs, &batch.timestamp)
            }))
        };
        let told = |how: Result<Outcome, Failure>| how.map_err(|failure| failed::message(&failure));
        if let Ok(outcomes) = run(0..row.len()) {
            return outcomes.into_iter().map(told).collect();
        }
        let broke = || format!("the engine of pipeline [{dataset}] broke on this event; please report it");
        (0..row.len())
            .map(|lane| {
                run(lane..lane + 1).ok().and_then(|mut one| one.pop()).map_or_else(|| Err(broke()), told)
            })
            .collect()
    }

    /// Puts the document of an event to the others.
    fn finish(
        &mut self,
        batch: &Batch<'_>,
        lane: usize,
        incoming: &Incoming<'_>,
        outcome: Result<Outcome, String>,
        documents: &mut DocumentBatch,
        failures: &mut Failures,
    ) {
        let (shared, doc) = (&*self.shared, &mut self.docs[lane]);
        let failure = match (outcome, &incoming.invalid) {
            (Ok(Outcome::Done), None) => None,
            (Ok(Outcome::Dropped), None) => {
                documents.dropped += 1;
                return;
            }
            // What the pipeline knows of an event stays: that it failed, or what it made of a text with wrong bytes.
            (Ok(Outcome::Done), Some(reason)) => {
                failed::keep_original(doc, &incoming.text);
                // The id is that of the event with the right bytes.
                doc.remove(Doc::METADATA, &shared.id);
                Some(reason.clone())
            }
            (Ok(Outcome::Dropped), Some(reason)) => {
                batch.begin(doc, &shared.names, incoming);
                Some(reason.clone())
            }
            (Err(reason), invalid) => {
                batch.begin(doc, &shared.names, incoming);
                Some(invalid.clone().unwrap_or(reason))
            }
        };
        if let Some(reason) = &failure {
            failed::mark(doc, reason, &batch.timestamp);
        }
        let is_failed = failure.is_some() || shared.says_it_failed(doc);
        if is_failed {
            failures.note(incoming, failure);
        }
        shared.networks.apply(doc);
        shared.push(batch, incoming, doc, is_failed, documents);
    }
}

impl Batch<'_> {
    fn begin(&self, doc: &mut Doc, names: &Names, incoming: &Incoming<'_>) {
        self.base.begin(doc, names, &incoming.text, incoming.event.offset);
    }
}

impl Normalization {
    /// Whether the pipeline handled a failure of its own.
    fn says_it_failed(&self, doc: &Doc) -> bool {
        doc.find(&self.kind).and_then(|kind| doc.as_str(kind)) == Some("pipeline_error")
    }

    fn push(
        &self,
        batch: &Batch<'_>,
        incoming: &Incoming<'_>,
        doc: &Doc,
        failed: bool,
        documents: &mut DocumentBatch,
    ) {
        let metadata = |key: &Key| doc.get(Doc::METADATA, key).and_then(|node| doc.as_str(node));
        let other;
        let stream = match metadata(&self.index) {
            Some(name) if name != &*batch.stream && !name.is_empty() => {
                other = Arc::from(name);
                &other
            }
            _ => &batch.stream,
        };
        let write = |out: &mut Vec<u8>| doc.write(Doc::SOURCE, out);
        let more = more_of_the_action(doc);
        match metadata(&self.id).filter(|id| (1..=MAX_ID).contains(&id.len())) {
            Some(id) => documents.push_with(incoming.index, stream, id, failed, &more, write),
            None => {
                let id = digest(batch.raw.source.dataset.as_str(), batch.raw.bytes(incoming.event));
                documents.push_with(incoming.index, stream, &id, failed, &more, write);
            }
        }
    }
}

/// Metadata that `_bulk` takes beside `_index` and `_id`, and its names for them.
const OF_THE_ACTION: [(&str, &str); 2] =
    [("_routing", ",\"routing\":"), ("_dynamic_templates", ",\"dynamic_templates\":")];

/// What a pipeline set of the action beside `_index` and `_id`.
fn more_of_the_action(doc: &Doc) -> Vec<u8> {
    let mut more = Vec::new();
    // Nearly no document has more than the two.
    if doc.children(Doc::METADATA).nth(2).is_some() {
        for (name, action) in OF_THE_ACTION {
            if let Some(node) =
                doc.get_named(Doc::METADATA, name).filter(|node| doc.data(*node) != Data::Null)
            {
                more.extend_from_slice(action.as_bytes());
                doc.write(node, &mut more);
            }
        }
    }
    more
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
    first: Option<(u64, String)>,
}

impl Failures {
    fn note(&mut self, incoming: &Incoming<'_>, reason: Option<String>) {
        self.count += 1;
        self.first.get_or_insert_with(|| {
            (incoming.event.offset, reason.unwrap_or_else(|| handled(&incoming.text)))
        });
    }

    fn report(&self, raw: &RawBatch) {
        if let Some((offset, reason)) = &self.first {
            tracing::warn!(
                source = %raw.source.id,
                file = raw.location.as_deref().unwrap_or_default(),
                offset,
                events = self.count,
                reason = %reason,
                "events failed in their pipeline; each is delivered with event.kind pipeline_error and its raw event"
            );
        }
    }
}

/// What to do about an event whose failure its pipeline handled: the document says why, in words that may quote the
/// event, which logs must not.
fn handled(text: &str) -> String {
    let see = "see error.message of the document";
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => see.to_owned(),
        Err(error) => format!(
            "the event is no JSON ({error}): get an intact copy, or name the dataset that it is of; {see}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::PRESERVE_ORIGINAL;
    use event::{Checkpoint, Dataset, Source};
    use ingest::{Definition, Lookups};
    use serde_json::{Value, json};

    #[test]
    fn routing_and_dynamic_templates_are_told_to_bulk() {
        let routing = "{set: {field: _routing, value: r}}";
        let templates = "{set: {field: _dynamic_templates, value: {address: geo_point}}}";
        for (fields, more) in [
            ("{set: {field: a, value: 1}}", ""),
            ("{set: {field: _version, value: 7}}", ""),
            (routing, r#","routing":"r""#),
            (
                &format!("{routing}, {templates}"),
                r#","routing":"r","dynamic_templates":{"address":"geo_point"}"#,
            ),
        ] {
            let text = format!("processors: [{fields}, {{set: {{field: _id, value: i}}}}]");
            let batch = batch_of(&[("a.b", &text)], b"{}");
            let lines = String::from_utf8(batch.bulk().to_vec()).unwrap();
            let wanted = format!(r#"{{"create":{{"_index":"logs-a.b-default","_id":"i"{more}}}}}"#);
            assert_eq!(lines.lines().next(), Some(wanted.as_str()));
        }
    }

    #[test]
    fn what_is_no_json_is_told_without_quoting_it() {
        assert_eq!(handled("{}"), "see error.message of the document");
        let told = handled("secret words {");
        assert!(told.starts_with("the event is no JSON (expected value at line 1 column 1): get"), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }

    #[test]
    fn pipelines_that_are_replaced_count_from_the_next_batch_on() {
        let pipelines = |value: u8| {
            let text = format!(
                "processors: [{{set: {{field: x, value: {value}}}}}, {{set: {{field: y, copy_from: x}}}}]"
            );
            let definition = Definition::parse("a.b", "a.b", &text).unwrap();
            ingest::compile(&[definition], &Lookups::default()).unwrap()
        };
        let shared = Arc::new(Normalization::new(pipelines(0), Networks::default()));
        let mut worker = Worker::new(Arc::clone(&shared));
        for value in 0..3 {
            shared.replace(pipelines(value).into());
            let batch = worker.normalize(Arc::new(raw(b"{}")));
            let source: Value = serde_json::from_slice(batch.source(&batch.documents[0])).unwrap();
            assert_eq!((&source["x"], &source["y"]), (&json!(value), &json!(value)));
        }
    }

    /// The document of one event, and whether it failed.
    fn document(pipeline: &str, event: &[u8]) -> Option<(Value, String, bool)> {
        document_of(&[("a.b", pipeline)], event)
    }

    fn document_of(pipelines: &[(&str, &str)], event: &[u8]) -> Option<(Value, String, bool)> {
        let batch = batch_of(pipelines, event);
        let document = batch.documents.first()?;
        let source = serde_json::from_slice(batch.source(document)).unwrap();
        Some((source, batch.id(document).to_owned(), document.failed))
    }

    fn batch_of(pipelines: &[(&str, &str)], event: &[u8]) -> DocumentBatch {
        let parsed = pipelines.iter().map(|(id, text)| Definition::parse(id, id, text).unwrap());
        let pipelines = ingest::compile(&parsed.collect::<Vec<_>>(), &Lookups::default()).unwrap();
        let mut worker = Worker::new(Arc::new(Normalization::new(pipelines, Networks::default())));
        worker.normalize(Arc::new(raw(event)))
    }

    fn raw(event: &[u8]) -> RawBatch {
        RawBatch {
            source: Arc::new(Source::new("test", Dataset::new("a.b").unwrap())),
            sequence: 0,
            location: None,
            buffer: event.to_vec().into(),
            events: vec![RawEvent { span: 0..event.len(), offset: 0 }],
            collected: Timestamp::UNIX_EPOCH,
            checkpoint: Checkpoint::default(),
            notices: Vec::new(),
            set_aside: Vec::new(),
            settled: None,
        }
    }

    #[test]
    fn a_document_that_is_sent_to_another_dataset_meets_its_pipeline() {
        let to = |fields: &str| {
            format!("processors: [{{set: {{field: first, value: 1}}}}, {{reroute: {{{fields}}}}}]")
        };
        let of_c = "processors: [{set: {field: second, value: '{{data_stream.dataset}}'}}]";
        let back = "processors: [{set: {field: second, value: 1}}, {reroute: {dataset: a.b}}]";
        for (first, other, second, reason) in [
            ("dataset: c.d", of_c, json!("c.d"), Value::Null),
            // Its own pipeline is behind it.
            ("namespace: other", of_c, Value::Null, Value::Null),
            ("dataset: nobody", of_c, Value::Null, Value::Null),
            (
                "dataset: c.d",
                back,
                Value::Null,
                json!(
                    "index cycle detected while processing pipeline [c.d] for document [null]: [logs-a.b-default, logs-c.d-default, logs-a.b-default]"
                ),
            ),
        ] {
            let (source, _, failed) = document_of(&[("a.b", &to(first)), ("c.d", other)], b"{}").unwrap();
            assert_eq!(source["second"], second, "{first} {other}");
            assert_eq!(failed, !reason.is_null(), "{source}");
            if failed {
                assert!(
                    source["error"]["message"].to_string().contains(reason.as_str().unwrap()),
                    "{source}"
                );
            }
        }
    }

    #[test]
    fn an_event_that_is_no_text_fails_whatever_its_pipeline_does() {
        let says = "the event is not UTF-8: byte 0xFF at offset 1 of the event; it is kept as \\xFF";
        for (pipeline, field, before) in [
            // It accepts the text.
            ("processors: [{set: {field: x, value: 1}}, {set: {field: _id, value: own}}]", json!(1), json!([])),
            ("processors: [{set: {field: x, value: 1}}, {remove: {field: message}}]", json!(1), json!([])),
            // It handles its failure.
            (
                "processors: [{json: {field: message}}]
on_failure: [{set: {field: event.kind, value: pipeline_error}}, {set: {field: x, value: 2}}, {set: {field: error.message, value: no}}]",
                json!(2),
                json!(["no"]),
            ),
            // It does not.
            ("processors: [{json: {field: message}}]", Value::Null, json!([])),
            ("processors: [{drop: {}}]", Value::Null, json!([])),
        ] {
            let (source, id, failed) = document(pipeline, b"{\xff}").unwrap();
            assert!(failed, "{pipeline}");
            assert_eq!(id, digest("a.b", b"{\xff}"), "{pipeline}");
            assert_eq!(source["x"], field, "{pipeline}");
            assert_eq!(source["event"]["kind"], "pipeline_error", "{pipeline}");
            assert_eq!(source["event"]["original"], "{\\xFF}", "{pipeline}");
            assert_eq!(source["message"], Value::Null, "{pipeline}");
            assert_eq!(source["tags"], json!([PRESERVE_ORIGINAL]), "{pipeline}");
            let mut messages = before.as_array().unwrap().clone();
            messages.push(says.into());
            assert_eq!(source["error"]["message"], Value::Array(messages), "{pipeline}");
        }
        assert!(document("processors: [{drop: {}}]", b"{}").is_none());
    }
}
