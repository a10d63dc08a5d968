//! The embedded event store: documents, full-text search and facets in one SQLite file.
//!
//! # Writing
//! The store is a destination. Documents are parsed and compressed on all cores (`prepare`), and a batch is written in one
//! transaction (`writer`): documents, terms, and the ledger's checkpoint and counts. Whatever kills the process, what is
//! stored, how far the sources are and what the balance says belong together. The full-text index follows some thousand
//! events later, in transactions of its own; those that it lacks are in memory, and read from the documents again
//! after a crash (`tail`).
//!
//! A document whose data stream and `_id` are stored already is recognised (`seen`) and counted as duplicate.
//!
//! # Reading
//! SQLite keeps; it does not search. For each event some 10 bytes are in memory (`columns`): its time (`times`) and the
//! numbers of what it has in the fields that tell kinds of events, users and scopes apart (`terms`). A filter is answered
//! for the terms, and then it is a pass over those columns, so every answer is exact and no filter needs an index:
//! `selection` finds the rows, `order` puts them in order, `rank` finds them by their number in it, `count` counts facets and
//! bars, `history` what else a page tells of somebody or something. Words add one more bit a row (`search`), from the full-text index (`index`, `frequent`) and from the newest rows,
//! which it does not have yet (`tail`). Only what is shown, and what neither columns nor words can tell (`verify`), is read
//! from the file (`reader`). Readers work on a snapshot and wait for no one.
//!
//! # Growing old
//! Rows are numbered in the order of arrival, and the index has a table for each million: the oldest can be taken
//! away by number.
//!
//! # Who may ask
//! Every question takes an [`Access`]: there is no way to an event past it.

mod bitmap;
mod codec;
mod columns;
mod cores;
mod count;
pub mod derived;
mod document;
mod error;
pub mod export;
pub mod filter;
mod frequent;
pub mod history;
mod index;
mod order;
pub mod page;
mod prepare;
mod rank;
mod reader;
pub mod row;
mod schema;
mod search;
mod seen;
mod selection;
mod shared;
mod sieve;
mod store;
pub mod summary;
mod tail;
mod terms;
#[cfg(test)]
mod tests;
pub mod text;
mod times;
mod upgrade;
mod verify;
mod view;
mod words;
mod writer;

pub use derived::{DerivedFilter, Rule, derive};
pub use error::{QueryError, StoreError};
pub use export::Export;
pub use filter::{AnyFilter, FieldFilter, Filter, Values};
pub use history::{Group, History, Tally};
pub use ledger::{Access, Forbidden, Role};
pub use page::{Cursor, CursorError, Page, Slice};
pub use row::{ACTOR, ADDRESS, Event, PROJECT, RESOURCE, Row};
pub use store::{MAX_PAGE, Store};
pub use summary::{Count, Facets, Histogram, Shape, Summary};
