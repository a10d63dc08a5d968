//! What is typed into the search box, however wrong it is.

use proptest::prelude::*;
use serde_json::json;

use super::{STREAM, open, put};
use crate::{Access, FieldFilter, Filter, Shape, Values};

/// Texts that mean something to FTS5, SQL, JSON, a shell or a browser.
const HOSTILE: [&str; 22] = [
    "\"",
    "\"\"",
    "\"\"\"",
    "a\"b",
    "'",
    "';--",
    "a' OR '1'='1",
    "NEAR(a b, 2)",
    "words : x",
    "{a b} : c",
    "^a",
    "a + b",
    "- a",
    "a*b*",
    "***",
    "(a",
    "a)",
    "AND OR NOT",
    "\0",
    "<script>alert(1)</script>",
    "\\",
    "%00%s%n",
];

#[test]
fn nothing_typed_is_an_operator() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let documents: Vec<_> =
        (0..120).map(|at| json!({ "message": HOSTILE[at % HOSTILE.len()], "user": { "name": HOSTILE[at % HOSTILE.len()] } })).collect();
    let ids: Vec<_> = (0..120).map(|at| format!("\"'{at}\\")).collect();
    let stored: Vec<_> =
        ids.iter().zip(&documents).map(|(id, document)| (STREAM, id.as_str(), document)).collect();
    put(&store, &stored, 0);
    let access = Access::local();
    for text in HOSTILE {
        let by_text = Filter { text: text.into(), ..Filter::default() };
        store.summary(&access, &by_text, Shape::default()).unwrap();
        store.page(&access, &by_text, None, 10).unwrap();
        let by_user = Filter::from(Values { users: vec![text.into()], ..Values::default() });
        let found = store.page(&access, &by_user, None, 200).unwrap().rows;
        assert!(found.len() >= 5 && found.iter().all(|row| row.user == text), "{text:?}");
        let field = FieldFilter { field: "message".into(), values: vec![text.into()] };
        let by_field = Filter::from(Values { fields: vec![field], ..Values::default() });
        assert_eq!(
            store.summary(&access, &by_field, Shape::default()).unwrap().total,
            found.len() as u64,
            "{text:?}"
        );
        let odd = FieldFilter { field: text.into(), values: vec!["x".into()] };
        assert_eq!(
            store
                .summary(
                    &access,
                    &Filter::from(Values { fields: vec![odd], ..Values::default() }),
                    Shape::default()
                )
                .unwrap()
                .total,
            0
        );
    }
    for id in &ids {
        assert_eq!(store.event(&access, STREAM, id).unwrap().unwrap().id, *id);
    }
}

#[test]
fn a_failed_event_is_found_by_its_original() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let failed = json!({ "event": { "kind": "pipeline_error", "original": "{\"who\":\"mallory\"}" }, "error": { "message": "no" } });
    let good = json!({ "event": { "kind": "event", "original": "mallory" }, "message": "yes" });
    put(&store, &[(STREAM, "failed", &failed), (STREAM, "good", &good)], 0);
    let filter = Filter { text: "mallory".into(), ..Filter::default() };
    let rows = store.page(&Access::local(), &filter, None, 10).unwrap().rows;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(
        (row.id.as_str(), row.failed, row.message.as_str(), row.dataset.as_str()),
        ("failed", true, "no", "a.b")
    );
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "(?s).{0,80}|[\"*():^ a-c+-]{0,40}") {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        let documents: Vec<_> = (0..60).map(|at| json!({ "message": format!("a b c {at}") })).collect();
        let ids: Vec<_> = (0..60).map(|at| at.to_string()).collect();
        let stored: Vec<_> = ids.iter().zip(&documents).map(|(id, document)| (STREAM, id.as_str(), document)).collect();
        put(&store, &stored, 0);
        let filter = Filter { text, ..Filter::default() };
        let total = store.summary(&Access::local(), &filter, Shape::default()).unwrap().total;
        let rows = store.page(&Access::local(), &filter, None, 100).unwrap().rows.len();
        prop_assert_eq!(total, rows as u64);
    }
}
