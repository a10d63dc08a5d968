//! Delivers documents to Elasticsearch and OpenSearch, and sets their templates up.
//!
//! [`ElasticsearchSink`] is the destination: batches go out as `_bulk` requests, and every document comes back with a
//! verdict of its own. What is no complete answer is no acknowledgement; what such an attempt did all the same is
//! recognised when the batch comes again. A document that a mapping refuses is made to fit before it is given up.
//!
//! [`Setup`] installs what the documents need on the server: the templates and policies of `mappings/`, rewritten where
//! the server is OpenSearch. [`check()`] says whether events can be delivered, and if not, what is to be done.
//!
//! All of it stands on one small client over the transport of the `elasticsearch` crate, an alpha release that nothing
//! outside this crate knows of.

mod address;
mod backoff;
mod before;
mod bulk;
mod check;
mod client;
mod config;
mod credentials;
mod dialect;
mod mappings;
mod refit;
mod rest;
mod retention;
mod search;
mod server;
pub mod setup;
mod shape;
mod sink;
mod transport;
mod trouble;

pub use check::{Finding, Grade, check};
pub use config::{BackoffConfig, ConfigError, ElasticsearchConfig, Mistake, SslConfig, VerificationMode};
pub use event::Secret;
pub use retention::Retention;
pub use server::{Flavor, Server};
pub use setup::{KibanaConfig, Plan, Setup, SetupError, SetupOptions};
pub use sink::ElasticsearchSink;
