//! Against moto, which is S3, SQS and SNS as AWS documents them: `TRAILCAR_TEST_MOTO_URL` says where it runs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can not go on has failed")]

use std::sync::Arc;

use aws_sdk_s3::types::{EventBridgeConfiguration, NotificationConfiguration, QueueConfiguration};
use collect_s3::{S3Collector, S3Settings};
use event::{Collector, Dataset, Secret, Source, SourceId};
use testkit::Unavailable;

struct Moto {
    url: String,
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
}

async fn moto() -> Result<Moto, Unavailable> {
    let url = std::env::var("TRAILCAR_TEST_MOTO_URL").map_err(|_| Unavailable {
        what: "moto, a stand-in for S3 and SQS".to_owned(),
        cure: "run it by tests/run, or start moto_server and set TRAILCAR_TEST_MOTO_URL".to_owned(),
    })?;
    let credentials = aws_credential_types::Credentials::new("AKIA", "secret", None, None, "test");
    let client = aws_smithy_http_client::Builder::new().build_http();
    let shared = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(client)
        .region(aws_config::Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(&url)
        .load()
        .await;
    let s3 = aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build();
    Ok(Moto { url, s3: aws_sdk_s3::Client::from_conf(s3), sqs: aws_sdk_sqs::Client::new(&shared) })
}

impl Moto {
    /// A bucket and the queue that it notifies.
    async fn bucket(&self, name: &str) -> String {
        self.s3.create_bucket().bucket(name).send().await.unwrap();
        let queue = self.sqs.create_queue().queue_name(name).send().await.unwrap();
        let notifies = QueueConfiguration::builder()
            .queue_arn(format!("arn:aws:sqs:us-east-1:123456789012:{name}"))
            .events("s3:ObjectCreated:*".into())
            .build()
            .unwrap();
        let configuration = NotificationConfiguration::builder()
            .queue_configurations(notifies)
            .event_bridge_configuration(EventBridgeConfiguration::builder().build())
            .build();
        let put = self.s3.put_bucket_notification_configuration().bucket(name);
        put.notification_configuration(configuration).send().await.unwrap();
        queue.queue_url.unwrap()
    }

    async fn put(&self, bucket: &str, key: &str, body: &'static str) {
        let body = aws_sdk_s3::primitives::ByteStream::from_static(body.as_bytes());
        self.s3.put_object().bucket(bucket).key(key).body(body).send().await.unwrap();
    }

    fn settings(&self) -> S3Settings {
        S3Settings {
            region: Some("us-east-1".into()),
            endpoint: Some(self.url.clone()),
            path_style: true,
            access_key_id: Some(Secret::new("AKIA")),
            secret_access_key: Some(Secret::new("secret")),
            ..S3Settings::default()
        }
    }
}

/// All events that a source has now, settled as they come.
async fn drain(settings: S3Settings) -> Vec<String> {
    let source = Source {
        id: SourceId::new("s3"),
        dataset: Dataset::new("a.b").unwrap(),
        namespace: "default".into(),
        tags: Vec::new(),
        preserve_original_event: false,
    };
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
    let moto = testkit::require!(moto().await);
    let queue_url = moto.bucket("queued-audit").await;
    moto.put("queued-audit", "2026/11/28/a b+c%.jsonl", "one\ntwo\n").await;
    moto.put("queued-audit", "2026/11/28/ü.jsonl", "three").await;
    let settings = || S3Settings { queue_url: Some(queue_url.clone()), ..moto.settings() };
    assert_eq!(drain(settings()).await, ["one", "three", "two"]);
    assert!(drain(settings()).await.is_empty());
    let attributes = moto.sqs.get_queue_attributes().queue_url(&queue_url).attribute_names("All".into());
    let attributes = attributes.send().await.unwrap().attributes.unwrap();
    for name in ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] {
        assert_eq!(attributes[&aws_sdk_sqs::types::QueueAttributeName::from(name)], "0", "{name}");
    }
}

#[tokio::test]
async fn a_bucket_is_listed() {
    let moto = testkit::require!(moto().await);
    moto.bucket("listed-audit").await;
    moto.put("listed-audit", "p/2026/11/28/a b+c%.jsonl", "one\ntwo\n").await;
    moto.put("listed-audit", "q/x", "three").await;
    let settings = S3Settings {
        bucket_arn: Some("arn:aws:s3:::listed-audit".into()),
        bucket_list_prefix: Some("p/".into()),
        ..moto.settings()
    };
    assert_eq!(drain(settings).await, ["one", "two"]);
}
