//! Every panel's search on a real server, over the documents of the fixtures: it must be understood and find something.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use dashboards::{Definition, Panel, Shape, search};
use serde_json::{Value, json};
use testkit::client::Client;

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Every JSON file of a directory of `mappings/`: name and contents.
fn mappings(kind: &str) -> Vec<(String, Value)> {
    let entries = fs::read_dir(testkit::root().join("mappings").join(kind)).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), json(&path)))
        .collect()
}

/// Installs the mappings under names of this test's own, so that it can share a server, and indexes the documents that
/// the fixtures of a dataset must give. Returns the stream.
async fn index_fixtures(client: &Client, dataset: &str) -> String {
    // Not a name that the set-up watches over.
    let stream = format!("panels-{dataset}-dashboards");
    let mut composed = Vec::new();
    for (name, mut template) in mappings("component_templates") {
        // Without the lifecycle policy, which this server may not have.
        template["template"]["settings"] = json!({});
        let name = format!("dashboards-test-{name}");
        client.put(&format!("_component_template/{name}"), &template).await.unwrap();
        composed.push(name);
    }
    composed.sort();
    let template = json!({
        "index_patterns": [stream], "priority": 900, "data_stream": {}, "composed_of": composed,
    });
    client.put(&format!("_index_template/dashboards-test-{dataset}"), &template).await.unwrap();
    let mut body = String::new();
    let mut paths: Vec<_> = fs::read_dir(testkit::root().join("tests/fixtures").join(dataset))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with("-expected.json"))
        .collect();
    paths.sort();
    for path in paths {
        for document in json(&path).as_array().unwrap() {
            if let Some(source) = document.get("_source") {
                let mut source = source.clone();
                source["data_stream"]["namespace"] = json!("dashboards");
                writeln!(body, "{}\n{source}", json!({"create": {"_index": stream}})).unwrap();
            }
        }
    }
    let answer = client.bulk(body.into_bytes()).await.unwrap();
    assert_eq!(answer["errors"], false, "{answer}");
    client.refresh(&stream).await.unwrap();
    stream
}

/// What is wrong with the answer to a panel's search.
fn fault(panel: &Panel, answer: &Value) -> Option<String> {
    if answer["_shards"]["failed"] != 0 {
        return Some(format!("shards failed: {}", answer["_shards"]));
    }
    if answer["hits"]["total"]["value"].as_u64().unwrap() == 0 {
        return Some("no event is like its conditions".to_owned());
    }
    match &panel.shape {
        Shape::Metric(_) => None,
        Shape::Events(columns) => {
            let hits = answer["hits"]["hits"].as_array().unwrap();
            let empty = columns
                .iter()
                .find(|column| !hits.iter().any(|hit| hit["fields"].get(column.as_str()).is_some()));
            empty.map(|column| format!("the column {column} is empty in all events"))
        }
        _ => empty_group(&answer["aggregations"])
            .then(|| format!("a group is empty: {}", answer["aggregations"])),
    }
}

fn empty_group(aggregations: &Value) -> bool {
    match aggregations["group"]["buckets"].as_array() {
        Some(buckets) => {
            buckets.is_empty()
                || buckets.iter().all(|bucket| bucket.get("group").is_some() && empty_group(bucket))
        }
        None => true,
    }
}

#[tokio::test]
async fn every_panel_finds_something_in_the_fixtures() {
    let server = testkit::require!(testkit::servers::elasticsearch().start());
    let client = server.client();
    let mut faults = Vec::new();
    for dataset in ["cursor.audit", "promptfoo.audit", "cencori.audit", "trailcar.audit"] {
        let stream = index_fixtures(&client, dataset).await;
        let path = testkit::root().join(format!("dashboards/{}.yml", dataset.replace('.', "-")));
        let definition: Definition = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for panel in definition.panels().chain(&definition.searches) {
            let answer = client.search(&stream, &search::body(panel)).await.unwrap();
            if let Some(fault) = fault(panel, &answer) {
                faults.push(format!("{dataset}, {}: {fault}", panel.id));
            }
        }
        client.delete(&format!("_data_stream/{stream}")).await.unwrap();
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
