//! Waits between attempts: doubling, with jitter, never shorter than what the server asks for.

use std::time::Duration;

use crate::config::BackoffConfig;

/// The longest wait that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(600);

impl BackoffConfig {
    /// The wait after so many failures in a row (the first: 1). Half of it is chance, so that several senders do not
    /// come back together.
    pub(crate) fn wait(&self, failures: u32, retry_after: Option<Duration>) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        let full = self.init.saturating_mul(1 << doublings).min(self.max);
        let own = full / 2 + full.mul_f64(rand::random_range(0.0..=0.5));
        own.max(retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER))
    }
}

/// Reads `Retry-After` in its form of seconds; that of a date is not used by these servers.
pub(crate) fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = BackoffConfig { init: Duration::from_millis(100), max: Duration::from_secs(2) };
        for (failures, full) in [(1, 100), (2, 200), (4, 800), (6, 2000), (1000, 2000)] {
            let wait = backoff.wait(failures, None).as_millis();
            assert!((full / 2..=full).contains(&wait), "{failures}: {wait}");
        }
    }

    #[test]
    fn the_server_s_wish_is_honoured_within_reason() {
        let backoff = BackoffConfig { init: Duration::from_millis(100), max: Duration::from_secs(2) };
        assert_eq!(backoff.wait(1, retry_after("7")), Duration::from_secs(7));
        assert_eq!(backoff.wait(1, retry_after("99999")), LONGEST_RETRY_AFTER);
        assert!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT").is_none());
    }
}
