//! What the service answers: S3 in XML, SQS in its JSON protocol.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State as Extract};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::{Call, Fault, Object, Shared, Signer};

/// Keys on a page of a listing, when nobody asks for fewer: few, so that tests turn pages.
const PAGE: usize = 10;
/// How long a poll of an empty queue waits.
const POLL: Duration = Duration::from_millis(50);

pub(super) async fn answer(
    Extract(shared): Extract<Arc<Shared>>,
    method: Method,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared.state.lock().signers.extend(signer(&headers));
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let response = match target {
        Some(target) => queue(&shared, target, &body).await,
        None if method == Method::GET => bucket(&shared, uri.path(), &query, &headers),
        None => error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", false),
    };
    shared.changed.notify_waiters();
    response
}

/// Whose credentials a request is signed with.
fn signer(headers: &HeaderMap) -> Option<Signer> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (_, scope) = header("authorization")?.split_once("Credential=")?;
    let (access_key_id, _) = scope.split_once('/')?;
    let session_token = header("x-amz-security-token").map(str::to_owned);
    Some(Signer { access_key_id: access_key_id.to_owned(), session_token })
}

/// Notes a call; the fault that it has.
fn call(shared: &Shared, operation: &'static str, of: String) -> Option<Fault> {
    let state = &mut *shared.state.lock();
    state.calls.push(Call { operation, of });
    state.faults.get_mut(operation)?.pop_front()
}

fn error(status: StatusCode, code: &str, json: bool) -> Response {
    let body = if json {
        json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": "scripted" }).to_string()
    } else {
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>scripted</Message></Error>")
    };
    (status, body).into_response()
}

fn refusal(status: u16, code: &str, json: bool) -> Response {
    error(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), code, json)
}

