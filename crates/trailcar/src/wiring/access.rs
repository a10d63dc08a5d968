//! Users, and the journal of what they do, with the source that collects it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use collect_files::FilesConfig;
use event::{Dataset, Source, SourceId};
use journal::{Journal, Recorder, Who};
use ledger::{Ledger, data_dir};
use tokio_util::task::AbortOnDropHandle;
use users::{Registry, Users};

use super::output::can_not_be_made;
use crate::config::{Config, Output, SourceConfig};

/// How often files of the journal are removed whose events are settled.
const TIDY: Duration = Duration::from_secs(60);

/// Makes the data directory when it is not there. It may be another process's meanwhile.
///
/// # Errors
/// It can not be made, with the cure.
pub(crate) fn data_dir(config: &Config) -> anyhow::Result<()> {
    let path = &config.data_dir;
    data_dir::make_directory(path).map_err(|error| can_not_be_made(path, &error))
}

/// All users, those of the data directory as they are at any time.
///
/// # Errors
/// `users.db` can not be used.
pub(crate) fn users(config: &Config) -> anyhow::Result<Users> {
    Ok(Users::new(config.users.clone(), Some(Registry::open(&config.data_dir)?)))
}

/// The journal, in a data directory that is there.
///
/// # Errors
/// Its files can not be made.
pub(crate) fn journal(config: &Config) -> anyhow::Result<Journal> {
    Ok(Journal::open(&config.data_dir)?)
}

/// The source that collects the journal's files.
///
/// # Errors
/// The dataset has no name that fits, which a test rules out.
pub(crate) fn source(output: &Output, journal: &Journal) -> anyhow::Result<SourceConfig> {
    let source = Source {
        id: SourceId::new(journal::SOURCE),
        dataset: Dataset::new(journal::DATASET).context("the dataset of the journal")?,
        namespace: output.namespace().into(),
        tags: vec!["trailcar-audit".to_owned()],
        preserve_original_event: false,
    };
    let files = FilesConfig { follow: true, ..FilesConfig::new(Arc::new(source), vec![journal.pattern()]) };
    Ok(SourceConfig::Files(files))
}

/// Removes files of the journal once their events are settled, now and then, as long as the handle is there.
pub(crate) fn keep_tidy(journal: Journal, ledger: Ledger) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            let (journal, ledger) = (journal.clone(), ledger.clone());
            match tokio::task::spawn_blocking(move || tidy(&journal, &ledger)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!("{error:#}"),
                Err(error) => tracing::warn!("{error}"),
            }
            tokio::time::sleep(TIDY).await;
        }
    }))
}

/// Removes files of the journal whose events are settled.
///
/// # Errors
/// The ledger can not be read, or a file can not be removed.
pub(crate) fn tidy(journal: &Journal, ledger: &Ledger) -> anyhow::Result<()> {
    let Some(checkpoint) = ledger.checkpoint(&SourceId::new(journal::SOURCE))? else { return Ok(()) };
    journal.tidy(|path| collect_files::is_read(&checkpoint, path))?;
    Ok(())
}

/// What the server needs to know of who comes in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    /// Who may come in.
    pub(crate) users: Users,
    /// Where it is written down; not in a demonstration.
    pub(crate) recorder: Option<Recorder>,
    /// Proxies that are believed.
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
}

/// Whoever uses the command line, for the journal.
pub(crate) fn shell() -> Who {
    Who { name: Some(operator()), by: Some("command_line"), ..Who::default() }
}

/// Whoever uses the command line, by the name that the operating system has for them.
pub(crate) fn operator() -> String {
    whoami::username().unwrap_or_else(|_| "unknown".to_owned())
}
