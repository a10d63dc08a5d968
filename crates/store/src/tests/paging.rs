//! Pages while events arrive.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{STREAM, open, put};
use crate::{Access, Filter, Role};

fn at(second: u64) -> Value {
    json!({ "@timestamp": format!("2026-05-04T10:{:02}:{:02}.000Z", second / 60 % 60, second % 60), "message": "x" })
}

#[test]
fn each_event_comes_once_while_others_arrive() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let access = Access::local();
    let filter = Filter::default();
    let mut number = 0;
    let mut add = |seconds: &[u64]| {
        let stored: Vec<_> =
            seconds.iter().map(|&second| (format!("{}-{second}", number), at(second))).collect();
        number += 1;
        let stored: Vec<_> = stored.iter().map(|(id, source)| (STREAM, id.as_str(), source)).collect();
        put(&store, &stored, number);
    };
    add(&(1000..1300).collect::<Vec<_>>());
    let (mut seen, mut cursor, mut last) = (Vec::new(), None, String::from("~"));
    loop {
        let page = store.page(&access, &filter, cursor, 7).unwrap();
        for row in &page.rows {
            assert!(row.time.to_string() <= last, "newest first");
            last = row.time.to_string();
            seen.push(row.id.clone());
        }
        // Newer and older ones, and some of the very same times, arrive between pages.
        add(&[1400, 1299, 1000, 1100]);
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let distinct: HashSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "no event twice");
    assert_eq!(seen.iter().filter(|id| id.starts_with("0-")).count(), 300, "all that were there at first");
}

#[test]
fn an_export_shows_one_moment() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let documents: Vec<_> = (0..500).map(|second| (second.to_string(), at(second))).collect();
    let stored: Vec<_> = documents.iter().map(|(id, source)| (STREAM, id.as_str(), source)).collect();
    put(&store, &stored[..400], 0);
    let mut export = store.export(&Access::local(), &Filter::default()).unwrap();
    export.next().unwrap().unwrap();
    put(&store, &stored[400..], 1);
    assert_eq!(export.filter(|event| event.is_ok()).count(), 399);
    assert_eq!(store.len(), 500);
}

#[test]
fn wrong_questions_get_a_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let document = at(1);
    put(&store, &[(STREAM, "1", &document)], 0);
    let filter = Filter::default();
    for access in [Access::local(), Access::of(Role::Owner), Access::of(Role::Admin)] {
        assert_eq!(store.page(&access, &filter, None, 10).unwrap().rows.len(), 1);
        for limit in [0, 1001] {
            let error = store.page(&access, &filter, None, limit).unwrap_err();
            assert_eq!(error.to_string(), format!("ask for 1 to 1000 events, not {limit}"));
            let error = store.slice(&access, &filter, 0, limit).unwrap_err();
            assert_eq!(error.to_string(), format!("ask for 1 to 1000 events, not {limit}"));
        }
        let many = Filter { text: "word ".repeat(65), ..Filter::default() };
        let error = store.page(&access, &many, None, 10).unwrap_err();
        assert_eq!(error.to_string(), "the search has 65 words: search for at most 64");
    }
    for cursor in ["", "o", "o1", "x1_2", "o1_2_3", "o1_-1", "o99999999999999999999_1"] {
        assert!(cursor.parse::<crate::Cursor>().is_err(), "{cursor}");
    }
}
