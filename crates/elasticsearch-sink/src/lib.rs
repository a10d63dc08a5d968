//! Delivers documents to Elasticsearch and OpenSearch, and sets their templates up.

mod address;
mod backoff;
mod bulk;
mod client;
mod config;
mod credentials;
mod rest;
mod secret;
mod server;
mod sink;
mod trouble;

pub use config::{BackoffConfig, ConfigError, ElasticsearchConfig, Mistake, SslConfig, VerificationMode};
pub use secret::Secret;
pub use server::{Flavor, Server};
pub use sink::ElasticsearchSink;
