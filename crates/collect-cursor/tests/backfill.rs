//! Ranges: windows of at most 30 days, the oldest first, gone on with after a stop.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use collect_cursor::{
    Begin, CheckpointError, Clock, CursorCollector, CursorConfig, Page, Pages, Query, Trouble, Until,
};
use event::{Checkpoint, Collector};
use jiff::{SignedDuration, Timestamp};
use stand_ins::cursor::{Order, Service, sample};
use support::{Direct, config, ids, time};

const NOW: &str = "2026-06-01T12:00:00Z";

fn service(days: u32, every_hours: u32) -> Service {
    let service = Service::with_clock("k", || time(NOW));
    service.lift_limit();
    let begin = time(NOW) - SignedDuration::from_hours(i64::from(days) * 24);
    service.add((0..days * 24 / every_hours).map(|number| {
        sample(number.into(), begin + SignedDuration::from_hours(i64::from(number * every_hours)))
    }));
    service
}

fn open(
    service: &Service,
    begin: Timestamp,
    until: Until,
    checkpoint: Option<Checkpoint>,
) -> CursorCollector<Direct> {
    let mut config = config("http://127.0.0.1");
    (config.begin, config.until, config.page_size) = (Begin::At(begin), until, 50);
    start(config, service, checkpoint).unwrap()
}

fn start(
    config: CursorConfig,
    service: &Service,
    checkpoint: Option<Checkpoint>,
) -> Result<CursorCollector<Direct>, CheckpointError> {
    let direct = Direct { service: service.clone(), page_size: config.page_size };
    CursorCollector::new(config, checkpoint, direct, Clock::of(|| time(NOW)))
}

/// Runs to the end; the ids in their order, and all checkpoints.
async fn drain(mut collector: CursorCollector<Direct>) -> (Vec<String>, Vec<Checkpoint>) {
    let (mut all, mut checkpoints) = (Vec::new(), Vec::new());
    while let Some(batch) = collector.next().await.unwrap() {
        all.extend(ids(&batch));
        checkpoints.push(batch.checkpoint);
    }
    (all, checkpoints)
}

#[tokio::test]
async fn windows_are_short_and_the_oldest_comes_first() {
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let service = service(70, 6);
        service.set_order(order);
        let begin = time(NOW) - SignedDuration::from_hours(70 * 24);
        for until in [Until::Now, Until::At(time(NOW))] {
            let (found, _) = drain(open(&service, begin, until, None)).await;
            assert_eq!(found.len(), 280, "{until:?}");
        }
        let starts: Vec<String> = service
            .asked()
            .iter()
            .map(|asked| asked.split("startTime=").nth(1).unwrap().split('&').next().unwrap().to_owned())
            .collect();
        let first = &starts[..starts.len() / 2];
        assert!(first.is_sorted(), "{first:?}");
    }
}

#[tokio::test]
async fn a_range_goes_on_where_it_was_stopped_at_any_batch() {
    let service = service(40, 3);
    let begin = time(NOW) - SignedDuration::from_hours(40 * 24);
    let until = Until::At(time(NOW));
    let (all, checkpoints) = drain(open(&service, begin, until, None)).await;
    assert_eq!(all.len(), 320);
    let pages = service.asked().len();
    for (at, checkpoint) in checkpoints.iter().enumerate() {
        let before = service.asked().len();
        let (rest, _) = drain(open(&service, begin, until, Some(checkpoint.clone()))).await;
        assert!(all.ends_with(&rest), "batch {at}: {} events are left", rest.len());
        assert_eq!(service.asked().len() - before, pages - at - 1, "batch {at}");
    }
    // Another range begins anew.
    let other = begin + SignedDuration::from_hours(24);
    let (again, _) = drain(open(&service, other, until, checkpoints.last().cloned())).await;
    assert_eq!(again.len(), 312);
}

