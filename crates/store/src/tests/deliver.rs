//! The store as a destination: verdicts, counts, duplicates, faults.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use event::{Checkpoint, DeliverError, Destination, SourceId, Tally, Verdict};
use serde_json::{Value, json};

use super::{FINE, STREAM, batch, open, put};
use crate::{Access, Filter, Shape, Store, Values};

fn documents(ids: std::ops::Range<usize>) -> Vec<(String, Value)> {
    ids.map(|id| {
        (
            format!("id{id}"),
            json!({ "message": format!("number {id}"), "event": { "action": format!("a{}", id % 7) } }),
        )
    })
    .collect()
}

fn stored(documents: &[(String, Value)]) -> Vec<(&str, &str, &Value)> {
    documents.iter().map(|(id, source)| (STREAM, id.as_str(), source)).collect()
}

#[tokio::test]
async fn what_is_there_already_is_counted_as_duplicate() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let first = documents(0..200);
    let receipt = store.deliver(&batch(&stored(&first), 1)).await.unwrap();
    assert_eq!(receipt.verdicts, vec![Verdict::Created; 200]);
    assert_eq!(receipt.settled, Some(Tally { accepted: 200, stored: 200, ..Tally::default() }));

    // Half of them again, some new ones, and one of the new ones twice in the batch.
    let again = documents(100..250);
    let mut again = stored(&again);
    again.push(again[149]);
    again.push(("logs-a.b-other", "id100", &first[100].1));
    let receipt = store.deliver(&batch(&again, 2)).await.unwrap();
    let created = |verdict: &Verdict| *verdict == Verdict::Created;
    assert!(receipt.verdicts[..100].iter().all(|verdict| *verdict == Verdict::AlreadyThere));
    assert!(receipt.verdicts[100..150].iter().all(created));
    assert_eq!(receipt.verdicts[150..], [Verdict::AlreadyThere, Verdict::Created]);

    let ledger = store.ledger().unwrap();
    let expected = Tally { accepted: 352, stored: 251, duplicate: 101, ..Tally::default() };
    assert_eq!(ledger.balance().unwrap()[0].tally, expected);
    assert_eq!(ledger.checkpoint(&SourceId::new("s")).unwrap(), Some(Checkpoint(2.into())));
    drop(store);

    let store = open(directory.path());
    assert_eq!(store.len(), 251);
    assert_eq!(put(&store, &stored(&documents(0..260)), 3), 10);
}

#[test]
fn equal_hashes_are_told_apart_by_their_keys() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let some = documents(0..10);
    put(&store, &stored(&some), 0);
    let connection = &store.shared.readers.take().unwrap().connection;
    let hash = store.shared.seen.read().hash(STREAM, "id3");
    assert_eq!(store.shared.row_of(connection, hash, STREAM, "id3").unwrap(), Some(3));
    assert_eq!(store.shared.row_of(connection, hash, STREAM, "id4").unwrap(), None);
    assert_eq!(store.shared.row_of(connection, hash, "logs-x-y", "id3").unwrap(), None);
}

#[tokio::test]
async fn what_is_no_document_is_refused_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let good = json!({ "message": "good" });
    let mut mixed = batch(&[(STREAM, "a", &good), (STREAM, "b", &json!([1])), (STREAM, "c", &good)], 5);
    let raw = Arc::get_mut(&mut mixed.raw).unwrap();
    raw.events.push(event::RawEvent { span: 0..1, offset: 9 });
    mixed.push(3, &STREAM.into(), "d", false, |out| out.extend_from_slice(b"{\"cut\":"));
    let receipt = store.deliver(&mixed).await.unwrap();
    let reasons: Vec<_> = receipt
        .verdicts
        .iter()
        .map(|verdict| match verdict {
            Verdict::Rejected { status: 400, reason } => reason.as_str(),
            other => {
                assert_eq!(*other, Verdict::Created);
                ""
            }
        })
        .collect();
    assert_eq!(reasons[1], "the document is not a JSON object");
    assert!(reasons[3].starts_with("the document is not JSON: "), "{}", reasons[3]);
    let held = store.ledger().unwrap().quarantine(&Access::local(), &ledger::Filter::default(), 10).unwrap();
    assert_eq!(held.len(), 2);
    assert_eq!(store.len(), 2);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    put(&store, &stored(&documents(0..30)), 1);
    // The disk is full: no page may be added.
    let connection = Arc::clone(&store.writer.as_ref().unwrap().connection);
    let pages: i64 = connection.lock().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    connection.lock().execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    let large = documents(20..2000);
    let error = store.deliver(&batch(&stored(&large), 2)).await.unwrap_err();
    assert!(matches!(&error, DeliverError::Retry(text) if text.contains("full")), "{error:?}");
    assert_eq!(store.len(), 30);
    let summary = store.summary(&Access::local(), &Filter::default(), Shape::default()).unwrap();
    assert_eq!(summary.total, 30);
    assert!(store.event(&Access::local(), STREAM, "id40").unwrap().is_none());
    assert_eq!(store.ledger().unwrap().checkpoint(&SourceId::new("s")).unwrap(), Some(Checkpoint(1.into())));
    // There is room again.
    connection.lock().execute_batch("PRAGMA max_page_count = 1000000").unwrap();
    assert_eq!(put(&store, &stored(&large), 2), 1970);
    let text =
        Filter { text: "1999".into(), ..Values { actions: vec!["a4".into()], ..Values::default() }.into() };
    assert_eq!(store.summary(&Access::local(), &text, Shape::default()).unwrap().total, 1);
}

