//! The shipped pipelines with every fixture.
//!
//! `tests/fixtures/DATASET/*.ndjson` hold raw events, a line each; the dataset's pipeline is called as the dataset.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::compare::{differences, node_limit};
use crate::node::Node;
use crate::report::Report;
use crate::{engine, rewrite};

/// How much of a dataset's pipelines must run on the node, in percent of the processors.
const LEAST: usize = 90;

/// Compares all datasets.
pub(crate) async fn compare(node: &Node, report: &mut Report) {
    let definitions: BTreeMap<String, Map<String, Value>> = normalize::shipped()
        .expect("the shipped pipelines")
        .into_iter()
        .map(|definition| (definition.id, definition.body))
        .collect();
    for entry in std::fs::read_dir(testkit::root().join("tests/fixtures")).expect("fixtures") {
        let dir = entry.unwrap().path();
        let dataset = dir.file_name().unwrap().to_string_lossy().into_owned();
        if definitions.contains_key(&dataset) {
            let of_dataset = definitions
                .iter()
                .filter(|(id, _)| **id == dataset || id.starts_with(&format!("{dataset}-")))
                .map(|(id, body)| (id.clone(), body.clone()))
                .collect();
            one(node, report, &dataset, &of_dataset, &events(&dir, &dataset)).await;
        }
    }
}

async fn one(
    node: &Node,
    report: &mut Report,
    dataset: &str,
    definitions: &BTreeMap<String, Map<String, Value>>,
    documents: &[String],
) {
    let rewritten = rewrite::all(definitions, &node.processors);
    let answers = node.simulate(dataset, &rewritten.definitions, documents).await;
    for (document, theirs) in documents.iter().zip(answers) {
        let ours = engine::run(dataset, definitions, document, theirs.timestamp.as_deref());
        let found = differences(&ours, &theirs.outcome, false);
        let limit = node_limit(&theirs.outcome).filter(|_| !found.is_empty());
        match theirs.left_out.as_deref().or(limit) {
            Some(why) => report.unproven(dataset, document, &format!("{why} ({} differences)", found.len())),
            None if found.is_empty() => report.proven(),
            None => report.wrong(dataset, document, &found),
        }
    }
    let share = (rewritten.processors - rewritten.left_out.len()) * 100 / rewritten.processors;
    report.note(format!(
        "{dataset}: {} processors, {} rewritten, left out: {:?}; {share} % of them run on the node",
        rewritten.processors, rewritten.rewritten, rewritten.left_out
    ));
    assert!(share >= LEAST, "{dataset}: only {share} % of the processors run on the node");
    note_unreached(node, report, dataset, definitions, documents).await;
}

/// Says which processors no fixture reaches: they are compiled by the node and not compared.
async fn note_unreached(
    node: &Node,
    report: &mut Report,
    dataset: &str,
    definitions: &BTreeMap<String, Map<String, Value>>,
    documents: &[String],
) {
    let mut named = definitions.clone();
    let mut all = Vec::new();
    for (id, body) in &mut named {
        for list in ["processors", "on_failure"] {
            if let Some(Value::Array(processors)) = body.get_mut(list) {
                processors.iter_mut().for_each(|processor| name(processor, id, &mut all));
            }
        }
    }
    let rewritten = rewrite::all(&named, &node.processors);
    let reached = node.reached(dataset, &rewritten.definitions, documents).await;
    let missed: Vec<&String> = all.iter().filter(|tag| !reached.contains(*tag)).collect();
    report.note(format!(
        "{dataset}: {} of {} processors ran on some fixture; never: {missed:?}",
        all.len() - missed.len(),
        all.len()
    ));
}

/// Gives a processor and its handlers tags of their own.
fn name(processor: &mut Value, pipeline: &str, all: &mut Vec<String>) {
    let Some((kind, options)) = processor.as_object_mut().and_then(|it| it.iter_mut().next()) else { return };
    let tag = format!("{pipeline} {} {kind} {}", all.len(), options["tag"].as_str().unwrap_or_default());
    options["tag"] = json!(tag.trim_end());
    all.push(tag.trim_end().to_owned());
    if let Some(Value::Array(handlers)) = options.get_mut("on_failure") {
        handlers.iter_mut().for_each(|handler| name(handler, pipeline, all));
    }
}

/// What the events of a dataset are when their pipeline begins.
fn events(dir: &Path, dataset: &str) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut documents = Vec::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "ndjson")) {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let created = "2026-01-02T03:04:05.678Z";
            let document = json!({
                "@timestamp": created,
                "data_stream": {"type": "logs", "dataset": dataset, "namespace": "default"},
                "event": {"dataset": dataset, "created": created},
                "tags": ["forwarded"],
                "message": line,
            });
            documents.push(document.to_string());
        }
    }
    assert!(!documents.is_empty(), "no fixtures of {dataset}");
    documents
}
