//! Delivers documents to Elasticsearch and OpenSearch, and sets their templates up.

mod address;
mod backoff;
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
mod secret;
mod server;
pub mod setup;
mod shape;
mod sink;
mod transport;
mod trouble;

pub use check::{Finding, Grade, check};
pub use config::{BackoffConfig, ConfigError, ElasticsearchConfig, Mistake, SslConfig, VerificationMode};
pub use retention::Retention;
pub use secret::Secret;
pub use server::{Flavor, Server};
pub use setup::{KibanaConfig, Plan, Setup, SetupError, SetupOptions};
pub use sink::ElasticsearchSink;
