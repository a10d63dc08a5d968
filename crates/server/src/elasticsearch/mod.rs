//! Elasticsearch's calls for ingest pipelines and stored scripts, and `GET /` for who asks it for JSON. What they mean and answer
//! is in `ingest_api`; here requests are read and answers written.

mod packed;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use ingest_api::{Answer, MOST_BYTES, Told};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::App;
use crate::access::{Caller, Refusal};

/// So many requests are answered at the same time: documents that are tried out must not keep events waiting.
static AT_ONCE: Semaphore = Semaphore::const_new(4);
/// So long others wait for their turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// By which clients know that it is Elasticsearch's interface.
const PRODUCT: HeaderName = HeaderName::from_static("x-elastic-product");
/// By which clients know their own requests.
const OPAQUE_ID: HeaderName = HeaderName::from_static("x-opaque-id");
/// How to prove who one is.
const CHALLENGES: [&str; 3] =
    ["Basic realm=\"security\", charset=\"UTF-8\"", "Bearer realm=\"security\"", "ApiKey"];

/// What the journal is told of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looked {
    /// What it calls it.
    pub(crate) action: &'static str,
    /// Whether it has been told.
    pub(crate) is_told: bool,
}

/// The routes.
pub(crate) fn routes() -> Router<Arc<App>> {
    let paths = ["/_ingest", "/_ingest/{*path}", "/_scripts", "/_scripts/{*path}"];
    paths.into_iter().fold(Router::new(), |router, path| router.route(path, any(show)))
}

/// Whether a request is one of these calls.
pub(crate) fn is_call(request: &Request) -> bool {
    let path = request.uri().path();
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(first, "_ingest" | "_scripts") || asks_who(request)
}

/// Whether a program asks what server this is; browsers get the viewer.
fn asks_who(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    request.uri().path() == "/"
        && [Method::GET, Method::HEAD].contains(request.method())
        && accept.is_some_and(ingest_api::wants_json)
}

/// Answers `/` for programs, and lets everything else pass.
pub(crate) async fn or_page(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match request.extensions().get::<Caller>().cloned() {
        Some(caller) if asks_who(&request) => show(State(app), caller, request).await,
        _ => next.run(request).await,
    }
}

/// What is kept of a request while it is answered.
struct Asked {
    method: Option<ingest_api::Method>,
    path: String,
    query: String,
    headers: HeaderMap,
}

impl Asked {
    fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn request<'r>(&'r self, method: ingest_api::Method, body: &'r [u8]) -> ingest_api::Request<'r> {
        ingest_api::Request {
            method,
            path: &self.path,
            query: &self.query,
            accept: self.header(header::ACCEPT),
            content_type: self.header(header::CONTENT_TYPE),
            body,
        }
    }

    fn refused(&self, status: u16, kind: &str, reason: &str) -> Answer {
        ingest_api::refused(&self.request(ingest_api::Method::Get, &[]), status, kind, reason, &[])
    }
}

async fn show(State(app): State<Arc<App>>, caller: Caller, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = Asked {
        method: method(&parts.method),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
    };
    let opaque = asked.headers.get(OPAQUE_ID).cloned();
    let mut response = response(answer(&app, caller, asked, body).await);
    if let Some(opaque) = opaque {
        response.headers_mut().insert(OPAQUE_ID, opaque);
    }
    response
}

fn method(method: &Method) -> Option<ingest_api::Method> {
    Some(match *method {
        Method::GET => ingest_api::Method::Get,
        Method::HEAD => ingest_api::Method::Head,
        Method::POST => ingest_api::Method::Post,
        Method::PUT => ingest_api::Method::Put,
        Method::DELETE => ingest_api::Method::Delete,
        _ => return None,
    })
}

