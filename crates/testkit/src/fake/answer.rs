//! How an answer goes out, or fails to.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde_json::Value;

use super::script::Say;

/// Says it.
pub(super) async fn say(say: Say, mut truth: Value) -> Response {
    match say {
        Say::Truth => super::product(&truth),
        Say::Late(wait) => {
            tokio::time::sleep(wait).await;
            super::product(&truth)
        }
        Say::Status(status, headers, body) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut answer = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
            for (name, value) in headers {
                if let Ok(value) = value.parse() {
                    answer.headers_mut().insert(name, value);
                }
            }
            answer
        }
        Say::Cut(bytes) => cut(&truth, bytes),
        Say::Garbled(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Say::Fewer(missing) => {
            if let Some(items) = truth["items"].as_array_mut() {
                items.truncate(items.len().saturating_sub(missing));
            }
            super::product(&truth)
        }
        Say::Shuffled => {
            if let Some(items) = truth["items"].as_array_mut() {
                items.reverse();
                let middle = items.len() / 3;
                items.rotate_left(middle);
            }
            super::product(&truth)
        }
        Say::Silence => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            super::product(&truth)
        }
    }
}

/// The body ends in an error before it is whole, so the server closes the connection.
fn cut(truth: &Value, bytes: usize) -> Response {
    let whole = truth.to_string();
    let part = Bytes::from(whole.clone().into_bytes().split_off(0)[..bytes.min(whole.len())].to_vec());
    let parts = futures::stream::iter([Ok(part), Err(std::io::Error::other("scripted cut"))]);
    let length = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_LENGTH, whole.len().to_string()),
    ];
    (length, Body::from_stream(parts.boxed())).into_response()
}
