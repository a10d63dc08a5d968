//! For tests only: real search servers, faults, and what is needed to tell whether something was lost.
//!
//! - [`servers`]: real Elasticsearch and OpenSearch nodes, started for a test or shared by all of a run; [`require!`]
//!   skips a test loudly where none can be had.
//! - [`aws`]: a small S3 and SQS in this process, which fail on demand.
//! - [`moto`]: a faithful S3 and SQS elsewhere.
//! - [`client`]: asks a server.
//! - [`fake`]: an Elasticsearch in this process whose answers follow a script and which knows what it has accepted.
//! - [`proxy`]: a TCP proxy that cuts, stalls and resets connections.
//! - [`null`]: an Elasticsearch that takes everything and keeps nothing, for measuring.

pub mod aws;
pub mod client;
pub mod fake;
pub mod moto;
pub mod null;
pub mod proxy;
mod queries;
pub mod servers;
mod skip;

pub use queries::queries;
pub use skip::{Unavailable, skipped};

use std::path::{Path, PathBuf};

/// The top folder of the project.
pub fn root() -> PathBuf {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_dir.ancestors().nth(2).unwrap_or(crate_dir).to_owned()
}
