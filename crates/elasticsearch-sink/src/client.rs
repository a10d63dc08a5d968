//! Requests to a cluster of one or more hosts.
//!
//! The transport is the official `elasticsearch` crate (9.1.0-alpha.1, an alpha release: its transport is used,
//! its typed requests are not). There is one transport a host, since the crate does not tell which of several hosts a
//! request went to, and a host that fails must rest. The media type is plain `application/json`, which both
//! Elasticsearch and OpenSearch take. The crate reads answers whole; an answer that announces more than
//! [`LARGEST_ANSWER`] is refused, one that announces nothing is bounded by the timeout alone.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use elasticsearch::http::headers::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT,
};
use elasticsearch::http::transport::Transport;
use elasticsearch::http::{Method, response::Response};
use url::Url;

use crate::address::{addresses, parse};
use crate::backoff::retry_after;
use crate::config::{BackoffConfig, ConfigError, ElasticsearchConfig, Mistakes};
use crate::credentials::credentials;
use crate::rest::Rest;
use crate::setup::KibanaConfig;
use crate::transport::{transport, warn_of_open_doors};
use crate::trouble::{SendError, trouble};

/// The most bytes that an answer may announce.
const LARGEST_ANSWER: u64 = 64 << 20;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<Bytes>,
    pub(crate) content_type: &'a str,
    /// Whether the body is compressed already.
    pub(crate) gzip: bool,
}

impl<'a> Request<'a> {
    /// A request without query or body.
    pub(crate) fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, query: &[], body: None, content_type: "application/json", gzip: false }
    }

    /// The same with a JSON body.
    pub(crate) fn json(self, body: &serde_json::Value) -> Self {
        Self { body: Some(Bytes::from(body.to_string())), ..self }
    }
}

/// What a server answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Address of the host that answered.
    pub(crate) host: String,
    pub(crate) status: u16,
    /// Whether it calls itself Elasticsearch (`X-elastic-product`).
    pub(crate) elastic: bool,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Bytes,
}

struct Host {
    url: Url,
    transport: Transport,
    rest: Rest,
}

/// Without the transport, whose own `Debug` shows its credentials.
impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("url", &self.url.as_str())
            .field("rest", &self.rest)
            .finish_non_exhaustive()
    }
}

/// The hosts of a cluster, used in turn.
#[derive(Debug)]
pub(crate) struct Client {
    config: ElasticsearchConfig,
    hosts: Vec<Host>,
    next: AtomicUsize,
}

impl Client {
    /// Reads addresses, credentials and certificates; connects to nothing yet.
    pub(crate) fn new(config: &ElasticsearchConfig) -> Result<Self, ConfigError> {
        let mut mistakes = Mistakes::default();
        let urls = addresses(config, &mut mistakes);
        Self::at(urls, config, mistakes)
    }

    /// The same for Kibana, with the credentials and TLS settings of Elasticsearch.
    pub(crate) fn of_kibana(
        config: &ElasticsearchConfig,
        kibana: &KibanaConfig,
    ) -> Result<Self, ConfigError> {
        let mut mistakes = Mistakes::default();
        let url = mistakes.take("kibana.host", parse(&kibana.host, 5601));
        Self::at(url.into_iter().collect(), config, mistakes)
    }

    fn at(urls: Vec<Url>, config: &ElasticsearchConfig, mut mistakes: Mistakes) -> Result<Self, ConfigError> {
        config.check_values(&mut mistakes);
        let credentials = credentials(config, &mut mistakes);
        let proxy = config.proxy_url.as_ref().and_then(|proxy| {
            let url = Url::parse(proxy.expose()).map_err(|error| format!("is no address: {error}"));
            mistakes.take("proxy_url", url)
        });
        warn_of_open_doors(config, &urls, credentials.is_some());
        let mut hosts = Vec::new();
        for url in urls {
            let transport = transport(config, &url, credentials.clone(), proxy.clone(), &mut mistakes);
            hosts.extend(transport.map(|transport| Host { url, transport, rest: Rest::default() }));
        }
        mistakes.finish()?;
        Ok(Self { config: config.clone(), hosts, next: AtomicUsize::new(0) })
    }

