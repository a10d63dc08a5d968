//! What the sections of all sources have in common that are polled, and what becomes of it.

use std::path::PathBuf;
use std::time::Duration;

use collect::Mistake;
use elasticsearch_sink::{SslConfig, VerificationMode};
use event::{Secret, SecretPlace, Source};
use jiff::Timestamp;
use poll::{Address, Begin, Config, Service, Tls, TraceConfig, Until};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::resolve::{At, Checks, SourceKeys};

/// A section with the keys that every polled source has, and those of its own; `split` takes it apart. One struct with
/// all keys, since only so the unknown ones are found.
macro_rules! polled {
    ($(#[$about:meta])* $file:ident, $own:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $file {
            id: Option<String>,
            dataset: Option<String>,
            namespace: Option<String>,
            tags: Option<Vec<String>>,
            #[serde(default)]
            preserve_original_event: bool,
            url: Option<String>,
            #[serde(default, with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
            initial_lookback: Option<std::time::Duration>,
            #[serde(default, deserialize_with = "crate::config::polled::time")]
            backfill_start: Option<jiff::Timestamp>,
            #[serde(default, with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
            interval: Option<std::time::Duration>,
            #[serde(default, with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
            overlap: Option<std::time::Duration>,
            page_size: Option<u32>,
            #[serde(default, with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
            timeout: Option<std::time::Duration>,
            proxy_url: Option<event::Secret>,
            #[serde(default)]
            proxy_disable: bool,
            #[serde(default)]
            ssl: elasticsearch_sink::SslConfig,
            trace: Option<crate::config::polled::TraceFile>,
            $($(#[$attribute])* $field: $type,)*
        }

        /// The keys that only this type has.
        struct $own { $($field: $type,)* }

        impl $file {
            fn split(self) -> (crate::config::polled::Polled, $own) {
                let polled = crate::config::polled::Polled {
                    id: self.id,
                    dataset: self.dataset,
                    namespace: self.namespace,
                    tags: self.tags,
                    preserve_original_event: self.preserve_original_event,
                    url: self.url,
                    initial_lookback: self.initial_lookback,
                    backfill_start: self.backfill_start,
                    interval: self.interval,
                    overlap: self.overlap,
                    page_size: self.page_size,
                    timeout: self.timeout,
                    proxy_url: self.proxy_url,
                    proxy_disable: self.proxy_disable,
                    ssl: self.ssl,
                    trace: self.trace,
                };
                (polled, $own { $($field: self.$field,)* })
            }
        }
    };
}
pub(super) use polled;

/// The keys that every polled source has.
pub(super) struct Polled {
    pub(super) id: Option<String>,
    pub(super) dataset: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) preserve_original_event: bool,
    pub(super) url: Option<String>,
    pub(super) initial_lookback: Option<Duration>,
    pub(super) backfill_start: Option<Timestamp>,
    pub(super) interval: Option<Duration>,
    pub(super) overlap: Option<Duration>,
    pub(super) page_size: Option<u32>,
    pub(super) timeout: Option<Duration>,
    pub(super) proxy_url: Option<Secret>,
    pub(super) proxy_disable: bool,
    pub(super) ssl: SslConfig,
    pub(super) trace: Option<TraceFile>,
}

/// What a type of source is called, and what its events are unless the section says otherwise.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) dataset: &'static str,
    pub(super) tags: [&'static str; 2],
}

/// The two settings that a key can stand in.
pub(super) struct GivenKey {
    pub(super) inline: Option<Secret>,
    pub(super) file: Option<PathBuf>,
}

/// `trace`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TraceFile {
    file: PathBuf,
    #[serde(default = "trace_size")]
    max_size: u64,
    #[serde(default = "trace_files")]
    max_files: u32,
}

fn trace_size() -> u64 {
    10 << 20
}

fn trace_files() -> u32 {
    5
}

pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
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

impl GivenKey {
    /// Where the key is, or what is wrong with how it is given.
    fn place<S: Service>(self) -> Result<SecretPlace, Mistake> {
        let rules = &S::rules().key;
        let mistake = |key, message: String| Err(Mistake { key, message });
        match SecretPlace::of(self.inline, rules.file, self.file) {
            Ok(Some(place)) => Ok(place),
            Err(message) => mistake(rules.inline, message),
            Ok(None) => mistake(
                rules.file,
                format!(
                    "is missing: name the file that holds the {}, or give {}; {}",
                    rules.noun, rules.inline, rules.cure
                ),
            ),
        }
    }
}

impl Checks<'_> {
    /// The configuration of a source that is polled; `mistakes` are those of the keys of its own.
    pub(super) fn polled<S: Service>(
        &mut self,
        mut polled: Polled,
        kind: &Kind,
        key: GivenKey,
        service: S,
        mistakes: Vec<Mistake>,
        at: &At<'_>,
    ) -> Option<Box<Config<S>>> {
        let keys = SourceKeys {
            id: polled.id.take(),
            dataset: polled.dataset.take().unwrap_or_else(|| kind.dataset.to_owned()),
            namespace: polled.namespace.take(),
            tags: polled.tags.take().unwrap_or_else(|| kind.tags.map(str::to_owned).to_vec()),
            preserve_original_event: polled.preserve_original_event,
        };
        let source = self.source(keys, kind.name, at)?;
        let config = polled.resolve(source, key, service, mistakes, Timestamp::now());
        config.map(Box::new).map_err(|mistakes| self.mistakes_at(at, mistakes)).ok()
    }
}

impl Polled {
    /// The configuration of the source.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    fn resolve<S: Service>(
        self,
        source: Source,
        key: GivenKey,
        service: S,
        mut mistakes: Vec<Mistake>,
        now: Timestamp,
    ) -> Result<Config<S>, Vec<Mistake>> {
        let mut add = |key, message: String| mistakes.push(Mistake { key, message });
        if self.backfill_start.is_some() && self.initial_lookback.is_some() {
            add("backfill_start", "is given beside initial_lookback: keep one of the two".to_owned());
        }
        if let (None, Address::Example(example)) = (&self.url, S::rules().url) {
            add("url", format!("is missing: write the address of the service, {example} for instance"));
        }
        let key = match key.place::<S>() {
            Ok(key) => key,
            Err(mistake) => {
                mistakes.push(mistake);
                return Err(mistakes);
            }
        };
        let default = Config::new(source.into(), key);
        let config = Config {
            url: self.url.unwrap_or(default.url),
            service,
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
        if mistakes.is_empty() { Ok(config) } else { Err(mistakes) }
    }
}
