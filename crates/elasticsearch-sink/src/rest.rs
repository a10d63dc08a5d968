//! How long a host that failed is left alone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::BackoffConfig;

/// Failures of one host in a row, and when it may be asked again.
#[derive(Debug, Default)]
pub(crate) struct Rest(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    until: Option<Instant>,
}

impl Rest {
    /// What is left of the rest; `None` for a host that is awake.
    pub(crate) fn left(&self) -> Option<Duration> {
        let left = self.state().until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Another failure: the rest grows.
    pub(crate) fn failed(&self, backoff: &BackoffConfig, retry_after: Option<Duration>) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        state.until = Some(Instant::now() + backoff.wait(state.failures, retry_after));
    }

    /// The host answered.
    pub(crate) fn worked(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
