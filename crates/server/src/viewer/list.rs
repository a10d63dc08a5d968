//! The list of events: newest first, with what they can be narrowed by.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use store::export::{Format, MAX_CSV_EVENTS};
use store::{Page, Row, Shape, Summary};

use super::facets::{Facet, facets, grouped};
use super::histogram::{Drawing, HEIGHT, WIDTH, draw};
use super::status;
use crate::access::Caller;
use crate::api::export_query;
use crate::health::failing;
use crate::page::{PageError, render};
use crate::question::{Field, PRESETS, Question, Range, encode};
use crate::{App, ask};

/// Events on a page.
const PAGE: usize = 50;
const SHAPE: Shape = Shape { top: 12, buckets: 100 };

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    question: &'a Question,
    /// Query parts that the search form keeps.
    kept: Vec<(&'static str, String)>,
    ranges: Vec<(&'static str, &'static str, bool)>,
    from: String,
    to: String,
    total: String,
    facets: Vec<Facet>,
    drawing: Option<Drawing>,
    rows: Vec<Line>,
    /// Formats of exports with their addresses, and that of the manifest.
    exports: Vec<(&'static str, String, String)>,
    /// Whether a table can not hold them all.
    is_cut: bool,
    newer: Option<String>,
    older: Option<String>,
    /// Whether nothing is stored at all.
    empty_store: bool,
    failing: Vec<String>,
}

/// A row of the table.
struct Line {
    row: Row,
    href: String,
    /// To the second, for reading; and in full.
    short: String,
    full: String,
    /// The user and the address lead to their own events.
    user_href: String,
}

impl Line {
    fn new(row: Row, question: &Question) -> Self {
        Self {
            href: format!("/events/{}/{}", encode(&row.stream), encode(&row.id)),
            short: row.time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            full: row.time.to_string(),
            user_href: match question.values(Field::User) {
                [only] if *only == row.user => question.href(),
                _ => question.toggled(Field::User, &row.user).href(),
            },
            row,
        }
    }
}

/// Answers `GET /`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    pairs: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, PageError> {
    let Some(store) = &app.store else { return status::show(State(app)).await };
    let Query(pairs) = pairs.map_err(|error| PageError::Bad(error.body_text()))?;
    let question = Question::parse(&pairs)?;
    let filter = question.filter(Timestamp::now());
    let cursor = question.cursor;
    let as_of = store.len() as u64;
    let (page, summary) = ask(store, move |store| {
        let access = caller.access();
        Ok((store.page(access, &filter, cursor, PAGE)?, store.summary(access, &filter, SHAPE)?))
    })
    .await?;
    render(&list_page(&question, page, &summary, as_of, failing(&app)))
}

fn list_page<'a>(
    question: &'a Question,
    page: Page,
    summary: &Summary,
    as_of: u64,
    failing: Vec<String>,
) -> ListPage<'a> {
    let (from, to) = match question.range {
        Range::Between(from, to) => (from, to),
        _ => (None, None),
    };
    // The form of browsers: 2026-05-04T09:30:00.
    let input = |time: Option<Timestamp>| {
        time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S").to_string()).unwrap_or_default()
    };
    let presets = PRESETS
        .iter()
        .enumerate()
        .map(|(at, (name, label, _))| (*name, *label, question.range == Range::Last(at)));
    let custom = matches!(question.range, Range::Between(..));
    let ends = [("all", "All time", question.range == Range::All), ("custom", "From – to", custom)];
    ListPage {
        kept: question
            .pairs()
            .into_iter()
            .filter(|(name, _)| Field::ALL.iter().any(|field| field.name() == *name))
            .collect(),
        ranges: presets.chain(ends).collect(),
        from: input(from),
        to: input(to),
        total: grouped(summary.total),
        facets: facets(question, &summary.facets),
        drawing: summary.histogram.as_ref().and_then(|histogram| draw(question, histogram)),
        rows: page.rows.into_iter().map(|row| Line::new(row, question)).collect(),
        newer: page.previous.map(|cursor| question.at(cursor).href()),
        older: page.next.map(|cursor| question.at(cursor).href()),
        exports: exports(question, as_of),
        is_cut: summary.total > MAX_CSV_EVENTS,
        question,
        empty_store: as_of == 0,
        failing,
    }
}

/// What can be downloaded: the events of a view as they are now.
fn exports(question: &Question, as_of: u64) -> Vec<(&'static str, String, String)> {
    let asked = question.fixed(Timestamp::now()).first_page().pairs();
    let export = |format: Format| {
        let query = export_query(format, as_of, &asked);
        let name = match format {
            Format::Csv => "CSV",
            Format::Json => "JSON",
            Format::Ndjson => "NDJSON",
        };
        (name, format!("/api/events/export?{query}"), format!("/api/events/export/manifest?{query}"))
    };
    Format::ALL.map(export).into()
}
