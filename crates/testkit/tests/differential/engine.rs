//! The engine's side.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use enrich::GeoLookup;
use event::Doc;
use ingest::{Definition, Lookups, Outcome as Ran, Pipelines, StoredScript, Watch};
use serde_json::{Map, Value};

use crate::compare::Outcome;

/// What `_simulate` gives a document that has no `_index` and `_id`.
pub(crate) const INDEX: &str = "_index";
pub(crate) const ID: &str = "_id";

const NOW: &str = "2026-01-02T03:04:05.678Z";

/// Compiles the pipelines, with the stored scripts that they name, or says as what they are refused.
pub(crate) fn compile(
    definitions: &BTreeMap<String, Map<String, Value>>,
    scripts: &BTreeMap<String, String>,
) -> Result<Pipelines, Outcome> {
    let definitions: Vec<Definition> = definitions
        .iter()
        .map(|(id, body)| Definition { id: id.clone(), origin: id.clone(), body: body.clone() })
        .collect();
    static LOOKUPS: LazyLock<Lookups> =
        LazyLock::new(|| Lookups { geo: Arc::new(GeoLookup::of_samples()), ..Lookups::default() });
    let stored = |(id, source): (&String, &String)| {
        (id.clone(), StoredScript { lang: "painless".to_owned(), source: source.clone() })
    };
    let scripts = Arc::new(scripts.iter().map(stored).collect());
    ingest::compile(&definitions, &Lookups { scripts, ..LOOKUPS.clone() })
        .map_err(|errors| Outcome::Refused { kind: errors[0].kind.to_owned(), reason: errors[0].message() })
}

/// Runs the pipeline `id` on a document in JSON.
pub(crate) fn run(
    id: &str,
    pipelines: &Result<Pipelines, Outcome>,
    document: &str,
    timestamp: Option<&str>,
) -> Outcome {
    let pipelines = match pipelines {
        Ok(pipelines) => pipelines,
        Err(refused) => return refused.clone(),
    };
    let mut doc = before(document);
    match pipelines.run(id, &mut doc, timestamp.unwrap_or(NOW)) {
        Ok(Ran::Done) => Outcome::Document {
            id: metadata(&doc, ID),
            index: metadata(&doc, INDEX),
            source: parsed(doc.json(Doc::SOURCE)),
        },
        Ok(Ran::Dropped) => Outcome::Dropped,
        Err(failure) => Outcome::Failed { kind: failure.kind.to_owned(), reason: failure.reason.clone() },
    }
}

/// Runs it while somebody watches.
pub(crate) fn watch(id: &str, pipelines: &Pipelines, document: &str, watch: &mut dyn Watch) {
    // What comes of it, who watches sees.
    drop(pipelines.watch(id, &mut before(document), NOW, watch));
}

fn before(document: &str) -> Doc {
    let mut doc = Doc::new();
    let root = doc.parse_str(document).expect("a document in JSON");
    doc.set_data(Doc::SOURCE, doc.data(root));
    for (name, value) in [(INDEX, INDEX), (ID, ID)] {
        let node = doc.string(value);
        doc.put_named(Doc::METADATA, name, node);
    }
    doc
}

fn metadata(doc: &Doc, name: &str) -> String {
    let value = doc.get_named(Doc::METADATA, name).and_then(|node| doc.as_str(node));
    value.unwrap_or_default().to_owned()
}

/// The document; its text where a number is beyond what is compared.
fn parsed(json: String) -> Value {
    serde_json::from_str(&json).unwrap_or(Value::String(json))
}
