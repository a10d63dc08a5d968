//! The binary, from files to a real server and back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, with their helper functions"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use testkit::client::{Client, Hit};
use testkit::{require, servers};

#[allow(dead_code, reason = "not every test needs all of it")]
mod sidecar;

use sidecar::{Sidecar, said};

/// A source of files.
fn reading(paths: &[&Path]) -> Value {
    json!([{ "type": "files", "id": "fixtures", "dataset": "cursor.audit", "paths": paths }])
}

/// All fixtures but one: those of event types are the same events in two forms, of which the first to arrive stays.
fn fixtures_but(left_out: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(testkit::root().join("tests/fixtures/cursor.audit"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ndjson"))
        .filter(|path| path.file_stem().is_some_and(|name| name != left_out))
        .collect();
    paths.sort();
    paths
}

/// What the engine makes of files: sources by `_id`, the first of each.
fn normalized(paths: &[PathBuf]) -> BTreeMap<String, Value> {
    let geoip = testkit::root().join("geoip-samples");
    let output = Command::new(env!("CARGO_BIN_EXE_trailcar"))
        .args(["normalize", "--dataset", "cursor.audit", "--geoip"])
        .arg(geoip)
        .args(paths)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let mut documents = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        let id = document["_id"].as_str().unwrap().to_owned();
        documents.entry(id).or_insert_with(|| document["_source"].clone());
    }
    documents
}

/// Takes out what depends on when and for whom a document was made.
fn timeless(mut source: Value) -> Value {
    let created = source["event"]["created"].clone();
    if source["@timestamp"] == created {
        source["@timestamp"] = "collected".into();
    }
    let event = source["event"].as_object_mut().unwrap();
    event.shift_remove("created");
    event.shift_remove("ingested");
    let fields = source.as_object_mut().unwrap();
    fields.shift_remove("log");
    fields.shift_remove("tags");
    source["data_stream"]["namespace"] = "any".into();
    source
}

async fn compare(client: &Client, stream: &str, expected: &BTreeMap<String, Value>) {
    let found: BTreeMap<String, Vec<Hit>> = client.documents(stream).await.unwrap();
    let ids: Vec<&String> = found.keys().collect();
    assert_eq!(ids, expected.keys().collect::<Vec<_>>());
    for (id, hits) in found {
        assert_eq!(hits.len(), 1, "{id} is there more than once");
        assert_eq!(timeless(hits[0].source.clone()), timeless(expected[&id].clone()), "{id}");
    }
}

async fn hits(client: &Client, stream: &str, query: Value) -> u64 {
    let answer =
        client.search(stream, &json!({ "size": 0, "track_total_hits": true, "query": query })).await.unwrap();
    answer["hits"]["total"]["value"].as_u64().unwrap()
}

#[tokio::test]
async fn fixtures_arrive_once_and_are_found_by_their_types() {
    let node = require!(servers::elasticsearch().shared());
    let client = node.client();
    let files = fixtures_but("event-types-stream");
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let sidecar = Sidecar::new(node.url(), "fixtures", &reading(&paths));
    let stream = sidecar.stream();
    client.remove_stream(&stream).await.unwrap();
    sidecar.run(&["setup"]);
    sidecar.run(&["run", "--once"]);
    let expected = normalized(&files);
    compare(&client, &stream, &expected).await;

    // The first batch made a data stream, from the template that was set up.
    let streams = client.get(&format!("_data_stream/{stream}")).await.unwrap();
    let template = streams["data_streams"][0]["template"].as_str().unwrap().to_owned();
    let installed = client.get(&format!("_index_template/{template}")).await.unwrap();
    assert_eq!(
        installed["index_templates"][0]["index_template"]["_meta"]["managed_by"], "trailcar",
        "{installed}"
    );

    for (what, query) in [
        ("keyword", json!({ "term": { "event.action": "login" } })),
        ("date", json!({ "range": { "@timestamp": { "gte": "2026-05-01", "lt": "2026-06-01" } } })),
        ("ip", json!({ "term": { "source.ip": "192.0.2.0/24" } })),
        (
            "geo_point",
            json!({ "geo_distance": { "distance": "5km", "source.geo.location": { "lat": 52.37404, "lon": 4.88969 } } }),
        ),
        ("long", json!({ "range": { "cursor.audit.new_limit_cents": { "gt": 20000 } } })),
        ("boolean", json!({ "term": { "cursor.audit.is_required": true } })),
        ("flattened", json!({ "term": { "cursor.audit.event_data.slack_user_id": "U1" } })),
        ("constant_keyword", json!({ "term": { "data_stream.dataset": "cursor.audit" } })),
        ("number of a system", json!({ "term": { "source.as.number": 64502 } })),
    ] {
        assert!(hits(&client, &stream, query).await > 0, "nothing is found by {what}");
    }

    // Again from the beginning, as after the loss of the data directory: nothing is added.
    let again = Sidecar::new(node.url(), "fixtures", &reading(&paths));
    again.run(&["run", "--once"]);
    compare(&client, &stream, &expected).await;
    // And again from the position that was kept: nothing is even sent.
    again.run(&["run", "--once"]);
    compare(&client, &stream, &expected).await;
}

/// The types that mappings give to every field that documents have.
#[tokio::test]
async fn every_field_of_the_fixtures_is_mapped_on_purpose() {
    let node = require!(servers::elasticsearch().shared());
    let client = node.client();
    let files = fixtures_but("event-types-stream");
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let sidecar = Sidecar::new(node.url(), "mapped", &reading(&paths));
    let stream = sidecar.stream();
    client.remove_stream(&stream).await.unwrap();
    sidecar.run(&["setup"]);
    client.put(&format!("_data_stream/{stream}"), &Value::Null).await.unwrap();
    let before = client.get(&format!("{stream}/_field_caps?fields=*")).await.unwrap();
    sidecar.run(&["run", "--once"]);
    client.refresh(&stream).await.unwrap();
    let after = client.get(&format!("{stream}/_field_caps?fields=*")).await.unwrap();
    let names = |caps: &Value| {
        caps["fields"].as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>()
    };
    let dynamic: Vec<String> = names(&after).difference(&names(&before)).cloned().collect();
    assert!(dynamic.is_empty(), "these fields are in no mapping: {dynamic:?}");
}

/// Distinct events, many enough that a kill meets them under way.
fn many(count: usize) -> String {
    let mut text = String::new();
    for at in 0..count {
        let event = json!({
            "event_id": format!("many-{at}"), "timestamp": "2026-05-04T11:14:58.922Z", "ip_address": "192.0.2.17",
            "user_email": format!("person.{}@example.com", at % 100), "event_type": "login", "event_data": { "success": true },
        });
        writeln!(text, "{event}").unwrap();
    }
    text
}

#[tokio::test]
async fn a_kill_in_the_middle_loses_and_doubles_nothing() {
    const EVENTS: usize = 60_000;
    let node = require!(servers::elasticsearch().shared());
    let client = node.client();
    let input = tempfile::tempdir().unwrap();
    let file = input.path().join("many.ndjson");
    fs::write(&file, many(EVENTS)).unwrap();
    let sidecar = Sidecar::new(node.url(), "killed", &reading(&[&file]));
    let stream = sidecar.stream();
    client.remove_stream(&stream).await.unwrap();
    sidecar.run(&["setup"]);
    let mut kills = 0;
    let mut seen = 0;
    while kills < 3 {
        let mut child = sidecar.start(&["run", "--once"]);
        // Wait until this run has delivered something that the ones before had not.
        let ended = loop {
            let count = client.count(&stream).await.unwrap_or(0);
            if count > seen {
                seen = count;
                break false;
            }
            if child.try_wait().unwrap().is_some() {
                break true;
            }
        };
        child.kill().unwrap();
        child.wait().unwrap();
        if ended {
            break;
        }
        kills += 1;
    }
    assert!(kills > 0, "the run ended before it could be killed");
    sidecar.run(&["run", "--once"]);
    let found = client.documents(&stream).await.unwrap();
    assert_eq!(found.len(), EVENTS);
    assert!(found.values().all(|hits| hits.len() == 1));
    assert!((0..EVENTS).all(|at| found.contains_key(&format!("many-{at}"))));
}

#[tokio::test]
async fn fixtures_arrive_in_opensearch() {
    let node = require!(servers::opensearch().shared());
    let files = fixtures_but("event-types-api");
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let sidecar = Sidecar::new(node.url(), "fixtures", &reading(&paths));
    node.client().remove_stream(&sidecar.stream()).await.unwrap();
    sidecar.run(&["setup"]);
    for _ in 0..2 {
        sidecar.run(&["run", "--once"]);
        compare(&node.client(), &sidecar.stream(), &normalized(&files)).await;
    }
}

#[test]
fn an_unreachable_cluster_is_named_with_its_cure() {
    let files = fixtures_but("event-types-api");
    let sidecar = Sidecar::new("http://127.0.0.1:9", "nowhere", &reading(&[&files[0]]));
    for command in [&["check"][..], &["setup"]] {
        let output = sidecar.command(command).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{command:?}: {}", said(&output));
        assert!(said(&output).contains("127.0.0.1:9"), "{command:?}: {}", said(&output));
    }
}
