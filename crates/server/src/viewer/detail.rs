//! One event: what matters of it, what it changed, its fields, and the whole document.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use event::Doc;
use jiff::{SignedDuration, Timestamp};
use store::Event;

use super::changes::{Change, changes};
use super::elsewhere;
use super::fields::{Fields, fields};
use super::json::indented;
use super::line::{Cell, Line, href};
use super::visible::{cut, visible};
use crate::access::Caller;
use crate::page::{PageError, render};
use crate::question::{Question, Range, encode};
use crate::{App, ask};

/// A longer document is cut on the page, in characters; it can be had whole beside it.
const MAX_DOCUMENT: usize = 200_000;
/// How far around an event its neighbours are looked for.
const AROUND: [(&str, SignedDuration); 3] = [
    ("1 minute", SignedDuration::from_mins(1)),
    ("5 minutes", SignedDuration::from_mins(5)),
    ("1 hour", SignedDuration::from_hours(1)),
];

#[derive(Template)]
#[template(path = "detail.html")]
struct DetailPage {
    line: Line,
    id: String,
    stream: String,
    categories: String,
    changes: Vec<Change>,
    fields: Fields,
    document: String,
    is_cut: bool,
    /// The whole history of the actor, and of the resource.
    actor_href: Option<String>,
    resource_href: Option<String>,
    /// The view that it is looked at from, at its page.
    back: String,
    is_open: bool,
    /// That view from the event on, and until it.
    since: String,
    until: String,
    /// Everything about the time of the event, in words how far.
    around: Vec<(&'static str, String)>,
    raw: String,
}

/// The event of an address.
async fn find(app: &App, caller: Caller, stream: String, id: String) -> Result<Event, PageError> {
    let missing = || {
        PageError::Missing(format!(
            "There is no such event in the {}. It may have been collected into another data_dir, or deleted.",
            app.destination
        ))
    };
    let found = match &app.store {
        Some(store) => ask(store, move |store| Ok(store.event(caller.access(), &stream, &id)?)).await?,
        None => elsewhere::event(app, &caller, &stream, &id).await?,
    };
    found.ok_or_else(missing)
}

/// Answers `GET /events/{stream}/{id}`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((stream, id)): Path<(String, String)>,
    pairs: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(pairs) = pairs.map_err(|error| PageError::Bad(error.body_text()))?;
    let from = Question::parse(&pairs)?;
    let question = from.first_page();
    let event = find(&app, caller, stream, id).await?;
    let mut doc = Doc::new();
    let root = doc.parse_str(&event.source).unwrap_or(Doc::SOURCE);
    let line = Line::new(&event, &question);
    let document = indented(&event.source);
    let history = |kind: &str, cell: &Option<Cell>| {
        let cell = cell.as_ref().filter(|cell| cell.links.is_some())?;
        Some(format!("/{kind}/{}", encode(&cell.value)))
    };
    render(&DetailPage {
        categories: visible(&event.row().categories.join(", ")),
        changes: changes(&doc, root),
        fields: fields(&doc, root, &question),
        is_cut: document.len() > MAX_DOCUMENT,
        document: cut(&document, MAX_DOCUMENT),
        actor_href: history("actors", &line.actor),
        resource_href: history("resources", &line.resource),
        back: from.href(),
        is_open: from.is_open(),
        since: question.within(question.range.since(event.time)).href(),
        until: question.within(question.range.until(event.time, Timestamp::now())).href(),
        around: AROUND.map(|(words, length)| (words, around(event.time, length))).into(),
        raw: format!("/documents{}", href(&event).trim_start_matches("/events")),
        id: visible(&event.id),
        stream: visible(&event.stream),
        line,
    })
}

fn around(time: Timestamp, length: SignedDuration) -> String {
    Question::default().within(Range::around(time, length)).href()
}

/// Answers `GET /documents/{stream}/{id}`: the document as it was delivered.
pub(crate) async fn raw(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((stream, id)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let event = find(&app, caller, stream, id).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], event.source).into_response())
}
