//! The viewer's style and scripts, compiled in.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::page::PageError;

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Answers with a file of `assets/`.
pub(crate) async fn show(Path(name): Path<String>) -> Result<Response, PageError> {
    let (kind, text) = match name.as_str() {
        "viewer.css" => ("text/css; charset=utf-8", include_str!("../../assets/viewer.css")),
        "access.css" => ("text/css; charset=utf-8", include_str!("../../assets/access.css")),
        "viewer.js" => (SCRIPT, include_str!("../../assets/viewer.js")),
        "expand.js" => (SCRIPT, include_str!("../../assets/expand.js")),
        "keys.js" => (SCRIPT, include_str!("../../assets/keys.js")),
        "drag.js" => (SCRIPT, include_str!("../../assets/drag.js")),
        "tail.js" => (SCRIPT, include_str!("../../assets/tail.js")),
        "times.js" => (SCRIPT, include_str!("../../assets/times.js")),
        "icon.svg" => ("image/svg+xml", include_str!("../../assets/icon.svg")),
        _ => return Err(PageError::Missing("There is no such file here.".to_owned())),
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text).into_response())
}
