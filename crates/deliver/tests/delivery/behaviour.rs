//! Single faults, one a test: who waits, who goes on, and what is said of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use deliver::{Delivery, Health, Limits, Report, RetryError, Status, retry_quarantined};
use event::{
    CollectError, Collector, DeliverError, Destination, DocumentBatch, Normalizer, Notice, RawBatch, Receipt,
    Settlement, Source, SourceId, Tally, Verdict,
};
use ledger::quarantine::Fate;
use ledger::{Access, DataDir, Filter, Ledger, QuarantineId};
use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::world::{batch, normalize, number, position, source, verdict};

/// Hands out what it was given; then ends, or waits for ever.
pub(crate) struct Given {
    pub(crate) steps: VecDeque<Result<RawBatch, CollectError>>,
    pub(crate) ends: bool,
}

#[async_trait]
impl Collector for Given {
    async fn next(&mut self) -> Result<Option<RawBatch>, CollectError> {
        match self.steps.pop_front() {
            Some(step) => step.map(Some),
            None if self.ends => Ok(None),
            None => std::future::pending().await,
        }
    }
}

/// Batches of two events up to `end`.
fn given(index: usize, end: u64) -> (Arc<Source>, Box<dyn Collector>) {
    let source = source(index);
    let steps = (0..end / 2).map(|at| Ok(batch(&source, at, 2 * at, 2 * at + 2))).collect();
    (source, Box::new(Given { steps, ends: true }))
}

pub(crate) fn stepped(
    index: usize,
    steps: impl FnOnce(&Arc<Source>) -> Vec<Result<RawBatch, CollectError>>,
) -> (Arc<Source>, Box<dyn Collector>) {
    let source = source(index);
    let steps = steps(&source).into();
    (source, Box::new(Given { steps, ends: true }))
}

/// Normalizes as the fates of the events say; breaks at an event of source `s0`.
#[derive(Default)]
pub(crate) struct Plain {
    breaks: bool,
    loses: bool,
}

#[async_trait]
impl Normalizer for Plain {
    async fn normalize(&self, raw: Arc<RawBatch>) -> DocumentBatch {
        let first = raw.source.id.as_str() == "s0";
        assert!(!(self.breaks && first), "scripted");
        let mut batch = normalize(raw);
        if self.loses && first {
            batch.documents.pop();
        }
        batch
    }
}

/// Answers as the fates of the events say, unless it is told otherwise.
#[derive(Default)]
pub(crate) struct Sink {
    pub(crate) in_flight: usize,
    /// The batch with this event of `s0` is not answered for.
    pub(crate) stuck: Option<u64>,
    /// Nothing is answered for.
    pub(crate) down: AtomicBool,
    pub(crate) lasting: bool,
    /// Refused events are taken now.
    pub(crate) repaired: AtomicBool,
    /// Where it writes settlements itself.
    pub(crate) settles: Mutex<Option<Ledger>>,
    pub(crate) calls: AtomicUsize,
    pub(crate) delivered: Mutex<Vec<(SourceId, u64)>>,
}

#[async_trait]
impl Destination for Sink {
    async fn deliver(&self, batch: &DocumentBatch) -> Result<Receipt, DeliverError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let id = &batch.raw.source.id;
        let numbers: Vec<_> = batch.documents.iter().map(|document| number(batch.source(document))).collect();
        if id.as_str() == "s0" && self.stuck.is_some_and(|stuck| numbers.contains(&stuck)) {
            return std::future::pending().await;
        }
        if self.down.load(Ordering::Relaxed) {
            let reason = "connection refused".to_owned();
            return Err(if self.lasting { DeliverError::Fatal(reason) } else { DeliverError::Retry(reason) });
        }
        self.delivered.lock().extend(numbers.iter().map(|n| (id.clone(), *n)));
        let repaired = self.repaired.load(Ordering::Relaxed);
        let answer = |n: &u64| match verdict(*n, false) {
            Verdict::Rejected { .. } if repaired => Verdict::Created,
            verdict => verdict,
        };
        let verdicts: Vec<_> = numbers.iter().map(answer).collect();
        let settled = self.settles.lock().as_ref().map(|ledger| {
            let settlement = Settlement::of(batch, &verdicts, self.created()).unwrap();
            ledger.settle(&[settlement]).unwrap()[0]
        });
        Ok(Receipt { verdicts, settled })
    }

    fn in_flight(&self) -> usize {
        self.in_flight.max(1)
    }

    fn name(&self) -> &'static str {
        "sink"
    }
}

