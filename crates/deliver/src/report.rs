//! What a run came to.

use std::sync::Arc;

use event::{Source, Tally};

/// What a run came to, by source.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order in which the sources were given.
    pub sources: Vec<Outcome>,
}

/// What a run came to for one source.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The source.
    pub source: Arc<Source>,
    /// Its events that were settled in this run.
    pub tally: Tally,
    /// Events that were collected but not settled when the run ended; they will be collected again.
    pub pending: u64,
    /// What its collector met that is no event.
    pub notices: u64,
    /// Why the source was given up.
    pub error: Option<String>,
}

impl Report {
    /// The sum over all sources.
    pub fn tally(&self) -> Tally {
        self.sources.iter().fold(Tally::default(), |mut sum, outcome| {
            sum.add(&outcome.tally);
            sum
        })
    }

    /// Whether every source was read to where it ends (or to where the run was stopped) and all of it was settled.
    pub fn complete(&self) -> bool {
        self.sources.iter().all(|outcome| outcome.error.is_none() && outcome.pending == 0)
    }
}
