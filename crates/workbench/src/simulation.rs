//! One document through a pipeline, without an index.

use event::{Data, Doc, Key};
use ingest::{Failure, Outcome, Pipelines, Watch};
use serde_json::{Map, Value};

/// A document as a pipeline gets and leaves it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// `_index`, `_id` and other metadata.
    pub metadata: Map<String, Value>,
    /// `_source`.
    pub source: Value,
    /// `_ingest`, as the pipeline leaves it.
    pub ingest: Map<String, Value>,
}

impl Document {
    /// A document with the metadata that `_simulate` gives one that has none.
    pub fn new(source: Value) -> Self {
        let metadata = [("_index", "_index"), ("_id", "_id")];
        Self {
            metadata: metadata.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect(),
            source,
            ingest: Map::new(),
        }
    }

    /// What a document of the engine holds.
    pub fn of(doc: &Doc) -> Self {
        let fields = |root| match parsed(&doc.json(root)) {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let (metadata, ingest) = (fields(Doc::METADATA), fields(Doc::INGEST));
        Self { metadata, source: parsed(&doc.json(Doc::SOURCE)), ingest }
    }

    /// Fills a document of the engine, which is empty.
    pub(crate) fn fill(&self, doc: &mut Doc) {
        if let Ok(root) = doc.parse_str(&self.source.to_string())
            && let data @ Data::Object(_) = doc.data(root)
        {
            doc.set_data(Doc::SOURCE, data);
        }
        for (name, value) in &self.metadata {
            if let Ok(node) = doc.parse_str(&value.to_string()) {
                doc.put(Doc::METADATA, &Key::new(name), node);
            }
        }
    }
}

/// The engine's own text, which is JSON; text where a number is beyond what values hold.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|_| Value::String(json.to_owned()))
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Simulated {
    /// It is to be indexed.
    Done(Box<Document>),
    /// A processor dropped it.
    Dropped,
    /// It failed and nobody handled that.
    Failed(Failure),
}

/// Runs a pipeline on a document; somebody may watch. `timestamp` is what `_ingest.timestamp` gives.
pub fn simulate(
    pipelines: &Pipelines,
    id: &str,
    document: &Document,
    timestamp: &str,
    watch: Option<&mut dyn Watch>,
) -> Simulated {
    through(document, |doc| match watch {
        Some(watch) => pipelines.watch(id, doc, timestamp, watch),
        None => pipelines.run(id, doc, timestamp),
    })
}

/// Runs whatever is to run on a document.
pub fn through(document: &Document, run: impl FnOnce(&mut Doc) -> Result<Outcome, Failure>) -> Simulated {
    let mut doc = Doc::new();
    document.fill(&mut doc);
    match run(&mut doc) {
        Ok(Outcome::Done) => Simulated::Done(Document::of(&doc).into()),
        Ok(Outcome::Dropped) => Simulated::Dropped,
        Err(failure) => Simulated::Failed(failure),
    }
}
