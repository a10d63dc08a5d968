//! Tables of calls, `tests/calls/*.yml`, and what is answered to each, in order. `UPDATE_EXPECT=1` writes the answers anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, with their helper functions"
)]

use std::fs;
use std::path::{Path, PathBuf};

use enrich::Networks;
use ingest::{Definition, Lookups};
use ingest_api::{Base, Library, Method, Place, Request, answer};
use ledger::{DataDir, Ledger};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/calls")
}

/// A library with a pipeline that is shipped and one of a file.
fn library(directory: &Path) -> Library {
    let base = |id: &str, place, text: &str| {
        let definition = Definition::parse(id, &format!("{id}/default.yml"), text).unwrap();
        Base { definition: definition.into(), place }
    };
    let base = vec![
        base("shipped", Place::Shipped, "{processors: [{set: {field: by, value: shipped}}], version: 1}"),
        base("own", Place::Directory, "{processors: []}"),
    ];
    let ledger = Ledger::open(&DataDir::lock(directory).unwrap()).unwrap();
    Library::open(base, Lookups::default(), ledger, Networks::default()).unwrap()
}

fn ask(library: &Library, step: &Value) -> Value {
    let call = step["call"].as_str().unwrap();
    let (method, target) = call.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let method = match method {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "POST" => Method::Post,
        "DELETE" => Method::Delete,
        "HEAD" => Method::Head,
        other => panic!("{other}"),
    };
    let body = match (step.get("text"), step.get("body")) {
        (Some(text), _) => text.as_str().unwrap().to_owned(),
        (None, Some(body)) => body.to_string(),
        (None, None) => String::new(),
    };
    let content_type = step["type"].as_str().or(Some("application/json")).filter(|media| *media != "none");
    let accept = step["accept"].as_str();
    let request = Request { method, path, query, accept, content_type, body: body.as_bytes() };
    let answer = answer(library, &request, &|_| Ok(()));
    let mut body: Value = serde_json::from_str(&answer.body).unwrap();
    hide_times(&mut body);
    if let Method::Head = method {
        // The server sends none.
        body = Value::Null;
    }
    let mut answered = json!({ "call": call, "status": answer.status, "answer": body });
    if let Some(allow) = answer.allow {
        answered["allow"] = allow.into();
    }
    answered
}

/// Times differ from run to run.
fn hide_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::String(time) if name == "timestamp" => "TIME".clone_into(time),
                    other => hide_times(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_times),
        _ => {}
    }
}

#[test]
fn every_call_is_answered_as_written_down() {
    let mut tables = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "yml") {
            continue;
        }
        tables += 1;
        let directory = tempfile::tempdir().unwrap();
        let library = library(directory.path());
        let steps: Vec<Value> = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let found: Vec<Value> = steps.iter().map(|step| ask(&library, step)).collect();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let expected = folder().join(format!("{stem}-expected.json"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, format!("{:#}\n", Value::from(found))).unwrap();
            continue;
        }
        let expected: Vec<Value> = serde_json::from_str(&fs::read_to_string(&expected).unwrap()).unwrap();
        assert_eq!(found.len(), expected.len(), "{stem}: UPDATE_EXPECT=1 writes the answers anew");
        for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "{stem}, call {}", at + 1);
        }
    }
    assert!(tables >= 3, "the tables were not found");
}
