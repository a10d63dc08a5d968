//! What the events of a filter have in common.

use serde_json::json;

use super::{STREAM, open, put};
use crate::{Access, AnyFilter, Filter, Group, QueryError, Role, Values, history::MAX_READ};

const GROUPS: [Group<'static>; 2] =
    [&[&["source.ip", "source.address"], &["source.geo.country_name"]], &[&["event.action"]]];

#[test]
fn first_last_and_counts_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let event = |hour: u32, user: &str, action: &str, ip: &str| {
        json!({ "@timestamp": format!("2026-05-04T{hour:02}:00:00Z"), "event": { "action": action },
                "user": { "email": user }, "source": { "ip": ip } })
    };
    let mut documents = vec![
        event(7, "a@example.com", "login", "192.0.2.1"),
        event(3, "a@example.com", "login", "192.0.2.1"),
        event(5, "a@example.com", "logout", "192.0.2.2"),
        event(1, "b@example.com", "login", "192.0.2.3"),
        event(9, "a@example.com", "login", "192.0.2.1"),
    ];
    documents[4]["source"] = json!({ "address": "192.0.2.1", "geo": { "country_name": "Spain" } });
    let ids = ["0", "1", "2", "3", "4"];
    let stored: Vec<_> = ids.iter().zip(&documents).map(|(id, document)| (STREAM, *id, document)).collect();
    put(&store, &stored, 0);
    let filter = Filter::from(Values { users: vec!["a@example.com".into()], ..Values::default() });
    let ask = |filter: &Filter, limit| store.history(&Access::local(), filter, &GROUPS, limit);
    let all = ask(&filter, 100).unwrap();
    let time = |hour: u32| format!("2026-05-04T{hour:02}:00:00Z").parse().ok();
    assert_eq!((all.first, all.last, all.read), (time(3), time(9), 4));
    let told: Vec<_> = all.tallies[0].iter().map(|own| (own.values.join(" "), own.events)).collect();
    let expected = [("192.0.2.1 ", 2), ("192.0.2.1 Spain", 1), ("192.0.2.2 ", 1)];
    assert_eq!(told, expected.map(|(value, events)| (value.to_owned(), events)));
    assert_eq!((Some(all.tallies[1][0].first), Some(all.tallies[1][0].last)), (time(3), time(9)));
    // Of the newest only: the first time is that of all.
    let some = ask(&filter, 2).unwrap();
    assert_eq!((some.first, some.last, some.read), (time(3), time(9), 2));
    assert_eq!(some.tallies[1].len(), 1);
    let none = Filter::from(Values { users: vec!["nobody".into()], ..Values::default() });
    assert_eq!(ask(&none, 10).unwrap().first, None);
    assert!(matches!(ask(&filter, 0), Err(QueryError::Invalid(_))));
    assert!(matches!(ask(&filter, MAX_READ + 1), Err(QueryError::Invalid(_))));
    let member = store.history(&Access::of(Role::Member), &filter, &GROUPS, 10);
    assert!(matches!(member, Err(QueryError::Forbidden(_))));
}

#[test]
fn a_thing_is_found_whatever_field_names_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let at = "2026-05-04T09:00:00Z";
    let documents = [
        json!({ "@timestamp": at, "user": { "target": { "email": "x@example.com" } } }),
        json!({ "@timestamp": at, "group": { "id": "x@example.com" } }),
        json!({ "@timestamp": at, "message": "x@example.com" }),
    ];
    let ids = ["0", "1", "2"];
    let stored: Vec<_> = ids.iter().zip(&documents).map(|(id, document)| (STREAM, *id, document)).collect();
    put(&store, &stored, 0);
    let x = || vec![AnyFilter { fields: crate::RESOURCE, values: vec!["x@example.com".into()] }];
    let found = |filter: Filter| {
        let page = store.page(&Access::local(), &filter, None, 10).unwrap();
        page.rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(found(Filter::from(Values { anywhere: x(), ..Values::default() })), ["1", "0"]);
    let unwanted = Values { anywhere: x(), ..Values::default() };
    assert_eq!(found(Filter { unwanted, ..Filter::default() }), ["2"]);
}
