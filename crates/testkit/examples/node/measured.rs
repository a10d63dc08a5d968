//! What something took: time on a processor, and time on the clock.

use std::ops::Sub;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

/// Ticks of the kernel's clock a second, as `/proc/PID/stat` counts processor time.
const TICKS: f64 = 100.0;

/// Seconds on a processor, and on the clock.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    busy: f64,
    wall: f64,
}

impl Cost {
    /// What `run` took, which tells the nanoseconds of this thread.
    pub(crate) fn of_thread(run: impl FnOnce() -> u64) -> Self {
        let start = now();
        let busy = Duration::from_nanos(run()).as_secs_f64();
        Self { busy, wall: now() - start }
    }

    /// Seconds on a processor for a million of what were `count`.
    pub(crate) fn a_million(self, count: usize) -> f64 {
        self.busy * 1e6 / count as f64
    }

    /// How many of `count` a second on the clock had.
    pub(crate) fn a_second(self, count: usize) -> f64 {
        count as f64 / self.wall
    }

    /// The lesser of both, one that took nothing being none.
    pub(crate) fn better(self, other: Self) -> Self {
        let lesser = |a: f64, b: f64| if a == 0.0 { b } else { a.min(b) };
        Self { busy: lesser(self.busy, other.busy), wall: lesser(self.wall, other.wall) }
    }
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self { busy: self.busy - before.busy, wall: self.wall - before.wall }
    }
}

/// A process of this machine.
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// What all its threads have taken so far.
    pub(crate) fn cost(&self) -> Result<Cost> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0)).context("the node has ended")?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
        let (user, system) = ticks(11).zip(ticks(12)).context("/proc/PID/stat is not as expected")?;
        Ok(Cost { busy: (user + system) / TICKS, wall: now() })
    }
}

/// Seconds on the clock.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
