//! Collects promptfoo's audit log from its API.
//!
//! How a service is asked so that nothing is lost and nothing doubled is in `poll`; here is what is particular to this
//! one: its address and filters, the form of its pages, and what to do about its failures. It promises no order, and
//! its pages are counted by the events before them; both ends of a window are fixed while its pages are read.

mod page;
mod service;

pub use page::read_page;
pub use service::{Filters, Promptfoo};

/// A source of the API.
pub type PromptfooConfig = poll::Config<Promptfoo>;

/// Asks the API.
pub type Client = poll::Client<Promptfoo>;

/// Collects from the API.
pub type PromptfooCollector<P> = poll::Poller<Promptfoo, P>;
