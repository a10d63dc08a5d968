//! What an answer of the service means: a page, or a trouble.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use crate::answer::Page;
use crate::retry_after::retry_after;
use crate::service::Service;
use crate::trouble::{Trouble, said};
use crate::walk::Query;

/// What is waited on 429 when the service does not say how long.
const WAIT: Duration = Duration::from_secs(60);

/// An answer, read to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The page, or what is wrong with it.
    pub(crate) fn page<S: Service>(
        self,
        service: &S,
        query: &Query,
        url: &Url,
        now: Timestamp,
    ) -> Result<Page, Trouble> {
        let url = without_query(url);
        let said = said(&self.body);
        let status = self.status;
        let (advice, key) = (&S::rules().advice, S::rules().key.noun);
        Err(match status {
            200 => return self.read(service, query, url),
            400 => Trouble::BadRequest { said, advice: advice.bad_request },
            401 => Trouble::Unauthorized { key, said, advice: advice.unauthorized },
            403 => Trouble::Forbidden { key, said, advice: advice.forbidden },
            404 => Trouble::NotFound { url, said, advice: advice.not_found },
            429 => Trouble::TooMany { wait: self.wait(now).unwrap_or(WAIT), advice: advice.too_many },
            500..=599 => Trouble::Server { status, said },
            300..=399 => {
                let target = self.location.as_deref().and_then(|location| Url::parse(location).ok());
                let target =
                    target.as_ref().map_or("another path", |url| url.host_str().unwrap_or("another host"));
                Trouble::Redirect { url, status, target: target.to_owned(), key, advice: advice.redirect }
            }
            _ => Trouble::Status { status, said, advice: advice.status },
        })
    }

    /// How long the service wants to be left alone.
    pub(crate) fn wait(&self, now: Timestamp) -> Option<Duration> {
        self.retry_after.as_deref().and_then(|value| retry_after(value, now))
    }

    fn read<S: Service>(self, service: &S, query: &Query, url: String) -> Result<Page, Trouble> {
        let is_markup = self.body.trim_ascii_start().starts_with(b"<");
        if self.content_type.starts_with("text/html") || is_markup {
            return Err(Trouble::WebPage { url, advice: S::rules().advice.web_page });
        }
        service.read(self.body, query).map_err(|error| Trouble::Malformed(error.to_string()))
    }
}

/// An address as it is told: filters name people.
pub(crate) fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}
