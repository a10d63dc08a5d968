//! Stand-ins for the services that are polled: `trailcar demo --live` polls them, and tests make them misbehave.
//!
//! [`cursor`] is Cursor's Admin API, [`logs`] are promptfoo's API and the route of Cencori's dashboard. Each answers requests without
//! a network, so that tests can turn its clock; [`Served`] puts one on loopback. They follow the services' documentation.

pub mod cursor;
mod fault;
mod http;
mod limit;
pub mod logs;
mod request;

pub use fault::{Fault, PageFault};
pub use http::{Served, StandIn};
pub use request::{Reply, Request};
