//! What is particular to promptfoo's API.

use std::time::Duration;

use bytes::Bytes;
use collect::Mistake;
use jiff::SignedDuration;
use poll::{Address, Advice, KeyRules, Order, Page, Query, Rules, Service, fault_in_header};
use url::UrlQuery;
use url::form_urlencoded::Serializer;

use crate::page::read_page;

/// The service takes any window; shorter ones keep its pages few, so that little moves while they are read.
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Its documentation names no limit of requests. This one lets a first run read 6,000 events a minute.
const REQUESTS: (usize, Duration) = (60, Duration::from_secs(60));

static RULES: Rules = Rules {
    url: Address::Example("https://www.promptfoo.app"),
    key: KeyRules {
        inline: "token",
        file: "token_file",
        noun: "token",
        cure: "create an API key as an administrator of the organization, in promptfoo's settings",
        oddities,
        fault: fault_in_header,
    },
    page_size: 100,
    longest_window: MONTH,
    history: None,
    order: Order::Fixed,
    requests: REQUESTS,
    advice: Advice {
        bad_request: "check action, target and actor_id; the service takes page_size from 1 to 100 and times in \
                      ISO 8601",
        unauthorized: "it is wrong, revoked, expired or cut, or is another server's than url names. Create one as an \
                       administrator of the organization; a new one in token_file is taken up by itself",
        forbidden: "it belongs to somebody who is no administrator of the organization, which the audit log takes; a \
                    new one in token_file is taken up by itself",
        not_found: "check url, the server's address without /api/v1/audit-logs; the audit log is part of promptfoo \
                    Enterprise, not of the open-source server",
        too_many: "lengthen interval, run one collector an organization",
        redirect: "set url to where the service is, with https:// if it moved there",
        web_page: "check url, which is the server's address without a path of the web interface, and proxy_url",
        status: "check url and proxy_url",
        empty: "there was no activity, action, target or actor_id leave nothing, or the token is another \
                organization's",
    },
};

/// What a source asks of the API.
#[derive(Clone, Debug, Default)]
pub struct Promptfoo {
    /// Which events.
    pub filters: Filters,
}

/// Which events are asked for; all without any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// With this action.
    pub action: Option<String>,
    /// About a thing of this kind.
    pub target: Option<String>,
    /// By somebody with this id.
    pub actor_id: Option<String>,
}

impl Filters {
    /// Their settings, the service's names and values.
    fn all(&self) -> [(&'static str, &'static str, Option<&String>); 3] {
        [
            ("action", "action", self.action.as_ref()),
            ("target", "target", self.target.as_ref()),
            ("actor_id", "actorId", self.actor_id.as_ref()),
        ]
    }
}

/// What looks odd about a token.
fn oddities(written: &str) -> Vec<&'static str> {
    let mut oddities = Vec::new();
    if written.contains(char::is_whitespace) {
        oddities.push("the token has white space in it or around it: copy the token alone");
    }
    let token = written.trim();
    if token.to_ascii_lowercase().starts_with("bearer") {
        oddities.push("the token begins with Bearer, which is added to it: copy the token alone");
    }
    if token.len() < 16 {
        oddities.push("the token is shorter than tokens are: it looks cut");
    }
    oddities
}

impl Service for Promptfoo {
    fn rules() -> &'static Rules {
        &RULES
    }

    fn path(&self) -> String {
        "/api/v1/audit-logs".to_owned()
    }

    fn parameters(&self, query: &Query, page_size: u32, pairs: &mut Serializer<'_, UrlQuery<'_>>) {
        pairs.append_pair("createdAtGte", &format!("{:.3}", query.start));
        pairs.append_pair("createdAtLte", &format!("{:.3}", query.end));
        pairs.append_pair("limit", &page_size.to_string());
        pairs.append_pair("offset", &query.read.to_string());
        for (_, name, value) in self.filters.all() {
            if let Some(value) = value {
                pairs.append_pair(name, value);
            }
        }
    }

    fn read(&self, body: Bytes, query: &Query) -> Result<Page, serde_json::Error> {
        read_page(&body, query.read)
    }

    fn mistakes(&self, _page_size: u32) -> Vec<Mistake> {
        let empty =
            self.filters.all().into_iter().filter(|(.., value)| value.is_some_and(|v| v.trim().is_empty()));
        empty.map(|(key, ..)| Mistake { key, message: "is empty: leave it out for all".to_owned() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_tokens_get_a_word() {
        for (token, words) in [
            ("pfk_0123456789abcdef0123", 0),
            (" pfk_0123456789abcdef0123", 1),
            ("Bearer pfk_0123456789abcdef", 2),
            ("pfk_01", 1),
        ] {
            assert_eq!(oddities(token).len(), words, "{token}: {:?}", oddities(token));
        }
    }
}
