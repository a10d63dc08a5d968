//! What is particular to the route of Cencori's dashboard.

use std::time::Duration;

use bytes::Bytes;
use collect::Mistake;
use event::Secret;
use jiff::{SignedDuration, Timestamp};
use poll::{Address, Advice, KeyRules, Order, Page, Query, Rules, Service, fault_in_header};
use reqwest::RequestBuilder;
use reqwest::header::{HeaderName, HeaderValue};
use url::UrlQuery;
use url::form_urlencoded::Serializer;

use crate::page::read_page;

/// The route takes no ends of a window, so one reaches back as far as is wanted.
const FOR_EVER: SignedDuration = SignedDuration::from_hours(100 * 365 * 24);

/// The route is made for people; this is about as often as somebody turns pages.
const REQUESTS: (usize, Duration) = (30, Duration::from_secs(60));

/// How far back the route looks, by its own clock, and what it calls that.
const RANGES: [(SignedDuration, &str); 5] = [
    (SignedDuration::from_hours(1), "1h"),
    (SignedDuration::from_hours(24), "24h"),
    (SignedDuration::from_hours(7 * 24), "7d"),
    (SignedDuration::from_hours(30 * 24), "30d"),
    (SignedDuration::from_hours(90 * 24), "90d"),
];

/// What its clock and ours may differ in, and an answer may take.
const MARGIN: SignedDuration = SignedDuration::from_mins(10);

static RULES: Rules = Rules {
    url: Address::Example("https://cencori.com"),
    key: KeyRules {
        inline: "header",
        file: "header_file",
        noun: "header",
        cure: "as an owner or admin, open the audit log in the dashboard, and copy the request's header from the \
               browser's developer tools: `Cookie: …` or `Authorization: …`",
        oddities,
        fault,
    },
    page_size: 100,
    longest_window: FOR_EVER,
    history: None,
    order: Order::NewestFirst,
    requests: REQUESTS,
    advice: Advice {
        bad_request: "check category, project_id and search",
        unauthorized: "the session has ended, or the header was cut or copied from another site. Sign in anew and copy \
                       it again; a new one in header_file is taken up by itself",
        forbidden: "its user is neither owner nor admin of the organization, or slug names another one; a new one in \
                    header_file is taken up by itself",
        not_found: "check url, the dashboard's address without a path, and slug, the organization's name in the \
                    dashboard's address",
        too_many: "lengthen interval; others share the limit of this session",
        redirect: "the session has most likely ended: sign in anew and copy the header again, or set url to where the \
                   dashboard is",
        web_page: "the session has most likely ended: sign in anew and copy the header again; or check url and \
                   proxy_url",
        status: "check url, slug and proxy_url",
        empty: "there was no activity, category, project_id or search leave nothing, or slug names another organization",
    },
};

/// What a source asks of the route.
#[derive(Clone, Debug, Default)]
pub struct Cencori {
    /// The organization's name in addresses.
    pub slug: String,
    /// Which entries.
    pub filters: Filters,
}

/// Which entries are asked for; all without any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Of this category.
    pub category: Option<String>,
    /// Of this project.
    pub project_id: Option<String>,
    /// That hold these words.
    pub search: Option<String>,
}

impl Filters {
    /// Their names, which are the service's as well, and values.
    fn all(&self) -> [(&'static str, Option<&String>); 3] {
        [
            ("category", self.category.as_ref()),
            ("project_id", self.project_id.as_ref()),
            ("search", self.search.as_ref()),
        ]
    }
}

/// Name and value of a header as it is written.
fn pair(header: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = header.split_once(':')?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

fn fault(header: &str) -> Option<&'static str> {
    let is_none = || pair(header).is_none_or(|(_, value)| value.is_empty());
    fault_in_header(header).or_else(|| {
        is_none().then_some(
            "is no header: write its name, a colon and its value, `Cookie: session=…` for instance",
        )
    })
}

/// What looks odd about a header: a cookie may have spaces in it.
fn oddities(written: &str) -> Vec<&'static str> {
    let is_around = written.trim() != written;
    let is_cut = written.trim().ends_with(['…', ';', '=']) || written.contains("...");
    let mut oddities = Vec::new();
    if is_around {
        oddities.push("the header has white space around it: copy the header alone");
    }
    if is_cut {
        oddities.push("the header looks cut: copy it as a whole");
    }
    oddities
}

/// The shortest range of the route that reaches back to `start`.
fn range(start: Timestamp, now: Timestamp) -> &'static str {
    let wanted = now.duration_since(start).saturating_add(MARGIN);
    RANGES.iter().find(|(length, _)| *length >= wanted).map_or("all", |(_, name)| name)
}

impl Service for Cencori {
    fn rules() -> &'static Rules {
        &RULES
    }

    fn path(&self) -> String {
        format!("/api/organizations/{}/audit-logs", self.slug)
    }

    fn parameters(&self, query: &Query, page_size: u32, pairs: &mut Serializer<'_, UrlQuery<'_>>) {
        pairs.append_pair("time_range", range(query.start, Timestamp::now()));
        pairs.append_pair("page", &query.page.to_string());
        pairs.append_pair("per_page", &page_size.to_string());
        for (name, value) in self.filters.all() {
            if let Some(value) = value {
                pairs.append_pair(name, value);
            }
        }
    }

    fn authorize(&self, request: RequestBuilder, key: &Secret) -> RequestBuilder {
        match pair(key.expose()) {
            Some((name, value)) => request.header(name, value),
            // Such a key is refused when it is read.
            None => request,
        }
    }

    fn read(&self, body: Bytes, query: &Query) -> Result<Page, serde_json::Error> {
        read_page(&body, query.start)
    }

    fn mistakes(&self, _page_size: u32) -> Vec<Mistake> {
        let is_slug = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        let mut found = Vec::new();
        if self.slug.is_empty() || !self.slug.chars().all(is_slug) {
            let message = format!(
                "[{}] is no name in an address: write the organization's as the dashboard's address \
                                   has it, my-company for instance",
                self.slug
            );
            found.push(Mistake { key: "slug", message });
        }
        let empty =
            self.filters.all().into_iter().filter(|(_, value)| value.is_some_and(|v| v.trim().is_empty()));
        found.extend(
            empty.map(|(key, _)| Mistake { key, message: "is empty: leave it out for all".to_owned() }),
        );
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_value() {
        for (header, part) in [
            ("Cookie: a=b; c=d", None),
            ("authorization:Bearer x", None),
            ("no header", Some("write its name")),
            ("Cookie:", Some("write its name")),
            ("Coo kie: a", Some("write its name")),
            ("Cookie: a\nX-Other: b", Some("a line break")),
            ("Cookie: a…", Some("a character that no HTTP header takes")),
        ] {
            let fault = fault(header);
            assert_eq!(fault.is_some(), part.is_some(), "{header}: {fault:?}");
            assert!(part.is_none_or(|part| fault.unwrap().contains(part)), "{header}: {fault:?}");
        }
    }

    #[test]
    fn the_range_reaches_back_far_enough() {
        let now: Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
        for (minutes, name) in [
            (0, "1h"),
            (50, "1h"),
            (51, "24h"),
            (24 * 60, "7d"),
            (29 * 24 * 60, "30d"),
            (90 * 24 * 60, "all"),
        ] {
            assert_eq!(range(now - SignedDuration::from_mins(minutes), now), name, "{minutes}");
        }
    }
}