pub(crate) struct Bench {
    pub(crate) temporary: tempfile::TempDir,
    _directory: DataDir,
    pub(crate) ledger: Ledger,
    pub(crate) sink: Arc<Sink>,
    pub(crate) normalizer: Arc<Plain>,
    pub(crate) limits: Limits,
}

impl Bench {
    pub(crate) fn new(sink: Sink) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = DataDir::lock(temporary.path()).unwrap();
        let ledger = Ledger::open(&directory).unwrap();
        Self {
            temporary,
            _directory: directory,
            ledger,
            sink: Arc::new(sink),
            normalizer: Arc::default(),
            limits: Limits::default(),
        }
    }

    fn delivery(&self, sources: Vec<(Arc<Source>, Box<dyn Collector>)>) -> Delivery {
        let destination = Arc::clone(&self.sink) as Arc<dyn Destination>;
        let normalizer = Arc::clone(&self.normalizer) as Arc<dyn Normalizer>;
        Delivery::new(sources, normalizer, destination, self.ledger.clone(), self.limits)
    }

    pub(crate) async fn run(&self, sources: Vec<(Arc<Source>, Box<dyn Collector>)>) -> Report {
        self.delivery(sources).run(CancellationToken::new()).await
    }

    pub(crate) fn start(&self, sources: Vec<(Arc<Source>, Box<dyn Collector>)>) -> Running {
        let delivery = self.delivery(sources);
        let (status, stop) = (delivery.status(), CancellationToken::new());
        let task = tokio::spawn(delivery.run(stop.clone()));
        Running { status, stop, task }
    }

    fn position(&self, index: usize) -> u64 {
        position(&self.ledger, &source(index).id)
    }

    pub(crate) fn tally(&self) -> Tally {
        self.ledger.balance().unwrap().iter().fold(Tally::default(), |mut sum, line| {
            sum.add(&line.tally);
            sum
        })
    }
}

pub(crate) struct Running {
    pub(crate) status: Arc<Status>,
    pub(crate) stop: CancellationToken,
    task: JoinHandle<Report>,
}