    /// The addresses, for messages.
    pub(crate) fn addresses(&self) -> Vec<&str> {
        self.hosts.iter().map(|host| host.url.as_str()).collect()
    }

    /// How long to wait between attempts.
    pub(crate) fn backoff(&self) -> &BackoffConfig {
        &self.config.backoff
    }

    /// Sends to the next host that is not resting; when all are, waits for the first to wake. A host that can not be
    /// reached is passed over for the next one.
    pub(crate) async fn send(&self, request: &Request<'_>) -> Result<Answer, SendError> {
        let mut last = None;
        for _ in 0..self.hosts.len() {
            let index = match (self.awake(), &last) {
                (Some(index), _) => index,
                (None, None) => self.wait_for_one().await,
                (None, Some(_)) => break,
            };
            match self.send_to(index, request).await {
                Err(SendError::NotSent(message)) => last = Some(message),
                other => return other,
            }
        }
        Err(SendError::NotSent(last.unwrap_or_else(|| "no host is configured".to_owned())))
    }

    /// Sends to one host, awake or not, and notes how it went. Credentials that came from a file and are refused are
    /// read again once.
    pub(crate) async fn send_to(&self, index: usize, request: &Request<'_>) -> Result<Answer, SendError> {
        let mut result = self.exchange(index, request).await;
        if matches!(&result, Ok(answer) if answer.status == 401) && self.reload_credentials() {
            result = self.exchange(index, request).await;
        }
        let rest = &self.hosts[index].rest;
        match &result {
            Ok(answer) if matches!(answer.status, 429 | 502..=504) => {
                rest.failed(self.backoff(), answer.retry_after);
            }
            Ok(_) => rest.worked(),
            Err(_) => rest.failed(self.backoff(), None),
        }
        result
    }

    fn awake(&self) -> Option<usize> {
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        let mut turn = (0..self.hosts.len()).map(|step| (start + step) % self.hosts.len());
        turn.find(|&index| self.hosts[index].rest.left().is_none())
    }

    /// Waits until the host that rests the shortest wakes.
    async fn wait_for_one(&self) -> usize {
        let rests = self.hosts.iter().map(|host| host.rest.left().unwrap_or_default());
        let (index, wait) = rests.enumerate().min_by_key(|(_, left)| *left).unwrap_or_default();
        tokio::time::sleep(wait).await;
        index
    }

    async fn exchange(&self, index: usize, request: &Request<'_>) -> Result<Answer, SendError> {
        let Host { url, transport, .. } = &self.hosts[index];
        let mut headers = HeaderMap::new();
        let content_type = HeaderValue::from_str(request.content_type);
        headers.insert(CONTENT_TYPE, content_type.unwrap_or(HeaderValue::from_static("application/json")));
        // Kibana takes no change without it; the others pass it over
        headers.insert("kbn-xsrf", HeaderValue::from_static("true"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("trailcar/", env!("CARGO_PKG_VERSION"))));
        if request.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let query = (!request.query.is_empty()).then_some(request.query);
        let body = request.body.clone();
        let sent =
            transport.send(request.method, request.path, headers, query, body, Some(self.config.timeout));
        let response = sent.await.map_err(|error| trouble(url, &error))?;
        answer(url, response).await
    }

    /// Reads credential files again; whether there is something new in them.
    fn reload_credentials(&self) -> bool {
        if self.config.api_key_file.is_none() && self.config.password_file.is_none() {
            return false;
        }
        let mut mistakes = Mistakes::default();
        let Some(new) = credentials(&self.config, &mut mistakes) else { return false };
        for host in &self.hosts {
            host.transport.set_auth(new.clone());
        }
        true
    }
}

