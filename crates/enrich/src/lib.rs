//! The look-ups of pipelines: where addresses are, from MaxMind databases, the networks that the configuration names, and
//! files of rules for user agents.
//!
//! [`GeoLookup`] implements [`ingest::lookup::GeoDatabases`]: `geoip` (directory, views) asks `database` (a file that
//! comes, changes and goes) for a `record`, builds the properties that its `kind` has, and keeps finished answers in
//! the `cache` (`addresses`, `answers`). [`Networks`] is applied to a document after its pipeline.

mod addresses;
mod answers;
mod cache;
mod database;
mod geoip;
mod ipinfo;
mod kind;
mod networks;
mod property;
mod record;
mod rules;
mod samples;

pub use geoip::GeoLookup;
pub use networks::{NAMED_NETWORK_TAG, NetworkError, Networks, PRIVATE_TAG, is_private};
pub use rules::{RulesError, regex_files};
pub use samples::samples;
