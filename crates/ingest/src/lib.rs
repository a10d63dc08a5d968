//! Elasticsearch ingest pipelines, compiled once and run without I/O.
//!
//! [`Definition::parse`] reads YAML or JSON; [`compile()`] turns definitions into [`Pipelines`], or into all their
//! mistakes at once; [`Pipelines::run`] runs one on a [`event::Doc`]. Paths, templates, conditions and patterns are
//! resolved while compiling. What a processor looks up outside the document comes through the traits of [`lookup`].
//!
//! Reading order: [`mod@definition`] and [`mod@compile`], [`pipeline`] (how a pipeline runs and how failures go),
//! [`mod@abreast`] (many documents at once), [`set`] (what a change of definitions compiles), [`processors`] (one file each), then what those share: [`options`], `field`, [`template`], `value`,
//! `datetime`. [`mod@watch`] is for who wants to see a run step by step.

pub mod abreast;
pub mod compile;
mod datetime;
pub mod definition;
pub mod failure;
mod field;
mod gate;
pub mod lookup;
pub mod nearest;
pub mod options;
pub mod pipeline;
pub mod processors;
pub mod routing;
mod scratch;
mod script;
pub mod set;
pub mod stored;
pub mod template;
mod value;
pub mod watch;
pub mod yaml;

pub use compile::{Lookups, compile};
pub use definition::Definition;
pub use failure::{Failure, LoadError, Origin, ScriptMistake, Thrown};
pub use pipeline::{Flow, Outcome, Pipelines, Processor, Run};
pub use processors::{check_rules, grok_library};
pub use routing::{IndexPipelines, Indices, NoIndices};
pub use set::{Definitions, Set};
pub use stored::StoredScript;
pub use watch::{About, Ended, Watch};
