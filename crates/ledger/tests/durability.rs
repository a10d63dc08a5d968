//! What is in the ledger after it was used, killed, damaged, or left to a newer version.

#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use event::{Checkpoint, Dataset, Quarantined, Settlement, SourceId, Tally};
use jiff::Timestamp;
use ledger::{Access, DataDir, Entry, Fate, Filter, Ledger, LedgerError, QuarantineId};

fn refused(id: &str) -> Quarantined {
    Quarantined {
        stream: "logs-a.b-default".into(),
        id: id.into(),
        status: 400,
        reason: "mapping".into(),
        location: Some("events.jsonl".into()),
        offset: 17,
        collected: "2026-01-02T03:04:05.678901234Z".parse().unwrap(),
        raw: b"{\"a\":\xff}".to_vec(),
        document: b"{\"a\":1}".to_vec(),
    }
}

/// A batch of two indexed events and those refused.
fn batch(source: &str, position: u64, ids: &[&str]) -> Settlement {
    let quarantined: Vec<_> = ids.iter().map(|id| refused(id)).collect();
    let held = quarantined.len() as u64;
    Settlement {
        source: SourceId::new(source),
        dataset: Dataset::new("a.b").unwrap(),
        checkpoint: Checkpoint(serde_json::json!({ "position": position })),
        tally: Tally { accepted: 2 + held, indexed: 2, quarantined: held, ..Tally::default() },
        quarantined,
    }
}

fn ledger() -> (tempfile::TempDir, DataDir, Ledger) {
    let temporary = tempfile::tempdir().unwrap();
    let directory = DataDir::lock(&temporary.path().join("data")).unwrap();
    let ledger = Ledger::open(&directory).unwrap();
    (temporary, directory, ledger)
}

fn entries(ledger: &Ledger) -> Vec<Entry> {
    ledger.quarantine(&Access::local(), &Filter::default(), 1000).unwrap()
}

fn tally(ledger: &Ledger) -> Tally {
    ledger.balance().unwrap().iter().fold(Tally::default(), |mut sum, line| {
        sum.add(&line.tally);
        sum
    })
}

#[test]
fn settlements_add_up_by_source() {
    let (_temporary, directory, ledger) = ledger();
    assert_eq!(ledger.checkpoint(&SourceId::new("s")).unwrap(), None);
    ledger.settle(&[batch("s", 1, &["x"]), batch("s", 2, &[]), batch("t", 9, &[])]).unwrap();
    drop(ledger);
    let ledger = Ledger::open(&directory).unwrap();
    let position = |source| ledger.checkpoint(&SourceId::new(source)).unwrap().unwrap().0["position"].clone();
    assert_eq!((position("s"), position("t")), (2.into(), 9.into()));
    let lines: Vec<_> = ledger.balance().unwrap();
    let counts: Vec<_> = lines
        .iter()
        .map(|line| (line.source.as_str(), line.tally.accepted, line.tally.quarantined))
        .collect();
    assert_eq!(counts, [("s", 5, 1), ("t", 2, 0)]);
}

#[test]
fn a_checkpoint_of_null_leaves_the_position() {
    let (_temporary, _directory, ledger) = ledger();
    let without = Settlement { checkpoint: Checkpoint::default(), ..batch("s", 0, &[]) };
    ledger.settle(&[batch("s", 3, &[]), without]).unwrap();
    assert_eq!(ledger.checkpoint(&SourceId::new("s")).unwrap().unwrap().0["position"], 3);
    assert_eq!(tally(&ledger).indexed, 4);
}

#[test]
fn counts_that_do_not_balance_are_refused_whole() {
    let (_temporary, _directory, ledger) = ledger();
    let mut wrong = batch("s", 5, &["x"]);
    wrong.tally.accepted += 1;
    let error = ledger.settle(&[batch("t", 1, &["y"]), wrong]).unwrap_err();
    assert!(error.to_string().contains("balances"), "{error}");
    assert_eq!(ledger.checkpoint(&SourceId::new("t")).unwrap(), None);
    assert_eq!(tally(&ledger), Tally::default());
    assert_eq!(entries(&ledger), []);
}

#[test]
fn an_event_is_in_quarantine_once() {
    let (_temporary, _directory, ledger) = ledger();
    ledger.settle(&[batch("s", 1, &["x"])]).unwrap();
    let mut again = batch("s", 2, &["x", "y"]);
    again.quarantined[0].reason = "another".into();
    let written = ledger.settle(&[again]).unwrap();
    assert_eq!((written[0].quarantined, written[0].duplicate), (1, 1));
    let held: Vec<_> = entries(&ledger).into_iter().map(|entry| (entry.id, entry.reason)).collect();
    assert_eq!(held, [("x".into(), "another".into()), ("y".to_owned(), "mapping".to_owned())]);
    let sum = tally(&ledger);
    assert_eq!((sum.accepted, sum.quarantined, sum.duplicate), (7, 2, 1));
}