#[tokio::test]
async fn documents_are_given_back_byte_for_byte_with_every_dictionary() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let all = documents(0..5200);
    for (at, some) in all.chunks(1300).enumerate() {
        put(&store, &stored(some), at as u64);
    }
    let sql = "SELECT count(DISTINCT dictionary), max(dictionary) FROM body";
    let reader = store.shared.readers.take().unwrap();
    let one: (u32, u32) = reader.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(one, (1, 0), "none before there are enough events");
    put(&store, &stored(&documents(5200..5300)), 9);
    let two: (u32, u32) = reader.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(two, (2, 1));
    let mut count = 0;
    for event in store.export(&Access::local(), &Filter::default()).unwrap() {
        let event = event.unwrap();
        let id: usize = event.id[2..].parse().unwrap();
        assert_eq!(event.source, documents(id..id + 1)[0].1.to_string());
        count += 1;
    }
    assert_eq!(count, 5300);
}

#[test]
fn a_viewer_reads_beside_the_writer_and_can_not_write() {
    let directory = tempfile::tempdir().unwrap();
    assert!(Store::view(directory.path()).is_err(), "there is no store yet");
    let held = ledger::DataDir::lock(directory.path()).unwrap();
    let store = Store::open_with(&held, FINE).unwrap();
    put(&store, &stored(&documents(0..30)), 1);
    assert!(ledger::DataDir::lock(directory.path()).is_err(), "one writer");
    let viewer = Store::view(directory.path()).unwrap();
    assert_eq!(viewer.len(), 30);
    assert_eq!(viewer.export(&Access::local(), &Filter::default()).unwrap().count(), 30);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let refused = runtime.block_on(viewer.deliver(&batch(&stored(&documents(30..31)), 2)));
    assert!(matches!(refused, Err(DeliverError::Fatal(_))));
    for name in ["store.db", "store.db-wal"] {
        let mode = directory.path().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_file_of_a_newer_release_and_a_damaged_one_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    put(&store, &stored(&documents(0..30)), 1);
    let change = |sql: &str| {
        let connection = rusqlite::Connection::open(directory.path().join("store.db")).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    drop(store);
    let message = || {
        let held = ledger::DataDir::lock(directory.path()).unwrap();
        Store::open(&held).unwrap_err().to_string()
    };
    change("UPDATE schema_version SET version = 99 WHERE part = 'store'");
    assert!(message().contains("newer version of trailcar (store has version 99"), "{}", message());
    change("UPDATE schema_version SET version = 4 WHERE part = 'store'; DELETE FROM body WHERE row = 29");
    assert!(message().contains("there are 30 events and 29 documents"), "{}", message());
    change("DELETE FROM event WHERE row = 4");
    assert!(message().contains("event 4 is missing"), "{}", message());
}

#[test]
fn events_are_stored_without_the_index_for_a_while_and_found_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let change = |sql: &str| {
        let connection = rusqlite::Connection::open(directory.path().join("store.db")).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    change("CREATE TABLE words_0 (wrong)");
    let write = |number: usize| {
        let documents = documents(number * 40..number * 40 + 40);
        let batch = batch(&stored(&documents), number as u64);
        store.writer.as_ref().unwrap().write(&store.shared, &batch, |_| ())
    };
    let found = || {
        let filter = Filter { text: "number".into(), ..Filter::default() };
        store.summary(&Access::local(), &filter, Shape::default()).unwrap().total as usize
    };
    let stored = (0..20).take_while(|number| write(*number).is_ok()).count();
    assert_eq!(stored, 5, "four times the rows that usually wait, and no more");
    assert_eq!((store.len(), found()), (stored * 40, stored * 40));
    change("DROP TABLE words_0");
    for number in stored..stored + 3 {
        write(number).unwrap();
        assert_eq!(found(), (number + 1) * 40);
    }
}
