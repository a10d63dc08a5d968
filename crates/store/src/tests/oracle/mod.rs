//! The store against a list in memory that is searched naively, on random documents and filters.

mod arbitrary;
mod naive;
mod words;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use self::arbitrary::{document, filter};
use self::naive::{expected, facet};
use super::{STREAM, open, put};
use crate::{Access, Facets, Filter, Shape, Store};

fn check(store: &Store, documents: &[Value], filter: &Filter, limit: usize) {
    let local = Access::local();
    let expected: Vec<String> = expected(documents, filter).iter().map(|at| format!("id{at}")).collect();
    let mut paged = Vec::new();
    let mut cursor = None;
    let mut turns = Vec::new();
    loop {
        let page = store.page(&local, filter, cursor, limit).unwrap();
        assert_eq!(page.previous.is_some(), !paged.is_empty() && !page.rows.is_empty(), "{filter:?}");
        turns.push((paged.len(), page.rows.len(), page.previous));
        paged.extend(page.rows.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => cursor = Some(next.to_string().parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(paged, expected, "{filter:?}");
    // Back again from every page.
    for (start, _, previous) in turns {
        if let Some(previous) = previous {
            let page = store.page(&local, filter, Some(previous), limit).unwrap();
            let ids: Vec<_> = page.rows.iter().map(|row| row.id.as_str()).collect();
            assert_eq!(ids, expected[start.saturating_sub(limit)..start], "{filter:?}");
            assert_eq!(page.previous.is_some(), start > limit);
            assert!(page.next.is_some());
        }
    }
    for offset in
        [0, 1, 63, 64, 65, expected.len() / 2, expected.len().saturating_sub(1), expected.len(), 1 << 40]
    {
        let slice = store.slice(&local, filter, offset as u64, limit).unwrap();
        let ids: Vec<_> = slice.events.iter().map(|event| event.id.as_str()).collect();
        let start = offset.min(expected.len());
        assert_eq!(slice.total, expected.len() as u64, "{filter:?}");
        assert_eq!(ids, expected[start..expected.len().min(start + limit)], "{offset} of {filter:?}");
    }
    let exported: Vec<_> = store.export(&local, filter).unwrap().map(|event| event.unwrap()).collect();
    assert_eq!(exported.iter().map(|event| event.id.clone()).collect::<Vec<_>>(), expected, "{filter:?}");
    for event in exported.iter().take(3) {
        let at: usize = event.id[2..].parse().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&event.source).unwrap(), documents[at]);
        assert_eq!(store.event(&local, STREAM, &event.id).unwrap().as_ref(), Some(event));
    }
    let summary = store.summary(&local, filter, Shape { top: 3, buckets: 20 }).unwrap();
    assert_eq!(summary.total, expected.len() as u64, "{filter:?}");
    let facet = |column| facet(documents, filter, column, 3);
    let facets = Facets {
        datasets: facet(0),
        actions: facet(1),
        categories: facet(2),
        outcomes: facet(3),
        users: facet(4),
        projects: facet(5),
    };
    assert_eq!(summary.facets, facets, "{filter:?}");
    if let Some(histogram) = summary.histogram {
        assert!(histogram.bars.len() <= 20);
        let mut bars = vec![0; histogram.bars.len()];
        for at in naive::expected(documents, filter) {
            let time: Timestamp = documents[at]["@timestamp"].as_str().unwrap().parse().unwrap();
            bars[((time.as_second() - histogram.start.as_second()) / histogram.width) as usize] += 1;
        }
        assert_eq!(histogram.bars, bars, "{filter:?}");
    } else {
        assert!(expected.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn answers_are_those_of_a_naive_search(
        documents in vec(document(), 0..420),
        filters in vec(filter(), 12),
        size in 1..150_usize,
        limit in 1..60_usize,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        let ids: Vec<String> = (0..documents.len()).map(|at| format!("id{at}")).collect();
        let stored: Vec<_> = ids.iter().zip(&documents).map(|(id, document)| (STREAM, id.as_str(), document)).collect();
        for (at, some) in stored.chunks(size).enumerate() {
            prop_assert_eq!(put(&store, some, at as u64), some.len() as u64);
        }
        for filter in &filters {
            check(&store, &documents, filter, limit);
        }
        drop(store);
        let store = open(directory.path());
        for filter in filters.iter().take(6) {
            check(&store, &documents, filter, limit);
        }
    }
}
