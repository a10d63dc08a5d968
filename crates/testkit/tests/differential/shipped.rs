//! The shipped pipelines with every fixture, and with mutations of them.
//!
//! `tests/fixtures/DATASET/*.ndjson` hold raw events, a line each; the dataset's pipeline is called as the dataset.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::compare::{differences, node_limit};
use crate::node::Node;
use crate::report::Report;
use crate::{engine, mutate, rewrite};

/// Mutated events of a dataset, and the seed that they are made from.
const MUTATIONS: usize = 3000;
const SEED: u64 = 20_261_124;

/// How much of a dataset's pipelines must run on the node, in percent of the processors.
const LEAST: usize = 90;

/// Compares all datasets.
pub(crate) async fn compare(node: &Node, report: &mut Report) {
    let definitions: BTreeMap<String, Map<String, Value>> = normalize::shipped()
        .expect("the shipped pipelines")
        .into_iter()
        .map(|definition| (definition.id, definition.body))
        .collect();
    let fixtures = std::fs::read_dir(testkit::root().join("tests/fixtures")).expect("fixtures");
    let mut dirs: Vec<_> = fixtures.map(|entry| entry.unwrap().path()).collect();
    dirs.sort();
    for dir in dirs {
        let dataset = dir.file_name().unwrap().to_string_lossy().into_owned();
        if definitions.contains_key(&dataset) {
            let of_dataset = definitions
                .iter()
                .filter(|(id, _)| is_of(id, &dataset))
                .map(|(id, body)| (id.clone(), body.clone()))
                .collect();
            let lines = lines(&dir);
            let wild = mutate::mutations(&lines, MUTATIONS, SEED);
            let share = one(node, report, &dataset, &of_dataset, &lines).await;
            assert!(share >= LEAST, "{dataset}: only {share} % of the processors run on the node");
            note_unreached(node, report, &dataset, &of_dataset, &lines).await;
            one(node, report, &format!("{dataset}, mutated"), &of_dataset, &wild).await;
        }
    }
}

/// Whether a pipeline is a dataset's, or a part that several datasets share.
fn is_of(id: &str, dataset: &str) -> bool {
    id == dataset
        || ["trailcar", dataset]
            .iter()
            .any(|of| id.strip_prefix(of).is_some_and(|rest| rest.starts_with('-')))
}

/// Compares raw events; the share of the processors that the node runs, in percent.
async fn one(
    node: &Node,
    report: &mut Report,
    about: &str,
    definitions: &BTreeMap<String, Map<String, Value>>,
    lines: &[String],
) -> usize {
    let id = about.split(',').next().unwrap_or(about);
    let documents: Vec<String> = lines.iter().map(|line| document(line, id)).collect();
    let rewritten = rewrite::all(definitions, &node.processors);
    let pipelines = engine::compile(definitions, &BTreeMap::new());
    let answers = node.simulate(id, &rewritten.definitions, &BTreeMap::new(), &documents).await;
    for ((line, document), theirs) in lines.iter().zip(&documents).zip(answers) {
        let ours = engine::run(id, &pipelines, document, theirs.timestamp.as_deref());
        let found = differences(&ours, &theirs.outcome, false);
        let limit = node_limit(&theirs.outcome).filter(|_| !found.is_empty());
        match theirs.left_out.as_deref().or(limit) {
            Some(why) => report.unproven(about, &format!("{line}\n      {}", found.join("\n      ")), why),
            None if found.is_empty() => report.proven(),
            None => report.wrong(about, line, &found),
        }
    }
    let share = (rewritten.processors - rewritten.left_out.len()) * 100 / rewritten.processors;
    report.note(format!(
        "{about}: {} documents, {} processors, {} rewritten, left out: {:?}; {share} % of them run on the node",
        documents.len(),
        rewritten.processors,
        rewritten.rewritten,
        rewritten.left_out
    ));
    share
}

/// Says which processors no fixture reaches: they are compiled by the node and not compared.
async fn note_unreached(
    node: &Node,
    report: &mut Report,
    dataset: &str,
    definitions: &BTreeMap<String, Map<String, Value>>,
    lines: &[String],
) {
    let documents: Vec<String> = lines.iter().map(|line| document(line, dataset)).collect();
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
    let reached = node.reached(dataset, &rewritten.definitions, &documents).await;
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

/// The raw events of a dataset's fixtures.
fn lines(dir: &Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut lines = Vec::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "ndjson")) {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        lines.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
    assert!(!lines.is_empty(), "no fixtures in {}", dir.display());
    lines
}

/// What a raw event is when its pipeline begins.
fn document(line: &str, dataset: &str) -> String {
    let created = "2026-01-02T03:04:05.678Z";
    let document = json!({
        "@timestamp": created,
        "data_stream": {"type": "logs", "dataset": dataset, "namespace": "default"},
        "event": {"dataset": dataset, "created": created},
        "tags": ["forwarded"],
        "message": line,
    });
    document.to_string()
}
