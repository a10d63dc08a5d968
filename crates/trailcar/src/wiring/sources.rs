//! Collectors, each where it left off.

use std::sync::Arc;

use anyhow::Context;
use collect::Allowances;
use collect_cencori::Cencori;
use collect_cursor::Cursor;
use collect_files::{FilesCollector, Progress};
use collect_promptfoo::Promptfoo;
use collect_s3::S3Collector;
use event::{Checkpoint, Collector, Source};
use ledger::Ledger;
use poll::{Client, Clock, Config, Poller, Service};

use super::Start;
use crate::config::SourceConfig;

/// Collectors that are open.
#[derive(Default)]
pub(crate) struct Opened {
    /// Each with its source.
    pub(crate) collectors: Vec<(Arc<Source>, Box<dyn Collector>)>,
    /// How far they are read.
    pub(crate) progress: Vec<Arc<Progress>>,
    /// The same of those that are read page by page.
    pub(crate) pages: Vec<Arc<poll::Progress>>,
}

impl Opened {
    /// Opens a source that is polled.
    fn poll<S: Service>(
        &mut self,
        config: Config<S>,
        checkpoint: Option<Checkpoint>,
        allowances: &Arc<Allowances>,
    ) -> anyhow::Result<Box<dyn Collector>> {
        let client = Client::new(&config, Arc::clone(allowances))?;
        let collector = Poller::new(config, checkpoint, client, Clock::system())?;
        self.pages.push(collector.progress());
        Ok(Box::new(collector))
    }
}

/// Opens sources, where the ledger says that they were left or at their beginning.
///
/// # Errors
/// A source that can not start.
pub(crate) fn open(sources: Vec<SourceConfig>, ledger: &Ledger, start: Start) -> anyhow::Result<Opened> {
    let mut opened = Opened::default();
    // Sources with the same key share what the service allows for it.
    let cursor = Arc::new(poll::allowances::<Cursor>());
    let promptfoo = Arc::new(poll::allowances::<Promptfoo>());
    let cencori = Arc::new(poll::allowances::<Cencori>());
    for config in sources {
        let source = Arc::clone(config.source());
        let failed = || format!("source {}", source.id);
        let checkpoint = match start {
            Start::Resume => ledger.checkpoint(&source.id)?,
            Start::Anew => None,
        };
        let collector: Box<dyn Collector> = match config {
            SourceConfig::Files(config) => {
                let collector = FilesCollector::new(config, checkpoint).with_context(failed)?;
                opened.progress.push(collector.progress());
                Box::new(collector)
            }
            SourceConfig::CursorApi(config) => {
                opened.poll(*config, checkpoint, &cursor).with_context(failed)?
            }
            SourceConfig::PromptfooApi(config) => {
                opened.poll(*config, checkpoint, &promptfoo).with_context(failed)?
            }
            SourceConfig::CencoriApi(config) => {
                opened.poll(*config, checkpoint, &cencori).with_context(failed)?
            }
            SourceConfig::CursorS3(config) => {
                Box::new(S3Collector::new(*config, checkpoint).with_context(failed)?)
            }
        };
        opened.collectors.push((source, collector));
    }
    Ok(opened)
}
