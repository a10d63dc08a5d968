//! The collector: a task that lists or receives, and a short queue of batches.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use event::{Checkpoint, CollectError, Collector, RawBatch};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::access::Clients;
use crate::config::{Origin, S3Config, S3Error};
use crate::context::Context;
use crate::outlet::{Item, outlet};
use crate::state::State;
use crate::{listing, queue};

/// Reads the objects of a bucket.
pub struct S3Collector {
    config: S3Config,
    state: State,
    running: Option<Running>,
    sequence: u64,
    /// Kept until the collector is asked again: whoever had the trouble waits for that.
    resume: Option<oneshot::Sender<()>>,
}

struct Running {
    items: mpsc::Receiver<Item>,
    stop: CancellationToken,
    /// Until its end was seen.
    task: Option<AbortOnDropHandle<()>>,
}

impl S3Collector {
    /// Goes on from `checkpoint`; begins when it is asked first.
    ///
    /// # Errors
    /// [`S3Error`] for a checkpoint of another version.
    pub fn new(config: S3Config, checkpoint: Option<Checkpoint>) -> Result<Self, S3Error> {
        let state = match &config.origin {
            Origin::Bucket(bucket) => State::read(&bucket.name, checkpoint)?,
            Origin::Queue(_) => State::default(),
        };
        Ok(Self { config, state, running: None, sequence: 0, resume: None })
    }
}

impl Running {
    /// Waits for the end of the task; dropping the future loses nothing.
    async fn ended(&mut self) -> Result<(), JoinError> {
        let ended = match &mut self.task {
            Some(task) => task.await,
            None => Ok(()),
        };
        self.task = None;
        ended
    }
}

fn start(config: S3Config, state: State) -> Running {
    let (outlet, items) = outlet();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let task = tokio::spawn(async move {
        let clients = Clients::new(&config.access).await;
        let origin = config.origin.clone();
        let readable = AtomicBool::new(false);
        let context = Arc::new(Context { config, clients, outlet, stop: stopped, readable });
        match origin {
            Origin::Bucket(bucket) => listing::run(context, bucket, state).await,
            Origin::Queue(queue) => queue::run(context, queue).await,
        }
    });
    Running { items, stop, task: Some(AbortOnDropHandle::new(task)) }
}

#[async_trait]
impl Collector for S3Collector {
    async fn next(&mut self) -> Result<Option<RawBatch>, CollectError> {
        self.resume = None;
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(start(self.config.clone(), std::mem::take(&mut self.state))),
        };
        match running.items.recv().await {
            Some(Item::Batch(mut batch)) => {
                batch.sequence = self.sequence;
                self.sequence += 1;
                Ok(Some(*batch))
            }
            Some(Item::Trouble(error, resume)) => {
                self.resume = Some(resume);
                Err(error)
            }
            // The way ends with the task; its breaking off must not be taken for the end of the source.
            None => match running.ended().await {
                Ok(()) => Ok(None),
                Err(fault) => Err(CollectError::Fatal(format!("reading broke off: {fault}: see the log"))),
            },
        }
    }

    async fn close(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        running.stop.cancel();
        // What was not taken is given up, and its messages are released.
        running.items.close();
        while running.items.try_recv().is_ok() {}
        self.resume = None;
        if let Err(fault) = running.ended().await {
            tracing::warn!(source = %self.config.source.id, "reading broke off: {fault}");
        }
    }
}
