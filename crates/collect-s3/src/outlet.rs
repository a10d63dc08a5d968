//! The way from the tasks that read to the collector that is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use event::{CollectError, RawBatch};
use tokio::sync::{Mutex, mpsc, oneshot};

/// Batches read ahead.
const AHEAD: usize = 2;

/// What comes out.
pub(crate) enum Item {
    /// A batch; its sequence is given by the collector.
    Batch(Box<RawBatch>),
    /// The source can not go on. Whoever found out waits until the sender is gone: the collector keeps it until it is
    /// asked again.
    Trouble(CollectError, oneshot::Sender<()>),
}

/// The end of the way at which tasks put in. Once nobody takes anything out any more, they wait for ever.
#[derive(Clone)]
pub(crate) struct Outlet {
    items: mpsc::Sender<Item>,
    turn: Arc<Mutex<()>>,
    /// Troubles that were told and waited out.
    over: Arc<AtomicU64>,
}

/// A way, with its other end.
pub(crate) fn outlet() -> (Outlet, mpsc::Receiver<Item>) {
    let (items, receiver) = mpsc::channel(AHEAD);
    (Outlet { items, turn: Arc::default(), over: Arc::default() }, receiver)
}

impl Outlet {
    /// Hands a batch out.
    pub(crate) async fn batch(&self, batch: RawBatch) {
        self.put(Item::Batch(Box::new(batch))).await;
    }

    /// Says what is wrong and waits until it is time to try again. Of several tasks that find the same at once, one
    /// says so.
    pub(crate) async fn trouble(&self, error: CollectError) {
        let before = self.over.load(Ordering::Acquire);
        let _turn = self.turn.lock().await;
        if self.over.load(Ordering::Acquire) != before {
            return;
        }
        let (resume, resumed) = oneshot::channel();
        self.put(Item::Trouble(error, resume)).await;
        // The sender says it by being dropped.
        let _gone = resumed.await;
        self.over.fetch_add(1, Ordering::Release);
    }

    async fn put(&self, item: Item) {
        if self.items.send(item).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_several_troubles_at_once_one_is_told_and_all_go_on() {
        let (outlet, mut items) = outlet();
        let one = || {
            let outlet = outlet.clone();
            tokio::spawn(async move { outlet.trouble(CollectError::Retry("down".into())).await })
        };
        let tasks: Vec<_> = (0..5).map(|_| one()).collect();
        let Some(Item::Trouble(_, resume)) = items.recv().await else { panic!("a trouble") };
        tokio::task::yield_now().await;
        assert!(tasks.iter().all(|task| !task.is_finished()));
        drop(resume);
        for task in tasks {
            task.await.unwrap();
        }
        assert!(items.try_recv().is_err());
    }
}
