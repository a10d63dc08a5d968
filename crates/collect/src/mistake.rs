//! What is wrong with the configuration of a source.

/// A setting that can not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct Mistake {
    /// Its key; empty for the source as a whole.
    pub key: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}
