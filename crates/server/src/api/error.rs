//! What a program gets instead of an answer: a status and `{"error": …}` with a sentence.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use store::QueryError;

use crate::QuestionError;
use crate::page::PageError;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct ApiError(PageError);

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        Self(error)
    }
}

impl From<QuestionError> for ApiError {
    fn from(error: QuestionError) -> Self {
        Self(error.into())
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        Self(error.into())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(error: QueryRejection) -> Self {
        Self(PageError::Bad(error.body_text()))
    }
}

impl From<PathRejection> for ApiError {
    fn from(error: PathRejection) -> Self {
        Self(PageError::Bad(error.body_text()))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, reason) = (self.0.status(), self.0.to_string());
        if status.is_server_error() {
            tracing::error!("{reason}");
        }
        (status, Json(json!({ "error": reason }))).into_response()
    }
}
