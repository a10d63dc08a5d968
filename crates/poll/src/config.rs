//! What a source is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use collect::Mistake;
use event::{Secret, SecretPlace, Source};
use jiff::{SignedDuration, Timestamp};
use url::{Host, Url};

use crate::service::Service;
use crate::trace::TraceConfig;

/// The longest overlap: a window then still moves on.
const LONGEST_OVERLAP: Duration = Duration::from_secs(7 * 24 * 3600);

/// A source of a service.
#[derive(Clone, Debug)]
pub struct Config<S> {
    /// What its events have in common.
    pub source: Arc<Source>,
    /// Address of the service.
    pub url: String,
    /// What is asked of it.
    pub service: S,
    /// The key.
    pub key: SecretPlace,
    /// Where the first run begins.
    pub begin: Begin,
    /// Where it ends.
    pub until: Until,
    /// How often the service is asked for new events.
    pub interval: Duration,
    /// How late an event may show up.
    pub overlap: Duration,
    /// Events asked for at once.
    pub page_size: u32,
    /// Longest wait for an answer.
    pub timeout: Duration,
    /// Proxy for all requests; without it, the environment's.
    pub proxy_url: Option<Secret>,
    /// Uses no proxy, not even the environment's.
    pub proxy_disable: bool,
    /// How the server's certificate is checked.
    pub tls: Tls,
    /// Where requests and answers are written down.
    pub trace: Option<TraceConfig>,
}

/// Where a source begins that has no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// So long ago; no longer than the service keeps events.
    Lookback(Duration),
    /// Then.
    At(Timestamp),
}

/// Where a source ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Never.
    Stopped,
    /// When everything is read that is there now.
    Now,
    /// There.
    At(Timestamp),
}

/// How the server's certificate is checked.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// PEM files of authorities to trust, besides the well-known public ones that are built in.
    pub certificate_authorities: Vec<PathBuf>,
    /// Checks nothing.
    pub insecure: bool,
}

impl<S: Service> Config<S> {
    /// The defaults of everything that has one.
    pub fn new(source: Arc<Source>, key: SecretPlace) -> Self {
        Self {
            source,
            url: S::rules().url.example().to_owned(),
            service: S::default(),
            key,
            begin: Begin::Lookback(Duration::from_secs(24 * 3600)),
            until: Until::Stopped,
            interval: Duration::from_secs(300),
            overlap: Duration::from_secs(600),
            page_size: S::rules().page_size,
            timeout: Duration::from_secs(30),
            proxy_url: None,
            proxy_disable: false,
            tls: Tls::default(),
            trace: None,
        }
    }

    /// Everything that is wrong with the values, seen from `now`.
    pub fn mistakes(&self, now: Timestamp) -> Vec<Mistake> {
        let mut found = Vec::new();
        let mut rule = |holds: bool, key, message: &str| {
            if !holds {
                found.push(Mistake { key, message: message.to_owned() });
            }
        };
        let most = S::rules().page_size;
        rule((1..=most).contains(&self.page_size), "page_size", &format!("must be from 1 to {most}"));
        rule(self.interval >= Duration::from_secs(1), "interval", "must be 1s or longer; 5m suits most");
        rule(self.overlap <= LONGEST_OVERLAP, "overlap", "must be 168h or shorter; 10m suits most");
        rule(!self.timeout.is_zero(), "timeout", "must be longer than 0s");
        match self.begin {
            Begin::Lookback(time) => {
                rule(!time.is_zero(), "initial_lookback", "must be longer than 0s; 24h suits most");
            }
            Begin::At(begin) => {
                let form = format!("{begin} is in the future: write a time that is past, {}", example(now));
                rule(begin <= now, "backfill_start", &form);
            }
        }
        if let Some(trace) = &self.trace {
            rule(trace.max_size > 0, "trace.max_size", "must be larger than 0");
            rule((1..=100).contains(&trace.max_files), "trace.max_files", "must be from 1 to 100");
        }
        found.extend(self.service.mistakes(self.page_size));
        found.extend(self.address().err().map(|message| Mistake { key: "url", message }));
        found
    }

    /// What deserves a word though it works.
    pub fn warnings(&self) -> Vec<String> {
        let (mut told, key) = (Vec::new(), S::rules().key.noun);
        if let (Begin::Lookback(time), Some(history)) = (self.begin, S::rules().history)
            && SignedDuration::try_from(time).is_ok_and(|time| time > history)
        {
            let hours = history.as_hours();
            told.push(format!(
                "initial_lookback is longer than the {} days that the service keeps: {hours}h are taken",
                hours / 24
            ));
        }
        if self.tls.insecure {
            told.push(format!(
                "ssl.verification_mode is none: the server's certificate is not checked, events and the {key} can be \
                 read on the way"
            ));
        }
        if self.address().is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url)) {
            told.push(format!("the {key} is sent to {} without TLS: write https://", self.url));
        }
        told
    }

    /// The address of the log.
    ///
    /// # Errors
    /// What is wrong with `url`.
    pub fn address(&self) -> Result<Url, String> {
        let rules = S::rules();
        let example = rules.url.example();
        // What can not be read may hold a password, so it is not shown.
        let mut url = Url::parse(self.url.trim())
            .map_err(|error| format!("is no address ({error}): write {example}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("holds a user name or password: use {}", rules.key.file));
        }
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("[{}] is no plain http or https address: write {example}", self.url));
        }
        let path = format!("{}{}", url.path().trim_end_matches('/'), self.service.path());
        url.set_path(&path);
        Ok(url)
    }
}

/// A time in the form that is wanted.
fn example(now: Timestamp) -> String {
    let day = now.saturating_sub(SignedDuration::from_hours(7 * 24)).unwrap_or(now);
    format!("{}T00:00:00Z for instance", day.strftime("%Y-%m-%d"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
