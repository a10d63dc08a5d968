//! Exports in all formats, and their manifests.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{STREAM, open, put};
use crate::export::{Format, MAX_CSV_EVENTS, Manifest, Order};
use crate::{Access, Filter, Role, Store, Values};

fn event(at: u64) -> Value {
    json!({
        "@timestamp": format!("2026-05-04T{:02}:{:02}:{:02}.000Z", at / 3600 % 24, at / 60 % 60, at % 60),
        "event": { "action": if at.is_multiple_of(2) { "even" } else { "odd" } },
        "user": { "email": "=cmd|' /C calc'!A0" }, "message": "a \"quoted\", text",
    })
}

fn fill(store: &Store, numbers: std::ops::Range<u64>) {
    let documents: Vec<_> = numbers.clone().map(|at| (format!("id{at}"), event(at))).collect();
    let stored: Vec<_> = documents.iter().map(|(id, source)| (STREAM, id.as_str(), source)).collect();
    assert_eq!(put(store, &stored, numbers.end), numbers.end - numbers.start);
}

fn order(format: Format, action: &str, as_of: u64) -> Order {
    let filter = Filter::from(Values { actions: vec![action.to_owned()], ..Values::default() });
    Order { format, filter, asked: vec![("action", action.to_owned())], as_of }
}

fn written(store: &Store, order: Order) -> (String, Manifest) {
    let mut out = Vec::new();
    let manifest =
        order.prepare(store, &Access::of(Role::Admin).named("ada")).unwrap().write(&mut out).unwrap();
    let digest: String = Sha256::digest(&out).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((manifest.sha256.as_str(), manifest.bytes), (digest.as_str(), out.len() as u64));
    (String::from_utf8(out).unwrap(), manifest)
}

#[test]
fn every_format_holds_the_events_of_the_filter() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    fill(&store, 0..301);
    let ids: Vec<String> = (0..301).rev().filter(|at| at % 2 == 1).map(|at| format!("id{at}")).collect();
    let line = |value: &Value| {
        assert_eq!(
            (&value["_index"], value["_source"]["event"]["action"].as_str()),
            (&json!(STREAM), Some("odd"))
        );
        value["_id"].as_str().unwrap().to_owned()
    };

    let (text, manifest) = written(&store, order(Format::Ndjson, "odd", 301));
    assert_eq!(text.lines().map(|text| line(&serde_json::from_str(text).unwrap())).collect::<Vec<_>>(), ids);
    assert_eq!((manifest.events, manifest.total), (150, 150));

    let (text, manifest) = written(&store, order(Format::Json, "odd", 301));
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["filter"], &value["as_of"]), (&json!({ "action": ["odd"] }), &json!(301)));
    assert_eq!(value["events"].as_array().unwrap().iter().map(line).collect::<Vec<_>>(), ids);
    let told = manifest.json();
    for (name, value) in [
        ("file", json!("events-as-of-301.json")),
        ("format", json!("json")),
        ("filter", json!({ "action": ["odd"] })),
        ("as_of", json!(301)),
        ("events", json!(150)),
        ("total", json!(150)),
        ("cut", json!(false)),
        ("sha256", json!(manifest.sha256)),
        ("by", json!({ "user": "ada", "role": "admin" })),
    ] {
        assert_eq!(told[name], value, "{name}");
    }

    let (text, _) = written(&store, order(Format::Csv, "odd", 301));
    let mut lines = text.split_terminator("\r\n");
    assert_eq!(lines.next().unwrap().split(',').next(), Some("time"));
    let rows: Vec<&str> = lines.collect();
    assert_eq!(rows.len(), 150);
    assert!(rows[0].starts_with("2026-05-04T00:04:59Z,") && rows[0].ends_with(",id299"), "{}", rows[0]);
    assert!(
        rows.iter()
            .all(|row| row.contains(",'=cmd|' /C calc'!A0,") && row.contains(",\"a \"\"quoted\"\", text\","))
    );

    for format in Format::ALL {
        let (text, manifest) = written(&store, order(format, "none", 301));
        assert_eq!((manifest.events, text.contains("id1")), (0, false));
    }
}

#[test]
fn an_export_can_be_made_again_whatever_has_come_since() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    fill(&store, 0..200);
    let before: Vec<_> = Format::ALL.map(|format| written(&store, order(format, "odd", 100)).1.sha256).into();
    fill(&store, 200..450);
    let after: Vec<_> = Format::ALL.map(|format| written(&store, order(format, "odd", 100)).1.sha256).into();
    assert_eq!(before, after);
    assert_eq!(written(&store, order(Format::Ndjson, "odd", 100)).1.events, 50);
    assert_eq!(written(&store, order(Format::Ndjson, "odd", 0)).1.events, 0);
    assert_eq!(written(&store, order(Format::Ndjson, "odd", 450)).1.events, 225);
    let error = order(Format::Csv, "odd", 451).prepare(&store, &Access::local()).unwrap_err();
    assert!(error.to_string().contains("at most 450"), "{error}");
    let error = order(Format::Csv, "odd", 1).prepare(&store, &Access::of(Role::Member)).unwrap_err();
    assert!(matches!(error, crate::QueryError::Forbidden(_)), "{error}");
}

#[test]
fn a_table_is_cut_and_its_name_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let all = MAX_CSV_EVENTS + 7;
    fill(&store, 0..all);
    let every = |format| Order { format, filter: Filter::default(), asked: Vec::new(), as_of: all };
    let (text, manifest) = written(&store, every(Format::Csv));
    assert_eq!(text.split_terminator("\r\n").count() as u64, 1 + MAX_CSV_EVENTS);
    assert_eq!(manifest.file, "events-as-of-50007-newest-50000-of-50007.csv");
    assert_eq!(
        (manifest.events, manifest.total, &manifest.json()["cut"]),
        (MAX_CSV_EVENTS, all, &json!(true))
    );
    let prepared = every(Format::Csv).prepare(&store, &Access::local()).unwrap();
    assert_eq!(prepared.cut(), Some((MAX_CSV_EVENTS, all)));
    let (text, manifest) = written(&store, every(Format::Ndjson));
    assert_eq!((text.lines().count() as u64, manifest.events), (all, all));
}
