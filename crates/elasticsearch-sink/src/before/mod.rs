//! Documents that an older index of their data stream may have.
//!
//! An `_id` is unique within one backing index: after a rollover a server takes an event again that it took before. So
//! documents that may be in another index than the one that is written to are asked for before they are sent. Two
//! kinds may be: those of an attempt without an answer, and those of events that are older than the index that is
//! written to, by whatever way they come again: a restart, another source, another sidecar, a new data directory. An
//! event is not sent before it happens, so all others can only be in the index that refuses a second one itself. That
//! costs one small request a second, and a look at the time of each event once a stream has rolled over.
//!
//! What is left: an attempt that had no answer and is carried out by the server only after it was asked for its
//! documents, behind a rollover; and one event by two ways within a second of a rollover.

mod ask;
mod indices;
mod time;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event::{DeliverError, DocumentBatch, Verdict};
use jiff::Timestamp;

use self::indices::{Indices, Streams};
use crate::bulk::Progress;
use crate::client::Client;

/// Looks for documents before they are sent.
#[derive(Debug, Default)]
pub(crate) struct Before {
    streams: Streams,
    /// Whether it was said that it can not look.
    warned: AtomicBool,
}

/// Why documents could not be looked for.
#[derive(Debug)]
enum Trouble {
    /// The server may tell later.
    Later(String),
    /// It never will: what is in words.
    Never(String),
}

impl Before {
    /// Settles the pending documents that are there already.
    ///
    /// # Errors
    /// [`DeliverError::Retry`] when the server can not tell just now. What it never tells is said once, and the
    /// documents are sent all the same.
    pub(crate) async fn settle(
        &self,
        client: &Client,
        batch: &DocumentBatch,
        progress: &mut Progress,
    ) -> Result<(), DeliverError> {
        let suspects = self.suspects(client, batch, progress).await?;
        for (index, mut documents) in suspects.into_iter().rev() {
            documents.retain(|&document| progress.is_pending(document));
            let held = ask::held(client, &index, batch, &documents).await;
            for document in self.told(held)?.unwrap_or_default() {
                progress.settle(document, Verdict::AlreadyThere);
            }
        }
        Ok(())
    }

    /// The pending documents that may be there already, by the index that may have them.
    async fn suspects(
        &self,
        client: &Client,
        batch: &DocumentBatch,
        progress: &Progress,
    ) -> Result<BTreeMap<Arc<str>, Vec<u32>>, DeliverError> {
        let pending = progress.pending();
        let in_doubt = pending.iter().any(|&document| progress.is_unclear(document));
        let mut known: BTreeMap<&str, Arc<Indices>> = BTreeMap::new();
        let mut suspects: BTreeMap<Arc<str>, Vec<u32>> = BTreeMap::new();
        for document in pending {
            let stream = &*batch.documents[document as usize].stream;
            let indices = match known.entry(stream) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let asked = self.streams.indices(client, stream, in_doubt).await;
                    new.insert(self.told(asked)?.unwrap_or_default())
                }
            };
            let unclear = progress.is_unclear(document);
            if indices.rolled_over() || unclear {
                for index in indices.may_have(happened(batch, document), unclear) {
                    suspects.entry(Arc::clone(index)).or_default().push(document);
                }
            }
        }
        Ok(suspects)
    }

    /// What the server told; `None` when it never will, which is said once.
    fn told<T>(&self, result: Result<T, Trouble>) -> Result<Option<T>, DeliverError> {
        match result {
            Ok(told) => Ok(Some(told)),
            Err(Trouble::Later(reason)) => Err(DeliverError::Retry(reason)),
            Err(Trouble::Never(reason)) => {
                if !self.warned.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        "events that are sent again after their data stream has rolled over may be there twice: {reason}"
                    );
                }
                Ok(None)
            }
        }
    }
}

/// When the event happened, or some time before that; `None` where it can not be told.
fn happened(batch: &DocumentBatch, document: u32) -> Option<Timestamp> {
    let document = &batch.documents[document as usize];
    // What its pipeline could not read may bear the time of its collection.
    if document.failed { None } else { time::earliest(batch.source(document)) }
}
