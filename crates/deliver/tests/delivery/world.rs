//! Scripted sources, a normalizer and a destination with faults, and what is to be expected of their events.
//!
//! Event n of a source says by itself what becomes of it ([`Fate::of`]), so that an outcome can be checked without
//! following the run. A run is dropped, as by a crash, after a number of steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use deliver::{Delivery, Limits};
use event::{
    Checkpoint, CollectError, Collector, Created, Dataset, DeliverError, Destination, DocumentBatch,
    Normalizer, RawBatch, RawEvent, Receipt, Settlement, Source, SourceId, Verdict,
};
use jiff::Timestamp;
use ledger::Ledger;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use tokio::sync::Notify;

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Created,
    Diverted,
    Refused,
    Dropped,
}

impl Fate {
    pub(crate) fn of(n: u64) -> Self {
        match n {
            n if n % 11 == 3 => Self::Dropped,
            n if n % 7 == 5 => Self::Refused,
            n if n % 13 == 6 => Self::Diverted,
            _ => Self::Created,
        }
    }

    /// How many of the first `end` events.
    pub(crate) fn count(self, end: u64) -> u64 {
        (0..end).filter(|n| Self::of(*n) == self).count() as u64
    }
}

/// How likely faults are, in percent; what the destination can do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Events of each source.
    pub(crate) sources: Vec<u64>,
    pub(crate) in_flight: usize,
    pub(crate) settles: bool,
    pub(crate) collect_faults: u32,
    pub(crate) deliver_faults: u32,
}

/// What there is outside the sidecar; it outlives crashes.
pub(crate) struct World {
    pub(crate) plan: Plan,
    rng: Mutex<StdRng>,
    /// Documents at the destination, by id.
    pub(crate) documents: Mutex<BTreeMap<String, String>>,
    /// Steps until the crash.
    fuel: Mutex<Option<u32>>,
    pub(crate) crash: Notify,
    /// What the destination was asked to do and should not have been.
    pub(crate) violations: Mutex<Vec<String>>,
    /// Where the destination writes settlements, when it does.
    store: Mutex<Option<Arc<Mutex<Connection>>>>,
}

pub(crate) fn source(index: usize) -> Arc<Source> {
    Arc::new(Source {
        id: SourceId::new(&format!("s{index}")),
        dataset: Dataset::new("a.b").unwrap(),
        namespace: "default".into(),
        tags: Vec::new(),
        preserve_original_event: false,
    })
}

