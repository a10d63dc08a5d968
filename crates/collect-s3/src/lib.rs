//! Collects events from the objects of an S3 bucket.
//!
//! A source has one of two origins. A bucket is listed at every interval (`listing`), and what was read is kept as a
//! checkpoint that stays small (`state`). Or a queue tells of new objects (`queue`): its messages are deleted once
//! every event of their objects is settled, so the queue itself is the checkpoint, and any number of sidecars may
//! share it.
//!
//! Either way an object is streamed (`object`): inflated and split within bounds, whatever its size, and read on
//! from where it was when a connection breaks. What goes wrong for the source as a whole is told to whoever asks
//! [`S3Collector`] for batches, and waited out in place (`outlet`, `trouble`); what is wrong with one object or one
//! message goes to quarantine.

mod access;
mod check;
mod collector;
mod config;
mod context;
mod feed;
mod listing;
mod message;
mod notification;
mod object;
mod outlet;
mod queue;
mod selection;
mod settings;
mod state;
mod trouble;

pub use check::check;
pub use collector::S3Collector;
pub use config::{Access, Bucket, Keys, Origin, Queue, S3Config, S3Error};
pub use notification::{Noted, Notification, UnknownForm, parse as parse_notification};
pub use selection::Selection;
pub use settings::S3Settings;
pub use state::{Seen, State};
