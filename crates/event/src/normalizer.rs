//! The contract of normalization.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{DocumentBatch, RawBatch};

/// Turns raw events into documents. It answers for every event: with a document, with a failed document, or by
/// counting it as dropped; so it has no error of its own.
#[async_trait]
pub trait Normalizer: Send + Sync {
    /// Normalizes a batch; its documents are in the order of its events.
    async fn normalize(&self, raw: Arc<RawBatch>) -> DocumentBatch;
}
