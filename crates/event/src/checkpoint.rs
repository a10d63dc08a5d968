//! How far a source is, and what is written down when it gets further.

use serde::{Deserialize, Serialize};

use crate::SourceId;

/// How far a source has been answered for: JSON whose form is the collector's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checkpoint(pub serde_json::Value);

/// Events by what became of them. `accepted` is the sum of all the others but for those under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Taken over from collectors.
    pub accepted: u64,
    /// Created in Elasticsearch.
    pub indexed: u64,
    /// Created in the embedded store, or written to a file.
    pub stored: u64,
    /// Taken by the failure store.
    pub diverted: u64,
    /// There before.
    pub duplicate: u64,
    /// Refused for good; kept in quarantine.
    pub quarantined: u64,
    /// Dropped by their pipeline.
    pub dropped: u64,
    /// Of those delivered: documents whose pipeline failed. Not part of the balance.
    pub failed: u64,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.indexed += other.indexed;
        self.stored += other.stored;
        self.diverted += other.diverted;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
        self.dropped += other.dropped;
        self.failed += other.failed;
    }

    /// Events that ended one way or another.
    pub fn settled(&self) -> u64 {
        self.indexed + self.stored + self.diverted + self.duplicate + self.quarantined + self.dropped
    }
}

/// An event that the destination refused for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Data stream it was meant for.
    pub stream: String,
    /// `_id` of the refused document.
    pub id: String,
    /// The destination's status, 400 for instance.
    pub status: u16,
    /// The destination's reason.
    pub reason: String,
    /// The raw event.
    pub raw: Vec<u8>,
    /// The refused document.
    pub document: Vec<u8>,
}

/// What is written down in one transaction when a batch is answered for.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The source that got further.
    pub source: SourceId,
    /// How far; nothing when the source keeps no position.
    pub checkpoint: Checkpoint,
    /// What became of the batch's events.
    pub tally: Tally,
    /// Those that were refused.
    pub quarantined: Vec<Quarantined>,
}
