//! Repetitions: pages that refresh themselves, and those who knock again and again.
//!
//! The first of something is written down at once. What is the same, by the same, within a minute is only counted, and the count
//! is written as one more entry when the minute is over. So what is seen is in the journal before it is seen; a crash can lose how
//! often it was seen again within the last minute, and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

use crate::entry::Repeated;
use crate::{Entry, Journal, JournalError};

/// What comes again within this time is counted.
const WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// So many different things are remembered; the rest is written down each time.
const MOST: usize = 10_000;

/// A journal that counts repetitions, shared by cloning.
#[derive(Clone, Debug)]
pub struct Recorder {
    journal: Journal,
    lately: Arc<Mutex<HashMap<Entry, Lately>>>,
}

#[derive(Clone, Copy, Debug)]
struct Lately {
    /// When it was written down.
    first: Timestamp,
    /// How often it came since, and when last.
    again: Option<Repeated>,
}

impl Recorder {
    /// Writes to a journal.
    pub fn new(journal: Journal) -> Self {
        Self { journal, lately: Arc::default() }
    }

    /// The same repetitions, written elsewhere.
    #[cfg(test)]
    pub(crate) fn moved_to(self, journal: Journal) -> Self {
        Self { journal, ..self }
    }

    /// The journal itself.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Writes something down that is told each time it happens.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn record(&self, entry: &Entry) -> Result<(), JournalError> {
        self.journal.append(entry)
    }

    /// Writes something down, or counts it when it is a repetition.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn look(&self, entry: Entry) -> Result<(), JournalError> {
        self.look_at(entry, Timestamp::now())
    }

    pub(crate) fn look_at(&self, entry: Entry, now: Timestamp) -> Result<(), JournalError> {
        self.flush_before(now.saturating_sub(WITHIN).unwrap_or(Timestamp::MIN))?;
        // Held while the first is written, so that who comes again meanwhile waits for it.
        let mut lately = self.lately.lock();
        if let Some(known) = lately.get_mut(&entry) {
            let times = known.again.map_or(0, |again| again.times) + 1;
            known.again = Some(Repeated { times, until: now });
            return Ok(());
        }
        self.journal.append_repeated(&entry, now, None)?;
        if lately.len() < MOST {
            lately.insert(entry, Lately { first: now, again: None });
        }
        Ok(())
    }

    /// Writes down what was counted until now.
    ///
    /// # Errors
    /// As [`Journal::append`]; what is not written stays counted.
    pub fn flush(&self) -> Result<(), JournalError> {
        self.flush_before(Timestamp::MAX)
    }

    /// Writes down what was counted and is more than a minute old.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn flush_old(&self) -> Result<(), JournalError> {
        self.flush_before(Timestamp::now().saturating_sub(WITHIN).unwrap_or(Timestamp::MIN))
    }

    fn flush_before(&self, end: Timestamp) -> Result<(), JournalError> {
        let mut lately = self.lately.lock();
        let old: Vec<(Entry, Lately)> = lately
            .iter()
            .filter(|(_, seen)| seen.first <= end)
            .map(|(entry, seen)| (entry.clone(), *seen))
            .collect();
        for (entry, seen) in old {
            if let Some(again) = seen.again {
                self.journal.append_repeated(&entry, seen.first, Some(again))?;
            }
            lately.remove(&entry);
        }
        Ok(())
    }
}
