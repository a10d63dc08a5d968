//! The configuration: one YAML file, checked as a whole before anything starts.
//!
//! A file goes through four steps, each of which notes what is wrong and goes on, so that all mistakes are told at
//! once: [`tree`] (YAML with places), `variables` (`${NAME}`), `decode` (the structs of [`mod@file`]) and `resolve`
//! (what serde can not check: names, data sets, credentials, pipelines). What comes out is [`Config`], in which
//! nothing is left to be checked but what only the outside world can tell.

mod cencori;
mod cursor;
mod decode;
mod file;
mod mistakes;
mod polled;
mod promptfoo;
mod resolve;
mod s3;
#[cfg(test)]
mod tests;
mod tree;
mod users;
mod variables;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::users::Configured;
use collect_cencori::CencoriConfig;
use collect_cursor::CursorConfig;
use collect_files::FilesConfig;
use collect_promptfoo::PromptfooConfig;
use collect_s3::S3Config;
use elasticsearch_sink::ElasticsearchConfig;
use enrich::Networks;
use event::Source;
use ingest::{Definition, StoredScript};
use ipnet::IpNet;
use normalize::definitions;
use poll::Until;
use serde::Deserialize;

pub(crate) use file::duration;
pub(crate) use mistakes::{ConfigError, Mistake};
pub(crate) use polled::rfc3339;
pub(crate) use users::parse_role;

/// Larger files are refused unread: no configuration is as large.
const LARGEST_FILE: u64 = 4 << 20;

/// A configuration that makes sense.
#[derive(Debug)]
pub(crate) struct Config {
    /// Checkpoints, counts, quarantine and the embedded store.
    pub(crate) data_dir: PathBuf,
    /// Where events come from; their ids differ.
    pub(crate) sources: Vec<SourceConfig>,
    /// GeoIP databases.
    pub(crate) geoip: Geoip,
    /// Named networks.
    pub(crate) networks: Networks,
    /// All pipelines: the shipped ones and those of `pipelines.directory`.
    pub(crate) definitions: Vec<Definition>,
    /// Scripts that pipelines name by their id, from `pipelines.directory`.
    pub(crate) scripts: BTreeMap<String, StoredScript>,
    /// Files of rules for user agents, from `user_agent.directory`: their text by name.
    pub(crate) regex_files: BTreeMap<String, String>,
    /// Where events go.
    pub(crate) output: Output,
    /// Where the HTTP server listens.
    pub(crate) listen: SocketAddr,
    /// Proxies in front of it that are believed.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Who may log in, beside those of the data directory.
    pub(crate) users: Vec<Configured>,
    /// What is logged, and how.
    pub(crate) logging: Logging,
}

/// Where GeoIP databases come from.
#[derive(Clone, Debug)]
pub(crate) enum Geoip {
    /// Files.
    Directory(PathBuf),
    /// Those that are compiled in, which know the documentation's addresses.
    Samples,
}

/// A source.
#[derive(Clone, Debug)]
pub(crate) enum SourceConfig {
    /// Files.
    Files(FilesConfig),
    /// Cursor's Admin API.
    CursorApi(Box<CursorConfig>),
    /// Objects of a bucket.
    CursorS3(Box<S3Config>),
    /// promptfoo's API.
    PromptfooApi(Box<PromptfooConfig>),
    /// The route of Cencori's dashboard.
    CencoriApi(Box<CencoriConfig>),
}

/// The destination.
#[derive(Clone, Debug)]
pub(crate) enum Output {
    /// Elasticsearch or OpenSearch.
    Elasticsearch(Box<ElasticsearchConfig>),
    /// The embedded store in the data directory.
    Store,
    /// A file of one document a line.
    File(PathBuf),
}

