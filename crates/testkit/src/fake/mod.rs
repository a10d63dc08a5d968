//! An Elasticsearch in this process that answers `_bulk` by a script and knows what it has accepted.
//!
//! Each request takes the next [`Reply`] of the script; when the script is at its end, requests are answered as a
//! healthy cluster would. A reply has two sides which faults keep apart: what the cluster does with the items
//! ([`Apply`]) and what the client gets to hear of it ([`Say`]). What was accepted is the oracle of a test:
//! [`FakeElasticsearch::accepted`], by backing index and `_id`, as a data stream keeps it.

mod answer;
mod cluster;
mod reading;
mod script;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use cluster::Accepted;
use cluster::Cluster;
pub(crate) use cluster::inflate;
pub use script::{Apply, Fate, Reply, Say};

/// A request as it came, for tests of what is sent.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Path and query.
    pub uri: String,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Bytes of the body as sent, compressed or not.
    pub bytes: usize,
    /// The `_id`s of the items, in order.
    pub ids: Vec<String>,
}

/// The server. It ends when this is dropped.
pub struct FakeElasticsearch {
    address: SocketAddr,
    cluster: Arc<Mutex<Cluster>>,
    server: JoinHandle<()>,
}

impl FakeElasticsearch {
    /// Starts it on a free port of loopback, with the replies to the first requests.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(script: impl IntoIterator<Item = Reply>) -> Result<Self> {
        let cluster = Arc::new(Mutex::new(Cluster::new(script)));
        let routes = Router::new()
            .fallback(any)
            .layer(DefaultBodyLimit::max(1 << 30))
            .with_state(Arc::clone(&cluster));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::error!(%error, "the fake server ended");
            }
        });
        Ok(Self { address, cluster, server })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address, for a proxy before it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds replies to the end of the script.
    pub fn then(&self, replies: impl IntoIterator<Item = Reply>) {
        self.cluster.lock().script.extend(replies);
    }

    /// Replies that no request has taken yet. A test whose script was not used up has not tested it.
    pub fn unused(&self) -> usize {
        self.cluster.lock().script.len()
    }

    /// All requests to `_bulk` so far.
    pub fn requests(&self) -> Vec<Seen> {
        self.cluster.lock().seen.clone()
    }

    /// What the cluster holds.
    pub fn accepted(&self) -> Accepted {
        self.cluster.lock().accepted.clone()
    }

    /// Requests for data streams and documents so far.
    pub fn reads(&self) -> usize {
        self.cluster.lock().reads
    }

    /// Refuses all requests that read, as credentials without the privilege meet it.
    pub fn refuse_reading(&self) {
        self.cluster.lock().unreadable = true;
    }

    /// Gives a data stream a new write index: from now on an `_id` that is in the old one is accepted again.
    pub fn rollover(&self, stream: &str) {
        self.cluster.lock().rollover(stream);
    }
}

impl Drop for FakeElasticsearch {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn any(
    State(cluster): State<Arc<Mutex<Cluster>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method == Method::POST && uri.path().ends_with("/_bulk") {
        let (reply, truth) = match cluster.lock().bulk(&uri, &headers, &body) {
            Ok(taken) => taken,
            Err(reason) => return refuse(&reason),
        };
        return answer::say(reply.say, truth).await;
    }
    {
        let mut cluster = cluster.lock();
        if let Some((status, answer)) = cluster.read(&method, uri.path(), &body) {
            cluster.reads += 1;
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, axum::Json(answer)).into_response();
        }
    }
    match (method, uri.path()) {
        (Method::GET | Method::HEAD, "/") => product(&json!({
            "name": "fake", "cluster_name": "fake", "cluster_uuid": "fake",
            "version": {"number": "9.1.0", "build_flavor": "default"},
            "tagline": "You Know, for Search",
        })),
        (Method::GET, "/_cluster/health") => product(&json!({"status": "green"})),
        (method, path) => {
            let reason = format!("no handler found for uri [{path}] and method [{method}]");
            (StatusCode::BAD_REQUEST, axum::Json(json!({"error": reason, "status": 400}))).into_response()
        }
    }
}

fn product(body: &Value) -> Response {
    ([("x-elastic-product", "Elasticsearch")], axum::Json(body)).into_response()
}

fn refuse(reason: &str) -> Response {
    let error = json!({"type": "illegal_argument_exception", "reason": reason});
    let body =
        json!({"error": {"root_cause": [&error], "type": error["type"], "reason": reason}, "status": 400});
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}
