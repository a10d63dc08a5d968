//! Pauses between attempts: exponential with full jitter, for ever or as long as there is patience.
//!
//! Full jitter (a pause drawn evenly from nothing to the bound) spreads the attempts of many waiting batches:
//! <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.

use std::time::Duration;

use tokio::time::Instant;

/// What kind of failure is waited out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// It may pass by itself.
    Passing,
    /// Somebody has to act.
    Lasting,
}

impl Severity {
    /// Bounds of the first and of the longest pause.
    const fn bounds(self) -> (Duration, Duration) {
        match self {
            Self::Passing => (Duration::from_millis(500), Duration::from_secs(30)),
            Self::Lasting => (Duration::from_secs(15), Duration::from_secs(300)),
        }
    }
}

/// A row of failed attempts at one thing.
#[derive(Debug)]
pub(crate) struct Backoff {
    failures: u32,
    began: Option<Instant>,
    patience: Option<Duration>,
}

impl Backoff {
    /// `patience`: how long to go on; `None` is for ever.
    pub(crate) const fn new(patience: Option<Duration>) -> Self {
        Self { failures: 0, began: None, patience }
    }

    /// How long to wait before the next attempt; `None` when patience has ended, which a lasting failure does at once.
    pub(crate) fn pause(&mut self, severity: Severity) -> Option<Duration> {
        let waited = self.began.get_or_insert_with(Instant::now).elapsed();
        let (first, longest) = severity.bounds();
        let bound = first.saturating_mul(1 << self.failures.min(16)).min(longest);
        self.failures = self.failures.saturating_add(1);
        let pause = bound.mul_f64(rand::random());
        let over = self.patience.is_some_and(|patience| severity == Severity::Lasting || waited >= patience);
        (!over).then_some(pause)
    }

    /// An attempt went well.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.patience);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_their_bound_and_never_end() {
        for (severity, bounds) in [
            (Severity::Passing, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]),
            (Severity::Lasting, [15.0, 30.0, 60.0, 120.0, 240.0, 300.0, 300.0, 300.0]),
        ] {
            let mut longest = [0f64; 8];
            for _ in 0..500 {
                let mut backoff = Backoff::new(None);
                for longest in &mut longest {
                    *longest = longest.max(backoff.pause(severity).unwrap().as_secs_f64());
                }
                assert!((0..100).all(|_| backoff.pause(severity).is_some()));
            }
            for (seen, bound) in longest.into_iter().zip(bounds) {
                assert!(seen <= bound && seen > bound * 0.9, "{severity:?}: {seen} of {bound}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_by_time_or_at_a_lasting_failure() {
        let mut backoff = Backoff::new(Some(Duration::from_secs(60)));
        assert!(backoff.pause(Severity::Passing).is_some());
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(backoff.pause(Severity::Passing).is_some());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(backoff.pause(Severity::Passing), None);
        backoff.reset();
        assert!(backoff.pause(Severity::Passing).is_some());
        assert_eq!(backoff.pause(Severity::Lasting), None);
    }
}
