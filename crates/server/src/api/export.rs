//! `GET /api/events/export`: all events of a question as a file; and `GET /api/events/export/manifest`, what a reviewer needs
//! to trust it. Neither is kept here: the same question over the same events gives the same bytes again.

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;
use store::export::{ExportError, Format, Order, Prepared};

use super::events::split;
use super::parameters::Parameters;
use super::{ApiError, Pairs, store};
use crate::access::{Caller, exported};
use crate::page::PageError;
use crate::question::encode;
use crate::{App, Question, ask, stream};

/// What may be asked beside a question without a cursor.
pub(super) const PARAMETERS: [&str; 2] = ["format", "as_of"];

/// Answers with the file.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    pairs: Pairs,
) -> Result<Response, ApiError> {
    let permit = stream::permit()?;
    let (prepared, query) = prepare(&app, caller.clone(), pairs).await?;
    let headers = [
        (header::CONTENT_TYPE, prepared.format().media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", prepared.file_name())),
        (header::LINK, format!("</api/events/export/manifest?{query}>; rel=\"describedby\"")),
    ];
    let body = stream::body(permit, move |out| {
        let written = prepared.write(out).map(|manifest| exported(&manifest));
        caller.exported(&query, written)
    });
    Ok((headers, body).into_response())
}

/// Answers with the manifest of the file that the same question gives.
pub(super) async fn manifest(
    State(app): State<Arc<App>>,
    caller: Caller,
    pairs: Pairs,
) -> Result<Json<Value>, ApiError> {
    let permit = stream::permit()?;
    let (prepared, _) = prepare(&app, caller, pairs).await?;
    let written = ask(store(&app)?, move |_| {
        let _permit = permit;
        prepared.write(io::sink()).map_err(|error: ExportError| PageError::Internal(error.to_string()))
    });
    Ok(Json(written.await?.json()))
}

/// Looks up what is asked for, with a query for the same file at any later time.
async fn prepare(app: &App, caller: Caller, pairs: Pairs) -> Result<(Prepared, String), ApiError> {
    let Query(pairs) = pairs?;
    let (own, asked) = split(pairs, &PARAMETERS);
    let parameters = Parameters::read(&own, &PARAMETERS)?;
    let format = parameters.choice("format", &Format::ALL.map(Format::name))?;
    let format = Format::ALL.into_iter().find(|own| Some(own.name()) == format).ok_or_else(|| {
        PageError::Bad("Say which format the export is to have: format is csv, json or ndjson.".to_owned())
    })?;
    let store = store(app)?;
    let as_of = parameters.number("as_of", 0..=u64::from(u32::MAX), store.len() as u64)?;
    let question = Question::parse(&asked)?.fixed(Timestamp::now());
    if question.cursor.is_some() {
        return Err(PageError::Bad("An export has no pages: leave cursor away.".to_owned()).into());
    }
    let asked = question.pairs();
    let query = query(format, as_of, &asked);
    let order = Order { format, filter: question.filter(Timestamp::now()), asked, as_of };
    let prepared = ask(store, move |store| Ok(order.prepare(store, caller.access())?)).await?;
    Ok((prepared, query))
}

/// What stands in the address of an export.
pub(crate) fn query(format: Format, as_of: u64, asked: &[(&'static str, String)]) -> String {
    let mut query = format!("format={}&as_of={as_of}", format.name());
    for (name, value) in asked {
        query.push_str(&format!("&{name}={}", encode(value)));
    }
    query
}
