//! Word back to a collector that a batch is settled, for sources that are told when their events are safe.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

type Told = Box<dyn FnOnce() + Send>;

/// What a collector wants called once every event of a batch is answered for and that is written down. Clones share
/// the one call. When all of them are gone without it, the batch was given up and comes again.
#[derive(Clone)]
pub struct Settled(Arc<Mutex<Option<Told>>>);

impl Settled {
    /// `told` must not wait: it is called where settlements are written.
    pub fn new(told: impl FnOnce() + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::new(told)))))
    }

    /// Tells the collector; once, however often and by whichever clone this is called.
    pub fn tell(&self) {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(told) = told {
            told();
        }
    }
}

impl fmt::Debug for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settled")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{TryRecvError, channel};

    use super::*;

    #[test]
    fn it_is_told_once_by_whichever_clone() {
        let (sender, told) = channel();
        let settled = Settled::new(move || sender.send(()).unwrap());
        let clone = settled.clone();
        assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
        clone.tell();
        settled.tell();
        assert_eq!(told.try_recv(), Ok(()));
        assert_eq!(told.try_recv(), Err(TryRecvError::Disconnected));
    }

    #[test]
    fn a_batch_that_is_given_up_can_be_told_from_one_that_is_settled() {
        let (sender, told) = channel::<()>();
        let settled = Settled::new(move || sender.send(()).unwrap());
        drop(settled.clone());
        assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
        drop(settled);
        assert_eq!(told.try_recv(), Err(TryRecvError::Disconnected));
    }
}
