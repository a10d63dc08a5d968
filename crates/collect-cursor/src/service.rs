//! What is particular to the Admin API.

use std::time::Duration;

use bytes::Bytes;
use collect::Mistake;
use event::Secret;
use jiff::SignedDuration;
use poll::{Address, Advice, KeyRules, Order, Page, Query, Rules, Service};
use reqwest::RequestBuilder;
use url::UrlQuery;
use url::form_urlencoded::Serializer;

use crate::key::oddities;
use crate::page::read_page;

/// The longest window that the service takes, and about as long as it keeps events.
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A minute, and what two requests may differ in their time on the way.
const MINUTE: Duration = Duration::from_secs(61);

static RULES: Rules = Rules {
    url: Address::Default("https://api.cursor.com"),
    key: KeyRules {
        inline: "api_key",
        file: "api_key_file",
        noun: "key",
        cure: "create one at cursor.com/dashboard, Settings, Advanced, Admin API Keys",
        oddities,
        // Basic authentication encodes whatever it holds.
        fault: |_| None,
    },
    page_size: 500,
    longest_window: MONTH,
    history: Some(MONTH),
    order: Order::Fixed,
    requests: (20, MINUTE),
    advice: Advice {
        bad_request: "check event_types, users, search and backfill_start; the service serves about 30 days of \
                      history, and windows of at most 30 days",
        unauthorized: "it is wrong, revoked, cut, of the wrong kind (Analytics or Cloud Agents, or team in place of \
                       organization), or lacks the scope admin:* (organization keys: auditlogs:read). Create one as a \
                       team administrator at cursor.com/dashboard, Settings, Advanced, Admin API Keys; a new one in \
                       api_key_file is taken up by itself",
        forbidden: "it was made by somebody who is no team administrator, lacks the scope, or the plan has no audit \
                    logs, which take Cursor Enterprise; a new one in api_key_file is taken up by itself",
        not_found: "check url and endpoint",
        too_many: "other programs share the 20 requests a minute of this key's team; lengthen interval, choose a later \
                   backfill_start, run one collector a team",
        redirect: "set url to where the service is",
        web_page: "check url and proxy_url",
        status: "check url, endpoint and proxy_url",
        empty: "there was no activity, event_types, users or search leave nothing, or the audit log is not part of \
                the plan",
    },
};

/// What a source asks of the Admin API.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    /// Whose events.
    pub endpoint: Endpoint,
    /// Which events.
    pub filters: Filters,
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

impl Service for Cursor {
    fn rules() -> &'static Rules {
        &RULES
    }

    fn path(&self) -> String {
        let path = match self.endpoint {
            Endpoint::Team => "/teams/audit-logs",
            Endpoint::Organization { .. } => "/organizations/audit-logs",
        };
        path.to_owned()
    }

    fn parameters(&self, query: &Query, page_size: u32, pairs: &mut Serializer<'_, UrlQuery<'_>>) {
        let Filters { event_types, users, search } = &self.filters;
        pairs.append_pair("startTime", &format!("{:.3}", query.start));
        pairs.append_pair("endTime", &format!("{:.3}", query.end));
        pairs.append_pair("page", &query.page.to_string());
        pairs.append_pair("pageSize", &page_size.to_string());
        for (name, words) in [("eventTypes", event_types), ("users", users)] {
            if !words.is_empty() {
                pairs.append_pair(name, &words.join(","));
            }
        }
        if let Some(search) = search {
            pairs.append_pair("search", search);
        }
        if let Endpoint::Organization { team_id: Some(team) } = &self.endpoint {
            pairs.append_pair("teamId", team);
        }
    }

    /// The key is the user name of Basic authentication, and the password is empty.
    fn authorize(&self, request: RequestBuilder, key: &Secret) -> RequestBuilder {
        request.basic_auth(key.expose(), Some(""))
    }

    fn read(&self, body: Bytes, _query: &Query) -> Result<Page, serde_json::Error> {
        read_page(&body)
    }

    /// The service takes no more users than events asked for.
    fn probe(&self) -> u32 {
        u32::try_from(self.filters.users.len()).unwrap_or(1).max(1)
    }

    fn mistakes(&self, page_size: u32) -> Vec<Mistake> {
        let Filters { event_types, users, .. } = &self.filters;
        let fits = |word: &String| !word.trim().is_empty() && !word.contains(',');
        let words = "holds an empty word or one with a comma: write one element for each";
        let rules = [
            (event_types.iter().all(fits), "event_types", words),
            (users.iter().all(fits), "users", words),
            (
                users.len() <= page_size as usize,
                "users",
                "are more than page_size: the service takes no more",
            ),
        ];
        let broken = rules.into_iter().filter(|(holds, ..)| !holds);
        broken.map(|(_, key, message)| Mistake { key, message: message.to_owned() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use event::{Dataset, SecretPlace, Source};
    use poll::{Begin, Tls};

    use super::*;
    use crate::CursorConfig;

    fn config() -> CursorConfig {
        let source = Source::new("s", Dataset::new("a.b").unwrap());
        CursorConfig::new(Arc::new(source), SecretPlace::Value(Secret::new("key_x")))
    }

    #[test]
    fn addresses_are_those_of_the_endpoints() {
        let mut config = config();
        assert_eq!(config.address().unwrap().as_str(), "https://api.cursor.com/teams/audit-logs");
        config.service.endpoint = Endpoint::Organization { team_id: None };
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
