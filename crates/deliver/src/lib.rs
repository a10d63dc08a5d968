//! Drives events from their collectors through normalization to the destination, until every one is answered for.
//!
//! # A lane for each source
//! Each source has a lane of its own (`lane`): it collects a batch, has it normalized, hands it to the destination
//! as often as it takes (`attempt`), and writes the settlement down. Several batches of a lane are under way at once and
//! may be answered in any order; they are settled in the order in which they were collected, so a source's checkpoint
//! covers only events that are all answered for. A lane that waits, for its source or because one batch takes long,
//! holds up no other: slots at the destination are given back while a batch waits for its next attempt, and each
//! lane has its own share of the memory.
//!
//! A destination that takes one batch at a time (`in_flight() == 1`) gets those of a source in order, each after the
//! settlement of the one before. One that writes settlements itself, the embedded store, relies on that.
//!
//! # Nothing is lost
//! Nothing is acknowledged before it is written down. What fails is tried again for ever, with growing pauses
//! (`backoff`); what is refused for good goes to quarantine with the settlement; a ledger that can not be written
//! stops the lanes where they are. When the process is told to stop, collecting ends at once, what is under way
//! may end until a deadline, and the rest is simply not checkpointed: it is collected again.
//!
//! [`Status`] tells meanwhile what goes on; [`Report`] tells it at the end.

mod attempt;
mod backoff;
pub mod delivery;
mod lane;
mod memory;
pub mod report;
pub mod retry;
mod settle;
pub mod status;
mod vital;

pub use delivery::{Delivery, Limits};
pub use report::{Outcome, Report};
pub use retry::{RetryError, retry_quarantined};
pub use status::{Snapshot, SourceSnapshot, Status};
pub use vital::{Failure, Health};
