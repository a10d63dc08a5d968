//! Events that are kept by another destination, which is asked for the last of them.

use async_trait::async_trait;
use serde_json::Value;

/// A destination with Elasticsearch's `_search`.
#[async_trait]
pub trait Elsewhere: Send + Sync {
    /// Sends a body to `_search` of some data streams, and gives the answer.
    ///
    /// # Errors
    /// Why there is none, with the cure. It does not wait longer than a reader does.
    async fn search(&self, streams: &str, body: Value) -> Result<Value, String>;
}
