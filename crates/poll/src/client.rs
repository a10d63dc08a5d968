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
use crate::config::Config;
use crate::exchange::{Answer, without_query};
use crate::key::Key;
use crate::poller::Pages;
use crate::service::{Service, address};
use crate::trace::{Trace, shortened};
use crate::trouble::Trouble;
use crate::walk::Query;

/// The largest answer that is read.
const LARGEST_ANSWER: usize = 64 << 20;

/// Asks the service.
pub struct Client<S> {
    source: SourceId,
    service: S,
    http: reqwest::Client,
    url: Url,
    key: SecretPlace,
    /// The oddities that were told last, so that each is told once.
    told: Mutex<Vec<&'static str>>,
    page_size: u32,
    timeout: std::time::Duration,
    allowances: Arc<Allowances>,
    trace: Option<Trace>,
}

impl<S: Service> Client<S> {
    /// Prepares connections; none is opened.
    ///
    /// # Errors
    /// [`Mistake`] for an address, proxy or certificate that can not be used.
    pub fn new(config: &Config<S>, allowances: Arc<Allowances>) -> Result<Self, Mistake> {
        Ok(Self {
            source: config.source.id.clone(),
            service: config.service.clone(),
            http: http(config)?,
            url: config.address().map_err(|message| Mistake { key: "url", message })?,
            key: config.key.clone(),
            told: Mutex::default(),
            page_size: config.page_size,
            timeout: config.timeout,
            allowances,
            trace: config.trace.clone().map(Trace::new),
        })
    }

    /// Reads the key anew, so that one that was replaced is taken up.
    async fn key(&self) -> Result<Key, Trouble> {
        let key = Key::read::<S>(&self.key).await.map_err(Trouble::NoKey)?;
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
        let request = self.service.authorize(self.http.get(url.clone()), key.secret());
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
impl<S: Service> Pages for Client<S> {
    async fn page(&self, query: &Query) -> Result<Page, Trouble> {
        let key = self.key().await?;
        let allowance = self.allowances.of(key.secret());
        allowance.take().await;
        let url = address(&self.service, &self.url, query, self.page_size);
        let answer = self.ask(&url, &key).await;
        self.traced(&url, &key, &answer);
        let answer = answer?;
        let now = Timestamp::now();
        // Others with this key have to wait as well.
        let asked = answer.wait(now).filter(|_| answer.status >= 500);
        let page = answer.page(&self.service, query, &url, now);
        if let Err(Trouble::TooMany { wait, .. }) = &page {
            allowance.close_for(*wait);
        } else if let Some(wait) = asked {
            allowance.close_for(wait);
        }
        page
    }
}

fn http<S: Service>(config: &Config<S>) -> Result<reqwest::Client, Mistake> {
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
