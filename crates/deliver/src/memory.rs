//! A lane's share of the memory: what its batches under way may take.

use std::mem::size_of;
use std::sync::Arc;

use event::{Document, RawBatch, RawEvent};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes in one permit.
const UNIT: usize = 1024;

pub(crate) struct Share {
    units: Arc<Semaphore>,
    most: u32,
}

/// What one batch takes; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    permit: OwnedSemaphorePermit,
    most: u32,
}

impl Share {
    pub(crate) fn new(bytes: usize) -> Self {
        let most = units(bytes).max(1);
        Self { units: Arc::new(Semaphore::new(most as usize)), most }
    }

    /// Waits until there is memory for a batch and its documents. A batch larger than the share waits for all of it.
    pub(crate) async fn take(&self, raw: &RawBatch) -> Option<Held> {
        let wanted = units(footprint(raw, 0)).min(self.most);
        let permit = Arc::clone(&self.units).acquire_many_owned(wanted).await.ok()?;
        Some(Held { permit, most: self.most })
    }
}

impl Held {
    /// Now the size of the documents is known: gives back what is too much; takes more if there is more.
    pub(crate) fn adjust(&mut self, raw: &RawBatch, documents: usize) {
        let wanted = units(footprint(raw, documents)).min(self.most);
        let has = self.permit.num_permits();
        if let Some(spare) = has.checked_sub(wanted as usize) {
            drop(self.permit.split(spare));
        } else {
            let more = Arc::clone(self.permit.semaphore()).try_acquire_many_owned(wanted - has as u32);
            if let Ok(more) = more {
                self.permit.merge(more);
            }
        }
    }
}

/// Bytes of a batch with its documents, which are made with room for three times the raw bytes.
fn footprint(raw: &RawBatch, documents: usize) -> usize {
    let bytes = raw.buffer.len();
    bytes + documents.max(3 * bytes) + raw.events.len() * (size_of::<RawEvent>() + size_of::<Document>())
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).min(Semaphore::MAX_PERMITS as u32)
}
