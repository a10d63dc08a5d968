//! An Elasticsearch that takes everything and keeps nothing: what is left is the cost of the sender.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::fake::inflate;

/// What went through, for the figures.
#[derive(Debug, Default)]
struct Counts {
    items: AtomicU64,
    bytes: AtomicU64,
}

/// The server. It ends when this is dropped.
#[derive(Debug)]
pub struct NullElasticsearch {
    address: SocketAddr,
    counts: Arc<Counts>,
    server: JoinHandle<()>,
}

impl NullElasticsearch {
    /// Starts it on a free port of loopback.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self> {
        let counts = Arc::new(Counts::default());
        let info = r#"{"version":{"number":"9.1.0"},"tagline":"You Know, for Search"}"#;
        let routes = Router::new()
            .route("/", get(move || async move { json(info) }))
            .route("/_bulk", post(bulk))
            .route("/{stream}/_bulk", post(bulk))
            .layer(DefaultBodyLimit::max(1 << 30))
            .with_state(Arc::clone(&counts));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::error!(%error, "the null server ended");
            }
        });
        Ok(Self { address, counts, server })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Items taken so far.
    pub fn items(&self) -> u64 {
        self.counts.items.load(Ordering::Relaxed)
    }

    /// Bytes of bodies taken so far, as sent.
    pub fn bytes(&self) -> u64 {
        self.counts.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for NullElasticsearch {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn json(body: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (X_PRODUCT, "Elasticsearch")], body).into_response()
}

const X_PRODUCT: header::HeaderName = header::HeaderName::from_static("x-elastic-product");

/// Answers each item with a 201 that carries its `_index` and `_id`, found in the action line without parsing it.
async fn bulk(State(counts): State<Arc<Counts>>, headers: HeaderMap, body: Bytes) -> Response {
    let inflated;
    let plain: &[u8] = if headers.contains_key(header::CONTENT_ENCODING) {
        inflated = match inflate(&headers, &body) {
            Ok(plain) => plain,
            Err(reason) => return (StatusCode::BAD_REQUEST, reason).into_response(),
        };
        &inflated
    } else {
        &body
    };
    let mut answer = Vec::with_capacity(plain.len() / 4);
    answer.extend_from_slice(br#"{"errors":false,"took":0,"items":["#);
    let mut items = 0;
    for action in plain.split(|byte| *byte == b'\n').step_by(2).filter(|line| !line.is_empty()) {
        if items > 0 {
            answer.push(b',');
        }
        items += 1;
        // {"create":{"_index":"s","_id":"i"}} → {"create":{"_index":"s","_id":"i","status":201,…}}
        answer.extend_from_slice(action.strip_suffix(b"}}").unwrap_or(action));
        answer.extend_from_slice(br#","_version":1,"result":"created","status":201}}"#);
    }
    answer.extend_from_slice(b"]}");
    counts.items.fetch_add(items, Ordering::Relaxed);
    counts.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
    json(answer)
}
