//! How far a range is collected, for a progress bar.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use jiff::{SignedDuration, Timestamp};

use crate::config::Until;
use crate::walk::Walk;

/// Pages that were read, and those that are known to be left.
#[derive(Debug, Default)]
pub struct Progress {
    pages: AtomicU64,
    left: AtomicU64,
}

impl Progress {
    /// Pages that were read in this run.
    pub fn pages_read(&self) -> u64 {
        self.pages.load(Relaxed)
    }

    /// Pages that are left at least: those of the window under way, and one of each window behind it, which is not
    /// known any better before it is asked for.
    pub fn pages_left(&self) -> u64 {
        self.left.load(Relaxed)
    }

    pub(crate) fn read_one(&self) {
        self.pages.fetch_add(1, Relaxed);
    }

    pub(crate) fn set_left(&self, walk: &Walk, now: Timestamp) {
        let limit = match walk.until {
            Until::At(until) => until,
            Until::Stopped | Until::Now => now,
        };
        let (of_window, from) = match (walk.pages(), &walk.window) {
            (Some((read, all)), Some(window)) => (all.saturating_sub(read).max(1), window.end),
            _ => (0, walk.mark),
        };
        let behind = if walk.done { SignedDuration::ZERO } else { limit.duration_since(from) };
        let windows =
            behind.as_secs().max(0).cast_unsigned().div_ceil(walk.longest.as_secs().cast_unsigned().max(1));
        self.left.store(of_window + windows, Relaxed);
    }
}
