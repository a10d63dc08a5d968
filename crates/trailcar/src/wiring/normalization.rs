//! Pipelines, databases and networks become a normalization.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use enrich::GeoLookup;
use ingest::lookup::GeoDatabases;
use ingest::{Definition, Lookups, Pipelines};
use ingest_api::{Base, Library, Place};
use ledger::Ledger;
use normalize::{Normalization, shipped};

use super::output;
use crate::config::{Config, Geoip};

/// Compiles what a configuration names, and nothing that was put over HTTP.
///
/// # Errors
/// All mistakes of all pipelines.
pub(crate) fn of_files(config: &Config) -> anyhow::Result<Arc<Normalization>> {
    let pipelines = compile(&config.definitions, &lookups(config, databases(&config.geoip)?))?;
    Ok(Arc::new(Normalization::new(pipelines, config.networks.clone())))
}

/// Compiles what a configuration names, with what was put over HTTP in front. What was put and does not load is in the log.
///
/// # Errors
/// All mistakes of those that the configuration names; a ledger that can not be read.
pub(crate) fn library(config: &Config, ledger: Ledger) -> anyhow::Result<Arc<Library>> {
    let library = library_with(config, ledger, lookups(config, databases(&config.geoip)?))?;
    for mistake in library.left_out() {
        tracing::error!("{mistake}; {LEFT_OUT}");
    }
    Ok(Arc::new(library))
}

/// What is said of a definition that was put over HTTP and does not load.
pub(crate) const LEFT_OUT: &str = "what was put over HTTP does not run until it is put anew";

/// What would run with a configuration: as [`library`], read from a data directory that somebody else may have; `None` where there
/// is none yet, or where it can not be read, which is in the log.
///
/// # Errors
/// As [`library`].
pub(crate) fn library_if_any(config: &Config) -> anyhow::Result<Option<Arc<Library>>> {
    match output::ledger_if_any(config) {
        Ok(Some(ledger)) => library(config, ledger).map(Some),
        Ok(None) => Ok(None),
        Err(error) => {
            tracing::warn!("{error:#}; what was put over HTTP is left out here");
            Ok(None)
        }
    }
}

/// As [`library`], with look-ups of the caller's, who tells of what is left out.
///
/// # Errors
/// As [`library`].
pub(crate) fn library_with(config: &Config, ledger: Ledger, lookups: Lookups) -> anyhow::Result<Library> {
    let shipped = shipped()?;
    let place = |definition: &Definition| {
        let same = |one: &Definition| {
            one.id == definition.id && one.origin == definition.origin && one.body == definition.body
        };
        if shipped.iter().any(same) { Place::Shipped } else { Place::Directory }
    };
    let definitions = config.definitions.iter();
    let base = definitions.map(|one| Base { place: place(one), definition: one.clone().into() }).collect();
    Ok(Library::open(base, lookups, ledger, config.networks.clone())?)
}

/// What the pipelines of a configuration look up.
pub(crate) fn lookups(config: &Config, geo: Arc<dyn GeoDatabases>) -> Lookups {
    Lookups {
        geo,
        scripts: Arc::new(config.scripts.clone()),
        regex_files: Arc::new(config.regex_files.clone()),
    }
}

/// The databases that look-ups are answered from.
///
/// # Errors
/// A system without threads.
pub(crate) fn databases(geoip: &Geoip) -> anyhow::Result<Arc<dyn GeoDatabases>> {
    Ok(match geoip {
        Geoip::Samples => Arc::new(GeoLookup::of_samples()),
        Geoip::Directory(directory) => {
            Arc::new(GeoLookup::open(directory).context("GeoIP databases can not be watched")?)
        }
    })
}

/// Compiles definitions to pipelines.
///
/// # Errors
/// All their mistakes, a line each.
pub(crate) fn compile(definitions: &[Definition], lookups: &Lookups) -> anyhow::Result<Pipelines> {
    ingest::compile(definitions, lookups).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow!("{}", lines.join("\n"))
    })
}