/// Takes an answer in whole. One that came after a redirect is none: the address is to be set right instead, since
/// events and keys go to configured hosts only.
async fn answer(url: &Url, response: Response) -> Result<Answer, SendError> {
    let host = url.as_str().trim_end_matches('/').to_owned();
    let arrived = response.url();
    if (arrived.scheme(), arrived.host_str(), arrived.port_or_known_default())
        != (url.scheme(), url.host_str(), url.port_or_known_default())
    {
        return Err(SendError::Unclear(format!(
            "{host} redirects to {}: give the address of the cluster itself",
            arrived.origin().ascii_serialization()
        )));
    }
    if response.content_length().is_some_and(|length| length > LARGEST_ANSWER) {
        return Err(SendError::Unclear(format!(
            "{host} announces an answer of more than {LARGEST_ANSWER} bytes"
        )));
    }
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let elastic = header("x-elastic-product") == Some("Elasticsearch");
    let retry_after = header("retry-after").and_then(retry_after);
    let status = response.status_code().as_u16();
    let body = response.bytes().await.map_err(|error| trouble(url, &error))?;
    Ok(Answer { host, status, elastic, retry_after, body })
}

/// A name as part of a path.
pub(crate) fn segment(name: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.').remove(b'*').remove(b',').remove(b'@');
    utf8_percent_encode(name, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::{HeaderMap, StatusCode};
    use axum::response::Redirect;
    use axum::routing::any;

    use super::*;

    async fn serve(routes: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }

    fn config(url: &str) -> ElasticsearchConfig {
        ElasticsearchConfig { hosts: vec![url.to_owned()], proxy_disable: true, ..Default::default() }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let config = ElasticsearchConfig {
            username: Some("me".to_owned()),
            password: Some(crate::Secret::new("canary")),
            proxy_url: Some(crate::Secret::new("http://me:canary@proxy:3128")),
            ..config("http://es")
        };
        assert!(
            !format!("{:?}", Client::new(&ElasticsearchConfig { proxy_disable: false, ..config }).unwrap())
                .contains("canary")
        );
    }

    #[tokio::test]
    async fn a_host_rests_as_long_as_it_asks_for() {
        let busy = any(|| async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "137")], "") });
        let client = Client::new(&config(&serve(Router::new().fallback(busy)).await)).unwrap();
        let answer = client.send(&Request::new(Method::Get, "/")).await.unwrap();
        assert_eq!(answer.status, 429);
        assert!(client.hosts[0].rest.left().unwrap() > Duration::from_secs(100));
    }

    #[tokio::test]
    async fn a_redirect_is_no_answer_and_takes_no_key_along() {
        let (seen, mut keys) = tokio::sync::mpsc::unbounded_channel();
        let thief = any(move |headers: HeaderMap| async move {
            seen.send(headers.contains_key("authorization")).unwrap();
            "{}"
        });
        let thief = serve(Router::new().fallback(thief)).await;
        let elsewhere = format!("{thief}/_bulk");
        let url = serve(Router::new().fallback(any(|| async move { Redirect::temporary(&elsewhere) }))).await;
        let config = ElasticsearchConfig { api_key: Some(crate::Secret::new("i:k")), ..config(&url) };
        let request =
            Request { body: Some(Bytes::from_static(b"{}")), ..Request::new(Method::Post, "/_bulk") };
        let told = Client::new(&config).unwrap().send(&request).await.unwrap_err().to_string();
        assert!(told.contains(&format!("redirects to {thief}")), "{told}");
        assert_eq!(keys.recv().await, Some(false));
    }

    #[tokio::test]
    async fn a_key_file_is_read_again_when_the_key_is_refused() {
        let newest = any(|headers: HeaderMap| async move {
            // base64 of "i:new"
            match headers.get("authorization").and_then(|value| value.to_str().ok()) {
                Some("ApiKey aTpuZXc=") => StatusCode::OK,
                _ => StatusCode::UNAUTHORIZED,
            }
        });
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "i:old\n").unwrap();
        let url = serve(Router::new().fallback(newest)).await;
        let config = ElasticsearchConfig { api_key_file: Some(file.path().to_owned()), ..config(&url) };
        let client = Client::new(&config).unwrap();
        let request = Request::new(Method::Get, "/");
        assert_eq!(client.send(&request).await.unwrap().status, 401);
        std::fs::write(file.path(), "i:new\n").unwrap();
        assert_eq!(client.send(&request).await.unwrap().status, 200);
    }
}
