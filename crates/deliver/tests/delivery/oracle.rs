//! Whatever fails, and wherever the process dies: every event is answered for once, and the books say so.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deliver::Report;
use event::Tally;
use ledger::{Access, DataDir, Filter, Ledger};
use parking_lot::Mutex;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio_util::sync::CancellationToken;

use crate::world::{Fate, Plan, World, payload, position, source};

fn plan() -> impl Strategy<Value = (Plan, Vec<u32>)> {
    let destination =
        prop_oneof![Just((1, true)), Just((1, false)), (2..5usize).prop_map(|many| (many, false))];
    let sources = prop::collection::vec(0..60u64, 1..4);
    let crashes = prop::collection::vec(0..90u32, 0..5);
    (any::<u64>(), sources, destination, 0..40u32, 0..60u32, crashes).prop_map(
        |(seed, sources, (in_flight, settles), collect_faults, deliver_faults, crashes)| {
            (Plan { seed, sources, in_flight, settles, collect_faults, deliver_faults }, crashes)
        },
    )
}

/// Runs the sidecar in a runtime of its own until it is done or dies; then all of it is gone but the files.
fn run(world: &Arc<World>, directory: &Path, fuel: Option<u32>) -> Option<Report> {
    let directory = DataDir::lock(directory).unwrap();
    let connection = ledger::database::open(&directory.path().join("ledger.db")).unwrap();
    let connection = Arc::new(Mutex::new(connection));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (delivery, _ledger) = world.start(&connection, fuel);
        tokio::select! {
            report = delivery.run(CancellationToken::new()) => Some(report),
            () = world.crash.notified() => None,
            // By the paused clock, which leaps there as soon as nothing else is going to happen.
            () = tokio::time::sleep(Duration::from_secs(30 * 86400)) => panic!("the run has come to a standstill"),
        }
    })
}

/// What must hold whenever the process is gone.
fn check(world: &World, ledger: &Ledger, crashed: bool) -> Result<(), TestCaseError> {
    prop_assert_eq!(&*world.violations.lock(), &Vec::<String>::new());
    let balance = ledger.balance().unwrap();
    let held = ledger.quarantine(&Access::local(), &Filter::default(), 1000).unwrap();
    let documents = world.documents.lock();
    for (index, total) in world.plan.sources.iter().enumerate() {
        let id = source(index).id.clone();
        let end = position(ledger, &id);
        prop_assert!(end <= *total);
        let line = balance.iter().find(|line| line.source == id);
        let tally = line.map_or_else(Tally::default, |line| line.tally);

        prop_assert_eq!(tally.accepted, end, "accepted is what the checkpoint covers");
        prop_assert_eq!(tally.settled(), end, "the balance holds");
        prop_assert_eq!(tally.dropped, Fate::Dropped.count(end));
        prop_assert_eq!(tally.quarantined, Fate::Refused.count(end));
        let delivered = tally.indexed + tally.stored + tally.diverted + tally.duplicate;
        prop_assert_eq!(delivered, Fate::Created.count(end) + Fate::Diverted.count(end));
        if !crashed {
            prop_assert_eq!(tally.duplicate, 0, "nothing was delivered twice");
        }
        let refused: BTreeSet<_> =
            held.iter().filter(|entry| entry.source == id).map(|entry| &entry.id).collect();
        prop_assert_eq!(refused.len() as u64, tally.quarantined);
        for n in 0..end {
            let key = format!("{id}-{n}");
            let (there, kept) = (documents.get(&key), refused.contains(&key));
            match Fate::of(n) {
                Fate::Created | Fate::Diverted => {
                    prop_assert_eq!(there, Some(&payload(&id, n)), "event {} of {} is lost", n, id);
                    prop_assert!(!kept);
                }
                Fate::Refused => prop_assert!(kept && there.is_none()),
                Fate::Dropped => prop_assert!(!kept && there.is_none()),
            }
        }
    }
    Ok(())
}

/// What the cases have come across: an oracle that never saw a fault would be content with anything.
#[derive(Debug, Default)]
struct Seen {
    crashes: u64,
    /// Delivered again after a crash.
    replayed: u64,
    settled: u64,
}

fn play(plan: Plan, crashes: &[u32], seen: &Mutex<Seen>) -> Result<(), TestCaseError> {
    let temporary = tempfile::tempdir().unwrap();
    let world = World::new(plan);
    let mut crashed = false;
    for fuel in crashes.iter().copied().map(Some).chain([None]) {
        let report = run(&world, temporary.path(), fuel);
        crashed |= report.is_none();
        let directory = DataDir::lock(temporary.path()).unwrap();
        let ledger = Ledger::open(&directory).unwrap();
        check(&world, &ledger, crashed)?;
        seen.lock().crashes += u64::from(report.is_none());
        if let Some(report) = report {
            prop_assert!(report.complete(), "{:?}", report);
            for (index, total) in world.plan.sources.iter().enumerate() {
                prop_assert_eq!(position(&ledger, &source(index).id), *total);
            }
            for line in ledger.balance().unwrap() {
                let seen = &mut *seen.lock();
                seen.replayed += line.tally.duplicate;
                seen.settled += line.tally.settled();
            }
        }
    }
    Ok(())
}

#[test]
fn every_event_is_answered_for_once() {
    let seen = Mutex::new(Seen::default());
    let cases = std::env::var("PROPTEST_CASES").map_or(64, |cases| cases.parse().unwrap());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let passed = runner.run(&plan(), |(plan, crashes)| play(plan, &crashes, &seen));
    if let Err(failure) = passed {
        panic!("{failure}");
    }
    let seen = seen.into_inner();
    assert!(seen.crashes > 20 && seen.replayed > 20 && seen.settled > 1000, "too little happened: {seen:?}");
}
