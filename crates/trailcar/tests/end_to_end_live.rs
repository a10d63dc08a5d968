//! Both routes of Cursor's audit log at once, the Admin API and S3 with its queue, to a real server.
//!
//! The routes tell of the same events, as they do in life: three quarters of them come by each, half of them by both. They
//! come in three parts. The sidecar is killed at the first documents of each part but the last, so that batches are
//! under way, positions behind, and messages hidden.
//!
//! `TRAILCAR_TEST_LIVE_EVENTS` says how many events, 10000 unless it is set; by the Admin API go no more than its
//! requests of a minute carry.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, with their helper functions"
)]

#[allow(dead_code, reason = "not every test needs all of it")]
mod sidecar;

use std::io::Write;
use std::ops::Range;
use std::process::{Child, Command};
use std::time::Duration;

use event::Tally;
use flate2::{Compression, write::GzEncoder};
use jiff::{SignedDuration, Timestamp};
use ledger::Ledger;
use serde_json::json;
use sidecar::{Sidecar, said};
use stand_ins::Served;
use stand_ins::cursor::{Event, Service, sample};
use testkit::client::Client;
use testkit::moto::Moto;
use testkit::{require, servers};

const KEY: &str = "key_00000000000000000000000000000000live";

/// The events come in so many parts; behind each but the last is a kill.
const PARTS: u64 = 3;

/// What the Admin API gives within its 20 requests of a minute, with some to spare for polls that find nothing.
const MOST_BY_API: u64 = 15 * 500;

/// Events of an object. So many of them again are in the object behind it.
const OBJECT: usize = 500;
const REPEATED: usize = 50;

/// How long one part may take.
const PATIENCE: Duration = Duration::from_secs(200);

/// What happens at Cursor: the events, and the two ways to them.
struct Cursor {
    events: Vec<Event>,
    service: Service,
    moto: Moto,
    bucket: String,
    queue_url: String,
    /// Events that the routes tell of so far, repeated ones counted again.
    told: [u64; 2],
}

impl Cursor {
    async fn new(moto: Moto, name: &str) -> Self {
        let count = std::env::var("TRAILCAR_TEST_LIVE_EVENTS").map_or(10_000, |text| text.parse().unwrap());
        let now = Timestamp::now();
        let at = |number: u64| now - SignedDuration::from_millis(100 * (count - number).cast_signed());
        let events = (0..count).map(|number| sample(number, at(number))).collect();
        let service = Service::new(KEY);
        service.lift_limit();
        let queue_url = moto.bucket(name).await.unwrap();
        Self { events, service, moto, bucket: name.to_owned(), queue_url, told: [0, 0] }
    }

    fn count(&self) -> u64 {
        self.events.len() as u64
    }

    /// The part's events of a route that has those of `range`.
    fn part(&self, part: u64, range: Range<u64>) -> &[Event] {
        let count = range.end - range.start;
        let at = |part: u64| usize::try_from(range.start + count * part / PARTS).unwrap();
        &self.events[at(part)..at(part + 1)]
    }

    /// The next part of the events, by both routes: the older ones by the API, the newer ones by S3, those between by
    /// both.
    async fn tell(&mut self, part: u64) {
        let count = self.count();
        let by_api = (count * 3 / 4).min(MOST_BY_API);
        let by_s3 = by_api / 3..count;
        let api = self.part(part, 0..by_api).to_vec();
        self.told[0] += api.len() as u64;
        self.service.add(api);
        let events = self.part(part, by_s3).to_vec();
        for (number, from) in (0..events.len()).step_by(OBJECT).enumerate() {
            let to = (from + OBJECT).min(events.len());
            let (object, lines) = object(&events[from.saturating_sub(REPEATED)..to]);
            self.told[1] += lines;
            let key = format!("audit/2026/11/28/{part}-{number:04}.jsonl.gz");
            self.moto.put(&self.bucket, &key, object).await.unwrap();
        }
    }

    fn sources(&self, url: &str) -> serde_json::Value {
        json!([
            {
                "type": "cursor_api", "id": "api", "url": url, "api_key": KEY, "interval": "10s",
                "proxy_disable": true,
            },
            {
                "type": "cursor_s3", "id": "s3", "queue_url": self.queue_url, "endpoint": self.moto.url(),
                "region": "us-east-1", "path_style": true, "access_key_id": "AKIA", "secret_access_key": "secret",
                "visibility_timeout": "5s",
            },
        ])
    }

