//! `type: cursor_api`: the section as it is written, and what becomes of it.

use std::path::PathBuf;
use std::time::Duration;

use collect::Mistake;
use collect_cursor::{Begin, CursorConfig, Endpoint, Filters, Tls, TraceConfig, Until};
use elasticsearch_sink::{SslConfig, VerificationMode};
use event::{Secret, SecretPlace, Source};
use jiff::Timestamp;
use jiff::fmt::serde::unsigned_duration::friendly::compact::optional;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::resolve::{At, Checks, SourceKeys};

/// `type: cursor_api`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CursorFile {
    id: Option<String>,
    #[serde(default = "dataset")]
    dataset: String,
    namespace: Option<String>,
    #[serde(default = "tags")]
    tags: Vec<String>,
    #[serde(default)]
    preserve_original_event: bool,
    url: Option<String>,
    #[serde(default)]
    endpoint: EndpointWord,
    team_id: Option<String>,
    api_key: Option<Secret>,
    api_key_file: Option<PathBuf>,
    #[serde(default, with = "optional")]
    initial_lookback: Option<Duration>,
    #[serde(default, deserialize_with = "time")]
    backfill_start: Option<Timestamp>,
    #[serde(default, with = "optional")]
    interval: Option<Duration>,
    #[serde(default, with = "optional")]
    overlap: Option<Duration>,
    page_size: Option<u32>,
    #[serde(default)]
    event_types: Vec<String>,
    #[serde(default)]
    users: Vec<String>,
    search: Option<String>,
    #[serde(default, with = "optional")]
    timeout: Option<Duration>,
    proxy_url: Option<Secret>,
    #[serde(default)]
    proxy_disable: bool,
    #[serde(default)]
    ssl: SslConfig,
    trace: Option<TraceFile>,
}

/// `endpoint`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndpointWord {
    #[default]
    Team,
    Organization,
}

/// `trace`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TraceFile {
    file: PathBuf,
    #[serde(default = "trace_size")]
    max_size: u64,
    #[serde(default = "trace_files")]
    max_files: u32,
}

/// The dataset of Cursor's audit log, by every route.
pub(super) fn dataset() -> String {
    "cursor.audit".to_owned()
}

/// The tags of its documents.
pub(super) fn tags() -> Vec<String> {
    ["forwarded", "cursor-audit"].map(str::to_owned).to_vec()
}

fn trace_size() -> u64 {
    10 << 20
}

fn trace_files() -> u32 {
    5
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    rfc3339(&text).map(Some).map_err(D::Error::custom)
}

/// Reads a time.
///
/// # Errors
/// The right form.
pub(crate) fn rfc3339(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        format!(
            "[{text}] is no time with a zone (RFC 3339): write 2026-01-01T00:00:00Z, say, or …T02:00:00+02:00"
        )
    })
}

impl Checks<'_> {
    pub(super) fn cursor_api(&mut self, mut file: CursorFile, at: &At<'_>) -> Option<Box<CursorConfig>> {
        let keys = SourceKeys {
            id: file.id.take(),
            dataset: std::mem::take(&mut file.dataset),
            namespace: file.namespace.take(),
            tags: std::mem::take(&mut file.tags),
            preserve_original_event: file.preserve_original_event,
        };
        let source = self.source(keys, "cursor_api", at)?;
        let (config, mistakes) = file.resolve(source, Timestamp::now());
        self.mistakes_at(at, mistakes);
        config.map(Box::new)
    }
}

impl CursorFile {
    /// The configuration of the source, and everything that is wrong with it.
    fn resolve(self, source: Source, now: Timestamp) -> (Option<CursorConfig>, Vec<Mistake>) {
        let mut mistakes = Vec::new();
        let mut add = |key, message: &str| mistakes.push(Mistake { key, message: message.to_owned() });
        let key = match SecretPlace::of(self.api_key, "api_key_file", self.api_key_file) {
            Ok(Some(key)) => Some(key),
            Ok(None) => {
                add(
                    "api_key_file",
                    "is missing: name the file that holds the Admin API key (cursor.com/dashboard, Settings, Advanced, \
                     Admin API Keys), or give api_key",
                );
                None
            }
            Err(message) => {
                add("api_key", &message);
                None
            }
        };
        if self.backfill_start.is_some() && self.initial_lookback.is_some() {
            add("backfill_start", "is given beside initial_lookback: keep one of the two");
        }
        if self.team_id.is_some() && self.endpoint == EndpointWord::Team {
            add("team_id", "goes with endpoint: organization; a team's key has its own team's events alone");
        }
        let Some(key) = key else { return (None, mistakes) };
        let default = CursorConfig::new(source.into(), key);
        let config = CursorConfig {
            url: self.url.unwrap_or(default.url),
            endpoint: match self.endpoint {
                EndpointWord::Team => Endpoint::Team,
                EndpointWord::Organization => Endpoint::Organization { team_id: self.team_id },
            },
            filters: Filters { event_types: self.event_types, users: self.users, search: self.search },
            begin: match (self.backfill_start, self.initial_lookback) {
                (Some(start), _) => Begin::At(start),
                (None, Some(time)) => Begin::Lookback(time),
                (None, None) => default.begin,
            },
            until: Until::Stopped,
            interval: self.interval.unwrap_or(default.interval),
            overlap: self.overlap.unwrap_or(default.overlap),
            page_size: self.page_size.unwrap_or(default.page_size),
            timeout: self.timeout.unwrap_or(default.timeout),
            proxy_url: self.proxy_url,
            proxy_disable: self.proxy_disable,
            tls: Tls {
                certificate_authorities: self.ssl.certificate_authorities,
                insecure: self.ssl.verification_mode == VerificationMode::None,
            },
            trace: self.trace.map(|trace| TraceConfig {
                file: trace.file,
                max_size: trace.max_size,
                max_files: trace.max_files,
            }),
            ..default
        };
        mistakes.extend(config.mistakes(now));
        (Some(config), mistakes)
    }
}