impl Running {
    /// Lets the paused clock run until something holds; fails when it does not within a day of it.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&deliver::Snapshot) -> bool) {
        for _ in 0..86_400 {
            if holds(&self.status.snapshot()) {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("never: {what}: {:?}", self.status.snapshot());
    }

    pub(crate) async fn stop(self) -> Report {
        self.stop.cancel();
        self.task.await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_not_answered_holds_up_its_checkpoint_and_no_other_source() {
    let bench = Bench::new(Sink { in_flight: 3, stuck: Some(4), ..Sink::default() });
    let running = bench.start(vec![given(0, 100), given(1, 100)]);
    running.until("the other source ends", |now| now.sources[1].ended).await;
    assert_eq!((bench.position(0), bench.position(1)), (4, 100));
    let now = running.status.snapshot();
    assert_eq!(
        (now.sources[0].events, now.sources[0].pending),
        (4 + 2 * 12, 2 * 12),
        "4 a slot are under way"
    );
    assert!(now.sources[0].oldest_pending.is_some());
    let behind = bench.sink.delivered.lock().iter().filter(|(id, n)| id.as_str() == "s0" && *n > 5).count();
    assert!(behind > 10, "those behind it are delivered");
    let report = running.stop().await;
    assert_eq!((report.sources[0].pending, report.complete()), (24, false));
    assert_eq!(bench.position(0), 4);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_pauses_alone() {
    let bench = Bench::new(Sink::default());
    let failing = stepped(0, |source| {
        let mut steps = vec![Ok(batch(source, 0, 0, 3))];
        steps.extend((0..5).map(|_| Err(CollectError::Fatal("401: the key was revoked".into()))));
        steps.extend((0..5).map(|_| Err(CollectError::Retry("503".into()))));
        steps.push(Ok(batch(source, 1, 3, 5)));
        steps
    });
    let running = bench.start(vec![failing, given(1, 50)]);
    running.until("the other ends", |now| now.sources[1].ended).await;
    let now = running.status.snapshot();
    let Health::Unhealthy { reason, .. } = &now.sources[0].health else { panic!("{now:?}") };
    assert_eq!(reason, "401: the key was revoked");
    assert_eq!((&now.sources[1].health, &now.destination), (&Health::Healthy, &Health::Healthy));
    running.until("it goes on", |now| now.sources[0].ended).await;
    assert_eq!(running.status.snapshot().sources[0].health, Health::Healthy);
    assert_eq!((bench.position(0), bench.position(1)), (5, 50));
    assert!(running.task.await.unwrap().complete());
}

#[tokio::test(start_paused = true)]
async fn a_destination_that_is_down_is_waited_for() {
    for lasting in [false, true] {
        let bench = Bench::new(Sink { lasting, down: true.into(), ..Sink::default() });
        let running = bench.start(vec![given(0, 100)]);
        tokio::time::sleep(Duration::from_secs(86_400)).await;
        let now = running.status.snapshot();
        assert_eq!(lasting, matches!(now.destination, Health::Unhealthy { .. }), "{now:?}");
        assert_eq!(!lasting, matches!(now.destination, Health::Retrying { .. }), "{now:?}");
        assert_eq!((bench.position(0), bench.tally()), (0, Tally::default()));
        let calls = bench.sink.calls.load(Ordering::Relaxed);
        // Pauses are 15 s and 150 s in the middle.
        let expected = if lasting { 400..800 } else { 4000..8000 };
        assert!(expected.contains(&calls), "{calls} attempts a day");
        bench.sink.down.store(false, Ordering::Relaxed);
        assert!(running.task.await.unwrap().complete());
        assert_eq!((bench.position(0), bench.tally().accepted), (100, 100));
        assert_eq!(running.status.snapshot().destination, Health::Healthy);
    }
}

#[tokio::test(start_paused = true)]
async fn with_patience_a_failure_ends_the_run() {
    for (lasting, at_least) in [(false, 60), (true, 0)] {
        let mut bench = Bench::new(Sink { lasting, down: true.into(), ..Sink::default() });
        bench.limits.patience = Some(Duration::from_secs(60));
        let began = tokio::time::Instant::now();
        let report = bench.run(vec![given(0, 10)]).await;
        let took = began.elapsed().as_secs();
        assert!((at_least..=at_least + 31).contains(&took), "{took} s");
        assert_eq!(report.sources[0].error.as_deref(), Some("connection refused"));
        assert!(!report.complete());
        let failing = stepped(0, |source| {
            vec![Ok(batch(source, 0, 0, 3)), Err(CollectError::Fatal("no such file".into()))]
        });
        bench.sink.down.store(false, Ordering::Relaxed);
        let report = bench.run(vec![failing, given(1, 10)]).await;
        assert_eq!(report.sources[0].error.as_deref(), Some("no such file"));
        assert_eq!((bench.position(0), bench.position(1)), (3, 10), "what came before is settled");
    }
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_it_settles_what_is_under_way_and_takes_no_more() {
    let bench = Bench::new(Sink { down: true.into(), ..Sink::default() });
    let running = bench.start(vec![given(0, 1000)]);
    running.until("it fails", |now| now.destination != Health::Healthy).await;
    running.stop.cancel();
    tokio::time::sleep(Duration::from_millis(1)).await;
    bench.sink.down.store(false, Ordering::Relaxed);
    let report = running.task.await.unwrap();
    assert!(report.complete(), "{report:?}");
    assert_eq!((bench.position(0), report.tally().accepted), (8, 8), "the four batches under way");
}

#[tokio::test(start_paused = true)]
async fn the_drain_has_an_end() {
    let bench = Bench::new(Sink { down: true.into(), ..Sink::default() });
    let running = bench.start(vec![given(0, 1000)]);
    running.until("it fails", |now| now.destination != Health::Healthy).await;
    let began = tokio::time::Instant::now();
    let report = running.stop().await;
    assert_eq!(began.elapsed().as_secs(), bench.limits.drain.as_secs());
    assert_eq!((report.sources[0].pending, report.sources[0].error.as_deref()), (8, None));
    assert_eq!(bench.position(0), 0);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_stops_acknowledging_until_there_is_room() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = DataDir::lock(temporary.path()).unwrap();
    let connection = ledger::database::open(&directory.path().join("ledger.db")).unwrap();
    let connection = Arc::new(Mutex::new(connection));
    let bench = Bench { ledger: Ledger::on(Arc::clone(&connection)).unwrap(), ..Bench::new(Sink::default()) };
    let pages = |most: u32| {
        connection.lock().pragma_update_and_check(None, "max_page_count", most, |_| Ok(())).unwrap();
    };
    let used: u32 = connection.lock().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    pages(used + 2);
    let running = bench.start(vec![given(0, 1000)]);
    running.until("the ledger is full", |now| now.ledger != Health::Healthy).await;
    let Health::Retrying { reason, .. } = running.status.snapshot().ledger else { panic!("it may pass") };
    assert!(reason.contains("full"), "{reason}");
    let before = bench.position(0);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let now = running.status.snapshot();
    assert_eq!((bench.position(0), now.sources[0].tally.accepted), (before, before));
    assert_eq!(now.sources[0].pending, 8, "no more than may be under way is taken meanwhile");
    assert_eq!(bench.tally().accepted, before);
    pages(100_000);
    assert!(running.task.await.unwrap().complete());
    assert_eq!((bench.position(0), bench.tally().accepted), (1000, 1000));
    assert_eq!(running.status.snapshot().ledger, Health::Healthy);
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_the_program_ends_its_source_alone() {
    let mut bench = Bench::new(Sink::default());
    bench.normalizer = Arc::new(Plain { breaks: true, ..Plain::default() });
    let report = bench.run(vec![given(0, 10), given(1, 10)]).await;
    let error = report.sources[0].error.as_deref().unwrap();
    assert!(error.starts_with("normalization or delivery broke off"), "{error}");
    assert_eq!((report.sources[0].pending, bench.position(0), bench.position(1)), (8, 0, 10));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_normalization_lost_is_not_acknowledged() {
    let mut bench = Bench::new(Sink::default());
    bench.normalizer = Arc::new(Plain { loses: true, ..Plain::default() });
    let running = bench.start(vec![given(0, 10), given(1, 10)]);
    running.until("the other ends", |now| now.sources[1].ended).await;
    let Health::Unhealthy { reason, .. } = running.status.snapshot().destination else {
        panic!("it is a fault")
    };
    assert!(reason.starts_with("a batch of 2 events came back with 1 documents"), "{reason}");
    assert_eq!((bench.position(0), bench.tally().accepted), (0, 10));
}

#[tokio::test(start_paused = true)]
async fn a_batch_without_events_moves_the_checkpoint_and_bothers_nobody() {
    let bench = Bench::new(Sink::default());
    let empty = stepped(0, |source| vec![Ok(batch(source, 0, 7, 7)), Ok(batch(source, 1, 3, 4))]);
    let report = bench.run(vec![empty]).await;
    assert!(report.complete());
    assert_eq!(bench.position(0), 4, "event 3 is dropped by its pipeline");
    assert_eq!(report.tally(), Tally { accepted: 1, dropped: 1, ..Tally::default() });
    assert_eq!(bench.sink.calls.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn notices_are_counted_and_nothing_else() {
    let bench = Bench::new(Sink::default());
    let noticed = stepped(0, |source| {
        let notice = Notice { location: "a.gz".into(), offset: 9, message: "cut off".into() };
        vec![Ok(RawBatch { notices: vec![notice.clone(), notice], ..batch(source, 0, 0, 2) })]
    });
    let report = bench.run(vec![noticed]).await;
    assert_eq!((report.sources[0].notices, report.complete()), (2, true));
}

#[tokio::test(start_paused = true)]
async fn a_source_takes_no_more_than_its_share_of_the_memory() {
    let mut bench = Bench::new(Sink { in_flight: 8, down: true.into(), ..Sink::default() });
    // A batch of two events takes 1 KiB, and each source has 5 of them.
    bench.limits.bytes = 10 << 10;
    let large = stepped(1, |source| {
        let end = 1000;
        vec![Ok(batch(source, 0, 0, end)), Ok(batch(source, 1, end, end + 1))]
    });
    let running = bench.start(vec![given(0, 100), large]);
    running.until("it fails", |now| now.destination != Health::Healthy).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    let now = running.status.snapshot();
    assert_eq!(now.sources[0].events, 10);
    assert_eq!(now.sources[1].events, 1000, "a batch larger than the share goes alone");
    bench.sink.down.store(false, Ordering::Relaxed);
    assert!(running.task.await.unwrap().complete());
    assert_eq!(bench.tally().accepted, 1101);
}

#[tokio::test(start_paused = true)]
async fn events_leave_quarantine_when_they_are_taken() {
    leave_quarantine(&Bench::new(Sink::default())).await;
    let settling = Bench::new(Sink::default());
    *settling.sink.settles.lock() = Some(settling.ledger.clone());
    leave_quarantine(&settling).await;
}

async fn leave_quarantine(bench: &Bench) {
    bench.run(vec![given(0, 20)]).await;
    let held = bench.ledger.quarantine(&Access::local(), &Filter::default(), 100).unwrap();
    assert_eq!(held.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["s0-5", "s0-12", "s0-19"]);
    let before = bench.tally();
    let configured = Source { tags: vec!["new".into()], ..(*source(0)).clone() };
    let retry = async |number| {
        retry_quarantined(
            &Access::local(),
            &bench.ledger,
            &*bench.normalizer,
            &*bench.sink,
            &configured,
            number,
        )
        .await
    };

    assert_eq!(retry(held[0].number).await.unwrap(), Fate::Refused);
    assert_eq!(
        (bench.tally(), bench.ledger.quarantine(&Access::local(), &Filter::default(), 100).unwrap().len()),
        (before, 3)
    );

    bench.sink.down.store(true, Ordering::Relaxed);
    assert!(matches!(retry(held[0].number).await, Err(RetryError::Deliver { .. })));
    bench.sink.down.store(false, Ordering::Relaxed);
    bench.sink.repaired.store(true, Ordering::Relaxed);
    for entry in &held {
        assert_eq!(retry(entry.number).await.unwrap(), Fate::Sent);
    }
    assert!(matches!(retry(held[0].number).await, Err(RetryError::Missing(QuarantineId(1)))));
    let expected =
        Tally { indexed: before.indexed + 3, quarantined: 0, failed: bench.tally().failed, ..before };
    assert_eq!(bench.tally(), expected);
    assert_eq!(bench.position(0), 20);
}
