//! The engine against a real OpenSearch: the same pipelines on the same documents, by `_ingest/pipeline/_simulate`.
//!
//! What OpenSearch lacks is rewritten by one table ([`rewrite`]); what can not be rewritten is left out, and each
//! document that would have gone through it is reported as unproven. Compared are documents, `_id` and `_index`, and
//! failures with type and reason, as the client sees them and as an `on_failure` handler does. Inputs: the examples
//! of every processor, the tables in `tests/differential`, and the shipped pipelines with all fixtures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, with their helper functions"
)]

mod case;
mod compare;
mod coverage;
mod engine;
mod mutate;
mod node;
mod random;
mod report;
mod rewrite;
mod shipped;

use coverage::Coverage;
use node::Node;
use report::Report;
use testkit::{require, servers};

#[tokio::test]
async fn the_examples_and_the_tables_of_cases() {
    let node = Node::new(require!(servers::opensearch().shared()).client()).await;
    let (mut examples, mut tables) = (Report::new("examples"), Report::new("cases"));
    let mut coverage = Coverage::default();
    for case in case::examples() {
        case.compare(&node, &mut examples, &mut coverage).await;
    }
    for case in case::tables() {
        case.compare(&node, &mut tables, &mut coverage).await;
    }
    examples.finish();
    tables.finish();
    coverage.finish(&node);
}

#[tokio::test]
async fn the_tables_of_cases_on_mutated_documents() {
    let node = Node::new(require!(servers::opensearch().shared()).client()).await;
    let mut report = Report::new("mutated-cases");
    for case in case::tables() {
        if let Some(case) = case.mutated(20) {
            case.compare(&node, &mut report, &mut Coverage::default()).await;
        }
    }
    report.finish();
}

#[tokio::test]
async fn the_shipped_pipelines_with_all_fixtures() {
    let node = Node::new(require!(servers::opensearch().shared()).client()).await;
    let mut report = Report::new("shipped");
    shipped::compare(&node, &mut report).await;
    report.finish();
}

#[tokio::test]
async fn random_chains_on_random_documents() {
    let node = Node::new(require!(servers::opensearch().shared()).client()).await;
    let mut report = Report::new("random");
    random::compare(&node, &mut report, &random::Extent::asked_for()).await;
    report.finish();
}
