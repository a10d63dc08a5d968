//! The binary, killed while it asks S3 and SQS for one thing or the other, into the embedded store: each event once.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

#[allow(dead_code, reason = "not every test needs all of it")]
mod sidecar;

use std::io::Write;
use std::time::Duration;

use event::Tally;
use flate2::{Compression, write::GzEncoder};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sidecar::{Sidecar, said};
use stand_ins::cursor::sample;
use store::Store;
use testkit::aws::{FakeAws, Fault};

const BUCKET: &str = "audit";
const OBJECTS: u64 = 12;
/// Events of an object; the last ones are in the next object as well.
const EVENTS: u64 = 400;
const STEP: u64 = 350;
/// How long a sidecar may take to come to what it is killed at.
const PATIENCE: Duration = Duration::from_secs(60);

/// The objects of a bucket, by their dates; how many events are in them.
fn fill(aws: &FakeAws) -> u64 {
    let now = Timestamp::now();
    for object in 0..OBJECTS {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        for number in object * STEP..object * STEP + EVENTS {
            let time =
                now - SignedDuration::from_secs(10_000) + SignedDuration::from_secs(number.cast_signed());
            writeln!(encoder, "{}", sample(number, time).body).unwrap();
        }
        aws.put(BUCKET, &key(object), encoder.finish().unwrap(), now.as_second());
    }
    (OBJECTS - 1) * STEP + EVENTS
}

fn key(object: u64) -> String {
    format!("audit/2026/11/28/{object:02}.jsonl.gz")
}

fn source(aws: &FakeAws, origin: &Value) -> Value {
    let mut source = json!({
        "type": "cursor_s3", "id": "s3", "endpoint": aws.url(), "region": "us-east-1", "path_style": true,
        "access_key_id": "AKIA", "secret_access_key": "secret", "number_of_workers": 3,
    });
    source.as_object_mut().unwrap().extend(origin.as_object().unwrap().clone());
    json!([source])
}

/// Runs until the service has got so many calls of an operation more, and kills the process.
async fn kill_at(sidecar: &Sidecar, aws: &FakeAws, operation: &str, calls: usize) {
    let before = aws.count(operation);
    let mut child = sidecar.start(&["run"]);
    let reached = aws.until(|aws| aws.count(operation) >= before + calls);
    let reached = tokio::time::timeout(PATIENCE, reached).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(reached.is_ok(), "{operation} {calls}: {}", sidecar.log());
    // The visibility of what it had received runs out.
    aws.expire();
}

/// Goes on to the end; every event is there once, and the balance says so.
fn finish(sidecar: &Sidecar, events: u64) -> Tally {
    let output = sidecar.run(&["run", "--once"]);
    let store = Store::view(&sidecar.data_dir()).unwrap();
    assert_eq!(store.len() as u64, events, "{}", said(&output));
    let mut tally = Tally::default();
    for line in Store::view_ledger(&sidecar.data_dir()).unwrap().balance().unwrap() {
        tally.add(&line.tally);
    }
    assert_eq!((tally.stored, tally.failed, tally.quarantined), (events, 0, 0), "{tally:?}");
    assert_eq!(tally.accepted, tally.settled(), "{tally:?}");
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_is_worked_off_whatever_the_process_is_killed_at() {
    let aws = FakeAws::start().await.unwrap();
    let events = fill(&aws);
    for object in 0..OBJECTS {
        aws.notify(BUCKET, &[&key(object)]);
    }
    let sidecar = Sidecar::with_store(&source(&aws, &json!({ "queue_url": aws.queue_url() })));
    // In the middle of objects whose first part may be stored by then.
    aws.fail("GetObject", [Fault::Hold(300), Fault::Hold(20_000)]);
    for (operation, calls) in [
        ("ReceiveMessage", 1),
        ("GetObject", 1),
        ("GetObject", 3),
        ("DeleteMessage", 1),
        ("DeleteMessage", 2),
        ("GetObject", 5),
    ] {
        kill_at(&sidecar, &aws, operation, calls).await;
        assert!(aws.messages() > 0, "nothing was left to do behind the kill at {operation} {calls}");
    }
    let tally = finish(&sidecar, events);
    assert_eq!(aws.messages(), 0);
    assert!(tally.duplicate >= (OBJECTS - 1) * (EVENTS - STEP), "{tally:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_is_read_whatever_the_process_is_killed_at() {
    let aws = FakeAws::start().await.unwrap();
    let events = fill(&aws);
    let origin = json!({ "bucket_arn": format!("arn:aws:s3:::{BUCKET}"), "bucket_list_interval": "1s" });
    let sidecar = Sidecar::with_store(&source(&aws, &origin));
    aws.fail("GetObject", [Fault::Hold(300), Fault::Hold(20_000)]);
    for (operation, calls) in [
        ("ListObjectsV2", 1),
        ("GetObject", 1),
        ("GetObject", 2),
        ("ListObjectsV2", 2),
        ("GetObject", 4),
        ("GetObject", 3),
    ] {
        kill_at(&sidecar, &aws, operation, calls).await;
    }
    finish(&sidecar, events);
    // What is read is not read again.
    let reads = aws.count("GetObject");
    sidecar.run(&["run", "--once"]);
    assert_eq!(aws.count("GetObject"), reads);
}
