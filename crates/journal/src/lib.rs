//! What users do, written down before they get an answer, as events of the dataset `trailcar.audit`.
//!
//! [`Entry`] is what was done; [`Journal`] is the files in the data directory that entries are appended to, by the sidecar and by the
//! command line at the same time; [`Recorder`] keeps repetitions from flooding them. The sidecar collects the files like
//! any others, and [`Journal::tidy`] removes those whose events are settled.

mod entry;
mod files;
mod recorder;
#[cfg(test)]
mod tests;

pub use entry::{Entry, Exported, Outcome, Who};
pub use files::{Journal, JournalError};
pub use recorder::Recorder;

/// The dataset of the entries.
pub const DATASET: &str = "trailcar.audit";
/// The id of the source that collects them.
pub const SOURCE: &str = "trailcar-audit";
