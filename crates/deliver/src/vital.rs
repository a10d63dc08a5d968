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

/// A failure, over or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When it was.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// Keeps the health of one thing: it is healthy when none of those who use it has [`Trouble`] with it.
#[derive(Debug)]
pub(crate) struct Vital {
    what: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    health: Health,
    /// How many have trouble.
    troubles: usize,
    /// The last failure, also when it is over.
    last: Option<Failure>,
    logged: Option<(Instant, Severity)>,
}

/// Whether one user of a thing (a batch, a collector) has trouble with it. Dropping it ends the trouble.
#[derive(Debug)]
pub(crate) struct Trouble<'a> {
    vital: &'a Vital,
    had: bool,
}

impl Vital {
    /// `what` begins its log lines: `source cursor`.
    pub(crate) fn new(what: String) -> Self {
        Self { what, state: Mutex::default() }
    }

    pub(crate) fn health(&self) -> Health {
        self.state.lock().health.clone()
    }

    /// The last failure of this run, also when it is over.
    pub(crate) fn last_failure(&self) -> Option<Failure> {
        self.state.lock().last.clone()
    }

    /// A user, without trouble so far.
    pub(crate) const fn user(&self) -> Trouble<'_> {
        Trouble { vital: self, had: false }
    }
}

impl Trouble<'_> {
    /// It failed. Logged when it has not been for a while, or got worse.
    pub(crate) fn failed(&mut self, severity: Severity, reason: &str) {
        let state = &mut *self.vital.state.lock();
        state.troubles += usize::from(!std::mem::replace(&mut self.had, true));
        let since = state.health.since().unwrap_or_else(Timestamp::now);
        let reason = reason.to_owned();
        state.last = Some(Failure { at: Timestamp::now(), reason: reason.clone() });
        if state.logged.is_none_or(|(at, before)| at.elapsed() >= REPEAT || before < severity) {
            state.logged = Some((Instant::now(), severity));
            log(&self.vital.what, severity, &reason);
        }
        state.health = match severity {
            Severity::Passing => Health::Retrying { since, reason },
            Severity::Lasting => Health::Unhealthy { since, reason },
        };
    }

    /// It worked.
    pub(crate) fn over(&mut self) {
        if let Some(since) = self.end() {
            tracing::info!("{} works again, after failures since {since:.0}", self.vital.what);
        }
    }

    /// Ends the trouble; gives when the failures began, if this was the last that had any.
    fn end(&mut self) -> Option<Timestamp> {
        if !std::mem::take(&mut self.had) {
            return None;
        }
        let state = &mut *self.vital.state.lock();
        state.troubles -= 1;
        if state.troubles > 0 {
            return None;
        }
        std::mem::take(&mut state.health).since()
    }
}

impl Drop for Trouble<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

fn log(what: &str, severity: Severity, reason: &str) {
    match severity {
        Severity::Passing => {
            tracing::warn!("{what} fails and is tried again until it works, nothing is lost: {reason}");
        }
        Severity::Lasting => {
            tracing::error!("{what} fails until somebody acts, nothing is lost meanwhile: {reason}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn health_keeps_the_first_time_and_the_last_reason() {
        let vital = Vital::new("source s".into());
        let mut user = vital.user();
        user.failed(Severity::Passing, "one");
        let Health::Retrying { since: first, .. } = vital.health() else { panic!("it fails") };
        user.failed(Severity::Lasting, "two");
        assert_eq!(vital.health(), Health::Unhealthy { since: first, reason: "two".into() });
        user.over();
        assert_eq!(vital.health(), Health::Healthy);
        assert_eq!(vital.last_failure().map(|failure| failure.reason), Some("two".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_healthy_when_nobody_has_trouble() {
        let vital = Vital::new("the ledger".into());
        let (mut one, mut two, mut three) = (vital.user(), vital.user(), vital.user());
        one.failed(Severity::Passing, "a");
        two.failed(Severity::Passing, "b");
        three.over();
        one.over();
        assert_ne!(vital.health(), Health::Healthy);
        drop(two);
        assert_eq!(vital.health(), Health::Healthy);
        one.failed(Severity::Passing, "c");
        assert_ne!(vital.health(), Health::Healthy);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_logged_at_first_when_worse_and_every_minute() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        let _logs = tracing::subscriber::set_default(subscriber);
        let vital = Vital::new("delivery to sink".into());
        let mut user = vital.user();
        for second in 0..150 {
            user.failed(Severity::Passing, &format!("refused {second}"));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        user.failed(Severity::Lasting, "401");
        user.failed(Severity::Passing, "refused");
        user.over();
        let logged = String::from_utf8(lines.0.lock().clone()).unwrap();
        let reasons: Vec<_> = logged
            .lines()
            .filter_map(|line| line.split_once("nothing is lost")?.1.split_once(": "))
            .collect();
        let reasons: Vec<_> = reasons.into_iter().map(|(_, reason)| reason).collect();
        assert_eq!(reasons, ["refused 0", "refused 60", "refused 120", "401"]);
        assert!(
            logged.contains("INFO deliver::vital: delivery to sink works again, after failures since"),
            "{logged}"
        );
    }
}
