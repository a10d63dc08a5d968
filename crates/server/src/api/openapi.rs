//! `/api/openapi.json`: the description of the interfaces.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The description.
pub(super) const DESCRIPTION: &str = include_str!("../../assets/openapi.json");

/// Answers with it.
pub(super) async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION).into_response()
}
