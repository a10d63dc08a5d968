//! moto, which is S3 and SQS as AWS documents them, at the address in `TRAILCAR_TEST_MOTO_URL` (`tests/run` sets it).
//!
//! Unlike [`crate::aws`] it runs elsewhere and does not fail on demand, and it knows of no sidecar's mistakes: names,
//! notifications and visibility are its own. It takes signatures unread, so none is made here; tests that share it use
//! names of their own.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::Unavailable;

const NOTIFICATIONS: &str = "<NotificationConfiguration><QueueConfiguration><Event>s3:ObjectCreated:*</Event>\
     <Queue>arn:aws:sqs:us-east-1:123456789012:NAME</Queue></QueueConfiguration><EventBridgeConfiguration/>\
     </NotificationConfiguration>";

/// A client of it.
#[derive(Clone, Debug)]
pub struct Moto {
    http: reqwest::Client,
    url: String,
}

impl Moto {
    /// The one that runs.
    ///
    /// # Errors
    /// None runs.
    pub fn shared() -> Result<Self, Unavailable> {
        let url = std::env::var("TRAILCAR_TEST_MOTO_URL").map_err(|_| Unavailable {
            what: "moto, a stand-in for S3 and SQS".to_owned(),
            cure: "run the test by tests/run, or start moto_server and set TRAILCAR_TEST_MOTO_URL".to_owned(),
        })?;
        Ok(Self { http: reqwest::Client::new(), url: url.trim_end_matches('/').to_owned() })
    }

    /// Its address, for S3 and SQS.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes a bucket and the queue that it notifies; the queue's address.
    ///
    /// # Errors
    /// It refuses, or does not answer; so for the others.
    pub async fn bucket(&self, name: &str) -> Result<String> {
        self.s3(Method::PUT, name, Vec::new()).await?;
        let queue = self.sqs("CreateQueue", json!({ "QueueName": name })).await?;
        let notifications = NOTIFICATIONS.replace("NAME", name).into_bytes();
        self.s3(Method::PUT, &format!("{name}?notification"), notifications).await?;
        Ok(queue["QueueUrl"].as_str().context("a queue without an address")?.to_owned())
    }

    /// Writes an object, of which the queue is told.
    ///
    /// # Errors
    /// As [`bucket`](Self::bucket).
    pub async fn put(&self, bucket: &str, key: &str, body: impl Into<Vec<u8>>) -> Result<()> {
        self.s3(Method::PUT, &format!("{bucket}/{}", encoded(key)), body.into()).await
    }

    /// Messages of a queue that are not deleted: those that wait and those that are hidden.
    ///
    /// # Errors
    /// As [`bucket`](Self::bucket).
    pub async fn messages(&self, queue_url: &str) -> Result<u64> {
        let of = json!({ "QueueUrl": queue_url, "AttributeNames": ["All"] });
        let attributes = self.sqs("GetQueueAttributes", of).await?;
        let number = |name: &str| {
            let text = attributes["Attributes"][name].as_str();
            text.and_then(|text| text.parse::<u64>().ok()).with_context(|| format!("a queue without {name}"))
        };
        Ok(number("ApproximateNumberOfMessages")? + number("ApproximateNumberOfMessagesNotVisible")?)
    }

    async fn s3(&self, method: Method, path: &str, body: Vec<u8>) -> Result<()> {
        let request = self.http.request(method, format!("{}/{path}", self.url));
        let request = request.header("content-type", "application/octet-stream");
        answer(named(request, "s3").body(body)).await.map(drop)
    }

    async fn sqs(&self, operation: &str, body: Value) -> Result<Value> {
        let request = self.http.post(&self.url).header("x-amz-target", format!("AmazonSQS.{operation}"));
        let request = request.header("content-type", "application/x-amz-json-1.0");
        let answer = answer(named(request, "sqs").body(body.to_string())).await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

/// It tells its services apart by what signatures are made for.
fn named(request: RequestBuilder, service: &str) -> RequestBuilder {
    let scope = format!("AKIA/20260101/us-east-1/{service}/aws4_request");
    request.header(
        "authorization",
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"),
    )
}

async fn answer(request: RequestBuilder) -> Result<Vec<u8>> {
    let response = request.send().await.context("moto")?;
    let (status, url) = (response.status(), response.url().clone());
    let body = response.bytes().await?;
    ensure!(status.is_success(), "moto: {url}: {status} {}", String::from_utf8_lossy(&body));
    Ok(body.to_vec())
}

/// A key as it stands in an address.
fn encoded(key: &str) -> String {
    key.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _written = write!(path, "%{byte:02X}");
        }
        path
    })
}
