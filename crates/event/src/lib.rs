//! What travels through the sidecar, and the contracts between its rooms.
//!
//! A [`Collector`] hands out numbered [`RawBatch`]es: one buffer, the span of each event in it, and the
//! [`Checkpoint`] that may be stored once every one of them is answered for. Normalization turns a batch into a
//! [`DocumentBatch`]: one buffer of `_bulk` lines and the spans of each document. A [`Destination`] answers with a
//! [`Receipt`]: a [`Verdict`] for every document, none left out.
//!
//! In between, while its pipeline runs, an event is a [`Doc`]: an arena value made for being parsed once, moved
//! about without copying, and written once. This crate does no I/O.

pub mod checkpoint;
pub mod collector;
pub mod destination;
pub mod doc;
pub mod document;
pub mod normalizer;
pub mod raw;
pub mod secret;
pub mod settled;

pub use checkpoint::{Checkpoint, Created, Quarantined, Settlement, Tally, Unanswered};
pub use collector::{CollectError, Collector};
pub use destination::{DeliverError, Destination, Receipt, Verdict};
pub use doc::{Data, Doc, FieldPath, Fragment, JsonError, Key, NodeId, PathError};
pub use document::{Document, DocumentBatch};
pub use normalizer::Normalizer;
pub use raw::{Dataset, Notice, RawBatch, RawEvent, Source, SourceId};
pub use secret::{Secret, SecretPlace};
pub use settled::Settled;
