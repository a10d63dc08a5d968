//! Worker threads behind the [`Normalizer`] contract.

use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use crossbeam_channel::{Sender, unbounded};
use event::{DocumentBatch, Normalizer, RawBatch};
use futures::channel::oneshot;

use crate::{Normalization, Worker};

struct Job {
    raw: Arc<RawBatch>,
    answer: oneshot::Sender<DocumentBatch>,
}

/// A pool of [`Worker`]s; its threads end when it is dropped.
pub struct Pool {
    /// As long as there are batches under way, which delivery bounds.
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts threads: as many as asked for, at least one.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(shared: &Arc<Normalization>, threads: usize) -> std::io::Result<Self> {
        let (jobs, queue) = unbounded::<Job>();
        for number in 0..threads.max(1) {
            let queue = queue.clone();
            let mut worker = Worker::new(Arc::clone(shared));
            thread::Builder::new().name(format!("normalize-{number}")).spawn(move || {
                for job in queue {
                    // An answer that nobody waits for any more is not missed.
                    drop(job.answer.send(worker.normalize(job.raw)));
                }
            })?;
        }
        Ok(Self { jobs })
    }
}

#[async_trait]
impl Normalizer for Pool {
    async fn normalize(&self, raw: Arc<RawBatch>) -> DocumentBatch {
        let (answer, documents) = oneshot::channel();
        let sent = self.jobs.send(Job { raw, answer });
        debug_assert!(sent.is_ok(), "workers live as long as their pool");
        #[expect(
            clippy::expect_used,
            reason = "workers answer every job: a panic on an event is caught with the event"
        )]
        documents.await.expect("a worker's answer")
    }
}
