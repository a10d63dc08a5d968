//! Batches of documents for the tests of this crate.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elasticsearch_sink::{BackoffConfig, ElasticsearchConfig, ElasticsearchSink};
use event::{Checkpoint, Dataset, DocumentBatch, RawBatch, RawEvent, Source};
use serde_json::Value;

/// A batch of documents with the given ids, for one data stream.
pub(crate) fn batch<'a>(
    stream: &str,
    documents: impl IntoIterator<Item = (&'a str, Value)>,
) -> DocumentBatch {
    let documents: Vec<_> = documents.into_iter().collect();
    let raw: String = documents.iter().map(|(id, _)| format!("{id}\n")).collect();
    let mut events = Vec::new();
    let mut start = 0;
    for (id, _) in &documents {
        events.push(RawEvent { span: start..start + id.len(), offset: start as u64 });
        start += id.len() + 1;
    }
    let source = Source::new("test", Dataset::new("cursor.audit").unwrap());
    let raw = RawBatch {
        source: Arc::new(source),
        sequence: 0,
        location: None,
        buffer: Bytes::from(raw),
        events,
        collected: "2026-01-01T00:00:00Z".parse().unwrap(),
        checkpoint: Checkpoint::default(),
        notices: Vec::new(),
        set_aside: Vec::new(),
        settled: None,
    };
    let mut batch = DocumentBatch::new(Arc::new(raw));
    let stream: Arc<str> = stream.into();
    for (event, (id, source)) in (0..).zip(documents) {
        batch.push(event, &stream, id, false, |buffer| {
            buffer.extend_from_slice(source.to_string().as_bytes());
        });
    }
    batch
}

/// A configuration for the server at `url` with short waits.
pub(crate) fn config(url: &str) -> ElasticsearchConfig {
    ElasticsearchConfig {
        hosts: vec![url.to_owned()],
        proxy_disable: true,
        timeout: Duration::from_secs(60),
        backoff: BackoffConfig { init: Duration::from_millis(2), max: Duration::from_millis(20) },
        ..Default::default()
    }
}

/// A destination at `url`.
pub(crate) fn sink(url: &str) -> ElasticsearchSink {
    ElasticsearchSink::new(&config(url)).unwrap()
}
