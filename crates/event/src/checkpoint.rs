//! How far a source is, and what is written down when it gets further.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Dataset, DocumentBatch, SourceId, Verdict};

/// How far a source has been answered for: JSON whose form is the collector's own. `null`, the default, says
/// nothing: it leaves what is stored as it is.
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

/// An event that the destination refused for good, with all that it takes to normalize and send it again; or what a
/// collector could not read as events, which has no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Data stream it was meant for.
    pub stream: String,
    /// `_id` of the refused document.
    pub id: String,
    /// The destination's status, 400 for instance; 0 for what a collector set aside.
    pub status: u16,
    /// The destination's reason.
    pub reason: String,
    /// File or object that the event was read from.
    pub location: Option<String>,
    /// Where it stood there, in bytes.
    pub offset: u64,
    /// When it was read.
    pub collected: Timestamp,
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
    /// The dataset of its events.
    pub dataset: Dataset,
    /// How far; nothing when the source keeps no position.
    pub checkpoint: Checkpoint,
    /// What became of the batch's events.
    pub tally: Tally,
    /// Those that were refused.
    pub quarantined: Vec<Quarantined>,
}

/// What the balance calls a document that a destination created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// [`Tally::indexed`].
    Indexed,
    /// [`Tally::stored`].
    Stored,
}

/// A batch that is not answered for: an event without a document, or a document without a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a batch of {events} events came back with {documents} documents, {dropped} dropped and {verdicts} verdicts; \
     this is a fault of trailcar: please report it"
)]
pub struct Unanswered {
    events: usize,
    documents: usize,
    dropped: u64,
    verdicts: usize,
}

impl Settlement {
    /// What a batch comes to: each event counted once, refused ones set apart.
    ///
    /// # Errors
    /// [`Unanswered`] when there is not one verdict for each document and one document for each event not dropped.
    pub fn of(batch: &DocumentBatch, verdicts: &[Verdict], created: Created) -> Result<Self, Unanswered> {
        let raw = &batch.raw;
        let (events, documents) = (raw.events.len(), batch.documents.len());
        if verdicts.len() != documents || documents as u64 + batch.dropped != events as u64 {
            return Err(Unanswered { events, documents, dropped: batch.dropped, verdicts: verdicts.len() });
        }
        let mut quarantined = raw.set_aside.clone();
        let mut tally = Tally {
            accepted: raw.accepted(),
            quarantined: quarantined.len() as u64,
            dropped: batch.dropped,
            ..Tally::default()
        };
        for (document, verdict) in batch.documents.iter().zip(verdicts) {
            let delivered = match verdict {
                Verdict::AlreadyThere => {
                    tally.duplicate += 1;
                    false
                }
                Verdict::Created => {
                    match created {
                        Created::Indexed => tally.indexed += 1,
                        Created::Stored => tally.stored += 1,
                    }
                    true
                }
                Verdict::Diverted => {
                    tally.diverted += 1;
                    true
                }
                Verdict::Rejected { status, reason } => {
                    tally.quarantined += 1;
                    quarantined.push(Quarantined {
                        stream: document.stream.to_string(),
                        id: batch.id(document).to_owned(),
                        status: *status,
                        reason: reason.clone(),
                        location: raw.location.as_deref().map(str::to_owned),
                        offset: raw.events.get(document.event as usize).map_or(0, |event| event.offset),
                        collected: raw.collected,
                        raw: batch.raw(document).to_vec(),
                        document: batch.source(document).to_vec(),
                    });
                    false
                }
            };
            tally.failed += u64::from(delivered && document.failed);
        }
        Ok(Self {
            source: raw.source.id.clone(),
            dataset: raw.source.dataset.clone(),
            checkpoint: raw.checkpoint.clone(),
            tally,
            quarantined,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{RawBatch, RawEvent, Source};

    fn batch(events: usize, dropped: u64) -> DocumentBatch {
        let source = Source::new("s", Dataset::new("a.b").unwrap());
        let raw = RawBatch {
            source: Arc::new(source),
            sequence: 0,
            location: Some("file".into()),
            buffer: vec![b'x'; events].into(),
            events: (0..events).map(|at| RawEvent { span: at..at + 1, offset: 10 + at as u64 }).collect(),
            collected: Timestamp::UNIX_EPOCH,
            checkpoint: Checkpoint(7.into()),
            notices: Vec::new(),
            set_aside: Vec::new(),
            settled: None,
        };
        let mut batch = DocumentBatch::new(Arc::new(raw));
        batch.dropped = dropped;
        for event in 0..events as u32 - dropped as u32 {
            batch.push(event, &"logs-a.b-default".into(), &format!("id{event}"), event % 2 == 0, |out| {
                out.extend_from_slice(b"{}");
            });
        }
        batch
    }

    fn verdicts() -> Vec<Verdict> {
        let refused = Verdict::Rejected { status: 400, reason: "why".into() };
        vec![Verdict::Created, Verdict::AlreadyThere, Verdict::Diverted, refused]
    }

    #[test]
    fn every_event_is_counted_once_under_its_verdict() {
        let batch = batch(6, 2);
        for (created, indexed, stored) in [(Created::Indexed, 1, 0), (Created::Stored, 0, 1)] {
            let settlement = Settlement::of(&batch, &verdicts(), created).unwrap();
            let expected = Tally {
                accepted: 6,
                indexed,
                stored,
                diverted: 1,
                duplicate: 1,
                quarantined: 1,
                dropped: 2,
                failed: 2,
            };
            assert_eq!(settlement.tally, expected);
            assert_eq!(settlement.tally.settled(), settlement.tally.accepted);
            assert_eq!(settlement.checkpoint, Checkpoint(7.into()));
            let [refused] = settlement.quarantined.as_slice() else { panic!("one is refused") };
            assert_eq!((refused.id.as_str(), refused.offset, refused.status), ("id3", 13, 400));
        }
    }

    #[test]
    fn an_event_without_an_answer_settles_nothing() {
        let all = verdicts();
        assert!(Settlement::of(&batch(6, 2), &all[..3], Created::Indexed).is_err());
        let mut lost = batch(6, 2);
        lost.dropped = 1;
        let error = Settlement::of(&lost, &all, Created::Indexed).unwrap_err();
        assert!(error.to_string().starts_with("a batch of 6 events came back with 4 documents, 1 dropped"));
    }
}
