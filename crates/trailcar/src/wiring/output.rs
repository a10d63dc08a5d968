//! The destination, with the ledger that goes with it.

use std::path::Path;
use std::sync::Arc;

use elasticsearch_sink::ElasticsearchSink;
use event::Destination;
use ledger::{DataDir, Ledger};
use server::App;
use store::Store;

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
    /// Keeps others out of the data directory as long as anything of this is in use.
    _lock: Arc<DataDir>,
}

impl Opened {
    /// Takes the data directory for this process and opens the destination.
    ///
    /// # Errors
    /// Files that can not be used, with the cure.
    pub(crate) fn open(output: &Output, data_dir: &Path) -> anyhow::Result<Self> {
        let lock = DataDir::lock(data_dir)?;
        let (destination, store): (Arc<dyn Destination>, _) = match output {
            Output::Store => {
                let store = Store::open(&lock)?;
                (Arc::new(store.clone()), Some(store))
            }
            Output::Elasticsearch(config) => (Arc::new(ElasticsearchSink::new(config)?), None),
            Output::File(path) => (Arc::new(OutputFile::open(path)?), None),
        };
        let ledger = match store.as_ref().and_then(Store::ledger) {
            Some(ledger) => ledger.clone(),
            None => Ledger::open(&lock)?,
        };
        Ok(Self { destination, ledger, store, _lock: Arc::new(lock) })
    }

    /// What the server shows; with `status`, what goes on as well.
    pub(crate) fn app(&self, status: Option<Arc<deliver::Status>>) -> App {
        App {
            status,
            ledger: self.ledger.clone(),
            store: self.store.clone(),
            destination: self.destination.name(),
        }
    }
}

/// The ledger of a configuration for reading, whoever has the data directory.
///
/// # Errors
/// There is none yet, or it can not be read.
pub(crate) fn view_ledger(config: &Config) -> anyhow::Result<Ledger> {
    Ok(match config.output {
        Output::Store => Store::view_ledger(&config.data_dir)?,
        Output::Elasticsearch(_) | Output::File(_) => Ledger::view(&config.data_dir)?,
    })
}
