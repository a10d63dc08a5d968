//! The tables of calls, `tests/calls`, asked of real servers: what is written down as answered here, they answer, too, where
//! the table does not say otherwise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, with their helper functions"
)]

use std::fs;
use std::path::PathBuf;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use testkit::{require, servers};

fn folder() -> PathBuf {
    testkit::root().join("tests/calls")
}

/// Steps with what is answered here.
fn tables() -> Vec<(String, Vec<(Value, Value)>)> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut tables = Vec::new();
    for path in entries.filter(|path| path.extension().is_some_and(|ending| ending == "yml")) {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let steps: Vec<Value> = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let expected = fs::read_to_string(folder().join(format!("{stem}-expected.json"))).unwrap();
        let expected: Vec<Value> = serde_json::from_str(&expected).unwrap();
        assert_eq!(steps.len(), expected.len(), "{stem}");
        tables.push((stem, steps.into_iter().zip(expected).collect()));
    }
    tables.sort_by(|one, other| one.0.cmp(&other.0));
    tables
}

/// Whether a server is said to answer the same. Both are asked all the same, so that later calls find what they need.
fn is_like(step: &Value, server: &str) -> bool {
    match step.get("like") {
        None => true,
        Some(Value::Array(servers)) => servers.iter().any(|one| one == server),
        Some(_) => {
            assert!(step["since"].is_string(), "it is not said why: {step}");
            false
        }
    }
}

async fn ask(client: &Client, url: &str, step: &Value) -> Value {
    let (method, target) = step["call"].as_str().unwrap().split_once(' ').unwrap();
    let url = format!("{}{target}", url.trim_end_matches('/'));
    let mut request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
    let body = match (step.get("text"), step.get("body")) {
        (Some(text), _) => Some(text.as_str().unwrap().to_owned()),
        (None, Some(body)) => Some(body.to_string()),
        (None, None) => None,
    };
    if let Some(body) = body {
        request = request.body(body);
        let media = step["type"].as_str().unwrap_or("application/json");
        if media != "none" {
            request = request.header("content-type", media);
        }
    }
    if let Some(accept) = step["accept"].as_str() {
        request = request.header("accept", accept);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let allow = response.headers().get("allow").map(|allow| allow.to_str().unwrap().to_owned());
    let body = response.bytes().await.unwrap();
    let answer: Value = if method == "HEAD" { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    json!({ "status": status, "answer": answer, "allow": allow })
}

/// Takes out what differs between servers and runs and says nothing of the call: times, stack traces, what only Elasticsearch
/// gives of a document, and what Java says by itself of an exception of a script.
fn bare(value: &mut Value, server: &str) {
    match value {
        Value::Object(fields) => {
            if server == "opensearch" {
                fields.shift_remove("on_failure_pipeline");
                if fields.get("_version") == Some(&json!("-3")) {
                    fields.shift_remove("_version");
                }
            }
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::String(time) if name == "timestamp" => "TIME".clone_into(time),
                    other => bare(other, server),
                }
            }
            if let Some(Value::String(words)) = fields.get_mut("error")
                && let Some((before, allowed)) = words.clone().split_once(", allowed: [")
            {
                *words = format!("{before}, allowed: {:?}", methods(allowed.trim_end_matches(']')));
            }
            if fields.get("type") == Some(&json!("null_pointer_exception")) {
                fields.shift_remove("reason");
            }
            if let Some(Value::Array(lines)) = fields.get_mut("script_stack") {
                lines.retain(|line| !line.as_str().is_some_and(is_frame));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| bare(item, server)),
        _ => {}
    }
}

/// Methods in an order, as servers have them in any.
fn methods(list: &str) -> Vec<&str> {
    let mut methods: Vec<&str> = list.split(',').map(str::trim).filter(|method| !method.is_empty()).collect();
    methods.sort_unstable();
    methods
}

/// Whether a line of a script's stack is a method of Java.
fn is_frame(line: &str) -> bool {
    line.ends_with(')') && line.contains(".java:") && !line.contains(' ')
}

/// Takes a key out wherever it is.
fn without(value: &mut Value, key: &str) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove(key);
            fields.values_mut().for_each(|value| without(value, key));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without(item, key)),
        _ => {}
    }
}

async fn compare(url: &str, server: &str) {
    let client = Client::new();
    let (mut compared, mut wrong) = (0, Vec::new());
    for (table, steps) in tables() {
        for (at, (step, expected)) in steps.iter().enumerate() {
            let mut there = ask(&client, url, step).await;
            if !is_like(step, server) {
                continue;
            }
            let mut here = expected.clone();
            for answered in [&mut here, &mut there] {
                let allow = json!(methods(answered["allow"].as_str().unwrap_or_default()));
                *answered =
                    json!({ "status": answered["status"], "answer": answered["answer"], "allow": allow });
                bare(answered, server);
                for key in step["apart"].as_array().into_iter().flatten() {
                    assert!(step["since"].is_string(), "it is not said why: {step}");
                    without(answered, key.as_str().unwrap());
                }
            }
            compared += 1;
            if here != there {
                let call = &step["call"];
                wrong.push(format!("{table} {}: {call}\n  here  {here}\n  there {there}", at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 60, "only {compared} calls were compared");
}

#[tokio::test]
async fn opensearch_answers_the_same() {
    let node = require!(servers::opensearch().shared());
    compare(node.url(), "opensearch").await;
}

#[tokio::test]
async fn elasticsearch_answers_the_same() {
    let node = require!(servers::elasticsearch().shared());
    compare(node.url(), "elasticsearch").await;
}
