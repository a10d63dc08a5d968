//! Real search servers: the recipes of `tests/servers`, started for one test or shared by all.
//!
//! A node of one's own can be given settings and be killed: [`Recipe::start`]. Tests that need no more than a server
//! share one: [`Recipe::shared`], which takes the address in `TRAILCAR_TEST_ELASTICSEARCH_URL` or
//! `TRAILCAR_TEST_OPENSEARCH_URL` where one is set (`tests/run` sets them), so such tests use names of their own.

mod node;
mod recipe;

pub use node::{Node, Shared};
pub use recipe::{Login, Recipe, Server};

/// Elasticsearch 9.1.
pub fn elasticsearch() -> Recipe {
    Recipe::new(Server::Elasticsearch)
}

/// OpenSearch 3.8, or 2.19 where there is no JDK of release 21.
pub fn opensearch() -> Recipe {
    Recipe::new(Server::OpenSearch)
}