#[test]
fn the_quarantine_is_read_in_portions_and_whole() {
    let (_temporary, _directory, ledger) = ledger();
    ledger.settle(&[batch("s", 1, &["a", "b", "c"]), batch("t", 1, &["d", "e"])]).unwrap();
    let mut filter = Filter::default();
    let mut seen = Vec::new();
    loop {
        let portion = ledger.quarantine(&Access::local(), &filter, 2).unwrap();
        let Some(last) = portion.last() else { break };
        filter.after = last.number;
        assert!(portion.len() <= 2);
        seen.extend(portion.into_iter().map(|entry| entry.id));
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    let of_t = Filter { source: Some(SourceId::new("t")), ..Filter::default() };
    assert_eq!(ledger.quarantine(&Access::local(), &of_t, 9).unwrap().len(), 2);
    let none = Filter { dataset: Some("c".into()), ..Filter::default() };
    assert_eq!(ledger.quarantine(&Access::local(), &none, 9).unwrap(), []);
    let whole = ledger.held(&Access::local(), entries(&ledger)[0].number).unwrap().unwrap();
    assert_eq!(whole.event, refused("a"));
    assert_eq!(ledger.held(&Access::local(), QuarantineId(99)).unwrap(), None);
}

#[test]
fn what_becomes_of_a_held_event_keeps_the_balance() {
    let (_temporary, _directory, ledger) = ledger();
    ledger.settle(&[batch("s", 1, &["sent", "refused", "removed"])]).unwrap();
    let [sent, refused, removed] = entries(&ledger).try_into().unwrap();
    let created = Settlement {
        checkpoint: Checkpoint::default(),
        tally: Tally { accepted: 1, indexed: 1, ..Tally::default() },
        ..batch("s", 0, &[])
    };
    assert!(ledger.resolve(sent.number, Fate::Sent, Some(&created)).unwrap());
    let mut again = batch("s", 0, &["refused"]);
    again.tally = Tally { accepted: 1, quarantined: 1, ..Tally::default() };
    again.checkpoint = Checkpoint::default();
    assert!(ledger.resolve(refused.number, Fate::Refused, Some(&again)).unwrap());
    assert!(ledger.resolve(removed.number, Fate::Removed, None).unwrap());
    assert!(!ledger.resolve(removed.number, Fate::Removed, None).unwrap());
    let left = entries(&ledger);
    assert_eq!(left.iter().map(|entry| entry.number).collect::<Vec<_>>(), [refused.number]);
    let expected = Tally { accepted: 5, indexed: 3, quarantined: 1, dropped: 1, ..Tally::default() };
    assert_eq!(tally(&ledger), expected);
}

#[test]
fn others_may_read_while_one_writes() {
    let (_temporary, directory, ledger) = ledger();
    let reader = Ledger::view(directory.path()).unwrap();
    ledger.settle(&[batch("s", 1, &["x"])]).unwrap();
    assert_eq!(entries(&reader).len(), 1);
    let error = reader.settle(&[batch("s", 2, &[])]).unwrap_err();
    assert!(error.to_string().contains("readonly"), "{error}");
    let error = Ledger::view(&directory.path().join("nowhere")).unwrap_err();
    assert!(matches!(error, LedgerError::Io { .. }), "{error}");
}

#[test]
fn the_tables_live_in_another_file_as_well() {
    let temporary = tempfile::tempdir().unwrap();
    let connection = ledger::database::open(&temporary.path().join("store.db")).unwrap();
    connection.execute_batch("CREATE TABLE event (id TEXT)").unwrap();
    let shared = Arc::new(parking_lot::Mutex::new(connection));
    let ledger = Ledger::on(Arc::clone(&shared)).unwrap();
    let mut guard = shared.lock();
    let transaction = guard.transaction().unwrap();
    transaction.execute("INSERT INTO event VALUES ('a')", []).unwrap();
    ledger::tables::settle(&transaction, &batch("s", 1, &["x"])).unwrap();
    drop(transaction);
    drop(guard);
    assert_eq!(tally(&ledger), Tally::default(), "rolled back with the events");
}

#[test]
fn a_newer_file_is_refused() {
    let (_temporary, directory, ledger) = ledger();
    drop(ledger);
    let path = directory.path().join("ledger.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("UPDATE schema_version SET version = 99", []).unwrap();
    let message = Ledger::open(&directory).unwrap_err().to_string();
    assert!(message.contains("newer version of trailcar (ledger has version 99"), "{message}");
    assert!(Ledger::view(directory.path()).is_err());
}

#[test]
fn damage_is_found_when_opening() {
    let (_temporary, directory, ledger) = ledger();
    let ids: Vec<_> = (0..500).map(|id| format!("id {id}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    ledger.settle(&[batch("s", 1, &ids)]).unwrap();
    drop(ledger);
    let path = directory.path().join("ledger.db");
    let whole = std::fs::read(&path).unwrap();
    assert!(whole.len() > 40_000);
    let torn = whole[..whole.len() / 2].to_vec();
    let mut scrambled = whole.clone();
    scrambled[8192..20480].fill(0xa5);
    let garbage = vec![b'x'; 8192];
    for (what, bytes) in [("torn", torn), ("scrambled", scrambled), ("garbage", garbage)] {
        std::fs::write(&path, bytes).unwrap();
        let error = Ledger::open(&directory).unwrap_err();
        assert!(matches!(error, LedgerError::Broken { .. }), "{what}: {error}");
        assert!(error.to_string().contains("ledger.db is damaged"), "{what}: {error}");
    }
    std::fs::write(&path, whole).unwrap();
    assert_eq!(tally(&Ledger::open(&directory).unwrap()).quarantined, 500);
}

#[test]
fn a_torn_end_of_the_log_costs_only_what_was_not_acknowledged() {
    let (_temporary, directory, ledger) = ledger();
    ledger.settle(&[batch("s", 1, &["x"])]).unwrap();
    let before = std::fs::read(directory.path().join("ledger.db-wal")).unwrap().len();
    ledger.settle(&[batch("s", 2, &["y"])]).unwrap();
    // The machine stopped while the second settlement was being written: copy the files as they are, the log cut.
    let after = tempfile::tempdir().unwrap();
    let after = DataDir::lock(after.path()).unwrap();
    std::fs::copy(directory.path().join("ledger.db"), after.path().join("ledger.db")).unwrap();
    let log = std::fs::read(directory.path().join("ledger.db-wal")).unwrap();
    assert!(log.len() > before + 100);
    std::fs::write(after.path().join("ledger.db-wal"), &log[..log.len() - 100]).unwrap();
    let reopened = Ledger::open(&after).unwrap();
    assert_eq!(reopened.checkpoint(&SourceId::new("s")).unwrap().unwrap().0["position"], 1);
    assert_eq!(tally(&reopened), Tally { accepted: 3, indexed: 2, quarantined: 1, ..Tally::default() });
}

const CHILD: &str = "LEDGER_TEST_DIRECTORY";

/// Not a test of its own: the process that [`kill_9_leaves_whole_settlements`] kills. It settles until it dies.
#[test]
fn child_that_settles() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let directory = DataDir::lock(path.as_ref()).unwrap();
    let ledger = Ledger::open(&directory).unwrap();
    let start =
        ledger.checkpoint(&SourceId::new("s")).unwrap().map_or(0, |at| at.0["position"].as_u64().unwrap());
    for position in start + 1.. {
        ledger.settle(&[batch("s", position, &[&format!("id {position}")])]).unwrap();
        println!("\nsettled {position}");
    }
}

#[test]
fn kill_9_leaves_whole_settlements() {
    let temporary = tempfile::tempdir().unwrap();
    let mut last = 0;
    for round in 1..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_settles", "--nocapture"])
            .env(CHILD, temporary.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut acknowledged = lines.filter_map(|line| line.strip_prefix("settled ")?.parse::<u64>().ok());
        let printed = acknowledged.nth(round * 7).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let printed = acknowledged.last().unwrap_or(printed);

        let directory = DataDir::lock(temporary.path()).unwrap();
        let ledger = Ledger::open(&directory).unwrap();
        let position =
            ledger.checkpoint(&SourceId::new("s")).unwrap().unwrap().0["position"].as_u64().unwrap();
        assert!(position == printed || position == printed + 1, "printed {printed}, found {position}");
        assert!(position > last);
        let expected = Tally {
            accepted: 3 * position,
            indexed: 2 * position,
            quarantined: position,
            ..Tally::default()
        };
        assert_eq!(tally(&ledger), expected);
        let held = entries(&ledger);
        assert_eq!(held.len() as u64, position);
        assert!(held.iter().all(|entry| entry.held <= Timestamp::now()));
        last = position;
    }
}