pub(crate) fn payload(source: &SourceId, n: u64) -> String {
    format!(r#"{{"source":"{source}","n":{n}}}"#)
}

pub(crate) fn number(raw: &[u8]) -> u64 {
    serde_json::from_slice::<serde_json::Value>(raw).unwrap()["n"].as_u64().unwrap()
}

pub(crate) fn position(ledger: &Ledger, source: &SourceId) -> u64 {
    ledger.checkpoint(source).unwrap().map_or(0, |at| at.0["next"].as_u64().unwrap())
}

/// A batch of the events `begin..end`.
pub(crate) fn batch(source: &Arc<Source>, sequence: u64, begin: u64, end: u64) -> RawBatch {
    let mut buffer = Vec::new();
    let mut events = Vec::new();
    for n in begin..end {
        let at = buffer.len();
        buffer.extend_from_slice(payload(&source.id, n).as_bytes());
        events.push(RawEvent { span: at..buffer.len(), offset: 100 * n });
    }
    RawBatch {
        source: Arc::clone(source),
        sequence,
        location: Some("script".into()),
        buffer: buffer.into(),
        events,
        collected: Timestamp::now(),
        checkpoint: Checkpoint(serde_json::json!({ "next": end })),
        notices: Vec::new(),
        set_aside: Vec::new(),
        settled: None,
    }
}

impl World {
    pub(crate) fn new(plan: Plan) -> Arc<Self> {
        Arc::new(Self {
            rng: Mutex::new(StdRng::seed_from_u64(plan.seed)),
            plan,
            documents: Mutex::default(),
            fuel: Mutex::default(),
            crash: Notify::new(),
            violations: Mutex::default(),
            store: Mutex::default(),
        })
    }

    /// The sidecar, started where the ledger says, to crash after `fuel` steps.
    pub(crate) fn start(
        self: &Arc<Self>,
        connection: &Arc<Mutex<Connection>>,
        fuel: Option<u32>,
    ) -> (Delivery, Ledger) {
        let ledger = Ledger::on(Arc::clone(connection)).unwrap();
        *self.fuel.lock() = fuel;
        *self.store.lock() = self.plan.settles.then(|| Arc::clone(connection));
        let sources = self.plan.sources.iter().enumerate().map(|(index, total)| {
            let source = source(index);
            let next = position(&ledger, &source.id);
            let script = Script {
                world: Arc::clone(self),
                source: Arc::clone(&source),
                next,
                total: *total,
                sequence: 0,
            };
            (source, Box::new(script) as Box<dyn Collector>)
        });
        let destination = Sink {
            world: Arc::clone(self),
            under_way: AtomicUsize::new(0),
            doubts: Mutex::default(),
            answered: Mutex::default(),
        };
        let normalizer = Arc::new(Numbers { world: Arc::clone(self) });
        let delivery = Delivery::new(
            sources.collect(),
            normalizer,
            Arc::new(destination),
            ledger.clone(),
            Limits { bytes: 4 << 10, ..Limits::default() },
        );
        (delivery, ledger)
    }

    fn random(&self, below: u32) -> u32 {
        self.rng.lock().random_range(0..below)
    }

    fn chance(&self, percent: u32) -> bool {
        self.random(100) < percent
    }

    async fn pass_time(&self) {
        if self.chance(50) {
            let time = Duration::from_millis(self.random(400).into());
            tokio::time::sleep(time).await;
        }
    }

    fn must(&self, holds: bool, rule: &str) {
        if !holds {
            self.violations.lock().push(rule.to_owned());
        }
    }

    /// A point at which the process may die.
    async fn step(&self) {
        let dies = match &mut *self.fuel.lock() {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        };
        if dies {
            self.crash.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

struct Script {
    world: Arc<World>,
    source: Arc<Source>,
    next: u64,
    total: u64,
    sequence: u64,
}

#[async_trait]
impl Collector for Script {
    async fn next(&mut self) -> Result<Option<RawBatch>, CollectError> {
        self.world.step().await;
        self.world.pass_time().await;
        if self.world.chance(self.world.plan.collect_faults) {
            let reason = "scripted".to_owned();
            return Err(if self.world.chance(70) {
                CollectError::Retry(reason)
            } else {
                CollectError::Fatal(reason)
            });
        }
        if self.next == self.total {
            return Ok(None);
        }
        let end = (self.next + u64::from(self.world.random(6))).min(self.total);
        let batch = batch(&self.source, self.sequence, self.next, end);
        self.sequence += 1;
        self.next = end;
        Ok(Some(batch))
    }
}

/// Gives each event its number as id, and itself as document.
struct Numbers {
    world: Arc<World>,
}

/// Normalizes as the fates of the events say.
pub(crate) fn normalize(raw: Arc<RawBatch>) -> DocumentBatch {
    let stream = "logs-a.b-default".into();
    let mut batch = DocumentBatch::new(Arc::clone(&raw));
    for (index, event) in raw.events.iter().enumerate() {
        let bytes = raw.bytes(event);
        let n = number(bytes);
        if Fate::of(n) == Fate::Dropped {
            batch.dropped += 1;
        } else {
            let id = format!("{}-{n}", raw.source.id);
            batch.push(index as u32, &stream, &id, n % 5 == 2, |out| out.extend_from_slice(bytes));
        }
    }
    batch
}

#[async_trait]
impl Normalizer for Numbers {
    async fn normalize(&self, raw: Arc<RawBatch>) -> DocumentBatch {
        self.world.step().await;
        self.world.pass_time().await;
        normalize(raw)
    }
}

struct Sink {
    world: Arc<World>,
    under_way: AtomicUsize,
    /// What unclear attempts of this run may have created.
    doubts: Mutex<BTreeSet<String>>,
    /// How far the answers of each source go in this run, when they have to be in order.
    answered: Mutex<BTreeMap<SourceId, u64>>,
}

/// What the destination says of one document that it has or has not.
pub(crate) fn verdict(n: u64, there: bool) -> Verdict {
    match Fate::of(n) {
        Fate::Refused => Verdict::Rejected { status: 400, reason: format!("event {n} does not fit") },
        _ if there => Verdict::AlreadyThere,
        Fate::Diverted => Verdict::Diverted,
        _ => Verdict::Created,
    }
}

impl Sink {
    /// Takes documents in, up to `end`.
    fn apply(&self, batch: &DocumentBatch, end: usize) -> Vec<Verdict> {
        let mut documents = self.world.documents.lock();
        let mut doubts = self.doubts.lock();
        let one = |document: &event::Document| {
            let n = number(batch.source(document));
            let id = batch.id(document).to_owned();
            let verdict = verdict(n, documents.contains_key(&id) && !doubts.remove(&id));
            if Fate::of(n) != Fate::Refused {
                documents.insert(id, String::from_utf8(batch.source(document).to_vec()).unwrap());
            }
            verdict
        };
        batch.documents[..end].iter().map(one).collect()
    }

    /// Takes all in and settles, or neither, as the embedded store does.
    fn apply_and_settle(&self, batch: &DocumentBatch, connection: &Mutex<Connection>) -> Receipt {
        let verdicts = self.apply(batch, batch.documents.len());
        let settlement = Settlement::of(batch, &verdicts, Created::Stored).unwrap();
        let mut connection = connection.lock();
        let transaction = connection.transaction().unwrap();
        let begin = batch.raw.checkpoint.0["next"].as_u64().unwrap() - batch.raw.events.len() as u64;
        let stored = ledger::tables::checkpoint(&transaction, &batch.raw.source.id).unwrap();
        let stored = stored.map_or(0, |at| at.0["next"].as_u64().unwrap());
        self.world.must(stored == begin, "a batch comes when all before it is settled, and only once");
        let tally = ledger::tables::settle(&transaction, &settlement).unwrap();
        transaction.commit().unwrap();
        Receipt { verdicts, settled: Some(tally) }
    }

    fn check_order(&self, batch: &DocumentBatch) {
        let first = number(batch.raw.bytes(&batch.raw.events[0]));
        let answered = self.answered.lock().get(&batch.raw.source.id).copied();
        self.world.must(answered.is_none_or(|end| first >= end), "batches of a source come in order");
    }
}

#[async_trait]
impl Destination for Sink {
    async fn deliver(&self, batch: &DocumentBatch) -> Result<Receipt, DeliverError> {
        struct Leave<'a>(&'a AtomicUsize);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let others = self.under_way.fetch_add(1, Ordering::Relaxed);
        let _leave = Leave(&self.under_way);
        self.world
            .must(others < self.world.plan.in_flight, "no more batches at once than the destination takes");
        self.world.must(!batch.documents.is_empty(), "there is something to deliver");
        if self.world.plan.in_flight == 1 {
            self.check_order(batch);
        }
        self.world.step().await;
        self.world.pass_time().await;
        let fails = self.world.chance(self.world.plan.deliver_faults);
        let store = self.world.store.lock().clone();
        let receipt = match (fails, store) {
            (true, _) if self.world.chance(40) => return Err(DeliverError::Retry("scripted".into())),
            (true, _) if self.world.chance(20) => return Err(DeliverError::Fatal("scripted".into())),
            (true, None) => {
                let end = self.world.random(batch.documents.len() as u32 + 1) as usize;
                self.apply(batch, end);
                let taken = batch.documents[..end].iter().map(|document| batch.id(document).to_owned());
                self.doubts.lock().extend(taken);
                self.world.step().await;
                return Err(DeliverError::Retry("no answer".into()));
            }
            (_, None) => Receipt { verdicts: self.apply(batch, batch.documents.len()), settled: None },
            (_, Some(connection)) => self.apply_and_settle(batch, &connection),
        };
        self.world.step().await;
        self.world.pass_time().await;
        let end = batch.raw.checkpoint.0["next"].as_u64().unwrap();
        self.answered.lock().insert(batch.raw.source.id.clone(), end);
        Ok(receipt)
    }

    fn in_flight(&self) -> usize {
        self.world.plan.in_flight
    }

    fn created(&self) -> Created {
        if self.world.plan.settles { Created::Stored } else { Created::Indexed }
    }

    fn name(&self) -> &'static str {
        "world"
    }
}
