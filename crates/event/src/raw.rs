//! What collectors hand out: raw events, still as the source sent them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::{Checkpoint, Quarantined, Settled};

/// The name of a configured source; checkpoints, metrics and the balance are kept by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(Arc<str>);

impl SourceId {
    /// Takes a name as it is.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The `data_stream.dataset` of a source, which also names its pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dataset(Arc<str>);

/// A dataset or namespace that can not be part of a data stream's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} [{name}] can not be part of a data stream's name: use 1 to 100 lower-case characters without \
     - \\ / * ? \" < > | , # : or white space"
)]
pub struct StreamNameError {
    what: &'static str,
    name: String,
}

/// Checks a part of a data stream's name by the rules of
/// <https://www.elastic.co/docs/reference/ecs/ecs-data_stream>.
///
/// # Errors
/// [`StreamNameError`] names the part and the rule.
pub fn check_stream_part(what: &'static str, name: &str) -> Result<(), StreamNameError> {
    let fits = (1..=100).contains(&name.len())
        && !name.chars().any(|c| c.is_uppercase() || c.is_whitespace() || "-\\/*?\"<>|,#:".contains(c));
    if fits { Ok(()) } else { Err(StreamNameError { what, name: name.to_owned() }) }
}

impl Dataset {
    /// Checks a name by the rules for data streams.
    ///
    /// # Errors
    /// [`StreamNameError`].
    pub fn new(name: &str) -> Result<Self, StreamNameError> {
        check_stream_part("the dataset", name)?;
        Ok(Self(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is the same for all events of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub id: SourceId,
    /// The dataset of its events.
    pub dataset: Dataset,
    /// The data stream's namespace.
    pub namespace: Arc<str>,
    /// Tags of every event.
    pub tags: Vec<String>,
    /// Whether `event.original` is kept on events that went well.
    pub preserve_original_event: bool,
}

impl Source {
    /// A source of the namespace `default`, without tags.
    pub fn new(id: &str, dataset: Dataset) -> Self {
        Self {
            id: SourceId::new(id),
            dataset,
            namespace: "default".into(),
            tags: Vec::new(),
            preserve_original_event: false,
        }
    }
}

/// One event of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawEvent {
    /// Where it stands in the batch's buffer.
    pub span: Range<usize>,
    /// Where it stood in the source: bytes from the start of the (inflated) file or object.
    pub offset: u64,
}

/// Something that a collector met and that is no event: an unreadable file, a broken compressed stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// File or object.
    pub location: String,
    /// Bytes from its start.
    pub offset: u64,
    /// What is wrong and what to do.
    pub message: String,
}

/// Events of one source, in its order.
#[derive(Clone, Debug)]
pub struct RawBatch {
    /// Where they come from.
    pub source: Arc<Source>,
    /// 0, 1, 2, … within one run of the source.
    pub sequence: u64,
    /// File or object that they were read from, where there is one (`log.file.path`).
    pub location: Option<Arc<str>>,
    /// The bytes of all events.
    pub buffer: Bytes,
    /// The events; may be empty, when only the checkpoint moved.
    pub events: Vec<RawEvent>,
    /// When they were read (`event.created`).
    pub collected: Timestamp,
    /// What may be stored once every event is answered for.
    pub checkpoint: Checkpoint,
    /// What went wrong on the way.
    pub notices: Vec<Notice>,
    /// What can not be read as events and is to be kept in quarantine: a broken object, a message of unknown form.
    /// Each counts as an event that was accepted.
    pub set_aside: Vec<Quarantined>,
    /// Called once the batch is settled.
    pub settled: Option<Settled>,
}

impl RawBatch {
    /// What the balance counts of this batch: its events, and what is set aside.
    pub fn accepted(&self) -> u64 {
        (self.events.len() + self.set_aside.len()) as u64
    }

    /// The bytes of one event.
    pub fn bytes(&self, event: &RawEvent) -> &[u8] {
        &self.buffer[event.span.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datasets_follow_the_rules_of_data_streams() {
        for good in ["cursor.audit", "a", "x_y.z1"] {
            assert!(Dataset::new(good).is_ok(), "{good}");
        }
        let long = "x".repeat(101);
        for bad in ["", "Cursor", "a-b", "a b", "a/b", "a*", long.as_str()] {
            assert!(Dataset::new(bad).is_err(), "{bad}");
        }
    }
}
