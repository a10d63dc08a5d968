//! Whether something that delivery needs works, and log lines that say so without flooding.

use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::backoff::Severity;

/// A failure that lasts is logged again this often.
const REPEAT: Duration = Duration::from_secs(60);

/// Whether a source, the destination or the ledger works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It does, as far as is known.
    #[default]
    Healthy,
    /// It fails since then; it may pass by itself.
    Retrying {
        /// When it failed first.
        since: Timestamp,
        /// Why it failed last.
        reason: String,
    },
    /// It fails since then, and somebody has to act.
    Unhealthy {
        /// When it failed first.
        since: Timestamp,
        /// Why it failed last.
        reason: String,
    },
}

impl Health {
    fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Healthy => None,
            Self::Retrying { since, .. } | Self::Unhealthy { since, .. } => Some(*since),
        }
    }
}

/// Keeps the health of one thing.
#[derive(Debug)]
pub(crate) struct Vital {
    what: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    health: Health,
    logged: Option<(Instant, Severity)>,
}

impl Vital {
    /// `what` begins its log lines: `source cursor`.
    pub(crate) fn new(what: String) -> Self {
        Self { what, state: Mutex::default() }
    }

    pub(crate) fn health(&self) -> Health {
        self.state.lock().health.clone()
    }

    /// It failed. Logged when it has not been for a while, or got worse.
    pub(crate) fn failed(&self, severity: Severity, reason: &str) {
        let state = &mut *self.state.lock();
        let since = state.health.since().unwrap_or_else(Timestamp::now);
        let log = state.logged.is_none_or(|(at, before)| at.elapsed() >= REPEAT || before != severity);
        if log {
            state.logged = Some((Instant::now(), severity));
        }
        let what = &self.what;
        let reason = reason.to_owned();
        state.health = match severity {
            Severity::Passing => {
                if log {
                    tracing::warn!(
                        "{what} fails and is tried again until it works, nothing is lost: {reason}"
                    );
                }
                Health::Retrying { since, reason }
            }
            Severity::Lasting => {
                if log {
                    tracing::error!("{what} fails until somebody acts, nothing is lost meanwhile: {reason}");
                }
                Health::Unhealthy { since, reason }
            }
        };
    }

    /// It worked.
    pub(crate) fn worked(&self) {
        let state = &mut *self.state.lock();
        if let Some(since) = state.health.since() {
            state.health = Health::Healthy;
            tracing::info!("{} works again, after failures since {since:.0}", self.what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn health_keeps_the_first_time_and_the_last_reason() {
        let vital = Vital::new("source s".into());
        vital.failed(Severity::Passing, "one");
        let Health::Retrying { since: first, .. } = vital.health() else { panic!("it fails") };
        vital.failed(Severity::Lasting, "two");
        assert_eq!(vital.health(), Health::Unhealthy { since: first, reason: "two".into() });
        vital.worked();
        assert_eq!(vital.health(), Health::Healthy);
    }
}
