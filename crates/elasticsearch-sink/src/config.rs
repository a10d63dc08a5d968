//! `output.elasticsearch`, with the names of the Elastic Stack's own shippers.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::Secret;
use crate::retention::Retention;
use crate::setup::KibanaConfig;

/// `output.elasticsearch`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ElasticsearchConfig {
    /// Addresses, `https://es.example:9200`; without a scheme `http`, without a port 9200. Batches go to them in
    /// turn; one that fails is left alone for a while.
    pub hosts: Vec<String>,
    /// Instead of `hosts`: the id that Elastic Cloud shows for a deployment.
    pub cloud_id: Option<String>,
    /// API key, as `id:key` or in the base64 form that Elasticsearch calls `encoded`.
    pub api_key: Option<Secret>,
    /// File that holds the API key; read again when the server refuses the one in use.
    pub api_key_file: Option<PathBuf>,
    /// Name for basic authentication.
    pub username: Option<String>,
    /// Password for basic authentication.
    pub password: Option<Secret>,
    /// File that holds the password; read again when the server refuses the one in use.
    pub password_file: Option<PathBuf>,
    /// TLS.
    pub ssl: SslConfig,
    /// Proxy for all requests, `http://user:password@host:port`. Without it, the environment's (`HTTPS_PROXY`,
    /// `NO_PROXY`).
    pub proxy_url: Option<Secret>,
    /// Uses no proxy, not even the environment's.
    pub proxy_disable: bool,
    /// Namespace of the data streams: `logs-<dataset>-<namespace>`.
    pub namespace: String,
    /// Ingest pipeline of the cluster that documents still go through; without it none, not even the templates'
    /// default pipeline, since documents arrive finished.
    pub pipeline: Option<String>,
    /// gzip of request bodies: 0 for none, 1 for the fastest.
    pub compression_level: u8,
    /// Most bytes of a request, before compression. The server's own limit (`http.max_content_length`) is 100 MB.
    pub bulk_max_bytes: usize,
    /// Most batches under way at once.
    pub worker: usize,
    /// Longest wait for an answer.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// Waits between attempts.
    pub backoff: BackoffConfig,
    /// How long events are kept. Without it, for ever.
    pub retention: Option<Retention>,
    /// Where `setup --dashboards` finds Kibana.
    pub kibana: Option<KibanaConfig>,
}

impl Default for ElasticsearchConfig {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            cloud_id: None,
            api_key: None,
            api_key_file: None,
            username: None,
            password: None,
            password_file: None,
            ssl: SslConfig::default(),
            proxy_url: None,
            proxy_disable: false,
            namespace: "default".to_owned(),
            pipeline: None,
            compression_level: 1,
            bulk_max_bytes: 8 << 20,
            worker: 2,
            timeout: Duration::from_secs(90),
            backoff: BackoffConfig::default(),
            retention: None,
            kibana: None,
        }
    }
}

/// `output.elasticsearch.ssl`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SslConfig {
    /// PEM files of authorities to trust, besides the well-known public ones that are built in.
    pub certificate_authorities: Vec<PathBuf>,
    /// How far the server's certificate is checked.
    pub verification_mode: VerificationMode,
}

/// `output.elasticsearch.ssl.verification_mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerificationMode {
    /// Authority, dates and host name.
    #[default]
    Full,
    /// Nothing. Whoever is on the way reads the events and the key.
    None,
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| duration.try_into().ok());
    parsed.ok_or_else(|| {
        D::Error::custom(format!(
            "[{text}] is no length of time: write a number and a unit, 30s or 5m for instance"
        ))
    })
}

/// `output.elasticsearch.backoff`: waits double from `init` to `max`, with jitter.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackoffConfig {
    /// The first wait.
    #[serde(deserialize_with = "duration")]
    pub init: Duration,
    /// The longest wait, unless the server asks for a longer one.
    #[serde(deserialize_with = "duration")]
    pub max: Duration,
}

impl Default for BackoffConfig {
    fn default() -> Self {
        Self { init: Duration::from_secs(1), max: Duration::from_secs(60) }
    }
}

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The key, `output.elasticsearch.hosts` for instance.
    pub key: String,
    /// What is wrong with its value and what to do.
    pub message: String,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct ConfigError(pub Vec<Mistake>);

