//! Collects events from files and standard input.
//!
//! Files are found by globs and read in the order of their paths, each to its end: NDJSON, JSON arrays, pages and
//! tables, plain or gzip. The position of every file is kept by what it contains, so that a file is known again after a restart, a
//! rename, or when it was compressed, and one that was emptied or replaced is not taken for the old one. With
//! `follow`, files are looked at again at every interval and rotation is followed.
//!
//! [`FilesCollector`] reads ahead on a thread of its own; the state behind it is [`reader::Reader`], which knows
//! neither threads nor time.

mod checkpoint;
mod collector;
mod config;
mod discover;
mod identity;
mod open;
mod pipe;
mod progress;
pub mod reader;
mod scan;
mod tracked;

pub use checkpoint::is_read;
pub use collector::FilesCollector;
pub use config::{FilesConfig, FilesError};
pub use discover::check_paths;
pub use progress::Progress;
