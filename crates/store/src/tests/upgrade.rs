//! A store of version 1 is brought to this one's form.

use rusqlite::Connection;
use serde_json::json;

use super::{STREAM, open, put};
use crate::{Access, FieldFilter, Filter, Shape, Store, Values};

const OTHER_STREAM: &str = "logs-c.d-default";
/// What version 1 had: terms by the columns dataset, action, category, outcome, user, stream.
const BACK: &str = "
    CREATE TABLE old (row INTEGER PRIMARY KEY, time INTEGER NOT NULL, dataset INTEGER NOT NULL, action INTEGER NOT NULL,
        category INTEGER NOT NULL, outcome INTEGER NOT NULL, user INTEGER NOT NULL, stream INTEGER NOT NULL,
        id TEXT NOT NULL) STRICT;
    INSERT INTO old SELECT row, time, 1, 1, 0, 0, 0, 3 - stream, id FROM event;
    DROP TABLE event;
    ALTER TABLE old RENAME TO event;
    DELETE FROM term;
    INSERT INTO term VALUES (0, 1, '[\"a.b\"]'), (1, 1, '[\"login\"]'), (5, 1, '[\"logs-a.b-default\"]'),
        (5, 2, '[\"logs-c.d-default\"]');
    DROP TABLE block;
    DROP TABLE frequent;
    UPDATE schema_version SET version = 1 WHERE part = 'store';";

#[test]
fn events_of_version_1_are_found_by_all_fields() {
    let directory = tempfile::tempdir().unwrap();
    let documents: Vec<_> = (0..150)
        .map(|at| {
            let time = format!("2026-05-04T10:00:{:02}.{:03}Z", at / 10, at);
            json!({ "@timestamp": time, "event": { "action": format!("a{}", at % 7) },
                "message": format!("it did a{} here", at % 7), "done": at % 2 == 0, "user": { "id": at % 5 } })
        })
        .collect();
    let ids: Vec<_> = (0..documents.len()).map(|at| format!("id{at}")).collect();
    let stored: Vec<_> = ids
        .iter()
        .zip(&documents)
        .enumerate()
        .map(|(at, (id, document))| (if at % 3 == 0 { OTHER_STREAM } else { STREAM }, id.as_str(), document))
        .collect();
    // The first document's data stream is number 1, the other's 2.
    put(&open(directory.path()), &stored, 1);
    Connection::open(directory.path().join("store.db")).unwrap().execute_batch(BACK).unwrap();

    let message = Store::view(directory.path()).unwrap_err().to_string();
    assert!(message.contains("store.db"), "{message}");
    let store = open(directory.path());
    let total = |store: &Store, filter: Filter| {
        store.summary(&Access::local(), &filter, Shape::default()).unwrap().total
    };
    let user = FieldFilter { field: "user.id".into(), values: vec!["3".into()] };
    assert_eq!(store.len(), 150);
    assert_eq!(total(&store, Filter::from(Values { actions: vec!["a2".into()], ..Values::default() })), 22);
    assert_eq!(
        total(&store, Filter::from(Values { datasets: vec!["a.b".into()], ..Values::default() })),
        100
    );
    assert_eq!(total(&store, Filter::from(Values { fields: vec![user], ..Values::default() })), 30);
    // The full-text index is made anew, with what older ones lack.
    let flag = FieldFilter { field: "done".into(), values: vec!["true".into()] };
    assert_eq!(total(&store, Filter { text: "\"did a2 here\"".into(), ..Filter::default() }), 22);
    assert_eq!(total(&store, Filter::from(Values { fields: vec![flag], ..Values::default() })), 75);
    assert_eq!(put(&store, &stored, 1), 0, "all are there, under their own data streams");
    drop(store);
    assert_eq!(Store::view(directory.path()).unwrap().len(), 150);
}
