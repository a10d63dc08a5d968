//! Cursor's Admin API: pages of a window of at most 30 days, 20 requests a minute, Basic authentication, team and
//! organization endpoints, and events of the older and the newer shape.

mod event;
mod query;
mod service;

pub use event::{Event, sample};
pub use service::{Change, Order, Service};
