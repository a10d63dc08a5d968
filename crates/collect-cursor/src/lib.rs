//! Collects Cursor's audit events from its Admin API.
//!
//! The service is asked for one *window* of time after the other, the oldest first, each page by page. What is asked
//! next and what is new in an answer is decided by `walk`, which knows neither network nor clock; [`CursorCollector`]
//! gives it both. A page becomes a batch, and with the last page of a window the collected time, the *mark*, moves.
//!
//! # Nothing is lost, nothing is doubled
//! - A window's two ends are fixed while its pages are read. Items that come or go meanwhile shift the others between
//!   pages; that shows in the total and in repeated ids, and then the window is read again.
//! - Windows reach back over the mark by `overlap`, and ids that were seen there are skipped. So an event that the
//!   service shows late, by no more than that, is found; an empty answer never moves the mark.
//! - Neither order of events is assumed, and an error moves nothing.
//!
//! What is kept between runs is in `checkpoint`: the mark, the ids seen near it, and how far the window under way is.

mod answer;
mod check;
mod checkpoint;
mod client;
mod collector;
mod config;
mod exchange;
mod key;
mod pass;
mod progress;
mod retry_after;
mod seen;
mod trace;
mod trouble;
mod walk;

pub use answer::Page;
pub use check::{Reply, ask};
pub use checkpoint::CheckpointError;
pub use client::Client;
pub use collector::{Clock, CursorCollector, Pages};
pub use config::{Begin, CursorConfig, Endpoint, Filters, Tls, Until};
pub use key::Key;
pub use progress::Progress;
pub use trace::TraceConfig;
pub use trouble::Trouble;
pub use walk::Query;

use std::time::Duration;

use collect::Allowances;

/// Requests that the service takes from one team in [`MINUTE`].
const REQUESTS: usize = 20;

/// A minute, and what two requests may differ in their time on the way.
const MINUTE: Duration = Duration::from_secs(61);

/// What the service allows for each key; one for all sources of a process.
pub fn allowances() -> Allowances {
    Allowances::new(REQUESTS, MINUTE)
}
