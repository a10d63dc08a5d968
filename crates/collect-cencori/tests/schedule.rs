//! Random schedules: entries that show up late or between any two pages, failures, and a crash between any two batches.
//! Every entry arrives, and none twice unless a restart lies between.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use collect_cencori::{CencoriCollector, CencoriConfig, read_page};
use event::{Checkpoint, Collector};
use jiff::{SignedDuration, Timestamp};
use poll::{Begin, Clock, Page, Pages, Query, Trouble, Until};
use proptest::prelude::*;
use stand_ins::logs::{Entry, Form, Logs};
use stand_ins::{Request, StandIn};
use support::{config, ids};

const OVERLAP: Duration = Duration::from_secs(600);

/// The service as it looks to the collector: entries with the time at which each shows up.
#[derive(Clone)]
struct World {
    logs: Logs,
    clock: Clock,
    hidden: Arc<Mutex<Vec<(Timestamp, Entry)>>>,
    choices: Arc<Vec<u8>>,
    used: Arc<AtomicUsize>,
}

#[async_trait]
impl Pages for World {
    async fn page(&self, query: &Query) -> Result<Page, Trouble> {
        let choice = self.choices.get(self.used.fetch_add(1, Relaxed)).copied().unwrap_or(u8::MAX);
        tokio::time::sleep(Duration::from_millis(u64::from(choice % 8) * 200)).await;
        if choice % 16 == 0 {
            return Err(Trouble::Malformed("as the test wants it".to_owned()));
        }
        let now = self.clock.now();
        let shown: Vec<Entry> = {
            let mut hidden = self.hidden.lock().unwrap();
            let (shown, left): (Vec<_>, _) = hidden.drain(..).partition(|(from, _)| *from <= now);
            *hidden = left;
            shown.into_iter().map(|(_, entry)| entry).collect()
        };
        self.logs.add(shown);
        let asked = format!("time_range=all&page={}&per_page=3", query.page);
        let request = Request::new("/api/organizations/acme/audit-logs", &asked);
        let answer = self.logs.answer(&request.with("cookie", "session=c4n4ry"));
        assert_eq!(answer.status, 200, "{} for {query:?}", answer.body);
        Ok(read_page(&Bytes::from(answer.body), query.start).unwrap())
    }
}

fn start() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

fn open(world: &World, checkpoint: Option<Checkpoint>) -> CencoriCollector<World> {
    let config = CencoriConfig {
        interval: Duration::from_secs(60),
        overlap: OVERLAP,
        page_size: 3,
        begin: Begin::At(start() - SignedDuration::from_hours(1)),
        until: Until::Stopped,
        ..config("http://127.0.0.1")
    };
    CencoriCollector::new(config, checkpoint, world.clone(), world.clock.clone()).unwrap()
}

/// Entries of the first hours, (second in which it happened, seconds that it shows up late).
fn entries() -> impl Strategy<Value = Vec<(i64, i64)>> {
    proptest::collection::vec((-3000_i64..6000, prop_oneof![3 => Just(0_i64), 1 => 0_i64..500]), 0..60)
}

/// Runs two hours of polling; what was handed out, and whether a restart lay between.
async fn collect(world: &World, crashes: &[u8]) -> (Vec<String>, usize) {
    let mut collector = open(world, None);
    let mut found = Vec::new();
    let mut kept = None;
    let (mut batches, mut restarts) = (0, 0);
    let end = tokio::time::Instant::now() + Duration::from_secs(2 * 3600);
    while let Ok(next) = tokio::time::timeout_at(end, collector.next()).await {
        let Ok(batch) = next else { continue };
        let batch = batch.unwrap();
        found.extend(ids(&batch));
        let is_lost = crashes.get(batches).is_some_and(|crash| crash % 8 == 1);
        if !is_lost {
            kept = Some(batch.checkpoint);
        }
        // A crash behind a batch, answered for or not.
        if is_lost || crashes.get(batches).is_some_and(|crash| crash % 8 == 0) {
            restarts += 1;
            collector = open(world, kept.clone());
        }
        batches += 1;
    }
    (found, restarts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_comes_once(
        entries in entries(),
        choices in proptest::collection::vec(any::<u8>(), 0..200),
        crashes in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let began = tokio::time::Instant::now();
            let clock = Clock::of(move || start() + began.elapsed());
            let by_clock = clock.clone();
            let hidden = entries.iter().enumerate().map(|(number, (second, late))| {
                let time = start() + SignedDuration::from_secs(*second);
                (time + SignedDuration::from_secs(*late), Form::Cencori.entry(number as u64, time))
            });
            let world = World {
                logs: Logs::with_clock(Form::Cencori, move || by_clock.now()),
                clock,
                hidden: Arc::new(Mutex::new(hidden.collect())),
                choices: Arc::new(choices.clone()),
                used: Arc::default(),
            };
            let (found, restarts) = collect(&world, &crashes).await;
            let once: BTreeSet<&String> = found.iter().collect();
            prop_assert_eq!(once.len(), entries.len());
            prop_assert!(restarts > 0 || found.len() == entries.len(), "{} of {}", found.len(), entries.len());
            Ok(())
        })?;
    }
}
