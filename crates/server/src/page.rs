//! Pages and the errors of pages.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use store::QueryError;

use crate::QuestionError;

/// Why a page can not be shown, in a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// The address asks for something that there is not: 400.
    #[error("{0}")]
    Bad(String),
    /// There is no such event or page: 404.
    #[error("{0}")]
    Missing(String),
    /// The store says no.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The destination that was asked gives no answer: 502.
    #[error("{0}")]
    Elsewhere(String),
    /// Too much is under way: 503.
    #[error("{0}")]
    Busy(String),
    /// The page could not be made: 500.
    #[error("the page could not be made: {0}")]
    Internal(String),
}

impl From<QuestionError> for PageError {
    fn from(error: QuestionError) -> Self {
        Self::Bad(error.to_string())
    }
}

impl From<store::Forbidden> for PageError {
    fn from(error: store::Forbidden) -> Self {
        Self::Query(error.into())
    }
}

impl From<ledger::LedgerError> for PageError {
    fn from(error: ledger::LedgerError) -> Self {
        match error {
            ledger::LedgerError::Forbidden(refused) => refused.into(),
            error => Self::Internal(error.to_string()),
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<tokio::task::JoinError> for PageError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl PageError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Bad(_) | Self::Query(QueryError::Invalid(_)) => StatusCode::BAD_REQUEST,
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Elsewhere(_) => StatusCode::BAD_GATEWAY,
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Query(QueryError::Forbidden(_)) => StatusCode::FORBIDDEN,
            Self::Query(QueryError::Store(_)) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    reason: &'a str,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, reason) = (self.status(), self.to_string());
        if status.is_server_error() {
            tracing::error!("{reason}");
        }
        let title = status.canonical_reason().unwrap_or("Error");
        match (ErrorPage { title, reason: &reason }).render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, reason).into_response(),
        }
    }
}

/// Renders a page.
pub(crate) fn render(page: &impl Template) -> Result<Response, PageError> {
    Ok(Html(page.render()?).into_response())
}