fn lines(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(|m| format!("{}: {}", m.key, m.message)).collect();
    lines.join("\n")
}

/// Gathers mistakes, so that all are told at once.
#[derive(Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Notes a mistake at `output.elasticsearch.<key>`.
    pub(crate) fn add(&mut self, key: &str, message: impl Into<String>) {
        self.0.push(Mistake { key: format!("output.elasticsearch.{key}"), message: message.into() });
    }

    /// Takes a value, or notes why there is none.
    pub(crate) fn take<T>(&mut self, key: &str, value: Result<T, String>) -> Option<T> {
        value.map_err(|message| self.add(key, message)).ok()
    }

    /// Fails when anything was noted.
    pub(crate) fn finish(self) -> Result<(), ConfigError> {
        if self.0.is_empty() { Ok(()) } else { Err(ConfigError(self.0)) }
    }
}

impl ElasticsearchConfig {
    /// Notes what can be said of the values alone.
    pub(crate) fn check_values(&self, mistakes: &mut Mistakes) {
        if self.compression_level > 1 {
            mistakes.add(
                "compression_level",
                format!("{} is neither 0 (none) nor 1 (gzip, fastest)", self.compression_level),
            );
        }
        if !(64 << 10..=100 << 20).contains(&self.bulk_max_bytes) {
            mistakes.add(
                "bulk_max_bytes",
                "must be from 65536 (64 KiB) to 104857600 (100 MiB, the server's own limit)",
            );
        }
        if !(1..=64).contains(&self.worker) {
            mistakes.add("worker", "must be from 1 to 64");
        }
        if self.timeout.is_zero() {
            mistakes.add("timeout", "must be longer than 0s");
        }
        if self.backoff.init.is_zero() || self.backoff.init > self.backoff.max {
            mistakes.add("backoff", "init must be longer than 0s and not longer than max");
        }
        if let Err(error) = event::raw::check_stream_part("the namespace", &self.namespace) {
            mistakes.add("namespace", error.to_string());
        }
        if self.pipeline.as_deref().is_some_and(|name| name.trim().is_empty()) {
            mistakes.add("pipeline", "is empty: name a pipeline of the cluster, or leave the key out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_elastic_stack() {
        let json = r#"{"hosts":["https://a:9200"],"api_key":"i:k","ssl":{"certificate_authorities":["/ca.pem"],
            "verification_mode":"none"},"compression_level":0,"worker":3,"timeout":"2m","backoff":{"init":"500ms"}}"#;
        let config: ElasticsearchConfig = serde_json::from_str(json).unwrap();
        assert_eq!(config.timeout, Duration::from_secs(120));
        assert_eq!(config.backoff.init, Duration::from_millis(500));
        assert_eq!(config.backoff.max, Duration::from_secs(60));
        assert_eq!(config.ssl.verification_mode, VerificationMode::None);
        assert!(!format!("{config:?}").contains("i:k"));
        assert!(serde_json::from_str::<ElasticsearchConfig>(r#"{"host":"a"}"#).is_err());
    }

    #[test]
    fn every_mistake_is_told() {
        let config = ElasticsearchConfig {
            compression_level: 6,
            worker: 0,
            bulk_max_bytes: 10,
            timeout: Duration::ZERO,
            namespace: "No-Good".to_owned(),
            pipeline: Some(" ".to_owned()),
            backoff: BackoffConfig { init: Duration::from_secs(9), max: Duration::from_secs(1) },
            ..Default::default()
        };
        let mut mistakes = Mistakes::default();
        config.check_values(&mut mistakes);
        let keys: Vec<_> = mistakes.0.iter().map(|m| m.key.rsplit('.').next().unwrap().to_owned()).collect();
        assert_eq!(
            keys,
            ["compression_level", "bulk_max_bytes", "worker", "timeout", "backoff", "namespace", "pipeline"]
        );
        assert!(mistakes.finish().unwrap_err().to_string().contains("output.elasticsearch.worker: must be"));
    }
}