fn bucket(
    shared: &Arc<Shared>,
    path: &str,
    query: &BTreeMap<String, String>,
    headers: &HeaderMap,
) -> Response {
    let decoded = decode(path.trim_start_matches('/'));
    let (bucket, key) = decoded.split_once('/').unwrap_or((&decoded, ""));
    if key.is_empty() {
        return match call(shared, "ListObjectsV2", format!("{bucket} {query:?}")) {
            Some(Fault::Refuse(status, code)) => refusal(status, code, false),
            _ => list(shared, bucket, query),
        };
    }
    let range = headers.get("range").and_then(|range| range.to_str().ok()).unwrap_or_default();
    let fault = call(shared, "GetObject", format!("{bucket}/{key} {range}").trim().to_owned());
    if let Some(Fault::Refuse(status, code)) = fault {
        return refusal(status, code, false);
    }
    let state = shared.state.lock();
    let Some(object) = state.objects.get(&(bucket.to_owned(), key.to_owned())) else {
        return error(StatusCode::NOT_FOUND, "NoSuchKey", false);
    };
    let quoted = format!("\"{}\"", object.etag);
    if headers.get("if-match").is_some_and(|wanted| wanted.as_bytes() != quoted.as_bytes()) {
        return error(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", false);
    }
    get(shared, object, range, fault)
}

fn get(shared: &Arc<Shared>, object: &Object, range: &str, fault: Option<Fault>) -> Response {
    let from = range.strip_prefix("bytes=").and_then(|range| range.strip_suffix('-')?.parse::<usize>().ok());
    let start = from.unwrap_or(0).min(object.bytes.len());
    let bytes = object.bytes[start..].to_vec();
    let modified = jiff::Timestamp::from_second(object.modified).unwrap_or_default();
    let mut response = Response::builder()
        .status(if from.is_some() { 206 } else { 200 })
        .header("etag", format!("\"{}\"", object.etag))
        .header("last-modified", modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .header("content-length", bytes.len());
    if from.is_some() {
        let end = object.bytes.len().saturating_sub(1);
        response = response.header("content-range", format!("bytes {start}-{end}/{}", object.bytes.len()));
    }
    let body = match fault {
        Some(Fault::Cut(after)) => {
            let sent = Ok(Bytes::from(bytes[..after.min(bytes.len())].to_vec()));
            Body::from_stream(stream::iter([sent, Err(std::io::Error::other("cut"))]))
        }
        Some(Fault::Hold(after)) => {
            let (first, rest) = bytes.split_at(after.min(bytes.len()));
            let (first, rest) = (Bytes::copy_from_slice(first), Bytes::copy_from_slice(rest));
            let shared = Arc::clone(shared);
            let held = stream::once(async move {
                shared.released.notified().await;
                Ok::<_, std::io::Error>(rest)
            });
            Body::from_stream(stream::iter([Ok(first)]).chain(held))
        }
        _ => Body::from(bytes),
    };
    response.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn list(shared: &Shared, bucket: &str, query: &BTreeMap<String, String>) -> Response {
    let state = shared.state.lock();
    let named = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let after = named("start-after").max(named("continuation-token"));
    let most = named("max-keys").parse().unwrap_or(PAGE).min(PAGE);
    let mut found = state
        .objects
        .iter()
        .filter(|((of, key), _)| of == bucket && key.starts_with(named("prefix")) && key.as_str() > after);
    let mut xml = format!("<?xml version=\"1.0\"?><ListBucketResult><Name>{bucket}</Name>");
    let mut last = None;
    for ((_, key), object) in found.by_ref().take(most) {
        let modified = jiff::Timestamp::from_second(object.modified).unwrap_or_default();
        let (shown, etag, size) = (escape(key), &object.etag, object.bytes.len());
        // Writing to a text can not fail.
        let _written = write!(
            xml,
            "<Contents><Key>{shown}</Key><LastModified>{modified}</LastModified><ETag>&quot;{etag}&quot;</ETag>\
             <Size>{size}</Size></Contents>"
        );
        last = Some(escape(key));
    }
    let truncated = found.next().is_some();
    if let (true, Some(last)) = (truncated, last) {
        let _written = write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>");
    }
    let _written = write!(xml, "<IsTruncated>{truncated}</IsTruncated></ListBucketResult>");
    xml.into_response()
}

async fn queue(shared: &Shared, target: &str, body: &[u8]) -> Response {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let operation = match target.rsplit('.').next().unwrap_or_default() {
        "ReceiveMessage" => "ReceiveMessage",
        "DeleteMessage" => "DeleteMessage",
        "ChangeMessageVisibility" => "ChangeMessageVisibility",
        "GetQueueAttributes" => "GetQueueAttributes",
        _ => return error(StatusCode::BAD_REQUEST, "UnknownOperation", true),
    };
    let fault = call(shared, operation, asked.to_string());
    if let Some(Fault::Refuse(status, code)) = fault {
        return refusal(status, code, true);
    }
    let answer = match operation {
        "ReceiveMessage" => Ok(receive(shared, &asked).await),
        "GetQueueAttributes" => Ok(json!({ "Attributes": { "ApproximateNumberOfMessages": "0" } })),
        _ => by_handle(shared, operation, &asked),
    };
    match answer {
        _ if fault == Some(Fault::Unclear) => refusal(500, "InternalFailure", true),
        Ok(answer) => axum::Json(answer).into_response(),
        Err(code) => refusal(400, code, true),
    }
}

async fn receive(shared: &Shared, asked: &Value) -> Value {
    let most = asked["MaxNumberOfMessages"].as_u64().unwrap_or(1) as usize;
    let mut received = take(shared, most);
    if received.is_empty() {
        // A poll ends early when there is something, and soon in any case.
        let _changed = tokio::time::timeout(POLL, shared.changed.notified()).await;
        received = take(shared, most);
    }
    json!({ "Messages": received })
}

fn take(shared: &Shared, most: usize) -> Vec<Value> {
    let state = &mut *shared.state.lock();
    let mut received = Vec::new();
    for message in state.messages.iter_mut().filter(|message| message.hidden.is_none()).take(most) {
        state.numbers += 1;
        message.received += 1;
        let handle = format!("handle{}", state.numbers);
        message.hidden = Some(handle.clone());
        received.push(json!({
            "MessageId": message.id, "ReceiptHandle": handle, "Body": message.body,
            "Attributes": { "ApproximateReceiveCount": message.received.to_string() },
        }));
    }
    received
}

/// Deletes or hides the message of a handle, which is good for its last receipt only.
fn by_handle(shared: &Shared, operation: &str, asked: &Value) -> Result<Value, &'static str> {
    let state = &mut *shared.state.lock();
    let handle = asked["ReceiptHandle"].as_str();
    let found = state.messages.iter().position(|message| message.hidden.as_deref() == handle);
    let at = found.ok_or("ReceiptHandleIsInvalid")?;
    if operation == "DeleteMessage" {
        state.messages.remove(at);
    } else if asked["VisibilityTimeout"] == 0 {
        state.messages[at].hidden = None;
    }
    Ok(json!({}))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn decode(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, more @ ..] = rest {
        let code = more.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
