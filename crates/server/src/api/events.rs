//! `GET /api/events`: whole documents, page by page from a cursor on, with the filters of the viewer.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Event, MAX_PAGE};

use super::parameters::Parameters;
use super::{ApiError, Given, Pairs, store};
use crate::access::Caller;
use crate::page::PageError;
use crate::{App, Question, ask};

/// What may be asked beside a question.
pub(super) const PARAMETERS: [&str; 1] = ["limit"];
/// Events on a page, where nobody says.
const LIMIT: usize = 100;

/// A page of events.
#[derive(Serialize)]
pub(super) struct Events {
    events: Vec<Box<RawValue>>,
    /// The cursor of the older ones; null when these are the oldest.
    next: Option<String>,
    /// The cursor of the newer ones; null when these are the newest.
    previous: Option<String>,
}

/// A document with its place, as other outputs write it.
fn document(event: &Event) -> Result<Box<RawValue>, PageError> {
    let mut json = Vec::with_capacity(event.source.len() + 128);
    event.write(&mut json);
    let json = String::from_utf8(json).map_err(|error| error.to_string());
    let value = json.and_then(|json| RawValue::from_string(json).map_err(|error| error.to_string()));
    value.map_err(|error| PageError::Internal(format!("the document {} is no JSON: {error}", event.id)))
}

/// Answers a request.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    pairs: Pairs,
) -> Result<Json<Events>, ApiError> {
    let Query(pairs) = pairs?;
    let (own, asked) = split(pairs, &PARAMETERS);
    let limit = Parameters::read(&own, &PARAMETERS)?.number("limit", 1..=MAX_PAGE, LIMIT)?;
    let question = Question::parse(&asked)?;
    let (filter, cursor) = (question.filter(Timestamp::now()), question.cursor()?);
    let events = ask(store(&app)?, move |store| {
        let page = store.events(caller.access(), &filter, cursor, limit)?;
        Ok(Events {
            events: page.rows.iter().map(document).collect::<Result<_, _>>()?,
            next: page.next.map(|cursor| cursor.to_string()),
            previous: page.previous.map(|cursor| cursor.to_string()),
        })
    });
    Ok(Json(events.await?))
}

/// Divides what was asked: the parameters of some names, and those of the question.
pub(crate) fn split(pairs: Given, names: &[&str]) -> (Given, Given) {
    pairs.into_iter().partition(|(name, _)| names.contains(&name.as_str()))
}
