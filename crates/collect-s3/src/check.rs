//! `trailcar check`: can the bucket or queue be read, and if not, what is to be done.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use event::CollectError;

use crate::access::Clients;
use crate::config::{Bucket, Origin, Queue, S3Config};
use crate::trouble::{Asked, Kind, kind, trouble};

/// The longest wait for one answer; a user waits for all of them.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lists one key and opens it, or looks at the queue. Nothing is taken from either. What is right is `Ok`; what is
/// wrong, with its cure, is `Err`.
pub async fn check(config: &S3Config) -> Vec<Result<String, String>> {
    let mut access = config.access.clone();
    access.api_timeout = access.api_timeout.min(PATIENCE);
    let clients = Clients::new(&access).await;
    match &config.origin {
        Origin::Bucket(bucket) => self::bucket(&clients, bucket).await,
        Origin::Queue(queue) => vec![self::queue(&clients, queue).await],
    }
}

fn words(error: CollectError) -> String {
    match error {
        CollectError::Retry(reason) | CollectError::Fatal(reason) => reason,
    }
}

async fn bucket(clients: &Clients, bucket: &Bucket) -> Vec<Result<String, String>> {
    let prefix = Some(bucket.prefix.clone()).filter(|prefix| !prefix.is_empty());
    let listed =
        clients.s3.list_objects_v2().bucket(&bucket.name).set_prefix(prefix).max_keys(1).send().await;
    let key = match listed {
        Ok(output) => output.contents.unwrap_or_default().into_iter().find_map(|object| object.key),
        Err(error) => {
            let asked = Asked { permission: "s3:ListBucket", place: &bucket.name };
            return vec![Err(words(trouble(asked, &error)))];
        }
    };
    let good = Ok(format!("the bucket {} can be listed", bucket.name));
    let Some(key) = key else {
        let nothing = format!("there is no object under [{}] in it yet", bucket.prefix);
        return vec![good, Ok(nothing)];
    };
    let place = format!("s3://{}/{key}", bucket.name);
    let read = match clients.s3.get_object().bucket(&bucket.name).key(&key).send().await {
        Ok(_) => Ok(format!("{place} can be read")),
        Err(error) if kind(&error) == Kind::NoKey => Ok(format!("{place} was just deleted")),
        Err(error) => Err(words(trouble(Asked { permission: "s3:GetObject", place: &place }, &error))),
    };
    vec![good, read]
}

async fn queue(clients: &Clients, queue: &Queue) -> Result<String, String> {
    let request = clients.sqs.get_queue_attributes().queue_url(&queue.url);
    let request = request
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .attribute_names(QueueAttributeName::RedrivePolicy);
    let output = request.send().await.map_err(|error| {
        words(trouble(Asked { permission: "sqs:GetQueueAttributes", place: &queue.url }, &error))
    })?;
    let attributes = output.attributes.unwrap_or_default();
    let waiting = attributes.get(&QueueAttributeName::ApproximateNumberOfMessages);
    let redrive = attributes
        .get(&QueueAttributeName::RedrivePolicy)
        .and_then(|policy| serde_json::from_str::<serde_json::Value>(policy).ok())
        .and_then(|policy| {
            let most = &policy["maxReceiveCount"];
            most.as_u64().or_else(|| most.as_str()?.parse().ok())
        });
    let waiting = waiting.map_or("?", String::as_str);
    let mut text = format!("the queue {} can be read; about {waiting} messages wait", queue.url);
    if redrive.is_some_and(|most| most < u64::from(queue.max_receive_count)) {
        text.push_str(
            "; its redrive policy takes messages away before max_receive_count: they go to its dead-letter queue, \
             not to quarantine",
        );
    }
    Ok(text)
}
