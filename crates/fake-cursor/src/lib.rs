//! A stand-in for Cursor's Admin API: `trailcar demo --live` polls it, and tests make it misbehave.
//!
//! [`Service`] answers requests without a network, so that tests can turn its clock; [`Served`] puts it on loopback.
//! It follows the documentation: pages of a window of at most 30 days, 20 requests a minute, Basic authentication,
//! team and organization endpoints, and events of the older and the newer shape.

mod event;
mod fault;
mod http;
mod query;
mod service;

pub use event::{Event, sample};
pub use fault::{Change, Fault};
pub use http::Served;
pub use query::Request;
pub use service::{Order, Reply, Service};
