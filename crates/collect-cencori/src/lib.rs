//! Collects Cencori's audit log from the route that its dashboard asks.
//!
//! How a service is asked so that nothing is lost and nothing doubled is in `poll`; here is what is particular to this
//! one. It has no API for machines, so the request carries a header that the user gives, that of a session for
//! instance. The route takes no ends of a window, only how far back, and shows the newest entry first: pages are read
//! down to where the last poll was, less the overlap. Entries that come meanwhile push the others to later pages, so
//! they are read twice and handed out once; the new ones are found by the next poll. The log is taken to be kept for
//! ever: entries that were removed while pages are read could hide as many others.
//!
//! Its exports are read as files: see `collect-files`.

mod page;
mod service;

pub use page::read_page;
pub use service::{Cencori, Filters};

/// A source of the route.
pub type CencoriConfig = poll::Config<Cencori>;

/// Asks the route.
pub type Client = poll::Client<Cencori>;

/// Collects from the route.
pub type CencoriCollector<P> = poll::Poller<Cencori, P>;
