//! The destination, with the ledger that goes with it.

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
}

impl Opened {
    /// Opens a destination in a data directory that this process holds.
    ///
    /// # Errors
    /// Files that can not be used, with the cure.
    pub(crate) fn open(output: &Output, data_dir: &DataDir) -> anyhow::Result<Self> {
        Ok(match output {
            Output::Store => {
                let store = Store::open(data_dir)?;
                let ledger = match store.ledger() {
                    Some(ledger) => ledger.clone(),
                    None => anyhow::bail!("the store was opened without its ledger: please report it"),
                };
                Self { destination: Arc::new(store.clone()), ledger, store: Some(store) }
            }
            Output::Elasticsearch(config) => Self {
                destination: Arc::new(ElasticsearchSink::new(config)?),
                ledger: Ledger::open(data_dir)?,
                store: None,
            },
            Output::File(path) => Self {
                destination: Arc::new(OutputFile::open(path)?),
                ledger: Ledger::open(data_dir)?,
                store: None,
            },
        })
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
