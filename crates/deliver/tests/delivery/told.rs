//! What a collector is told, and what it sets aside.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deliver::{Health, retry_quarantined};
use event::{CollectError, Collector, Quarantined, RawBatch, Settled, Source};
use ledger::{Access, Filter};
use parking_lot::Mutex;

use crate::behaviour::{Bench, Given, Sink, stepped};
use crate::world::{batch, source};

/// Batches 0, 1, 2 of two events, each of which notes its number when it is told; and `closed`, noted by the collector.
struct Told(Given, Arc<Mutex<Vec<&'static str>>>);

#[async_trait]
impl Collector for Told {
    async fn next(&mut self) -> Result<Option<RawBatch>, CollectError> {
        self.0.next().await
    }

    async fn close(&mut self) {
        self.1.lock().push("closed");
    }
}

fn told(ends: bool, log: &Arc<Mutex<Vec<&'static str>>>) -> (Arc<Source>, Box<dyn Collector>) {
    let source = source(0);
    let steps = ["0", "1", "2"].iter().zip(0..).map(|(name, at)| {
        let log = Arc::clone(log);
        let settled = Some(Settled::new(move || log.lock().push(name)));
        Ok(RawBatch { settled, ..batch(&source, at, 2 * at, 2 * at + 2) })
    });
    let steps = steps.collect();
    (source, Box::new(Told(Given { steps, ends }, Arc::clone(log))))
}

#[tokio::test(start_paused = true)]
async fn a_collector_is_told_once_a_batch_is_settled_and_closed_after_that() {
    for settles in [false, true] {
        let bench = Bench::new(Sink::default());
        if settles {
            *bench.sink.settles.lock() = Some(bench.ledger.clone());
        }
        let log = Arc::default();
        assert!(bench.run(vec![told(true, &log)]).await.complete());
        assert_eq!(*log.lock(), ["0", "1", "2", "closed"], "settled by the destination: {settles}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_while_there_is_no_settlement() {
    for ledger in [false, true] {
        let mut bench = Bench::new(Sink { down: (!ledger).into(), ..Sink::default() });
        bench.limits.drain = Duration::from_secs(5);
        let log = Arc::default();
        if ledger {
            let database = rusqlite::Connection::open(bench.temporary.path().join("ledger.db")).unwrap();
            database.execute_batch("ALTER TABLE balance RENAME TO away").unwrap();
        }
        let running = bench.start(vec![told(false, &log)]);
        running
            .until("it fails", |now| [&now.destination, &now.ledger].iter().any(|it| **it != Health::Healthy))
            .await;
        running.stop().await;
        assert_eq!(log.lock().iter().filter(|said| **said != "closed").count(), 0, "ledger: {ledger}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_collector_sets_aside_is_kept_and_counted() {
    let bench = Bench::new(Sink::default());
    let broken = |id: &str| Quarantined {
        stream: "logs-a.b-default".into(),
        id: id.into(),
        status: 0,
        reason: "corrupt".into(),
        location: Some("s3://b/k".into()),
        offset: 9,
        collected: jiff::Timestamp::UNIX_EPOCH,
        raw: b"notification".to_vec(),
        document: Vec::new(),
    };
    let source = stepped(0, |source| {
        let alone = RawBatch { set_aside: vec![broken("x"), broken("y")], ..batch(source, 0, 0, 0) };
        vec![Ok(alone), Ok(RawBatch { set_aside: vec![broken("x")], ..batch(source, 1, 0, 2) })]
    });
    let report = bench.run(vec![source]).await;
    assert!(report.complete());
    assert_eq!((report.tally().accepted, report.tally().settled(), report.sources[0].pending), (5, 5, 0));
    let held = bench.ledger.quarantine(&Access::local(), &Filter::default(), 100).unwrap();
    assert_eq!(held.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    let configured = (*crate::world::source(0)).clone();
    let access = Access::local();
    let retry = retry_quarantined(
        &access,
        &bench.ledger,
        &*bench.normalizer,
        &*bench.sink,
        &configured,
        held[0].number,
    );
    let error = retry.await.unwrap_err().to_string();
    assert!(error.contains("s3://b/k, which could not be read"), "{error}");
}