impl SourceConfig {
    /// What its events have in common.
    pub(crate) fn source(&self) -> &Arc<Source> {
        match self {
            Self::Files(config) => &config.source,
            Self::CursorApi(config) => &config.source,
            Self::CursorS3(config) => &config.source,
            Self::PromptfooApi(config) => &config.source,
            Self::CencoriApi(config) => &config.source,
        }
    }

    /// Ends the source where it ends now, instead of waiting for more.
    pub(crate) fn read_once(&mut self) {
        match self {
            Self::Files(config) => config.follow = false,
            Self::CursorApi(config) => config.until = Until::Now,
            Self::CursorS3(config) => config.follow = false,
            Self::PromptfooApi(config) => config.until = Until::Now,
            Self::CencoriApi(config) => config.until = Until::Now,
        }
    }
}

impl Output {
    /// The namespace of data streams, where a source has none of its own.
    pub(crate) fn namespace(&self) -> &str {
        match self {
            Self::Elasticsearch(config) => &config.namespace,
            Self::Store | Self::File(_) => "default",
        }
    }
}

/// `logging`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Logging {
    /// `None`: the command decides.
    pub(crate) level: Option<Level>,
    /// Text or JSON.
    pub(crate) format: Format,
}

/// `logging.level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// `logging.format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, in the Elastic Common Schema.
    EcsJson,
}

impl Config {
    /// Reads a file, with the variables of the environment.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let failed = |message: String| ConfigError {
            file: path.to_owned(),
            mistakes: vec![Mistake { place: None, key: String::new(), message }],
        };
        let text = read(path).map_err(failed)?;
        Self::parse(&text, &|name| std::env::var(name).ok())
            .map_err(|mistakes| ConfigError { file: path.to_owned(), mistakes })
    }

    /// The configuration of an empty file.
    ///
    /// # Errors
    /// The shipped pipelines can not be read, which a test rules out.
    pub(crate) fn empty() -> Result<Self, ConfigError> {
        let file = PathBuf::from("(no configuration)");
        Self::parse("", &|_| None).map_err(|mistakes| ConfigError { file, mistakes })
    }

    /// Looks whether a dataset has a pipeline.
    ///
    /// # Errors
    /// The datasets that there are, and the nearest one.
    pub(crate) fn check_dataset(&self, dataset: &str) -> anyhow::Result<()> {
        check_dataset(dataset, &definitions::datasets(&self.definitions)).map_err(anyhow::Error::msg)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// Every mistake, in the order of the text.
    pub(crate) fn parse(text: &str, lookup: variables::Lookup<'_>) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = mistakes::Mistakes::default();
        let config = tree::parse(text, &mut mistakes).and_then(|mut root| {
            variables::substitute(&mut root, "", lookup, &mut mistakes);
            let config = decode::decode(&root, &mut mistakes)
                .and_then(|file| resolve::resolve(file, &root, &mut mistakes));
            root.hidden(&mut |value| mistakes.hide(value));
            config
        });
        match (config, mistakes.sorted()) {
            (Some(config), mistakes) if mistakes.is_empty() => Ok(config),
            (_, mistakes) => Err(mistakes),
        }
    }
}

fn check_dataset(dataset: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&dataset) {
        return Ok(());
    }
    let says =
        format!("[{dataset}] is an unknown dataset, it has no pipeline here or in pipelines.directory");
    Err(ingest::nearest::unknown(&says, dataset, known))
}

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file: name the configuration with --config FILE, write one \
                                         with `trailcar init`, or see it all at work without one: `trailcar demo`"
            .to_owned(),
        _ => format!("can not be read: {error}"),
    })?;
    if size.len() > LARGEST_FILE {
        return Err(format!("has {} bytes; a configuration has at most {LARGEST_FILE}", size.len()));
    }
    let bytes = std::fs::read(path).map_err(|error| format!("can not be read: {error}"))?;
    String::from_utf8(bytes).map_err(|error| {
        format!("is not UTF-8 (byte {}): save it in that encoding", error.utf8_error().valid_up_to())
    })
}
