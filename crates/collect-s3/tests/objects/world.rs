//! A bucket, a queue, and a sidecar that settles what it collects.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use collect::{InflateLimits, SplitLimits};
use collect_s3::{Access, Bucket, Keys, Origin, Queue, S3Collector, S3Config, Selection};
use event::{
    Checkpoint, CollectError, Collector, Dataset, Notice, Quarantined, RawBatch, Secret, SecretPlace, Source,
};
use flate2::{Compression, write::GzEncoder};
use testkit::aws::FakeAws;

pub(crate) const BUCKET: &str = "audit";
/// What must never be shown.
pub(crate) const CANARY: &str = "c4n4ry-s3cr3t";

/// What came out of a collector.
#[derive(Debug, Default)]
pub(crate) struct Got {
    /// Events, and how often each came.
    pub(crate) events: BTreeMap<String, u32>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) set_aside: BTreeMap<String, Quarantined>,
    pub(crate) locations: Vec<String>,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) errors: Vec<String>,
}

impl Got {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.events.keys().map(String::as_str).collect()
    }

    pub(crate) fn once(&self) -> bool {
        self.events.values().all(|times| *times == 1)
    }

    pub(crate) fn said(&self) -> String {
        self.notices
            .iter()
            .map(|notice| format!("{}@{}: {}\n", notice.location, notice.offset, notice.message))
            .collect()
    }

    /// Writes a batch down, and then says so.
    pub(crate) fn settle(&mut self, batch: &RawBatch) {
        for event in &batch.events {
            let text = String::from_utf8_lossy(batch.bytes(event)).into_owned();
            *self.events.entry(text).or_default() += 1;
        }
        self.locations
            .extend(batch.location.as_deref().filter(|_| !batch.events.is_empty()).map(str::to_owned));
        self.notices.extend(batch.notices.iter().cloned());
        self.set_aside.extend(batch.set_aside.iter().map(|kept| (kept.id.clone(), kept.clone())));
        if !batch.checkpoint.0.is_null() {
            self.checkpoint = Some(batch.checkpoint.clone());
        }
        if let Some(settled) = &batch.settled {
            settled.tell();
        }
    }

    /// Takes all that a collector has until it ends. Troubles are noted, and it is asked again at once.
    pub(crate) async fn drain(&mut self, mut collector: S3Collector) {
        loop {
            match collector.next().await {
                Ok(Some(batch)) => self.settle(&batch),
                Ok(None) => break,
                Err(CollectError::Retry(reason) | CollectError::Fatal(reason)) => self.errors.push(reason),
            }
        }
        collector.close().await;
    }
}

fn source() -> Arc<Source> {
    Arc::new(Source::new("s3", Dataset::new("a.b").unwrap()))
}

fn config(url: &str, origin: Origin) -> S3Config {
    let key = |text| SecretPlace::Value(Secret::new(text));
    S3Config {
        source: source(),
        origin,
        access: Access {
            region: Some("us-east-1".into()),
            keys: Some(Keys { id: key("AKIA"), secret: key(CANARY), token: None }),
            shared_credential_file: Some(PathBuf::from("/no/such/file")),
            endpoint: Some(url.to_owned()),
            path_style: true,
            api_timeout: Duration::from_secs(20),
            ..Access::default()
        },
        workers: 3,
        selection: Selection::default(),
        follow: false,
        split: SplitLimits { piece_events: 3, ..SplitLimits::default() },
        inflate: InflateLimits::default(),
    }
}

/// A source that reads the queue.
pub(crate) fn queue(aws: &FakeAws) -> S3Config {
    let queue = Queue {
        url: aws.queue_url(),
        visibility_timeout: Duration::from_secs(300),
        max_receive_count: 3,
        allowed_buckets: Vec::new(),
    };
    config(&aws.url(), Origin::Queue(queue))
}

/// A source that lists the bucket; `url` is that of the service or of a proxy before it.
pub(crate) fn bucket(url: &str) -> S3Config {
    let bucket = Bucket { name: BUCKET.into(), prefix: String::new(), interval: Duration::from_millis(1) };
    config(url, Origin::Bucket(bucket))
}

pub(crate) fn collector(config: S3Config) -> S3Collector {
    S3Collector::new(config, None).unwrap()
}

/// Lines `name-0` to `name-(count-1)`.
pub(crate) fn lines(name: &str, count: usize) -> Vec<u8> {
    (0..count).flat_map(|n| format!("{name}-{n}\n").into_bytes()).collect()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Now, in seconds: the time of objects that were just written.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
