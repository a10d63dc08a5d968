//! The viewer's style and script, compiled in.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::page::PageError;

/// Answers with a file of `assets/`.
pub(crate) async fn show(Path(name): Path<String>) -> Result<Response, PageError> {
    let (kind, text) = match name.as_str() {
        "viewer.css" => ("text/css; charset=utf-8", include_str!("../../assets/viewer.css")),
        "access.css" => ("text/css; charset=utf-8", include_str!("../../assets/access.css")),
        "viewer.js" => ("text/javascript; charset=utf-8", include_str!("../../assets/viewer.js")),
        "icon.svg" => ("image/svg+xml", include_str!("../../assets/icon.svg")),
        _ => return Err(PageError::Missing("There is no such file here.".to_owned())),
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text).into_response())
}
