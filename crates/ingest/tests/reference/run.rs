//! Runs a processor on a document.

use event::Doc;
use ingest::{Definition, Lookups, Outcome};
use serde_json::{Map, Value, json};

/// What came of it.
pub(crate) enum Came {
    /// The document.
    Document(Value),
    Dropped,
    /// Why it failed.
    Failed(String),
    /// Why the pipeline is refused.
    Refused(String),
}

/// The type and the options of an example's processor.
pub(crate) fn parsed(processor: &str) -> (String, Map<String, Value>) {
    let value: Value = serde_saphyr::from_str(processor).unwrap();
    let (name, options) = value.as_object().unwrap().iter().next().unwrap();
    (name.clone(), options.as_object().unwrap().clone())
}

/// Runs a processor with these options.
pub(crate) fn run(name: &str, options: &Map<String, Value>, before: &str) -> Came {
    let body = json!({"processors": [{name: options}]}).as_object().unwrap().clone();
    let definition = Definition { id: "test".to_owned(), origin: "test".to_owned(), body };
    let pipelines = match ingest::compile(&[definition], &Lookups::default()) {
        Ok(pipelines) => pipelines,
        Err(errors) => return Came::Refused(errors[0].message()),
    };
    let mut doc = Doc::new();
    let root = doc.parse_str(before).unwrap();
    doc.set_data(Doc::SOURCE, doc.data(root));
    match pipelines.run("test", &mut doc, "2026-01-02T03:04:05.678Z") {
        Ok(Outcome::Done) => Came::Document(serde_json::from_str(&doc.json(Doc::SOURCE)).unwrap()),
        Ok(Outcome::Dropped) => Came::Dropped,
        Err(failure) => Came::Failed(failure.reason.clone()),
    }
}
