//! What a source of the Admin API is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use collect::Mistake;
use event::{Secret, SecretPlace, Source};
use jiff::{SignedDuration, Timestamp};
use url::{Host, Url};

use crate::trace::TraceConfig;

/// Where the service is.
pub(crate) const DEFAULT_URL: &str = "https://api.cursor.com";

/// The longest window that the service takes, and about as long as it keeps events.
pub(crate) const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The longest overlap: what is left of a window of 30 days then still moves on.
const LONGEST_OVERLAP: Duration = Duration::from_secs(7 * 24 * 3600);

/// A source of the Admin API.
#[derive(Clone, Debug)]
pub struct CursorConfig {
    /// What its events have in common.
    pub source: Arc<Source>,
    /// Address of the service.
    pub url: String,
    /// Whose events.
    pub endpoint: Endpoint,
    /// The key; a file is read before each request.
    pub key: SecretPlace,
    /// Which events.
    pub filters: Filters,
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

/// Whose events are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Endpoint {
    /// Those of the key's team.
    #[default]
    Team,
    /// Those of an organization's teams and its own.
    Organization {
        /// Of this team only.
        team_id: Option<String>,
    },
}

/// Which events are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Types of events; all when empty.
    pub event_types: Vec<String>,
    /// Users, by address or id; all when empty.
    pub users: Vec<String>,
    /// What the service searches for.
    pub search: Option<String>,
}

/// Where a source begins that has no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// So long ago; at most 30 days.
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

impl CursorConfig {
    /// The defaults of everything that has one.
    pub fn new(source: Arc<Source>, key: SecretPlace) -> Self {
        Self {
            source,
            url: DEFAULT_URL.to_owned(),
            endpoint: Endpoint::Team,
            key,
            filters: Filters::default(),
            begin: Begin::Lookback(Duration::from_secs(24 * 3600)),
            until: Until::Stopped,
            interval: Duration::from_secs(300),
            overlap: Duration::from_secs(600),
            page_size: 500,
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
        let (size, filters) = (self.page_size, &self.filters);
        rule((1..=500).contains(&size), "page_size", "must be from 1 to 500");
        rule(self.interval >= Duration::from_secs(1), "interval", "must be 1s or longer; 5m suits most");
        rule(self.overlap <= LONGEST_OVERLAP, "overlap", "must be 168h or shorter; 10m suits most");
        rule(!self.timeout.is_zero(), "timeout", "must be longer than 0s");
        let fits = |word: &String| !word.trim().is_empty() && !word.contains(',');
        let words = "holds an empty word or one with a comma: write one element for each";
        rule(filters.event_types.iter().all(fits), "event_types", words);
        rule(filters.users.iter().all(fits), "users", words);
        rule(
            filters.users.len() <= size as usize,
            "users",
            "are more than page_size: the service takes no more",
        );
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
        found.extend(self.address().err().map(|message| Mistake { key: "url", message }));
        found
    }

    /// What deserves a word though it works.
    pub fn warnings(&self) -> Vec<String> {
        let mut told = Vec::new();
        if let Begin::Lookback(time) = self.begin
            && SignedDuration::try_from(time).is_ok_and(|time| time > LONGEST_WINDOW)
        {
            told.push(
                "initial_lookback is longer than the 30 days that the service keeps: 720h are taken"
                    .to_owned(),
            );
        }
        if self.tls.insecure {
            told.push(
                "ssl.verification_mode is none: the server's certificate is not checked, events and the key can be \
                 read on the way"
                    .to_owned(),
            );
        }
        if self.address().is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url)) {
            told.push(format!("the key is sent to {} without TLS: write https://", self.url));
        }
        told
    }

    /// The address of the endpoint.
    pub(crate) fn address(&self) -> Result<Url, String> {
        // What can not be read may hold a password, so it is not shown.
        let mut url = Url::parse(self.url.trim()).map_err(|error| {
            format!("is no address ({error}): write {DEFAULT_URL}, the default, or leave it out")
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a user name or password: use api_key_file".to_owned());
        }
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("[{}] is no plain http or https address: write {DEFAULT_URL}", self.url));
        }
        let path = match self.endpoint {
            Endpoint::Team => "/teams/audit-logs",
            Endpoint::Organization { .. } => "/organizations/audit-logs",
        };
        let path = format!("{}{path}", url.path().trim_end_matches('/'));
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

#[cfg(test)]
mod tests {
    use event::Dataset;

    use super::*;

    fn config() -> CursorConfig {
        let source = Source::new("s", Dataset::new("a.b").unwrap());
        CursorConfig::new(Arc::new(source), SecretPlace::Value(Secret::new("key_x")))
    }

    #[test]
    fn addresses_are_those_of_the_endpoints() {
        let mut config = config();
        assert_eq!(config.address().unwrap().as_str(), "https://api.cursor.com/teams/audit-logs");
        config.endpoint = Endpoint::Organization { team_id: None };
        config.url = "http://[::1]:8080/proxy/".to_owned();
        assert_eq!(config.address().unwrap().as_str(), "http://[::1]:8080/proxy/organizations/audit-logs");
    }

    #[test]
    fn what_works_but_is_odd_gets_a_word() {
        assert!(config().warnings().is_empty());
        for (url, words) in [
            ("http://127.0.0.1:1", 0),
            ("http://localhost", 0),
            ("http://cursor.example", 1),
            ("https://cursor.example", 0),
        ] {
            let told = CursorConfig { url: url.to_owned(), ..config() }.warnings();
            assert_eq!(told.len(), words, "{told:?}");
        }
        let long = Begin::Lookback(Duration::from_secs(31 * 24 * 3600));
        let told = CursorConfig { begin: long, ..config() }.warnings();
        assert!(told[0].contains("720h are taken"), "{told:?}");
        let open = Tls { insecure: true, ..Tls::default() };
        assert!(CursorConfig { tls: open, ..config() }.warnings()[0].contains("is not checked"));
    }
}
