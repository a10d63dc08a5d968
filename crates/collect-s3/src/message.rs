//! One message of the queue, from its receipt to its deletion.
//!
//! It is deleted when every event of all its objects is settled, or, when it can not be worked off, once that is
//! kept in quarantine. Meanwhile it is hidden from others again and again. Whatever else happens, it stays in the
//! queue and comes again.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use event::{Quarantined, Settled};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::config::Queue;
use crate::context::{Context, Parts, notice};
use crate::notification::{Noted, Notification, parse};
use crate::object::{Fault, Settling, Wanted, read};
use crate::trouble::{Kind, kind, says};

/// A message under way.
pub(crate) struct Handling {
    pub(crate) context: Arc<Context>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) message: Message,
}

/// What is to become of a message.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// All is settled.
    Delete,
    /// It can not be worked off; it comes again until it has come often enough.
    Leave,
    /// It was given up for now: others may have it at once.
    Release,
}

impl Handling {
    /// Works the message off. `permit` is that of a worker, which is free when all is read.
    pub(crate) async fn run(self, permit: OwnedSemaphorePermit) {
        let fate = tokio::select! {
            fate = self.work(permit) => fate,
            never = self.hide() => never,
        };
        match fate {
            Fate::Delete => self.delete().await,
            Fate::Release => self.change_visibility(Duration::ZERO).await,
            Fate::Leave => {}
        }
    }

    async fn work(&self, permit: OwnedSemaphorePermit) -> Fate {
        let mut settling = Settling::new();
        let stop = &self.context.stop;
        let Some(faults) = stop.run_until_cancelled(self.read(&mut settling)).await else {
            return Fate::Release;
        };
        drop(permit);
        for settled in settling {
            if settled.await.is_err() {
                return Fate::Release;
            }
        }
        if faults.is_empty() {
            return Fate::Delete;
        }
        let received = self.received();
        if received < self.queue.max_receive_count {
            tracing::warn!(
                source = %self.context.config.source.id,
                message_id = self.id(),
                "a message can not be worked off (receive {received} of {}); it stays in the queue: {}",
                self.queue.max_receive_count,
                faults[0].reason
            );
            return Fate::Leave;
        }
        self.quarantine(faults).await
    }

    /// Reads all objects of the message; what is wrong with them or with it.
    async fn read(&self, settling: &mut Settling) -> Vec<Fault> {
        let body = self.message.body.as_deref().unwrap_or_default();
        let objects = match parse(body) {
            Ok(Notification::Test) => return Vec::new(),
            Ok(Notification::Created(objects)) => objects,
            Err(error) => return vec![self.fault(error.to_string())],
        };
        let mut faults = Vec::new();
        for Noted { bucket, key, etag } in &objects {
            if !self.queue.allowed_buckets.is_empty() && !self.queue.allowed_buckets.contains(bucket) {
                faults.push(self.fault(format!(
                    "tells of the bucket [{bucket}], which allowed_buckets does not have: add it, or end its \
                     notifications to this queue"
                )));
            } else if self.context.config.selection.takes_key(key) {
                let wanted = Wanted { bucket, key, etag: etag.as_deref() };
                faults.extend(read(&self.context, &wanted, Some(settling)).await.faults);
            }
        }
        faults
    }

    /// Something that is wrong with the message itself.
    fn fault(&self, reason: String) -> Fault {
        Fault { location: format!("message {} of {}", self.id(), self.queue.url), offset: 0, reason }
    }

    /// Keeps what can not be worked off, with the message.
    async fn quarantine(&self, faults: Vec<Fault>) -> Fate {
        let body = self.message.body.as_deref().unwrap_or_default().as_bytes();
        let set_aside: Vec<Quarantined> = faults
            .iter()
            .map(|fault| {
                let Fault { location, offset, reason } = fault.clone();
                self.context.set_aside(&location, offset, reason, body.to_vec())
            })
            .collect();
        let reason = format!(
            "goes to quarantine, after receive {}, and leaves the queue: {}",
            self.received(),
            faults[0].reason
        );
        let (sender, kept) = oneshot::channel();
        let parts = Parts {
            notices: vec![notice(&faults[0].location, faults[0].offset, reason)],
            set_aside,
            settled: Some(Settled::new(move || {
                let _gone = sender.send(());
            })),
            ..Parts::default()
        };
        let handed = self.context.stop.run_until_cancelled(self.context.hand_out(parts)).await;
        match (handed, kept.await) {
            (Some(()), Ok(())) => Fate::Delete,
            _ => Fate::Release,
        }
    }

    /// Keeps the message hidden from others, without end.
    async fn hide(&self) -> Fate {
        let timeout = self.queue.visibility_timeout;
        loop {
            tokio::time::sleep(timeout / 2).await;
            self.change_visibility(timeout).await;
        }
    }

    async fn change_visibility(&self, timeout: Duration) {
        let request = self.context.clients.sqs.change_message_visibility();
        let seconds = i32::try_from(timeout.as_secs()).unwrap_or(i32::MAX);
        let request = request
            .queue_url(&self.queue.url)
            .set_receipt_handle(self.message.receipt_handle.clone())
            .visibility_timeout(seconds);
        if let Err(error) = request.send().await {
            let cure = match kind(&error) {
                Kind::Handle => "it has come to another receiver by now",
                Kind::Denied => "allow sqs:ChangeMessageVisibility",
                _ => "it may come to another receiver as well",
            };
            self.warn("can not be hidden on", cure, &says(&error));
        }
    }

    async fn delete(&self) {
        let request = self.context.clients.sqs.delete_message();
        let request =
            request.queue_url(&self.queue.url).set_receipt_handle(self.message.receipt_handle.clone());
        if let Err(error) = request.send().await {
            let cure = match kind(&error) {
                Kind::Denied => "allow sqs:DeleteMessage",
                _ => "it comes again, and its events then count as duplicates",
            };
            self.warn("can not be deleted", cure, &says(&error));
        }
    }

    fn warn(&self, what: &str, cure: &str, says: &str) {
        tracing::warn!(
            source = %self.context.config.source.id,
            message_id = self.id(),
            "a message {what}: {cure}; no event is lost ({says})"
        );
    }

    fn id(&self) -> &str {
        self.message.message_id.as_deref().unwrap_or("without id")
    }

    /// How often it has come, this time included.
    fn received(&self) -> u32 {
        let attributes = self.message.attributes.as_ref();
        let count = attributes.and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount));
        count.and_then(|count| count.parse().ok()).unwrap_or(1)
    }
}
