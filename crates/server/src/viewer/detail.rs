//! One event: what matters of it, and the whole document.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use store::Row;

use super::json::indented;
use crate::access::Caller;
use crate::page::{PageError, render};
use crate::{App, ask};

#[derive(Template)]
#[template(path = "detail.html")]
struct DetailPage {
    row: Row,
    time: String,
    categories: String,
    document: String,
}

/// Answers `GET /events/{stream}/{id}`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((stream, id)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let missing = || {
        PageError::Missing(
            "There is no such event in the store. It may have been collected into another data_dir."
                .to_owned(),
        )
    };
    let store = app.store.as_ref().ok_or_else(missing)?;
    let event = ask(store, move |store| Ok(store.event(caller.access(), &stream, &id)?))
        .await?
        .ok_or_else(missing)?;
    let row = event.row();
    render(&DetailPage {
        time: row.time.to_string(),
        categories: row.categories.join(", "),
        row,
        document: indented(&event.source),
    })
}
