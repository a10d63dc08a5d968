//! The shipped pipelines on the fixtures: each `tests/fixtures/<dataset>/<case>.ndjson` has the documents that must
//! come out beside it, in `<case>-expected.json`. `UPDATE_EXPECT=1 cargo test -p normalize --test golden` rewrites
//! those; read the difference before you commit it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests, with their helper functions")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enrich::Networks;
use event::{Checkpoint, Dataset, RawBatch, RawEvent, Source, SourceId};
use normalize::{Normalization, Worker};
use serde_json::{Value, json};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

/// The cases of a dataset: name and raw events.
fn cases(dataset: &str) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(fixtures().join(dataset))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ndjson"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

fn worker() -> Worker {
    let lookups =
        ingest::Lookups { geo: Arc::new(enrich::GeoLookup::of_samples()), ..ingest::Lookups::default() };
    let pipelines = ingest::compile(&normalize::shipped().unwrap(), &lookups).unwrap();
    Worker::new(Arc::new(Normalization::new(pipelines, Networks::default())))
}

/// Normalizes NDJSON; one value for each event, as the command `normalize` prints it.
fn normalize(worker: &mut Worker, dataset: &str, ndjson: &[u8]) -> Vec<Value> {
    let mut events = Vec::new();
    let mut at = 0;
    for line in ndjson.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len() - usize::from(line.ends_with(b"\n"));
        events.push(RawEvent { span: at..end, offset: at as u64 });
        at += line.len();
    }
    let raw = Arc::new(RawBatch {
        source: Arc::new(Source {
            id: SourceId::new("fixtures"),
            dataset: Dataset::new(dataset).unwrap(),
            namespace: "default".into(),
            tags: vec!["forwarded".to_owned()],
            preserve_original_event: false,
        }),
        sequence: 0,
        location: None,
        buffer: ndjson.to_vec().into(),
        events,
        collected: "2026-07-01T12:00:00Z".parse().unwrap(),
        checkpoint: Checkpoint::default(),
        notices: Vec::new(),
        set_aside: Vec::new(),
        settled: None,
    });
    let batch = worker.normalize(Arc::clone(&raw));
    let mut values = vec![json!({ "dropped": true }); raw.events.len()];
    for document in &batch.documents {
        let mut source: Value = serde_json::from_slice(batch.source(document)).unwrap();
        let ingested = source["event"].as_object_mut().unwrap().shift_remove("ingested");
        assert!(ingested.is_some(), "event.ingested is missing");
        values[document.event as usize] =
            json!({ "_index": &*document.stream, "_id": batch.id(document), "_source": source });
    }
    values
}

