//! Writes down what batches came to: in the order in which they were collected, so that a checkpoint covers only
//! events that are all answered for.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use event::{Settlement, Tally};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::attempt::{Answer, Books};
use crate::backoff::{Backoff, Severity};
use crate::delivery::Shared;
use crate::status::SourceStatus;

/// Refused events are told of this often.
const REPEAT: Duration = Duration::from_secs(60);

/// A batch on its way.
pub(crate) struct UnderWay {
    pub(crate) answer: AbortOnDropHandle<Result<Answer, String>>,
    pub(crate) place: Place,
}

/// A batch's place among those of its lane; left when it is settled.
pub(crate) struct Place {
    /// Gives the turn to the next batch.
    pub(crate) settled: oneshot::Sender<()>,
    pub(crate) _room: OwnedSemaphorePermit,
}

/// Why a lane settles no more.
pub(crate) enum End {
    /// The run's deadline is over.
    Abandoned,
    /// Patience is over, or there is a fault of the program.
    GivenUp(String),
}

pub(crate) struct Settler<'a> {
    shared: &'a Shared,
    status: &'a SourceStatus,
    /// Refused events that no log line has told of.
    untold: u64,
    told: Option<Instant>,
}

impl<'a> Settler<'a> {
    pub(crate) const fn new(shared: &'a Shared, status: &'a SourceStatus) -> Self {
        Self { shared, status, untold: 0, told: None }
    }

    /// Settles batches until there are no more: waits for the oldest, and takes along those behind it that are
    /// answered too.
    pub(crate) async fn run(mut self, mut under_way: UnboundedReceiver<UnderWay>) -> Result<(), End> {
        let mut queue = VecDeque::new();
        while let Some(oldest) = match queue.pop_front() {
            None => under_way.recv().await,
            queued => queued,
        } {
            let mut answered = vec![self.answered(oldest).await?];
            while let Ok(more) = under_way.try_recv() {
                queue.push_back(more);
            }
            let mut end = Ok(());
            while let Some(next) = queue.pop_front_if(|next| next.answer.is_finished()) {
                match self.answered(next).await {
                    Ok(next) => answered.push(next),
                    Err(failed) => {
                        end = Err(failed);
                        break;
                    }
                }
            }
            self.write(answered).await?;
            end?;
        }
        self.tell_of_refusals(Duration::ZERO);
        Ok(())
    }

    async fn answered(&self, batch: UnderWay) -> Result<(Answer, Place), End> {
        match self.shared.abandon.run_until_cancelled(batch.answer).await {
            None => Err(End::Abandoned),
            Some(Ok(Ok(answer))) => Ok((answer, batch.place)),
            Some(Ok(Err(reason))) => Err(End::GivenUp(reason)),
            Some(Err(fault)) => Err(End::GivenUp(format!("normalization or delivery broke off: {fault}"))),
        }
    }

    /// Writes settlements in one transaction, then tells the collector and frees the batches' places and memory.
    async fn write(&mut self, answered: Vec<(Answer, Place)>) -> Result<(), End> {
        let mut open = Vec::new();
        let mut freed = Vec::with_capacity(answered.len());
        for (Answer { books, memory, settled }, place) in answered {
            let written = match books {
                Books::Written(tally) => Some(tally),
                Books::Open(settlement) => {
                    open.push(settlement);
                    None
                }
            };
            freed.push((written, memory, settled, place));
        }
        let mut tallies = self.persist(open).await?.into_iter();
        for (written, memory, settled, place) in freed {
            let tally = written.or_else(|| tallies.next()).unwrap_or_default();
            self.status.settled(&tally);
            self.untold += tally.quarantined;
            drop(memory);
            if let Some(settled) = settled {
                settled.tell();
            }
            // The next batch may be gone, when the lane is being stopped.
            let _gone = place.settled.send(());
        }
        self.tell_of_refusals(REPEAT);
        Ok(())
    }

    /// Says how many events were refused, unless that was said within `repeat`. Not why: reasons quote the events.
    fn tell_of_refusals(&mut self, repeat: Duration) {
        if self.untold > 0 && self.told.is_none_or(|at| at.elapsed() >= repeat) {
            tracing::warn!(
                source = %self.status.source.id,
                "{} events were refused by {}, or could not be read, and are kept in quarantine: see `trailcar quarantine list`",
                std::mem::take(&mut self.untold),
                self.shared.destination.name()
            );
            self.told = Some(Instant::now());
        }
    }

    /// Writes settlements as often as it takes. Whoever waits for them waits.
    async fn persist(&self, settlements: Vec<Settlement>) -> Result<Vec<Tally>, End> {
        if settlements.is_empty() {
            return Ok(Vec::new());
        }
        let settlements = Arc::new(settlements);
        let mut backoff = Backoff::new(self.shared.limits.patience);
        let mut trouble = self.shared.status.ledger.user();
        loop {
            let (ledger, work) = (self.shared.ledger.clone(), Arc::clone(&settlements));
            let written = tokio::task::spawn_blocking(move || ledger.settle(&work)).await;
            let reason = match written {
                Ok(Ok(tallies)) => {
                    trouble.over();
                    return Ok(tallies);
                }
                Ok(Err(error)) => error.to_string(),
                Err(fault) => return Err(End::GivenUp(format!("writing the ledger broke off: {fault}"))),
            };
            trouble.failed(Severity::Passing, &reason);
            let pause = backoff.pause(Severity::Passing).ok_or(End::GivenUp(reason))?;
            if self.shared.abandon.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return Err(End::Abandoned);
            }
        }
    }
}
