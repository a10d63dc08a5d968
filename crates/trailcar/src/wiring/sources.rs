//! Collectors, each where it left off.

use std::sync::Arc;

use anyhow::Context;
use collect_files::{FilesCollector, Progress};
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
    for SourceConfig::Files(config) in sources {
        let source = Arc::clone(&config.source);
        let checkpoint = match start {
            Start::Resume => ledger.checkpoint(&source.id)?,
            Start::Anew => None,
        };
        let collector =
            FilesCollector::new(config, checkpoint).with_context(|| format!("source {}", source.id))?;
        opened.progress.push(collector.progress());
        opened.collectors.push((source, Box::new(collector)));
    }
    Ok(opened)
}
