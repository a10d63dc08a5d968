//! `/access`: who is here, whether the door is open, why, and what to do.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{Door, Standing, standing};
use crate::page::{PageError, render};

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    words: String,
    standing: Standing,
}

/// Answers `GET /access`.
pub(super) async fn show(State(door): State<Arc<Door>>) -> Result<Response, PageError> {
    let exist = door.users().exist().map_err(|error| PageError::Internal(error.to_string()))?;
    render(&AccessPage { words: door.exposure().words(exist), standing: standing() })
}
