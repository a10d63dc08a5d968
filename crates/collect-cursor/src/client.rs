//! Asks the service for pages, no more often than it allows.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use collect::{Allowances, Mistake};
use event::{SecretPlace, SourceId};
use jiff::Timestamp;
use reqwest::header::{self, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Proxy, Response};
use serde_json::json;
use url::Url;

use crate::answer::Page;
use crate::collector::Pages;
use crate::config::{CursorConfig, Endpoint, Filters};
use crate::exchange::{Answer, without_query};
use crate::key::Key;
use crate::trace::{Trace, shortened};
use crate::trouble::Trouble;
use crate::walk::Query;

/// The largest answer that is read.
const LARGEST_ANSWER: usize = 64 << 20;

/// Asks the service.
pub struct Client {
    source: SourceId,
    http: reqwest::Client,
    url: Url,
    key: SecretPlace,
    /// The oddities that were told last, so that each is told once.
    told: Mutex<Vec<&'static str>>,
    endpoint: Endpoint,
    filters: Filters,
    page_size: u32,
    timeout: std::time::Duration,
    allowances: Arc<Allowances>,
    trace: Option<Trace>,
}

impl Client {
    /// Prepares connections; none is opened.
    ///
    /// # Errors
    /// [`Mistake`] for an address, proxy or certificate that can not be used.
    pub fn new(config: &CursorConfig, allowances: Arc<Allowances>) -> Result<Self, Mistake> {
        Ok(Self {
            source: config.source.id.clone(),
            http: http(config)?,
            url: config.address().map_err(|message| Mistake { key: "url", message })?,
            key: config.key.clone(),
            told: Mutex::default(),
            endpoint: config.endpoint.clone(),
            filters: config.filters.clone(),
            page_size: config.page_size,
            timeout: config.timeout,
            allowances,
            trace: config.trace.clone().map(Trace::new),
        })
    }

    /// The address of a page.
    fn address(&self, query: &Query) -> Url {
        let mut url = self.url.clone();
        let Filters { event_types, users, search } = &self.filters;
        {
            let mut pairs = url.query_pairs_mut();
            pairs.append_pair("startTime", &format!("{:.3}", query.start));
            pairs.append_pair("endTime", &format!("{:.3}", query.end));
            pairs.append_pair("page", &query.page.to_string());
            pairs.append_pair("pageSize", &self.page_size.to_string());
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
        url
    }

    /// Reads the key anew, so that one that was replaced is taken up.
    async fn key(&self) -> Result<Key, Trouble> {
        let key = Key::read(&self.key).await.map_err(Trouble::NoKey)?;
        if let Ok(mut told) = self.told.lock()
            && *told != key.oddities()
        {
            for oddity in key.oddities() {
                tracing::warn!(source = %self.source, "{oddity}");
            }
            *told = key.oddities().to_vec();
        }
        Ok(key)
    }

    async fn ask(&self, url: &Url, key: &Key) -> Result<Answer, Trouble> {
        let request = self.http.get(url.clone()).basic_auth(key.secret().expose(), Some(""));
        let response = request.send().await.map_err(|error| self.trouble(url, &error))?;
        let header = |name| text(response.headers(), name);
        let (content_type, retry_after, location) =
            (header(header::CONTENT_TYPE), header(header::RETRY_AFTER), header(header::LOCATION));
        Ok(Answer {
            status: response.status().as_u16(),
            content_type: content_type.unwrap_or_default().to_lowercase(),
            retry_after,
            location,
            body: self.body(url, response).await?,
        })
    }

    async fn body(&self, url: &Url, mut response: Response) -> Result<Bytes, Trouble> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.trouble(url, &error))? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(Trouble::TooLarge(LARGEST_ANSWER));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn trouble(&self, url: &Url, error: &reqwest::Error) -> Trouble {
        let url = without_query(url);
        if error.is_timeout() {
            return Trouble::Timeout { url, timeout: self.timeout };
        }
        if error.is_body() || error.is_decode() {
            return Trouble::Malformed(format!("the connection broke: {}", root(error)));
        }
        Trouble::Unreachable { url, reason: root(error) }
    }

    fn traced(&self, url: &Url, key: &Key, answer: &Result<Answer, Trouble>) {
        let Some(trace) = &self.trace else { return };
        let mut line = json!({
            "@timestamp": Timestamp::now().to_string(),
            "trailcar.source": self.source.as_str(),
            "http.request.method": "GET",
            "url.full": url.as_str(),
        });
        match answer {
            Ok(answer) => {
                line["http.response.status_code"] = answer.status.into();
                line["http.response.mime_type"] = answer.content_type.as_str().into();
                line["http.response.body.bytes"] = answer.body.len().into();
                line["http.response.body.content"] = shortened(&answer.body).into();
            }
            Err(trouble) => line["error.message"] = trouble.to_string().into(),
        }
        trace.write(&key.redact(&line.to_string()));
    }
}

#[async_trait]
impl Pages for Client {
    async fn page(&self, query: &Query) -> Result<Page, Trouble> {
        let key = self.key().await?;
        let allowance = self.allowances.of(key.secret());
        allowance.take().await;
        let url = self.address(query);
        let answer = self.ask(&url, &key).await;
        self.traced(&url, &key, &answer);
        let answer = answer?;
        let now = Timestamp::now();
        // Others with this key have to wait as well.
        let asked = answer.wait(now).filter(|_| answer.status >= 500);
        let page = answer.page(&url, now);
        if let Err(Trouble::TooMany(wait)) = &page {
            allowance.close_for(*wait);
        } else if let Some(wait) = asked {
            allowance.close_for(wait);
        }
        page
    }
}

fn http(config: &CursorConfig) -> Result<reqwest::Client, Mistake> {
    let mistake = |key, message: String| Mistake { key, message };
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("trailcar/", env!("CARGO_PKG_VERSION")))
        .timeout(config.timeout)
        .redirect(Policy::none())
        .danger_accept_invalid_certs(config.tls.insecure);
    for file in &config.tls.certificate_authorities {
        let shown = file.display();
        let key = "ssl.certificate_authorities";
        let pem =
            std::fs::read(file).map_err(|error| mistake(key, format!("{shown} can not be read: {error}")))?;
        let bundle = Certificate::from_pem_bundle(&pem).unwrap_or_default();
        if bundle.is_empty() {
            return Err(mistake(key, format!("{shown} holds no PEM certificate")));
        }
        builder = bundle.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
    }
    if config.proxy_disable {
        builder = builder.no_proxy();
    } else if let Some(proxy) = &config.proxy_url {
        // The reason may hold the address, and that a password.
        let proxy = Proxy::all(proxy.expose())
            .map_err(|_| mistake("proxy_url", "is no address: write http://host:port".to_owned()))?;
        builder = builder.proxy(proxy);
    }
    builder
        .build()
        .map_err(|error| mistake("url", format!("no connection can be prepared: {}", root(&error))))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The innermost cause; the outer ones hold addresses.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
