//! The destination, with the ledger that goes with it.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use async_trait::async_trait;
use elasticsearch_sink::ElasticsearchSink;
use event::Destination;
use ingest_api::Library;
use ledger::{DataDir, Ledger, LedgerError};
use serde_json::Value;
use server::{App, Elsewhere};
use store::{Store, StoreError};

use super::access::Guard;
use crate::config::{Config, Output};
use crate::output_file::OutputFile;

/// A destination that is open.
#[derive(Clone)]
pub(crate) struct Opened {
    /// Where documents go.
    pub(crate) destination: Arc<dyn Destination>,
    /// Checkpoints, counts and quarantine.
    pub(crate) ledger: Ledger,
    /// The embedded store, when it is the destination.
    pub(crate) store: Option<Store>,
    /// The destination, when it can be asked for the last events.
    elsewhere: Option<Arc<dyn Elsewhere>>,
    /// The pipelines that events run through.
    library: Option<Arc<Library>>,
    /// Keeps others out of the data directory as long as anything of this is in use.
    _lock: Arc<DataDir>,
}

/// Elasticsearch, asked for the last events.
struct Asked(Arc<ElasticsearchSink>);

#[async_trait]
impl Elsewhere for Asked {
    async fn search(&self, streams: &str, body: Value) -> Result<Value, String> {
        self.0.search(streams, &body).await
    }
}

impl Opened {
    /// Takes the data directory for this process and opens the destination.
    ///
    /// # Errors
    /// Files that can not be used, with the cure.
    pub(crate) fn open(output: &Output, data_dir: &Path) -> anyhow::Result<Self> {
        let lock = DataDir::lock(data_dir).map_err(|error| data_dir_problem(data_dir, error))?;
        let mut elsewhere: Option<Arc<dyn Elsewhere>> = None;
        let (destination, store): (Arc<dyn Destination>, _) = match output {
            Output::Store => {
                let store = Store::open(&lock)?;
                (Arc::new(store.clone()), Some(store))
            }
            Output::Elasticsearch(config) => {
                let sink = Arc::new(ElasticsearchSink::new(config)?);
                elsewhere = Some(Arc::new(Asked(Arc::clone(&sink))));
                (sink, None)
            }
            Output::File(path) => (Arc::new(OutputFile::open(path)?), None),
        };
        let ledger = match store.as_ref().and_then(Store::ledger) {
            Some(ledger) => ledger.clone(),
            None => Ledger::open(&lock)?,
        };
        Ok(Self { destination, ledger, store, elsewhere, library: None, _lock: Arc::new(lock) })
    }

    /// The same, with the pipelines that events run through.
    pub(crate) fn with_library(self, library: Arc<Library>) -> Self {
        Self { library: Some(library), ..self }
    }

    /// The pipelines that events run through, where they do.
    pub(crate) fn library(&self) -> Option<Arc<Library>> {
        self.library.clone()
    }

    /// What the server shows, and to whom; with `status`, what goes on as well.
    pub(crate) fn app(&self, status: Option<Arc<deliver::Status>>, guard: Guard) -> App {
        App {
            status,
            ledger: self.ledger.clone(),
            store: self.store.clone(),
            elsewhere: self.elsewhere.clone(),
            library: self.library.clone(),
            destination: self.destination.name(),
            users: guard.users,
            recorder: guard.recorder,
            trusted_proxies: guard.trusted_proxies,
        }
    }
}

/// The ledger of a configuration for reading, whoever has the data directory.
///
/// # Errors
/// There is none yet, or it can not be read.
pub(crate) fn view_ledger(config: &Config) -> anyhow::Result<Ledger> {
    ledger_view(config).map_err(view_problem)
}

/// The ledger of a configuration for reading; `None` where there is none yet.
///
/// # Errors
/// It can not be read.
pub(crate) fn ledger_if_any(config: &Config) -> anyhow::Result<Option<Ledger>> {
    match ledger_view(config) {
        Ok(ledger) => Ok(Some(ledger)),
        Err(StoreError::File(LedgerError::Io { error, .. })) if error.kind() == ErrorKind::NotFound => {
            Ok(None)
        }
        Err(error) => Err(view_problem(error)),
    }
}

fn ledger_view(config: &Config) -> Result<Ledger, StoreError> {
    match config.output {
        Output::Store => Store::view_ledger(&config.data_dir),
        Output::Elasticsearch(_) | Output::File(_) => {
            Ledger::view(&config.data_dir).map_err(StoreError::File)
        }
    }
}

/// The store of a configuration for reading, whoever has the data directory.
///
/// # Errors
/// The output is another, there is no store yet, or it can not be read.
pub(crate) fn view_store(config: &Config) -> anyhow::Result<Store> {
    match config.output {
        Output::Store => Store::view(&config.data_dir).map_err(view_problem),
        Output::Elasticsearch(_) | Output::File(_) => Err(anyhow!(
            "the configuration has an output, so no events are kept in data_dir: ask there, or take a configuration without one"
        )),
    }
}

fn view_problem(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::File(LedgerError::Io { path, error }) => {
            let cure = match error.kind() {
                ErrorKind::NotFound => {
                    "start `trailcar run` once, or let data_dir name the directory that it uses"
                }
                _ => "let data_dir name a directory that this user may read",
            };
            anyhow!("{} can not be read: {error}: {cure}", path.display())
        }
        error => error.into(),
    }
}

/// Why a data directory can not be taken, with the cure.
pub(crate) fn data_dir_problem(path: &Path, error: LedgerError) -> anyhow::Error {
    match error {
        LedgerError::Io { error, .. } if !path.exists() => can_not_be_made(path, &error),
        error @ LedgerError::Io { .. } => {
            anyhow!("data_dir can not be used: {error}: name a directory that this user may write")
        }
        error => error.into(),
    }
}

/// Says that a data directory is not there, nor can be.
pub(crate) fn can_not_be_made(path: &Path, error: &std::io::Error) -> anyhow::Error {
    let shown = path.display();
    anyhow!(
        "data_dir {shown} is not there and can not be made: {error}: name a directory that this user may make"
    )
}
