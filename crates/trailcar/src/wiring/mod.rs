//! How the rooms are put together: collectors, normalization, destination and ledger become a delivery.

pub(crate) mod access;
pub(crate) mod normalization;
pub(crate) mod output;
pub(crate) mod sources;
pub(crate) mod stop;

use std::sync::Arc;

use anyhow::Context;
use collect_files::Progress;
use deliver::{Delivery, Limits};
use event::Normalizer;
use ingest_api::Library;
use normalize::Pool;

use crate::config::{Config, SourceConfig};
use output::Opened;

/// Where sources are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Where they were left.
    Resume,
    /// From their beginning; what is at the destination already counts as duplicate.
    Anew,
}

/// A delivery that is ready to start.
pub(crate) struct Sidecar {
    /// To be run.
    pub(crate) delivery: Delivery,
    /// Destination, ledger and store, to be looked at meanwhile.
    pub(crate) opened: Opened,
    /// How far the sources are read.
    pub(crate) progress: Vec<Arc<Progress>>,
    /// How far those are that are read page by page.
    pub(crate) pages: Vec<Arc<poll::Progress>>,
}

impl Sidecar {
    /// Opens everything that a configuration names.
    ///
    /// # Errors
    /// What can not be opened, with the cure.
    pub(crate) fn open(config: Config, limits: Limits, start: Start) -> anyhow::Result<Self> {
        let opened = Opened::open(&config.output, &config.data_dir)?;
        let library = normalization::library(&config, opened.ledger.clone())?;
        Self::of(opened.with_library(library), config.sources, limits, start)
    }

    /// Opens sources that are delivered to a destination that is open.
    ///
    /// # Errors
    /// A source that can not start.
    pub(crate) fn of(
        opened: Opened,
        sources: Vec<SourceConfig>,
        limits: Limits,
        start: Start,
    ) -> anyhow::Result<Self> {
        let library = opened.library().context("there are no pipelines for what is collected")?;
        let normalizer = pool(&library)?;
        let sources = sources::open(sources, &opened.ledger, start)?;
        let delivery = Delivery::new(
            sources.collectors,
            normalizer,
            Arc::clone(&opened.destination),
            opened.ledger.clone(),
            limits,
        );
        Ok(Self { delivery, opened, progress: sources.progress, pages: sources.pages })
    }
}

/// The worker threads of normalization: one for each core.
///
/// # Errors
/// A system without threads.
pub(crate) fn pool(library: &Library) -> anyhow::Result<Arc<dyn Normalizer>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = Pool::start(library.normalization(), threads)
        .context("the threads of normalization can not be started")?;
    Ok(Arc::new(pool))
}

/// The runtime of commands that wait for the network.
///
/// # Errors
/// A system without threads.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the runtime can not be started")
}
