//! What a document begins with, before its pipeline runs.

use std::sync::Arc;

use event::{Doc, Fragment, Key, NodeId, RawBatch};
use serde_json::{Map, Value, json};

/// The tag by which Elastic's pipelines keep `event.original`.
pub(crate) const PRESERVE_ORIGINAL: &str = "preserve_original_event";

/// What all documents of a batch begin with.
pub(crate) struct Base {
    /// The source but for `message` and `log.offset`.
    fields: Arc<Fragment>,
    /// `_index`
    pub(crate) stream: Key,
    has_location: bool,
}

/// The names that are added for each event.
pub(crate) struct Names {
    message: Key,
    log: Key,
    offset: Key,
    index: Key,
}

impl Default for Names {
    fn default() -> Self {
        let [message, log, offset, index] = ["message", "log", "offset", "_index"].map(Key::new);
        Self { message, log, offset, index }
    }
}

impl Base {
    pub(crate) fn new(raw: &RawBatch) -> Self {
        let source = &raw.source;
        let collected = format!("{:.3}", raw.collected);
        let mut fields = Map::new();
        fields.insert("@timestamp".to_owned(), collected.clone().into());
        fields.insert(
            "data_stream".to_owned(),
            json!({ "type": "logs", "dataset": source.dataset.as_str(), "namespace": &*source.namespace }),
        );
        fields
            .insert("event".to_owned(), json!({ "dataset": source.dataset.as_str(), "created": collected }));
        let mut tags = source.tags.clone();
        if source.preserve_original_event && !tags.iter().any(|tag| tag == PRESERVE_ORIGINAL) {
            tags.push(PRESERVE_ORIGINAL.to_owned());
        }
        if !tags.is_empty() {
            fields.insert("tags".to_owned(), tags.into());
        }
        if let Some(location) = &raw.location {
            fields.insert("log".to_owned(), json!({ "file": { "path": &**location } }));
        }
        Self {
            fields: Arc::new(Fragment::from_value(&Value::Object(fields))),
            stream: Key::new(&format!("logs-{}-{}", source.dataset, source.namespace)),
            has_location: raw.location.is_some(),
        }
    }

    /// Begins a document. `message` is the raw event as text.
    pub(crate) fn begin(&self, doc: &mut Doc, names: &Names, message: &str, offset: u64) {
        doc.begin(&self.fields);
        let message = doc.string(message);
        doc.put(Doc::SOURCE, &names.message, message);
        if self.has_location
            && let Some(log) = doc.get(Doc::SOURCE, &names.log)
        {
            let offset = long(doc, offset);
            doc.put(log, &names.offset, offset);
        }
        let stream = doc.constant_string(&self.stream);
        doc.put(Doc::METADATA, &names.index, stream);
    }
}

fn long(doc: &mut Doc, value: u64) -> NodeId {
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    doc.node(i32::try_from(value).map_or(event::Data::Long(value), event::Data::int))
}