#[test]
fn fixtures_come_out_as_expected() {
    let mut worker = worker();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for dataset in normalize::definitions::datasets(&normalize::shipped().unwrap()) {
        assert!(!cases(dataset).is_empty(), "{dataset} has no fixtures");
        for (name, raw) in cases(dataset) {
            let documents = normalize(&mut worker, dataset, &raw);
            let path = fixtures().join(dataset).join(format!("{name}-expected.json"));
            if update {
                fs::write(&path, serde_json::to_string_pretty(&documents).unwrap() + "\n").unwrap();
                continue;
            }
            let expected: Vec<Value> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert_eq!(documents.len(), expected.len(), "{name}");
            for (line, (document, expected)) in documents.iter().zip(&expected).enumerate() {
                if document != expected {
                    wrong.push(format!(
                        "{dataset}/{name}.ndjson line {}\n  is    {document}\n  wants {expected}",
                        line + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} documents differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Takes out of `value` what `other` does not carry at all.
fn common(value: &Value, other: &Value) -> Value {
    match (value, other) {
        (Value::Object(fields), Value::Object(others)) => fields
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), common(value, others.get(key)?))))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => value.clone(),
    }
}

#[test]
fn an_event_is_the_same_document_by_either_route() {
    let mut worker = worker();
    let cases = cases("cursor.audit");
    let mut documents = |name: &str| {
        normalize(&mut worker, "cursor.audit", cases.get(name).expect("the fixtures of event types"))
    };
    let (api, stream) = (documents("event-types-api"), documents("event-types-stream"));
    assert_eq!(api.len(), stream.len());
    for (api, stream) in api.iter().zip(&stream) {
        assert_eq!(api["_id"], stream["_id"]);
        assert_eq!(common(api, stream), common(stream, api));
    }
}

/// Which types go with a category: <https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-category>.
const ALLOWED: &[(&str, &[&str])] = &[
    ("authentication", &["start", "end", "info"]),
    ("configuration", &["access", "change", "creation", "deletion", "info"]),
    ("database", &["access", "change", "error", "info"]),
    ("iam", &["admin", "change", "creation", "deletion", "group", "info", "user"]),
    ("web", &["access", "error", "info"]),
];

#[test]
fn categories_and_types_go_together() {
    let mut worker = worker();
    for dataset in normalize::definitions::datasets(&normalize::shipped().unwrap()) {
        for (name, raw) in cases(dataset) {
            for document in normalize(&mut worker, dataset, &raw) {
                let event = &document["_source"]["event"];
                if event["kind"] != "event" {
                    continue;
                }
                let categories = event["category"].as_array().unwrap();
                for kind in event["type"].as_array().unwrap() {
                    let fits = ALLOWED.iter().any(|(category, kinds)| {
                        categories.iter().any(|own| own == category)
                            && kinds.iter().any(|allowed| kind == allowed)
                    });
                    assert!(fits, "{name}: {categories:?} does not go with {kind} on {}", event["action"]);
                }
            }
        }
    }
}

/// Every text and number of a value, and of the JSON objects in its texts.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| leaves(value, out)),
        Value::Array(values) => values.iter().for_each(|value| leaves(value, out)),
        Value::String(text) if !text.trim().is_empty() => match serde_json::from_str(text) {
            Ok(inner @ Value::Object(_)) => leaves(&inner, out),
            _ => out.push(text.clone()),
        },
        Value::Number(number) => out.push(number.to_string()),
        _ => {}
    }
}

/// Whether a text is a time, in one of the forms that are read.
fn is_time(text: &str) -> bool {
    let ms = text.parse().ok().filter(|ms| *ms > 1_000_000_000_000);
    ms.is_some_and(|ms| jiff::Timestamp::from_millisecond(ms).is_ok())
        || text.parse::<jiff::Timestamp>().is_ok()
}

#[test]
fn nothing_that_was_sent_is_lost() {
    // What stands for "nobody", "nowhere" and "nothing", and what is read and written in another form.
    let sentinels = ["unknown", "Unknown", "UNKNOWN", "0", "null"];
    let mut worker = worker();
    let shipped = normalize::shipped().unwrap();
    let datasets = normalize::definitions::datasets(&shipped);
    let all = datasets.iter().flat_map(|dataset| cases(dataset).into_iter().map(|case| (*dataset, case)));
    for (dataset, (name, raw)) in all {
        let documents = normalize(&mut worker, dataset, &raw);
        for (line, document) in raw.split(|byte| *byte == b'\n').zip(&documents) {
            let Ok(sent) = serde_json::from_slice::<Value>(line) else { continue };
            let (mut sent_leaves, mut text) = (Vec::new(), Vec::new());
            leaves(&sent, &mut sent_leaves);
            leaves(&document["_source"], &mut text);
            let whole = text.join("\n").to_lowercase();
            for leaf in sent_leaves {
                let is_id = document["_id"] == leaf.as_str();
                let known = whole.contains(&leaf.trim().to_lowercase())
                    || whole.contains(&leaf.replace('\\', "\\\\").replace('"', "\\\"").to_lowercase());
                assert!(
                    is_time(&leaf) || is_id || known || sentinels.contains(&leaf.as_str()),
                    "{dataset}/{name}: [{leaf}] of {sent} is not in {document}"
                );
            }
        }
    }
}

#[test]
fn the_stream_knows_the_types_that_have_a_category() {
    let definitions = normalize::shipped().unwrap();
    let types = |id: &str| {
        let definition = definitions.iter().find(|definition| definition.id == id).unwrap();
        let steps = definition.body["processors"].as_array().unwrap();
        let params = steps.iter().find_map(|step| step["script"]["params"]["types"].as_object()).unwrap();
        params.keys().cloned().collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(types("cursor.audit-stream"), types("cursor.audit-event_type"));
}
