//! The file as it is written. `docs/configuration.md` has every key of it; a test holds the two together.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use collect_s3::S3Settings;
use elasticsearch_sink::ElasticsearchConfig;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::cencori::CencoriFile;
use super::cursor::CursorFile;
use super::promptfoo::PromptfooFile;
use super::users::UserFile;
use super::{Format, Level};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) data_dir: PathBuf,
    pub(super) sources: Vec<SourceFile>,
    pub(super) geoip: GeoipFile,
    pub(super) networks: BTreeMap<String, Vec<String>>,
    pub(super) pipelines: PipelinesFile,
    pub(super) user_agent: UserAgentFile,
    pub(super) output: OutputFile,
    pub(super) server: ServerFile,
    pub(super) users: Vec<UserFile>,
    pub(super) logging: LoggingFile,
}

impl Default for File {
    fn default() -> Self {
        Self {
            data_dir: "./data".into(),
            sources: Vec::new(),
            geoip: GeoipFile::default(),
            networks: BTreeMap::new(),
            pipelines: PipelinesFile::default(),
            user_agent: UserAgentFile::default(),
            output: OutputFile::Store(StoreFile {}),
            server: ServerFile::default(),
            users: Vec::new(),
            logging: LoggingFile::default(),
        }
    }
}

/// `geoip`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GeoipFile {
    pub(super) directory: PathBuf,
}

impl Default for GeoipFile {
    fn default() -> Self {
        Self { directory: "./geoip".into() }
    }
}

/// `pipelines`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PipelinesFile {
    pub(super) directory: Option<PathBuf>,
}

/// `user_agent`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct UserAgentFile {
    pub(super) directory: Option<PathBuf>,
}

/// `server`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServerFile {
    #[serde(deserialize_with = "address")]
    pub(super) listen: SocketAddr,
    pub(super) trusted_proxies: Vec<String>,
}

impl Default for ServerFile {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8686)), trusted_proxies: Vec::new() }
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.replace("localhost:", "127.0.0.1:").parse().map_err(|_| {
        D::Error::custom(format!("[{text}] is no address with a port: write 127.0.0.1:8686, say"))
    })
}

/// `logging`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LoggingFile {
    pub(super) level: Option<Level>,
    pub(super) format: Format,
}

/// `output`: exactly one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutputFile {
    Elasticsearch(Box<ElasticsearchConfig>),
    Store(StoreFile),
    File(NdjsonFile),
}

/// `output.store`: it has no keys yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreFile {}

/// `output.file`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NdjsonFile {
    pub(super) path: PathBuf,
}

/// An element of `sources`.
#[derive(Debug, Deserialize)]
#[serde(rename = "type", rename_all = "snake_case")]
pub(super) enum SourceFile {
    Files(FilesFile),
    CursorApi(Box<CursorFile>),
    CursorS3(Box<S3Settings>),
    PromptfooApi(Box<PromptfooFile>),
    CencoriApi(Box<CencoriFile>),
}

/// `type: files`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilesFile {
    pub(super) id: Option<String>,
    pub(super) dataset: String,
    pub(super) namespace: Option<String>,
    pub(super) paths: Vec<String>,
    #[serde(default)]
    pub(super) follow: bool,
    #[serde(default = "scan_interval", deserialize_with = "interval")]
    pub(super) scan_interval: Duration,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) preserve_original_event: bool,
    pub(super) max_event_bytes: Option<usize>,
    pub(super) max_inflated_bytes: Option<u64>,
    pub(super) max_ratio: Option<u64>,
}

fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration(&text).map_err(|cure| D::Error::custom(format!("[{text}] is no length of time: {cure}")))
}

/// Reads a length of time, from the file or the command line.
///
/// # Errors
/// How to write one.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| duration.try_into().ok());
    parsed.ok_or_else(|| "write a number and a unit, 30s or 5m for instance".to_owned())
}

fn scan_interval() -> Duration {
    Duration::from_secs(1)
}