async fn answer(app: &App, caller: Caller, asked: Asked, body: Body) -> Answer {
    let Some(library) = app.library.clone() else {
        let reason = "no pipelines run here: events are only looked at";
        return asked.refused(404, "resource_not_found_exception", reason);
    };
    let Some(method) = asked.method else {
        return asked.refused(405, "illegal_argument_exception", "there is no such method here");
    };
    if asked.header(HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site == "cross-site") {
        return asked.refused(403, "security_exception", &Refusal::Elsewhere.reason());
    }
    let body = match axum::body::to_bytes(body, MOST_BYTES).await {
        Ok(body) => body,
        Err(error) => return unreadable(&asked, &error),
    };
    let Some(_turn) = turn().await else {
        let reason = "too many requests are being answered: try again in a moment";
        return asked.refused(429, "es_rejected_execution_exception", reason);
    };
    let work = move || {
        let body = match packed::unpacked(asked.header(header::CONTENT_ENCODING), &body, MOST_BYTES) {
            Ok(body) => body,
            Err(error) => {
                return asked.refused(error.status(), "illegal_argument_exception", &error.to_string());
            }
        };
        let tell = |told: &Told| {
            caller.changes(told.action, &told.id, &asked.path).map_err(|error| error.to_string())
        };
        ingest_api::answer(&library, &asked.request(method, &body), &tell)
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| broken(&error.to_string()))
}

async fn turn() -> Option<SemaphorePermit<'static>> {
    tokio::time::timeout(PATIENCE, AT_ONCE.acquire()).await.ok()?.ok()
}

/// A body that is too large, or that broke off.
fn unreadable(asked: &Asked, error: &axum::Error) -> Answer {
    let is_large =
        std::error::Error::source(error).is_some_and(|source| source.to_string().contains("length limit"));
    match is_large {
        true => {
            let reason = format!("the body is larger than {} MiB: send less at once", MOST_BYTES >> 20);
            asked.refused(413, "content_too_long_exception", &reason)
        }
        false => asked.refused(400, "parse_exception", "the body broke off: send it again"),
    }
}

/// A mistake of the engine's own.
fn broken(reason: &str) -> Answer {
    tracing::error!("{reason}");
    let reason = "the engine broke on this request; please report it";
    let error = json!({ "type": "exception", "reason": reason });
    Answer {
        status: 500,
        content_type: "application/json".to_owned(),
        allow: None,
        body: json!({ "error": error, "status": 500 }).to_string(),
        action: "view_page",
        is_told: false,
    }
}

fn response(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(PRODUCT, HeaderValue::from_static("Elasticsearch"));
    if let Ok(media) = HeaderValue::try_from(answer.content_type) {
        headers.insert(header::CONTENT_TYPE, media);
    }
    if let Some(allow) = answer.allow {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response.extensions_mut().insert(Looked { action: answer.action, is_told: answer.is_told });
    response
}

/// Tells somebody that they do not come in, as Elasticsearch would.
pub(crate) fn refused(refusal: &Refusal, path: &str, query: &str, accept: Option<&str>) -> Response {
    let method = ingest_api::Method::Get;
    let request = ingest_api::Request { method, path, query, accept, content_type: None, body: &[] };
    let words = refusal.reason();
    let (kind, reason) = match refusal {
        Refusal::Nobody => (
            "security_exception",
            format!("missing authentication credentials for REST request [{path}]. {words}"),
        ),
        Refusal::Unknown => {
            ("security_exception", format!("unable to authenticate for REST request [{path}]. {words}"))
        }
        Refusal::Wait(_) => ("es_rejected_execution_exception", words),
        Refusal::Broken(_) => ("status_exception", words),
        Refusal::Closed(_) | Refusal::Elsewhere | Refusal::Role { .. } => ("security_exception", words),
    };
    let asks = matches!(refusal, Refusal::Nobody | Refusal::Unknown);
    let challenge = ("header", json!({ "WWW-Authenticate": CHALLENGES }));
    let more: &[(&str, Value)] = if asks { std::slice::from_ref(&challenge) } else { &[] };
    let status = refusal.status().as_u16();
    let answer = ingest_api::refused(&request, status, kind, &reason, more);
    let mut response = refusal.with_headers(response(answer));
    if asks {
        response.headers_mut().remove(header::WWW_AUTHENTICATE);
        for challenge in CHALLENGES {
            response.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
    }
    response
}
