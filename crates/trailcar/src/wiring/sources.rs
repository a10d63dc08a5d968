//! Collectors, each where it left off.

use std::sync::Arc;

use anyhow::Context;
use collect_files::{FilesCollector, Progress};
use collect_s3::S3Collector;
use event::{Collector, Source};
use ledger::Ledger;

use super::Start;
use crate::config::SourceConfig;

/// Collectors that are open.
#[derive(Default)]
pub(crate) struct Opened {
    /// Each with its source.
    pub(crate) collectors: Vec<(Arc<Source>, Box<dyn Collector>)>,
    /// How far they are read.
    pub(crate) progress: Vec<Arc<Progress>>,
}

/// Opens sources, where the ledger says that they were left or at their beginning.
///
/// # Errors
/// A source that can not start.
pub(crate) fn open(sources: Vec<SourceConfig>, ledger: &Ledger, start: Start) -> anyhow::Result<Opened> {
    let mut opened = Opened::default();
    for config in sources {
        let source = Arc::clone(config.source());
        let checkpoint = match start {
            Start::Resume => ledger.checkpoint(&source.id)?,
            Start::Anew => None,
        };
        let place = || format!("source {}", source.id);
        let collector: Box<dyn Collector> = match config {
            SourceConfig::Files(config) => {
                let collector = FilesCollector::new(config, checkpoint).with_context(place)?;
                opened.progress.push(collector.progress());
                Box::new(collector)
            }
            SourceConfig::S3(config) => Box::new(S3Collector::new(*config, checkpoint).with_context(place)?),
        };
        opened.collectors.push((source, collector));
    }
    Ok(opened)
}
