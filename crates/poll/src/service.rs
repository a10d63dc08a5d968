//! What is particular to a service.

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use collect::{Allowances, Mistake};
use event::Secret;
use jiff::SignedDuration;
use reqwest::RequestBuilder;
use url::form_urlencoded::Serializer;
use url::{Url, UrlQuery};

use crate::answer::Page;
use crate::walk::Query;

/// A service that shows an audit log page by page, and what a source asks of it.
pub trait Service: Clone + Debug + Default + Send + Sync + 'static {
    /// What is the same for all its sources.
    fn rules() -> &'static Rules;

    /// Where the log is, below the service's address.
    fn path(&self) -> String;

    /// Asks for a page.
    fn parameters(&self, query: &Query, page_size: u32, pairs: &mut Serializer<'_, UrlQuery<'_>>);

    /// Shows the key.
    fn authorize(&self, request: RequestBuilder, key: &Secret) -> RequestBuilder {
        request.bearer_auth(key.expose())
    }

    /// Reads the body of an answer.
    ///
    /// # Errors
    /// Where it is no such JSON.
    fn read(&self, body: Bytes, query: &Query) -> Result<Page, serde_json::Error>;

    /// Events that a check asks for, at most.
    fn probe(&self) -> u32 {
        1
    }

    /// Everything that is wrong with what is particular to a source.
    fn mistakes(&self, _page_size: u32) -> Vec<Mistake> {
        Vec::new()
    }
}

/// What is the same for all sources of a service.
#[derive(Debug)]
pub struct Rules {
    /// Where it is.
    pub url: Address,
    /// The key.
    pub key: KeyRules,
    /// Events asked for at once, at most, and unless configured otherwise.
    pub page_size: u32,
    /// The longest window that it takes.
    pub longest_window: SignedDuration,
    /// How long it keeps events, when not for ever.
    pub history: Option<SignedDuration>,
    /// What order its pages have.
    pub order: Order,
    /// Requests that it takes in a length of time.
    pub requests: (usize, Duration),
    /// What to do about its failures.
    pub advice: Advice,
}

/// Where a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// There, unless configured otherwise.
    Default(&'static str),
    /// Everybody has it elsewhere; there, for instance.
    Example(&'static str),
}

impl Address {
    /// An address of the right form.
    pub fn example(self) -> &'static str {
        match self {
            Self::Default(url) | Self::Example(url) => url,
        }
    }
}

/// How pages are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Neither order is promised; the two ends of a window are fixed by the request.
    Fixed,
    /// The newest event first, down to the start of the window; what comes meanwhile pushes the others to later pages.
    NewestFirst,
}

/// What is known of a service's keys.
#[derive(Debug)]
pub struct KeyRules {
    /// The setting that is the key itself.
    pub inline: &'static str,
    /// The setting of the file that holds it.
    pub file: &'static str,
    /// What it is called.
    pub noun: &'static str,
    /// Where one comes from.
    pub cure: &'static str,
    /// What looks odd about one, given as it was written, in words that do not show it.
    pub oddities: fn(&str) -> Vec<&'static str>,
    /// Why one can not be sent at all, in such words.
    pub fault: fn(&str) -> Option<&'static str>,
}

/// What to do about a service's failures, in words that follow a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// 400.
    pub bad_request: &'static str,
    /// 401.
    pub unauthorized: &'static str,
    /// 403.
    pub forbidden: &'static str,
    /// 404.
    pub not_found: &'static str,
    /// 429.
    pub too_many: &'static str,
    /// A redirection.
    pub redirect: &'static str,
    /// A web page in place of JSON.
    pub web_page: &'static str,
    /// Any other status.
    pub status: &'static str,
    /// No event at all.
    pub empty: &'static str,
}

/// What a service allows for each key; one for all its sources in a process.
pub fn allowances<S: Service>() -> Allowances {
    let (requests, period) = S::rules().requests;
    Allowances::new(requests, period)
}

/// The address of a page.
pub(crate) fn address<S: Service>(service: &S, base: &Url, query: &Query, page_size: u32) -> Url {
    let mut url = base.clone();
    service.parameters(query, page_size, &mut url.query_pairs_mut());
    url
}
