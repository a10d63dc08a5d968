//! Collects Cursor's audit events from its Admin API.
//!
//! How a service is asked so that nothing is lost and nothing doubled is in `poll`; here is what is particular to this
//! one: the endpoints of teams and organizations, its filters and limits, the form of its pages and keys, and what to
//! do about its failures.

mod key;
mod page;
mod service;

pub use page::read_page;
pub use poll::{
    Begin, CheckpointError, Clock, Key, Page, Pages, Progress, Query, Reply, Tls, TraceConfig, Trouble,
    Until, ask,
};
pub use service::{Cursor, Endpoint, Filters};

/// A source of the Admin API.
pub type CursorConfig = poll::Config<Cursor>;

/// Asks the Admin API.
pub type Client = poll::Client<Cursor>;

/// Collects from the Admin API.
pub type CursorCollector<P> = poll::Poller<Cursor, P>;

/// What the service allows for each key; one for all sources of a process.
pub fn allowances() -> collect::Allowances {
    poll::allowances::<Cursor>()
}
