//! The pipelines of the data streams that documents are sent to.

use ingest::{IndexPipelines, Indices, Pipelines};

/// Data streams as a sidecar sees them: `logs-<dataset>-<namespace>` has the pipeline of its dataset, as if that were its
/// `default_pipeline`. What a cluster's templates name runs in the cluster.
pub struct Streams<'a> {
    /// The pipelines that there are.
    pub pipelines: &'a Pipelines,
    /// The dataset that a document came from, whose pipeline it has behind it.
    pub own: &'a str,
}

impl Indices for Streams<'_> {
    fn pipelines(&self, index: &str) -> IndexPipelines {
        let dataset = index.strip_prefix("logs-").and_then(|rest| rest.split_once('-')).map(|(name, _)| name);
        let first = dataset.filter(|dataset| *dataset != self.own && self.pipelines.contains(dataset));
        IndexPipelines { first: first.map(str::to_owned), last: None }
    }
}
