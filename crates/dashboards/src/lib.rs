//! Kibana's saved objects, made from small definitions.
//!
//! A [`Definition`] (`dashboards/*.yml`) says what a dashboard shows. [`Generator::objects`] makes the data view, one
//! object for each panel and the dashboard that arranges them, as Kibana exports them; [`Generator::ndjson`] is the
//! file that `trailcar setup --dashboards` imports. Every field that a definition names is looked up in the mappings
//! ([`Fields`]), so a panel can not ask for a field that is not there. [`search::body`] is the search that a panel
//! makes, for tests with a server.

mod dashboard;
mod definition;
mod discover;
mod fields;
mod lens;
mod maps;
mod objects;
mod query;
pub mod search;

pub use definition::{Definition, Figure, Panel, Shape};
pub use fields::{FieldError, Fields};
pub use objects::{Generator, GeneratorError};
