//! How many requests a service takes.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

const PERIOD: SignedDuration = SignedDuration::from_secs(60);

/// Counts the requests of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    /// As many are taken a minute; any number without it.
    pub(crate) most: Option<usize>,
    made: VecDeque<Timestamp>,
}

impl Limit {
    pub(crate) fn of(most: usize) -> Self {
        Self { most: Some(most), made: VecDeque::new() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// There were too many in the last minute, this one with them; so many seconds have to pass.
    pub(crate) fn take(&mut self, now: Timestamp) -> Result<(), i64> {
        let Some(most) = self.most else { return Ok(()) };
        while self.made.front().is_some_and(|made| now.duration_since(*made) >= PERIOD) {
            self.made.pop_front();
        }
        self.made.push_back(now);
        // The one that has to be a minute old before another is taken.
        let Some(over) = self.made.len().checked_sub(most + 1) else { return Ok(()) };
        Err((PERIOD - now.duration_since(self.made[over])).as_secs() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_wait_is_told_and_is_enough() {
        let mut limit = Limit::of(2);
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!([limit.take(at(0)), limit.take(at(10)), limit.take(at(20))], [Ok(()), Ok(()), Err(41)]);
        // The one that was refused counts too.
        assert_eq!([limit.take(at(61)), limit.take(at(71))], [Err(10), Err(10)]);
        assert_eq!(limit.take(at(200)), Ok(()));
        assert_eq!(Limit::default().take(at(0)), Ok(()));
    }
}
