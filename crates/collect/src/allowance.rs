//! How often a service may be asked: so many requests in a period, shared by all who use one key.
//!
//! The times of the last requests are kept, so that no stretch of time of that length ever holds more of them. A
//! bucket that refills steadily (as of the crate `governor`) lets nearly twice as many through in its first period,
//! which a service that counts by the minute refuses; and it has a clock of its own, which tests can not turn.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use event::Secret;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// Requests that may still be made.
#[derive(Debug)]
pub struct Allowance {
    requests: usize,
    period: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the last requests were made, the oldest first; no more than are allowed.
    made: VecDeque<Instant>,
    /// Until when the service wants none.
    closed: Option<Instant>,
}

impl Allowance {
    /// At most so many `requests` in each `period`.
    pub fn new(requests: usize, period: Duration) -> Self {
        Self { requests: requests.max(1), period, state: Mutex::default() }
    }

    /// Waits until a request may be made, and counts it. Dropping the future counts nothing.
    pub async fn take(&self) {
        while let Err(free) = self.try_take() {
            sleep_until(free).await;
        }
    }

    /// Makes everybody wait: the service has asked for it. A shorter wait than one that is under way changes nothing.
    pub fn close_for(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let closed = &mut self.state.lock().closed;
        *closed = Some(closed.map_or(until, |closed| closed.max(until)));
    }

    /// How long one request takes when they are made without a pause.
    pub fn pace(&self) -> Duration {
        self.period / u32::try_from(self.requests).unwrap_or(u32::MAX)
    }

    /// Counts a request, or tells when to ask again.
    fn try_take(&self) -> Result<(), Instant> {
        let now = Instant::now();
        let state = &mut *self.state.lock();
        if let Some(closed) = state.closed.filter(|closed| *closed > now) {
            return Err(closed);
        }
        while state.made.front().is_some_and(|first| *first + self.period <= now) {
            state.made.pop_front();
        }
        match state.made.front() {
            Some(first) if state.made.len() >= self.requests => Err(*first + self.period),
            _ => {
                state.made.push_back(now);
                Ok(())
            }
        }
    }
}

/// The allowances of all keys in use: whoever asks with the same key gets the same one.
#[derive(Debug)]
pub struct Allowances {
    requests: usize,
    period: Duration,
    hasher: RandomState,
    /// By the hash of the key, which need not be kept for this.
    keys: Mutex<HashMap<u64, Arc<Allowance>>>,
}

impl Allowances {
    /// Every key may be used for so many `requests` in each `period`.
    pub fn new(requests: usize, period: Duration) -> Self {
        Self { requests, period, hasher: RandomState::new(), keys: Mutex::default() }
    }

    /// The allowance of a key.
    pub fn of(&self, key: &Secret) -> Arc<Allowance> {
        let hash = self.hasher.hash_one(key.expose());
        let mut keys = self.keys.lock();
        Arc::clone(keys.entry(hash).or_insert_with(|| Arc::new(Allowance::new(self.requests, self.period))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn no_minute_holds_more_than_is_allowed() {
        let allowance = Allowance::new(20, MINUTE);
        let began = Instant::now();
        let mut made = Vec::new();
        for _ in 0..70 {
            allowance.take().await;
            made.push(began.elapsed());
        }
        assert_eq!(made[19], Duration::ZERO);
        for (first, later) in made.iter().zip(&made[20..]) {
            assert!(*later >= *first + MINUTE, "{first:?} {later:?}");
        }
        assert_eq!(made[69].as_secs(), 180);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_service_is_not_asked() {
        let allowance = Allowance::new(20, MINUTE);
        let began = Instant::now();
        allowance.close_for(Duration::from_secs(90));
        allowance.close_for(Duration::from_secs(5));
        allowance.take().await;
        assert_eq!(began.elapsed().as_secs(), 90);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_in_vain_counts_nothing() {
        let allowance = Allowance::new(1, MINUTE);
        let began = Instant::now();
        allowance.take().await;
        for _ in 0..5 {
            assert!(tokio::time::timeout(Duration::from_secs(1), allowance.take()).await.is_err());
        }
        allowance.take().await;
        assert_eq!(began.elapsed().as_secs(), 60);
    }

    #[test]
    fn the_same_key_has_one_allowance() {
        let allowances = Allowances::new(20, MINUTE);
        let (one, two) = (Secret::new("a"), Secret::new("b"));
        assert!(Arc::ptr_eq(&allowances.of(&one), &allowances.of(&Secret::new("a\n"))));
        assert!(!Arc::ptr_eq(&allowances.of(&one), &allowances.of(&two)));
    }
}
