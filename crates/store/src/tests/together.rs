//! Readers beside the writer: what they see is always one moment, never a part of a batch.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{STREAM, open, put};
use crate::{Access, Filter, Shape, Store};

const SIZE: usize = 25;

/// Stores batches of events that all have the word `every` and an actor of their own; every third batch fails.
fn write(store: &Store) {
    for number in 0..60 {
        let documents: Vec<_> = (0..SIZE)
            .map(|at| {
                let text = json!({
                    "@timestamp": format!("2026-05-04T10:00:{:02}Z", number % 7),
                    "message": "every",
                    "user": { "name": format!("actor {number} {at}") },
                });
                (format!("{number} {at}"), text)
            })
            .collect();
        let stored: Vec<_> = documents.iter().map(|(id, text)| (STREAM, id.as_str(), text)).collect();
        if number % 3 == 2 {
            let mut wrong = super::batch(&stored, 0);
            wrong.dropped = 1;
            let writer = store.writer.as_ref().unwrap();
            assert!(
                writer.write(&store.shared, &wrong, |_| ()).is_err(),
                "one event too many is accounted for"
            );
        } else {
            assert_eq!(put(store, &stored, number), SIZE as u64);
        }
    }
}

/// Asks until the writer is done, and then once more; gives the last total.
fn read(store: &Store, done: &AtomicBool) -> usize {
    let access = Access::local();
    let text = Filter { text: "every".into(), ..Filter::default() };
    let shape = Shape { top: usize::MAX, buckets: 10 };
    let mut before = 0;
    loop {
        let last = done.load(Ordering::Acquire);
        let summary = store.summary(&access, &text, shape).unwrap();
        let total = summary.total as usize;
        assert!(total.is_multiple_of(SIZE) && total >= before, "{total} after {before}");
        assert_eq!(summary.facets.users.len(), total, "each event has its actor");
        assert_eq!(summary.histogram.map_or(0, |histogram| histogram.bars.iter().sum()), total as u64);
        let exported = store.export(&access, &text).unwrap();
        let mut count = 0_usize;
        for event in exported {
            let row = event.unwrap().row();
            assert_eq!(row.user, format!("actor {}", row.id));
            count += 1;
        }
        assert!(count.is_multiple_of(SIZE) && count >= total);
        before = total;
        if last {
            return total;
        }
    }
}

#[test]
fn readers_see_whole_batches_only() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let done = AtomicBool::new(false);
    let totals = std::thread::scope(|scope| {
        let readers = [scope.spawn(|| read(&store, &done)), scope.spawn(|| read(&store, &done))];
        write(&store);
        done.store(true, Ordering::Release);
        readers.map(|reader| reader.join().unwrap())
    });
    assert_eq!(totals, [40 * SIZE; 2]);
    drop(store);
    assert_eq!(open(directory.path()).len(), 40 * SIZE);
}
