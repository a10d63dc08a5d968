//! The way of one source's batches: collected one after the other, answered in any order, settled in order.

use std::sync::Arc;

use event::{CollectError, Collector, RawBatch};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::attempt;
use crate::backoff::{Backoff, Severity};
use crate::delivery::Shared;
use crate::memory::{Held, Share};
use crate::settle::{End, Place, Settler, UnderWay};
use crate::status::SourceStatus;

/// Batches of a source under way, for each that the destination takes at once: as many may be answered early while
/// an older one is tried again.
const AHEAD: usize = 4;

pub(crate) struct Lane {
    shared: Arc<Shared>,
    index: usize,
    /// Ends collecting.
    stop: CancellationToken,
    /// Room for batches under way.
    room: Arc<Semaphore>,
    memory: Share,
}

impl Lane {
    /// `index` is that of its source; `bytes` is its share of the memory.
    pub(crate) fn new(shared: Arc<Shared>, index: usize, bytes: usize, stop: CancellationToken) -> Self {
        let room = Arc::new(Semaphore::new(AHEAD * shared.destination.in_flight().max(1)));
        Self { shared, index, stop, room, memory: Share::new(bytes) }
    }

    /// Runs until the source ends or is stopped, and its batches are settled or abandoned. Fails when the source is
    /// given up.
    pub(crate) async fn run(self, mut collector: Box<dyn Collector>) -> Result<(), String> {
        let (begun, under_way) = mpsc::unbounded_channel();
        let settling = async {
            let end = Settler::new(&self.shared, self.status()).run(under_way).await;
            self.stop.cancel();
            end
        };
        let (collected, settled) = tokio::join!(self.collect(&mut *collector, begun), settling);
        // Cut short at the deadline, what the source is not told it sends again.
        self.shared.abandon.run_until_cancelled(collector.close()).await;
        self.status().ended();
        match settled {
            Err(End::GivenUp(reason)) => Err(reason),
            Ok(()) | Err(End::Abandoned) => collected,
        }
    }

    fn status(&self) -> &SourceStatus {
        &self.shared.status.sources[self.index]
    }

    async fn until_stopped<F: Future>(&self, work: F) -> Option<F::Output> {
        self.stop.run_until_cancelled(work).await
    }

    /// Collects batches and sends them on their way, as far as there is room and memory.
    async fn collect(
        &self,
        collector: &mut dyn Collector,
        begun: UnboundedSender<UnderWay>,
    ) -> Result<(), String> {
        let mut backoff = Backoff::new(self.shared.limits.patience);
        let mut trouble = self.status().vital.user();
        let mut turn = None;
        loop {
            let Some(Ok(room)) = self.until_stopped(Arc::clone(&self.room).acquire_owned()).await else {
                break;
            };
            let Some(next) = self.until_stopped(collector.next()).await else { break };
            let (severity, reason) = match next {
                Ok(None) => break,
                Ok(Some(raw)) => {
                    backoff.reset();
                    trouble.over();
                    let Some(memory) = self.until_stopped(self.memory.take(&raw)).await.flatten() else {
                        break;
                    };
                    if begun.send(self.begin(raw, memory, room, &mut turn)).is_err() {
                        break;
                    }
                    continue;
                }
                Err(CollectError::Retry(reason)) => (Severity::Passing, reason),
                Err(CollectError::Fatal(reason)) => (Severity::Lasting, reason),
            };
            // Where nobody waits for it to pass, the error that ends it is all there is to say.
            let Some(pause) = backoff.pause(severity) else { return Err(reason) };
            trouble.failed(severity, &reason);
            self.until_stopped(tokio::time::sleep(pause)).await;
        }
        Ok(())
    }

    /// Sends a batch on its way. `turn` is what it waits for, and what the next one will wait for.
    fn begin(
        &self,
        raw: RawBatch,
        memory: Held,
        room: OwnedSemaphorePermit,
        turn: &mut Option<oneshot::Receiver<()>>,
    ) -> UnderWay {
        self.status().collected(&raw);
        for notice in &raw.notices {
            let (source, location) = (&raw.source.id, &notice.location);
            tracing::warn!(%source, location, offset = notice.offset, "{}", notice.message);
        }
        let (settled, next) = oneshot::channel();
        let turn = if self.shared.ordered() { turn.replace(next) } else { None };
        let answer = attempt::answer(Arc::clone(&self.shared), Arc::new(raw), memory, turn);
        let answer = AbortOnDropHandle::new(tokio::spawn(answer));
        UnderWay { answer, place: Place { settled, _room: room } }
    }
}
