//! What all tasks of a source share, and the batches that they make.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use collect::Piece;
use event::{Checkpoint, Notice, Quarantined, RawBatch, Settled};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::S3Config;
use crate::access::Clients;
use crate::outlet::Outlet;

/// Shared by the tasks of one source.
pub(crate) struct Context {
    pub(crate) config: S3Config,
    pub(crate) clients: Clients,
    pub(crate) outlet: Outlet,
    /// Ends reading; what was handed out is still told to the queue.
    pub(crate) stop: CancellationToken,
    /// Whether an object could be read since one was last denied.
    pub(crate) readable: AtomicBool,
}

/// What a batch is made of, all but what comes from the source.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) location: Option<Arc<str>>,
    pub(crate) piece: Piece,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) notices: Vec<Notice>,
    pub(crate) set_aside: Vec<Quarantined>,
    pub(crate) settled: Option<Settled>,
}

impl Context {
    /// Hands a batch out.
    pub(crate) async fn hand_out(&self, parts: Parts) {
        let Parts { location, piece, checkpoint, notices, set_aside, settled } = parts;
        let batch = RawBatch {
            source: Arc::clone(&self.config.source),
            sequence: 0,
            location,
            buffer: piece.buffer,
            events: piece.events,
            collected: Timestamp::now(),
            checkpoint,
            notices,
            set_aside,
            settled,
        };
        self.outlet.batch(batch).await;
    }

    /// What goes to quarantine for something that can not be read. The same thing again, told of by the same words,
    /// is the same row.
    pub(crate) fn set_aside(&self, location: &str, offset: u64, reason: String, raw: Vec<u8>) -> Quarantined {
        let source = &self.config.source;
        let mut hash = Sha256::new();
        for part in [location.as_bytes(), &offset.to_le_bytes(), &raw] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Quarantined {
            stream: format!("logs-{}-{}", source.dataset, source.namespace),
            id: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            status: 0,
            reason,
            location: Some(location.to_owned()),
            offset,
            collected: Timestamp::now(),
            raw,
            document: Vec::new(),
        }
    }
}

/// A notice of something at a place.
pub(crate) fn notice(location: &str, offset: u64, message: impl ToString) -> Notice {
    Notice { location: location.to_owned(), offset, message: message.to_string() }
}
