//! Receives messages, as many at once as there are workers.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::config::Queue;
use crate::context::Context;
use crate::message::Handling;
use crate::trouble::{Asked, trouble};

/// The longest poll that SQS has.
const POLL: Duration = Duration::from_secs(20);
/// How long a queue must give nothing before it counts as empty, for a source that is not followed. Any poll of a
/// second or more asks all servers of the queue.
const LAST_POLL: Duration = Duration::from_secs(2);

/// Runs until the source is stopped; when it is not followed, until the queue is empty.
pub(crate) async fn run(context: Arc<Context>, queue: Queue) {
    let queue = Arc::new(queue);
    let workers = Arc::new(Semaphore::new(context.config.workers));
    let mut handled = JoinSet::new();
    loop {
        while handled.try_join_next().is_some() {}
        let receiving = receive(&context, &queue, &workers);
        let Some((messages, permit)) = context.stop.run_until_cancelled(receiving).await.flatten() else {
            break;
        };
        let mut permit = Some(permit);
        for message in messages {
            // One permit came with the poll; the others are there, since nobody else takes any.
            let own = match permit.take() {
                Some(own) => Some(own),
                None => Arc::clone(&workers).acquire_owned().await.ok(),
            };
            let Some(own) = own else { break };
            let handling = Handling { context: Arc::clone(&context), queue: Arc::clone(&queue), message };
            handled.spawn(handling.run(own));
        }
    }
    while handled.join_next().await.is_some() {}
}

type Received = (Vec<Message>, tokio::sync::OwnedSemaphorePermit);

/// Waits for a worker, then for messages; nothing when the queue is empty and that is enough.
async fn receive(context: &Context, queue: &Queue, workers: &Arc<Semaphore>) -> Option<Received> {
    let permit = Arc::clone(workers).acquire_owned().await.ok()?;
    let follow = context.config.follow;
    // The answer of a poll must come within the time that a call may take.
    let wait = if follow { POLL } else { LAST_POLL }.min(context.config.access.api_timeout / 2);
    loop {
        let most = (workers.available_permits() + 1).min(10);
        let request = context.clients.sqs.receive_message().queue_url(&queue.url);
        let request = request
            .max_number_of_messages(i32::try_from(most).unwrap_or(10))
            .wait_time_seconds(i32::try_from(wait.as_secs()).unwrap_or(20))
            .visibility_timeout(i32::try_from(queue.visibility_timeout.as_secs()).unwrap_or(i32::MAX))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        match request.send().await {
            Ok(output) => {
                let messages = output.messages.unwrap_or_default();
                if !messages.is_empty() {
                    return Some((messages, permit));
                }
                if !follow {
                    return None;
                }
            }
            Err(error) => {
                let asked = Asked { permission: "sqs:ReceiveMessage", place: &queue.url };
                context.outlet.trouble(trouble(asked, &error)).await;
            }
        }
    }
}
