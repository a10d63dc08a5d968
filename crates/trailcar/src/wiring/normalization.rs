//! Pipelines, databases and networks become a normalization.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use enrich::{GeoLookup, Networks};
use ingest::lookup::GeoDatabases;
use ingest::{Definition, Lookups, Pipelines};
use normalize::Normalization;

use crate::config::{Config, Geoip};

/// Compiles what a configuration names.
///
/// # Errors
/// All mistakes of all pipelines.
pub(crate) fn open(config: &Config) -> anyhow::Result<Arc<Normalization>> {
    normalization(&config.definitions, databases(&config.geoip)?, config.networks.clone())
}

/// Compiles definitions.
///
/// # Errors
/// All their mistakes.
pub(crate) fn normalization(
    definitions: &[Definition],
    geo: Arc<dyn GeoDatabases>,
    networks: Networks,
) -> anyhow::Result<Arc<Normalization>> {
    Ok(Arc::new(Normalization::new(compile(definitions, geo)?, networks)))
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
pub(crate) fn compile(definitions: &[Definition], geo: Arc<dyn GeoDatabases>) -> anyhow::Result<Pipelines> {
    ingest::compile(definitions, &Lookups { geo, ..Lookups::default() }).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow!("{}", lines.join("\n"))
    })
}
