//! What a source of files is told.

use std::sync::Arc;
use std::time::Duration;

use collect::{InflateLimits, SplitLimits};
use event::Source;

/// The path that means standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// A source of files.
#[derive(Clone, Debug)]
pub struct FilesConfig {
    /// What its events have in common.
    pub source: Arc<Source>,
    /// Paths and globs (`*`, `?`, `[a-z]`, `**`); `-` is standard input.
    pub paths: Vec<String>,
    /// Whether to go on when everything is read, and wait for more.
    pub follow: bool,
    /// How often files that are followed are looked at.
    pub scan_interval: Duration,
    /// How large events and batches may get.
    pub split: SplitLimits,
    /// How much a compressed file may inflate to.
    pub inflate: InflateLimits,
}

impl FilesConfig {
    /// Reads `paths` once, with the limits' defaults.
    pub fn new(source: Arc<Source>, paths: Vec<String>) -> Self {
        Self {
            source,
            paths,
            follow: false,
            scan_interval: Duration::from_millis(500),
            split: SplitLimits::default(),
            inflate: InflateLimits::default(),
        }
    }

    /// # Errors
    /// [`FilesError`] for what can not work whatever the files are.
    pub fn check(&self) -> Result<(), FilesError> {
        if self.paths.is_empty() {
            return Err(FilesError::NoPaths);
        }
        for pattern in &self.paths {
            glob::Pattern::new(pattern).map_err(|error| FilesError::Pattern {
                pattern: pattern.clone(),
                position: error.pos,
                reason: error.msg,
            })?;
        }
        Ok(())
    }
}

/// A source of files that can not start.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// Nothing to read.
    #[error("`paths` is empty: name at least one file or glob, or - for standard input")]
    NoPaths,
    /// Not a glob.
    #[error(
        "[{pattern}] is no glob: {reason} at character {position}; write [[] for a bracket that is meant"
    )]
    Pattern {
        /// As configured.
        pattern: String,
        /// Where it fails.
        position: usize,
        /// Why.
        reason: &'static str,
    },
    /// Written by another version.
    #[error(
        "the kept position of the files has version {found}, this program knows version {known}: run the version \
         that wrote it, or remove the position to read all files again"
    )]
    CheckpointVersion {
        /// What the checkpoint says.
        found: String,
        /// What is known.
        known: u64,
    },
    /// Damaged.
    #[error("the kept position of the files can not be read, at [{0}]: remove it to read all files again")]
    CheckpointForm(String),
    /// The system gives no thread.
    #[error("the thread that reads files can not be started: {0}")]
    Thread(#[from] std::io::Error),
}
