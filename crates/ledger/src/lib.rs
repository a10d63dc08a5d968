//! Durable state of the sidecar, in SQLite: how far each source is, what became of its events, and the events that
//! were refused.
//!
//! # One transaction an answer
//! A [`event::Settlement`] is what a batch came to. It is written in one synced transaction: the source's checkpoint,
//! the counts and the refused events, all or none ([`tables::settle`]). So what the counts say and where the source
//! goes on can not part, whenever the process dies.
//!
//! # The balance
//! `accepted = indexed + stored + diverted + duplicate + quarantined + dropped + pending`. Events under way
//! (`pending`) are only in memory, and `accepted` is written with the settlement: a `kill -9` forgets events that were
//! under way on both sides of the equation at once, and because the checkpoint has not moved past them they are
//! collected again. On disk the equation therefore holds without `pending`, and the table checks it in every
//! row. What a destination had already taken of a forgotten batch comes back from it as `duplicate`: nothing
//! is doubled, nothing is missing.
//!
//! # Quarantine
//! An event is in quarantine once, by data stream and `_id`. When it is refused again (collected twice, or sent again
//! in vain) its reason is renewed and the repetition counts as `duplicate`. Sending it again successfully, or removing
//! it, gives its first count back: see [`quarantine`].
//!
//! It holds what others may not see, so who looks at it shows an [`Access`].
//!
//! # Definitions
//! Pipelines and stored scripts that were put over HTTP are kept here, too ([`definitions`]).
//!
//! # Where the tables are
//! Normally in `ledger.db` in the data directory ([`Ledger::open`]). The embedded store keeps them in its own file, so
//! that events and settlement are one transaction ([`Ledger::on`], [`tables`]). Each part of a file has its own
//! version ([`schema`]), so both can grow by themselves.
//!
//! A [`DataDir`] is locked by one process; reading is open to others ([`Ledger::view`]).

pub mod access;
pub mod data_dir;
pub mod database;
pub mod definitions;
pub mod error;
mod handle;
pub mod quarantine;
pub mod schema;
pub mod tables;

pub use access::{Access, Forbidden, Role};
pub use data_dir::DataDir;
pub use error::LedgerError;
pub use handle::Ledger;
pub use quarantine::{Entry, Fate, Filter, Held, QuarantineId};
pub use tables::Line;
