//! The collector: a thread that reads, and a short queue of batches.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use event::{Checkpoint, CollectError, Collector, RawBatch};
use tokio::sync::mpsc;

use crate::config::{FilesConfig, FilesError};
use crate::progress::Progress;
use crate::reader::{Reader, Step};

/// Batches read ahead.
const AHEAD: usize = 2;

/// Reads files on a thread of its own.
pub struct FilesCollector {
    batches: mpsc::Receiver<Result<RawBatch, CollectError>>,
    thread: Option<JoinHandle<()>>,
    /// Dropped to end the thread while it waits.
    _alive: Sender<()>,
    progress: Arc<Progress>,
}

impl FilesCollector {
    /// Goes on from `checkpoint`, and starts to read at once.
    ///
    /// # Errors
    /// [`FilesError`] for a configuration that can not work and for a checkpoint of another version.
    pub fn new(config: FilesConfig, checkpoint: Option<Checkpoint>) -> Result<Self, FilesError> {
        let interval = config.scan_interval;
        let mut reader = Reader::new(config, checkpoint)?;
        let progress = reader.progress();
        let (sender, batches) = mpsc::channel(AHEAD);
        let (alive, ended) = channel::<()>();
        let wait = move |time: Duration| matches!(ended.recv_timeout(time), Err(RecvTimeoutError::Timeout));
        let thread = std::thread::Builder::new().name("files".to_owned()).spawn(move || {
            loop {
                let batch = match reader.step() {
                    Ok(Step::Batch(batch)) => Ok(*batch),
                    Ok(Step::Idle) if wait(interval) => continue,
                    Ok(Step::Waiting) if wait(Duration::ZERO) => continue,
                    Ok(Step::Idle | Step::Waiting | Step::End) => return,
                    Err(error) => Err(error),
                };
                let failed = batch.is_err();
                if sender.blocking_send(batch).is_err() || failed {
                    return;
                }
            }
        })?;
        Ok(Self { batches, thread: Some(thread), _alive: alive, progress })
    }

    /// How far reading is; to be asked from elsewhere at any time.
    pub fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }
}

#[async_trait]
impl Collector for FilesCollector {
    async fn next(&mut self) -> Result<Option<RawBatch>, CollectError> {
        if let Some(batch) = self.batches.recv().await {
            return batch.map(Some);
        }
        // The thread has ended; its silence must not be taken for the end of the files.
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => {
                Err(CollectError::Fatal("the thread that reads files failed: see the log".to_owned()))
            }
            Some(Ok(())) | None => Ok(None),
        }
    }
}
