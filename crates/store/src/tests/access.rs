//! Members get nothing, whatever they ask the store itself, with no server in front of it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::{STREAM, open, put};
use crate::export::{Format, Order};
use crate::{Access, Filter, QueryError, Role, Shape, Store};

type Ask = fn(&Store, &Access) -> Result<(), QueryError>;

/// Every public function that gives out something of events; another test holds the table to the sources.
const QUERIES: [(&str, Ask); 9] = [
    ("page", |store, access| store.page(access, &Filter::default(), None, 10).map(drop)),
    ("events", |store, access| store.events(access, &Filter::default(), None, 10).map(drop)),
    ("slice", |store, access| store.slice(access, &Filter::default(), 0, 10).map(drop)),
    ("event", |store, access| store.event(access, STREAM, "1").map(drop)),
    ("summary", |store, access| store.summary(access, &Filter::default(), Shape::default()).map(drop)),
    ("history", |store, access| store.history(access, &Filter::default(), &[], 10).map(drop)),
    ("datasets", |store, access| store.datasets(access).map(drop)),
    ("export", |store, access| store.export(access, &Filter::default()).map(drop)),
    ("prepare", |store, access| {
        let order = Order { format: Format::Csv, filter: Filter::default(), asked: Vec::new(), as_of: 1 };
        order.prepare(store, access).map(drop)
    }),
];

/// Public functions of the store that give out nothing of events.
const OTHERS: [&str; 6] = ["open", "view", "view_ledger", "ledger", "len", "is_empty"];

#[test]
fn members_are_refused_by_every_query_and_owners_and_admins_by_none() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    put(&store, &[(STREAM, "1", &json!({ "@timestamp": "2026-05-04T11:14:58.922Z" }))], 0);
    for (name, ask) in QUERIES {
        let refused = ask(&store, &Access::of(Role::Member));
        assert!(matches!(refused, Err(QueryError::Forbidden(_))), "{name}");
        let named = ask(&store, &Access::of(Role::Member).named("olga"));
        assert!(matches!(named, Err(QueryError::Forbidden(_))), "{name}");
        for access in [Access::local(), Access::of(Role::Owner), Access::of(Role::Admin)] {
            ask(&store, &access).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn no_query_is_missing_in_the_table() {
    let known: BTreeSet<String> =
        QUERIES.iter().map(|(name, _)| *name).chain(OTHERS).map(str::to_owned).collect();
    let found = testkit::queries(Path::new(env!("CARGO_MANIFEST_DIR")), "Store").unwrap();
    assert_eq!(found, known, "add a new query to QUERIES, so that it is known to refuse members");
}
