//! Ids of events that were handed out, each with its time, by which it is forgotten.

use std::collections::HashMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Ids that are written down at most. More in one overlap are forgotten, the oldest first: those events may come
/// again, and count as duplicates at the destination.
const MOST_KEPT: usize = 100_000;

/// An id, cut to 64 bits: among the hundred thousand that are kept, two are the same once in billions of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u64);

impl Id {
    /// Of a text, or of the whole event where it has no id.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        Self(digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
}

/// Ids with the times of their events, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen(HashMap<Id, i64>);

impl Seen {
    /// True when the id is new.
    pub(crate) fn insert(&mut self, id: Id, time: Timestamp) -> bool {
        self.0.insert(id, time.as_millisecond()).is_none()
    }

    /// Forgets what is older.
    pub(crate) fn forget_before(&mut self, time: Timestamp) {
        self.0.retain(|_, at| *at >= time.as_millisecond());
    }

    /// Those with a wanted time as rows, `id time`, the newest ones when they are too many.
    pub(crate) fn rows(&self, wanted: impl Fn(i64) -> bool) -> Vec<String> {
        let mut kept: Vec<(i64, Id)> =
            self.0.iter().filter(|(_, time)| wanted(**time)).map(|(id, time)| (*time, *id)).collect();
        kept.sort_unstable();
        let surplus = kept.len().saturating_sub(MOST_KEPT);
        kept.iter().skip(surplus).map(|(time, id)| format!("{:016x} {time}", id.0)).collect()
    }

    /// Adds a row; false when it is none.
    pub(crate) fn add_row(&mut self, row: &str) -> bool {
        let pair = row
            .split_once(' ')
            .and_then(|(id, time)| Some((Id(u64::from_str_radix(id, 16).ok()?), time.parse::<i64>().ok()?)));
        pair.map(|(id, time)| self.0.insert(id, time)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_and_old_ones_go() {
        let mut seen = Seen::default();
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        for ms in 0..10 {
            assert!(seen.insert(Id::of(&[ms as u8]), at(ms)));
            assert!(!seen.insert(Id::of(&[ms as u8]), at(ms)));
        }
        seen.forget_before(at(4));
        let mut again = Seen::default();
        assert!(seen.rows(|_| true).iter().all(|row| again.add_row(row)));
        assert_eq!(again, seen);
        assert_eq!(seen.rows(|time| time == 9), [format!("{:016x} 9", Id::of(&[9]).0)]);
        assert!(!again.add_row("x 1") && !again.add_row("12"));
    }
}
