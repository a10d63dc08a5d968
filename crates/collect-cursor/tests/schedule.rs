//! Random schedules: events that show up late, pages that move, either order, failures, cancelled waits, and a crash
//! between any two batches. Every event arrives, and none twice unless a restart lies between.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use collect_cursor::{Begin, Clock, CursorCollector, Page, Pages, Query, Trouble, read_page};
use collect_cursor::{CursorConfig, Until};
use event::{Checkpoint, Collector, Dataset, RawBatch, Secret, SecretPlace, Source};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use stand_ins::cursor::{Event, Order, Service, sample};
use stand_ins::{Request, StandIn};

const OVERLAP: Duration = Duration::from_secs(600);

/// Decisions of a schedule; when they are used up, nothing goes wrong any more.
#[derive(Debug)]
struct Choices {
    all: Vec<u8>,
    used: AtomicUsize,
}

impl Choices {
    fn next(&self) -> u8 {
        self.all.get(self.used.fetch_add(1, Relaxed)).copied().unwrap_or(u8::MAX)
    }
}

/// The service as it looks to the collector, with a time at which each event shows up.
#[derive(Clone)]
struct World {
    service: Service,
    clock: Clock,
    hidden: Arc<Mutex<Vec<(Timestamp, Event)>>>,
    visible: Arc<Mutex<Vec<String>>>,
    removed: Arc<Mutex<BTreeSet<String>>>,
    choices: Arc<Choices>,
}

impl World {
    fn reveal(&self) {
        let now = self.clock.now();
        let mut hidden = self.hidden.lock().unwrap();
        let (shown, left): (Vec<_>, _) = hidden.drain(..).partition(|(from, _)| *from <= now);
        *hidden = left;
        for (_, event) in shown {
            self.visible.lock().unwrap().push(event.id().to_owned());
            self.service.add([event]);
        }
    }

    fn remove(&self, choice: u8) {
        let mut visible = self.visible.lock().unwrap();
        if !visible.is_empty() {
            let at = usize::from(choice) % visible.len();
            let id = visible.swap_remove(at);
            self.service.change([stand_ins::cursor::Change::Remove(id.clone())]);
            self.removed.lock().unwrap().insert(id);
        }
    }
}

#[async_trait]
impl Pages for World {
    async fn page(&self, query: &Query) -> Result<Page, Trouble> {
        let choice = self.choices.next();
        // Some answers take longer than anybody waits.
        let slow = if choice % 32 == 2 { 2000 } else { u64::from(choice % 4) * 200 };
        tokio::time::sleep(Duration::from_millis(slow)).await;
        // Either order, but not another one from page to page: that, too, nobody could see.
        if query.page == 1 {
            self.service.set_order(if choice & 64 == 0 { Order::OldestFirst } else { Order::NewestFirst });
        }
        // Something may come or go between two pages, not both: that nobody could see.
        match choice % 16 {
            0 => return Err(Trouble::Malformed("as the test wants it".to_owned())),
            1 => self.remove(choice / 16),
            _ => self.reveal(),
        }
        let asked = format!("startTime={}&endTime={}&page={}&pageSize=3", query.start, query.end, query.page);
        let request = Request::new("/teams/audit-logs", &asked).with("authorization", "Basic azo=");
        let reply = self.service.answer(&request);
        assert_eq!(reply.status, 200, "{} for {query:?}", reply.body);
        Ok(read_page(&Bytes::from(reply.body)).unwrap())
    }
}

fn config(begin: Begin, until: Until) -> CursorConfig {
    let source = Source::new("cursor", Dataset::new("cursor.audit").unwrap());
    CursorConfig {
        interval: Duration::from_secs(60),
        overlap: OVERLAP,
        page_size: 3,
        begin,
        until,
        ..CursorConfig::new(Arc::new(source), SecretPlace::Value(Secret::new("k")))
    }
}

fn start() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

/// A clock that goes with tokio's.
fn clock() -> Clock {
    let began = tokio::time::Instant::now();
    Clock::of(move || start() + began.elapsed())
}

fn ids(batch: &RawBatch) -> Vec<String> {
    let id = |bytes: &[u8]| {
        let event: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        event["event_id"].as_str().unwrap().to_owned()
    };
    batch.events.iter().map(|event| id(batch.bytes(event))).collect()
}

/// Time of an event, and how late it shows up, in seconds.
type Plan = Vec<(u16, u16)>;

async fn run(plan: Plan, choices: Vec<u8>, crashes: Vec<u8>, begin: Begin) {
    let clock = clock();
    let service = Service::with_clock("k", {
        let clock = clock.clone();
        move || clock.now()
    });
    service.lift_limit();
    let hidden: Vec<(Timestamp, Event)> = plan
        .iter()
        .enumerate()
        .map(|(number, (at, late))| {
            let time = start() + SignedDuration::from_secs(i64::from(*at));
            (time + SignedDuration::from_secs(i64::from(*late)), sample(number as u64, time))
        })
        .collect();
    let all: BTreeSet<String> = hidden.iter().map(|(_, event)| event.id().to_owned()).collect();
    let world = World {
        service,
        clock: clock.clone(),
        hidden: Arc::new(Mutex::new(hidden)),
        visible: Arc::default(),
        removed: Arc::default(),
        choices: Arc::new(Choices { all: choices, used: AtomicUsize::new(0) }),
    };
    let open = |checkpoint: Option<Checkpoint>| {
        CursorCollector::new(config(begin, Until::Stopped), checkpoint, world.clone(), clock.clone()).unwrap()
    };
    let end = start() + SignedDuration::from_secs(3 * 3600);
    let mut crashes = crashes.into_iter();
    let mut delivered: BTreeSet<String> = BTreeSet::new();
    let mut of_this_run: BTreeSet<String> = BTreeSet::new();
    let mut settled: Option<Checkpoint> = None;
    let mut collector = open(None);
    let mut mark = collector.mark();
    while clock.now() < end {
        // Waits are given up again and again, as a caller may.
        let next = tokio::time::timeout(Duration::from_millis(900), collector.next()).await;
        let Ok(Ok(Some(batch))) = next else { continue };
        for id in ids(&batch) {
            assert!(of_this_run.insert(id.clone()), "{id} came twice");
            delivered.insert(id);
        }
        assert!(collector.mark() >= mark, "the mark went back");
        match crashes.next() {
            // Before the batch is settled: it is lost with the process, and has to come again.
            Some(0..60) => {
                let lost = ids(&batch);
                delivered.retain(|id| !lost.contains(id));
                collector = open(settled.clone());
                of_this_run.clear();
            }
            Some(60..120) => {
                settled = Some(batch.checkpoint);
                collector = open(settled.clone());
                of_this_run.clear();
            }
            _ => settled = Some(batch.checkpoint),
        }
        mark = collector.mark();
    }
    assert!(world.hidden.lock().unwrap().is_empty(), "the schedule is longer than the test");
    let removed = world.removed.lock().unwrap();
    let lost: Vec<_> = all.difference(&delivered).filter(|id| !removed.contains(*id)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_event_arrives_and_none_twice(
        plan in prop::collection::vec((0u16..7000, prop_oneof![3 => Just(0u16), 2 => 0u16..570]), 0..60),
        choices in prop::collection::vec(any::<u8>(), 0..300),
        crashes in prop::collection::vec(any::<u8>(), 0..40),
        lookback in prop::bool::ANY,
    ) {
        let begin = if lookback { Begin::Lookback(OVERLAP) } else { Begin::At(start()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(plan, choices, crashes, begin));
    }
}
