//! Pipelines and scripts over HTTP: they count for the events that come next, and survive whatever ends the process.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::place::{Place, Said, events};
use crate::run::{Running, lines, place};

/// A sidecar with the address that it serves.
struct Serving {
    process: Running,
    address: String,
}

impl Serving {
    fn start(place: &Place) -> Self {
        let mut process = Running::start(place);
        let serving = process.wait_for("\"serving\"");
        Self { process, address: serving["trailcar.address"].as_str().unwrap().to_owned() }
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let (address, json) = (&self.address, "application/json");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: {json}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    fn done(&self, method: &str, path: &str, body: &Value) {
        assert_eq!(self.call(method, path, body), (200, json!({ "acknowledged": true })), "{method} {path}");
    }

    fn kill(self) {
        self.process.signal("KILL");
        self.process.end();
    }
}

fn append(place: &Place, text: &str) {
    let mut file = OpenOptions::new().append(true).open(place.path("a.jsonl")).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// The labels of events in the output, which the pipelines of this test set; those of the journal are left out.
fn labels(place: &Place, count: usize) -> Vec<Value> {
    let mut wanted = count;
    loop {
        let documents: Vec<Value> =
            lines(place, wanted).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let source = |document: &Value| document.get("_source").unwrap_or(document).clone();
        let own: Vec<Value> = documents
            .iter()
            .map(source)
            .filter(|source| source["event"]["dataset"] == "cursor.audit")
            .map(|source| source["labels"]["by"].clone())
            .collect();
        if own.len() >= count {
            return own;
        }
        wanted = documents.len() + 1;
    }
}

#[test]
fn what_is_put_counts_for_the_next_events_and_survives_kill_9() {
    let place = place(true);
    place.write("a.jsonl", events(0..2));
    let sidecar = Serving::start(&place);
    assert_eq!(labels(&place, 2), [Value::Null, Value::Null]);

    let script = json!({ "script": { "lang": "painless", "source": "ctx.labels = ['by': params.by]" } });
    sidecar.done("PUT", "/_scripts/mark", &script);
    let mark = |by: &str| json!({ "processors": [{ "script": { "id": "mark", "params": { "by": by } } }] });
    sidecar.done("PUT", "/_ingest/pipeline/cursor.audit", &mark("first"));
    append(&place, &events(2..3));
    assert_eq!(labels(&place, 3)[2], "first");
    // What does not load changes nothing.
    let broken = json!({ "processors": [{ "set": { "field": "a" } }] });
    assert_eq!(sidecar.call("PUT", "/_ingest/pipeline/cursor.audit", &broken).0, 400);
    append(&place, &events(3..4));
    assert_eq!(labels(&place, 4)[3], "first");
    sidecar.kill();

    let sidecar = Serving::start(&place);
    let (status, found) = sidecar.call("GET", "/_ingest/pipeline/cursor.audit", &Value::Null);
    assert_eq!((status, &found["cursor.audit"]), (200, &mark("first")));
    append(&place, &events(4..5));
    assert_eq!(labels(&place, 5)[4], "first");
    sidecar.done("DELETE", "/_ingest/pipeline/cursor.audit", &Value::Null);
    append(&place, &events(5..6));
    assert_eq!(labels(&place, 6)[5], Value::Null);
    sidecar.kill();

    let sidecar = Serving::start(&place);
    let (_, found) = sidecar.call("GET", "/_ingest/pipeline/cursor.audit", &Value::Null);
    assert_ne!(found["cursor.audit"], mark("first"));
    assert_eq!(sidecar.call("GET", "/_scripts/mark", &Value::Null).1["found"], true);
    sidecar.kill();
}

#[test]
fn what_does_not_load_any_more_is_left_out_and_named() {
    let place = place(true);
    place.write("a.jsonl", events(0..1));
    let sidecar = Serving::start(&place);
    sidecar.done("PUT", "/_ingest/pipeline/mine", &json!({ "processors": [] }));
    sidecar.kill();
    // As an update of trailcar could leave it that knows an option no more.
    let ledger = place.path("data/ledger.db");
    let connection = rusqlite::Connection::open(ledger).unwrap();
    let body = r#"{"processors":[{"set":{"field":"a","tag":"t"}}]}"#;
    assert_eq!(connection.execute("UPDATE definition SET body = ?1 WHERE id = 'mine'", [body]).unwrap(), 1);
    drop(connection);
    let mut process = Running::start(&place);
    let told = process.wait_for("what was put over HTTP");
    let message = told["message"].as_str().unwrap();
    assert!(
        message.contains("pipeline [mine], processors[1].set (tag t): [value] required property is missing"),
        "{message}"
    );
    let serving = process.wait_for("\"serving\"");
    let address = serving["trailcar.address"].as_str().unwrap().to_owned();
    let sidecar = Serving { process, address };
    // It is still there, and keeps no other from being put.
    let (status, found) = sidecar.call("GET", "/_ingest/pipeline/mine", &Value::Null);
    assert_eq!((status, &found["mine"]["processors"][0]["set"]["tag"]), (200, &json!("t")));
    assert_eq!(sidecar.call("POST", "/_ingest/pipeline/mine/_simulate", &json!({ "docs": [] })).0, 400);
    sidecar.done("PUT", "/_ingest/pipeline/other", &json!({ "processors": [] }));
    sidecar.done("PUT", "/_ingest/pipeline/mine", &json!({ "processors": [] }));
    let docs = json!({ "docs": [{ "_source": {} }] });
    assert_eq!(sidecar.call("POST", "/_ingest/pipeline/mine/_simulate", &docs).0, 200);
    sidecar.kill();
}

#[test]
fn the_command_line_knows_what_was_put() {
    let place = place(true);
    place.write("a.jsonl", events(0..1));
    let with = |arguments: &[&str]| place.run(&[arguments, &["--config", "trailcar.yml"]].concat());
    let label = |said: &Said| said.documents()[0]["_source"]["labels"].clone();
    let normalize = ["normalize", "-d", "cursor.audit", "a.jsonl"];
    // There is no data directory yet.
    assert_eq!(label(&with(&normalize)), Value::Null);
    let sidecar = Serving::start(&place);
    let script = json!({ "script": { "lang": "painless", "source": "ctx.labels = ['by': 'script']" } });
    sidecar.done("PUT", "/_scripts/mark", &script);
    let mark = json!({ "processors": [{ "script": { "id": "mark", "tag": "marks" } }] });
    sidecar.done("PUT", "/_ingest/pipeline/cursor.audit", &mark);
    sidecar.done("PUT", "/_ingest/pipeline/mine", &json!({ "processors": [] }));

    // While the sidecar has the data directory.
    assert_eq!(label(&with(&normalize)), json!({ "by": "script" }));
    let simulated = with(&["pipeline", "simulate", "-p", "cursor.audit", "--raw", "a.jsonl"]);
    assert!(simulated.out.contains("marks"), "{}{}", simulated.out, simulated.err);
    let explained = with(&["pipeline", "explain", "-p", "cursor.audit"]);
    assert!(explained.out.contains("[marks]"), "{}{}", explained.out, explained.err);
    let checked = with(&["check"]).out;
    assert!(checked.contains("pipelines that were put over HTTP count: cursor.audit, mine\n"), "{checked}");
    assert!(checked.contains("stored scripts that were put over HTTP count: mark\n"), "{checked}");
    // Without the configuration nobody says where they are.
    assert_eq!(label(&place.run(&normalize)), Value::Null);
    sidecar.kill();

    let connection = rusqlite::Connection::open(place.path("data/ledger.db")).unwrap();
    let body = r#"{"processors":[{"set":{"field":"a"}}]}"#;
    assert_eq!(connection.execute("UPDATE definition SET body = ?1 WHERE id = 'mine'", [body]).unwrap(), 1);
    drop(connection);
    let checked = with(&["check"]).out;
    let told = "pipeline [mine], processors[1].set: [value] required property is missing";
    let line = checked.lines().find(|line| line.contains(told)).unwrap_or_default();
    assert!(line.contains("does not run until it is put anew"), "{checked}");
    assert!(checked.contains("pipelines that were put over HTTP count: cursor.audit\n"), "{checked}");
    assert_eq!(label(&with(&normalize)), json!({ "by": "script" }));
}