    /// Whether every event is there and every message gone.
    async fn is_done(&self, client: &Client, stream: &str) -> bool {
        client.count(stream).await.unwrap_or(0) >= self.count()
            && self.moto.messages(&self.queue_url).await.unwrap() == 0
    }
}

/// An object of these events, the first of which is in it twice; and how many lines that makes.
fn object(events: &[Event]) -> (Vec<u8>, u64) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    for event in events.iter().chain(&events[..1]) {
        writeln!(encoder, "{}", event.body).unwrap();
    }
    (encoder.finish().unwrap(), events.len() as u64 + 1)
}

/// Asks until something holds of a sidecar that runs.
async fn until(sidecar: &Sidecar, child: &mut Child, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !holds().await {
            assert!(child.try_wait().unwrap().is_none(), "it ended before {what}: {}", sidecar.log());
        }
    };
    let held = tokio::time::timeout(PATIENCE, asking).await;
    assert!(held.is_ok(), "{what}: not within {PATIENCE:?}: {}", sidecar.log());
}

fn balance(sidecar: &Sidecar) -> [Tally; 2] {
    let lines = Ledger::view(&sidecar.data_dir()).unwrap().balance().unwrap();
    ["api", "s3"].map(|id| {
        let mut tally = Tally::default();
        lines.iter().filter(|line| line.source.as_str() == id).for_each(|line| tally.add(&line.tally));
        tally
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_routes_at_once_over_kills_give_each_event_once() {
    let node = require!(servers::elasticsearch().shared());
    let moto = require!(Moto::shared());
    let client = node.client();
    // The servers may have seen this test before.
    let name = format!("live{}", Timestamp::now().as_millisecond());
    let mut cursor = Cursor::new(moto, &name).await;
    let served = Served::start(cursor.service.clone()).await.unwrap();
    let sidecar = Sidecar::new(node.url(), &name, &cursor.sources(&served.url()));
    let stream = sidecar.stream();
    sidecar.run(&["setup"]);

    let mut seen = 0;
    for part in 0..PARTS - 1 {
        cursor.tell(part).await;
        let mut child = sidecar.start(&["run"]);
        until(&sidecar, &mut child, "new documents", async || {
            let now = client.count(&stream).await.unwrap_or(0).max(seen);
            let before = std::mem::replace(&mut seen, now);
            seen > before
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(seen < cursor.count(), "nothing was left to do behind the kill");
        // What was under way to the server may have arrived by now.
        seen = client.count(&stream).await.unwrap();
    }
    cursor.tell(PARTS - 1).await;
    let mut child = sidecar.start(&["run"]);
    until(&sidecar, &mut child, "all is delivered", async || cursor.is_done(&client, &stream).await).await;
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(child.wait().unwrap().success(), "{}", sidecar.log());
    // What a poll has not seen yet, if there is any.
    let output = sidecar.run(&["run", "--once"]);

    let documents = client.documents(&stream).await.unwrap();
    assert_eq!(documents.len() as u64, cursor.count());
    assert!(documents.values().all(|hits| hits.len() == 1), "a document is there more than once");
    assert!(cursor.events.iter().all(|event| documents.contains_key(event.id())));

    // Everything that was told of is accounted for. What was created when a kill came is a duplicate of itself.
    let tallies = balance(&sidecar);
    let created: u64 = tallies.iter().map(|tally| tally.indexed).sum();
    assert!(created > 0 && created <= cursor.count(), "{tallies:?}");
    for (tally, told) in tallies.iter().zip(cursor.told) {
        assert_eq!(tally.accepted, tally.settled(), "{tallies:?}");
        assert_eq!(tally.accepted, tally.indexed + tally.duplicate, "{tallies:?}");
        assert_eq!(tally.failed, 0, "{tallies:?}");
        assert!(tally.accepted >= told, "{told} events were told of: {tallies:?}");
    }

    // Nothing is left: neither route has anything, and the balance stays as it is.
    let again = sidecar.run(&["run", "--once"]);
    assert_eq!(balance(&sidecar), tallies, "{}\n{}", said(&output), said(&again));
    assert_eq!(client.count(&stream).await.unwrap(), cursor.count());
}
