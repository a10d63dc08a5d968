//! Against moto, which is S3 and SQS as AWS documents them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can not go on has failed")]

use std::sync::Arc;

use collect_s3::{S3Collector, S3Settings};
use event::{Collector, Dataset, Secret, Source};
use testkit::moto::Moto;

fn settings(moto: &Moto) -> S3Settings {
    S3Settings {
        region: Some("us-east-1".into()),
        endpoint: Some(moto.url().to_owned()),
        path_style: true,
        access_key_id: Some(Secret::new("AKIA")),
        secret_access_key: Some(Secret::new("secret")),
        ..S3Settings::default()
    }
}

/// All events that a source has now, settled as they come.
async fn drain(settings: S3Settings) -> Vec<String> {
    let source = Source::new("s3", Dataset::new("a.b").unwrap());
    let mut config = settings.resolve(Arc::new(source)).unwrap();
    config.follow = false;
    for found in collect_s3::check(&config).await {
        found.unwrap();
    }
    let mut collector = S3Collector::new(config, None).unwrap();
    let mut events = Vec::new();
    while let Some(batch) = collector.next().await.unwrap() {
        events.extend(
            batch.events.iter().map(|event| String::from_utf8_lossy(batch.bytes(event)).into_owned()),
        );
        if let Some(settled) = &batch.settled {
            settled.tell();
        }
    }
    collector.close().await;
    events.sort_unstable();
    events
}

#[tokio::test]
async fn a_queue_tells_of_objects_and_is_empty_afterwards() {
    let moto = testkit::require!(Moto::shared());
    let queue_url = moto.bucket("queued-audit").await.unwrap();
    moto.put("queued-audit", "2026/11/28/a b+c%.jsonl", "one\ntwo\n").await.unwrap();
    moto.put("queued-audit", "2026/11/28/ü.jsonl", "three").await.unwrap();
    let settings = || S3Settings { queue_url: Some(queue_url.clone()), ..settings(&moto) };
    assert_eq!(drain(settings()).await, ["one", "three", "two"]);
    assert!(drain(settings()).await.is_empty());
    assert_eq!(moto.messages(&queue_url).await.unwrap(), 0);
}

#[tokio::test]
async fn a_bucket_is_listed() {
    let moto = testkit::require!(Moto::shared());
    moto.bucket("listed-audit").await.unwrap();
    moto.put("listed-audit", "p/2026/11/28/a b+c%.jsonl", "one\ntwo\n").await.unwrap();
    moto.put("listed-audit", "q/x", "three").await.unwrap();
    let settings = S3Settings {
        bucket_arn: Some("arn:aws:s3:::listed-audit".into()),
        bucket_list_prefix: Some("p/".into()),
        ..settings(&moto)
    };
    assert_eq!(drain(settings).await, ["one", "two"]);
}