#[tokio::test]
async fn a_poll_after_a_restart_brings_only_what_is_new() {
    let service = service(1, 1);
    let begin = time(NOW) - SignedDuration::from_hours(24);
    let (all, checkpoints) = drain(open(&service, begin, Until::Now, None)).await;
    assert_eq!(all.len(), 24);
    // The newest event is an hour old: one that shows up behind it, or a little before, is found.
    service.add([sample(100, time("2026-06-01T10:52:00Z")), sample(101, time(NOW))]);
    let (rest, _) = drain(open(&service, begin, Until::Now, checkpoints.last().cloned())).await;
    assert_eq!(rest.len(), 2, "{rest:?}");
    // A poll that was broken off in its middle ends before now; the next run goes on to now.
    let mut half = checkpoints.last().unwrap().clone();
    let window = serde_json::json!({
        "start": "2026-06-01T10:50:00Z", "end": "2026-06-01T11:00:00Z", "live": true, "pages": 0,
        "sum": {"total": null, "read": 0, "ids": 0}, "newest": null, "query": "",
    });
    half.0["window"] = window;
    let (rest, _) = drain(open(&service, begin, Until::Now, Some(half))).await;
    assert_eq!(rest.len(), 2, "{rest:?}");
}

/// Pages no faster than the service allows.
struct Paced(Direct, Arc<collect::Allowance>);

#[async_trait]
impl Pages for Paced {
    async fn page(&self, query: &Query) -> Result<Page, Trouble> {
        self.1.take().await;
        self.0.page(query).await
    }
}

#[tokio::test(start_paused = true)]
async fn sources_with_one_key_keep_to_its_twenty_requests_a_minute() {
    let began = tokio::time::Instant::now();
    let clock = Clock::of(move || time(NOW) + began.elapsed());
    let of_service = clock.clone();
    // This one answers 429 to the 21st request of a minute, at which the test would fail.
    let service = Service::with_clock("k", move || of_service.now());
    let begin = time(NOW) - SignedDuration::from_hours(24);
    service.add((0..300).map(|number| sample(number, begin + SignedDuration::from_mins(number as i64))));
    let allowances = collect_cursor::allowances();
    let open = || {
        let mut config = config("http://127.0.0.1");
        (config.begin, config.until, config.page_size) = (Begin::At(begin), Until::Now, 10);
        let direct = Direct { service: service.clone(), page_size: 10 };
        let paced = Paced(direct, allowances.of(&event::Secret::new("k")));
        CursorCollector::new(config, None, paced, clock.clone()).unwrap()
    };
    let (mut one, mut two) = (open(), open());
    let drain = async |collector: &mut CursorCollector<Paced>| {
        let mut events = 0;
        while let Some(batch) = collector.next().await.unwrap() {
            events += batch.events.len();
        }
        events
    };
    assert_eq!(tokio::join!(drain(&mut one), drain(&mut two)), (300, 300));
    assert_eq!(service.asked().len(), 60);
}

#[tokio::test]
async fn a_crowded_window_is_cut_before_it_is_handed_out() {
    let service = Service::with_clock("k", || time(NOW));
    service.lift_limit();
    let begin = time(NOW) - SignedDuration::from_hours(24);
    service.add(
        (0..60_000).map(|number| sample(number, begin + SignedDuration::from_millis(number as i64 * 1000))),
    );
    let mut config = config("http://127.0.0.1");
    (config.begin, config.until) = (Begin::At(begin), Until::Now);
    let collector = start(config, &service, None).unwrap();
    let progress = collector.progress();
    let (found, checkpoints) = drain(collector).await;
    assert_eq!(found.len(), 60_000);
    let largest = checkpoints.iter().map(|checkpoint| checkpoint.0.to_string().len()).max().unwrap();
    assert!(largest < 200_000, "{largest}");
    assert_eq!((progress.pages_left(), Arc::strong_count(&progress)), (0, 1));
}

#[tokio::test]
async fn checkpoints_of_other_versions_are_refused() {
    let service = service(1, 1);
    let config = config("http://127.0.0.1");
    for (kept, part) in
        [(r#"{"version":9}"#, "version 9"), (r#"{"version":1}"#, "can not be read"), ("{}", "version none")]
    {
        let checkpoint = Some(Checkpoint(serde_json::from_str(kept).unwrap()));
        let refused = start(config.clone(), &service, checkpoint).err().unwrap();
        assert!(refused.to_string().contains(part), "{refused}");
    }
}
