//! Raw events become documents: the dataset's pipeline runs on each, and what a pipeline can not say is added.
//!
//! [`Normalization`] holds what all events share: the compiled pipelines and the named networks. A [`Worker`] runs
//! one event after another on one thread and reuses its memory; a [`Pool`] of them is the [`event::Normalizer`] that
//! delivery uses.
//!
//! What happens to an event, in this order:
//! 1. its document begins with what a shipper gives: `message` (the raw event), `@timestamp` and `event.created` (the
//!    time of collection), `event.dataset`, `data_stream.*`, `tags`, and `log.file.path` and `log.offset` for files;
//! 2. the pipeline of its dataset runs on it, and where that sends it to another dataset's data stream, that one's;
//! 3. named networks are looked up for `source.ip`;
//! 4. it is written as a `_bulk` line, with the `_index` and `_id` that the pipeline set, or else the dataset's data
//!    stream and a digest of dataset and raw event.
//!
//! An event whose pipeline fails becomes a failed document ([`failed`]); none gets lost, unless a pipeline drops it.

mod base;
pub mod definitions;
pub mod failed;
mod pool;
pub mod scripts;
mod streams;
mod worker;

pub use definitions::{DefinitionError, samples, shipped};
pub use pool::Pool;
pub use streams::Streams;
pub use worker::{Normalization, Worker};
