//! The list of events: newest first, with what they can be narrowed by.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use store::export::{Format, MAX_CSV_EVENTS};
use store::{Event, Shape, Store, Summary};

use super::chips::{Chip, chips};
use super::elsewhere;
use super::facets::{FEW, Facet, MANY, State as FacetState, facets, grouped};
use super::histogram::{Drawing, HEIGHT, WIDTH, draw};
use super::line::Line;
use super::times::{Times, kept};
use super::visible::cut;
use crate::access::Caller;
use crate::api::{Parameters, export_query, split};
use crate::health::failing;
use crate::page::{PageError, render};
use crate::question::{Condition, Field, Place, Question, Range};
use crate::{App, ask};

/// Events on a page.
pub(super) const PAGE: usize = 50;
const BUCKETS: usize = 100;
/// Longer texts are cut, in characters.
const MAX_MEANT: usize = 120;
/// A filter that only documents can answer is asked of no more events than this: about three seconds of reading.
const MAX_READ: u64 = 300_000;
/// What may stand in the address beside a question: whether the page renews itself, and of which field all values are listed.
const OWN: [&str; 2] = ["live", "more"];

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    question: &'a Question,
    times: Times,
    /// Query parts that the search form keeps.
    kept: Vec<(&'static str, String)>,
    chips: Vec<Chip>,
    total: String,
    facets: Vec<Facet>,
    drawing: Option<Drawing>,
    lines: Vec<Line>,
    /// Formats of exports with their addresses, and that of the manifest.
    exports: Vec<(&'static str, String, String)>,
    /// Whether a table can not hold them all.
    is_cut: bool,
    newer: Option<String>,
    older: Option<String>,
    /// Where the page renews itself, or does not any more.
    live_href: Option<String>,
    is_live: bool,
    /// Where nothing was found: fields that the words may have meant, with the views that ask for them.
    meant: Vec<(String, String)>,
    /// Whether nothing is stored at all.
    is_empty: bool,
    /// Where the events come from, when not from here.
    from_elsewhere: Option<&'a str>,
    failing: Vec<String>,
}

/// What was found for a question.
pub(super) struct Found {
    pub(super) events: Vec<Event>,
    pub(super) summary: Summary,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

/// Answers `GET /`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    pairs: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(pairs) = pairs.map_err(|error| PageError::Bad(error.body_text()))?;
    let (own, asked) = split(pairs, &OWN);
    let own = Parameters::read(&own, &OWN)?;
    let is_live = own.choice("live", &["on"])?.is_some();
    let facets = Field::FACETS;
    let more = own.choice("more", &facets.each_ref().map(Field::name))?;
    let question = Question::parse(&asked)?;
    let failing = failing(&app);
    let Some(store) = &app.store else {
        return elsewhere::list(&app, caller, &question, more, failing).await;
    };
    let as_of = store.len() as u64;
    let tag = format!("\"{as_of}-{}\"", failing.len());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == *tag) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let found = stored(store, caller, question.clone(), top(more)).await?;
    let mut page = ListPage::new(&question, found, more);
    page.exports = exports(&question, as_of);
    page.is_empty = as_of == 0;
    page.failing = failing;
    page.is_live = is_live;
    page.live_href = (question.cursor.is_none() && !matches!(question.range, Range::Between(_, Some(_))))
        .then(|| {
            let href = question.href();
            match (is_live, href.contains('?')) {
                (true, _) => href,
                (false, true) => href + "&live=on",
                (false, false) => href + "?live=on",
            }
        });
    Ok(([(header::ETAG, tag)], render(&page)?).into_response())
}

/// How many values of each facet are asked for: one more than are listed, to know that there are more.
pub(super) fn top(more: Option<&str>) -> usize {
    1 + if more.is_some() { MANY } else { FEW }
}

/// Asks the embedded store.
async fn stored(store: &Store, caller: Caller, question: Question, top: usize) -> Result<Found, PageError> {
    let cursor = question.cursor()?;
    ask(store, move |store| {
        let access = caller.access();
        let now = Timestamp::now();
        if let Some(base) = question.without_reading() {
            let shape = Shape { top: 0, buckets: 0 };
            let events = store.summary(access, &base.filter(now), shape)?.total;
            if events > MAX_READ {
                return Err(PageError::Bad(format!(
                    "This filter has to look into each of {} events, and it does into {} at most: choose a time range, a \
                     dataset or an action beside it.",
                    grouped(events),
                    grouped(MAX_READ)
                )));
            }
        }
        let filter = question.filter(now);
        let page = store.events(access, &filter, cursor, PAGE)?;
        Ok(Found {
            events: page.rows,
            summary: store.summary(access, &filter, Shape { top, buckets: BUCKETS })?,
            newer: page.previous.map(|cursor| question.at(Place::Here(cursor)).href()),
            older: page.next.map(|cursor| question.at(Place::Here(cursor)).href()),
        })
    })
    .await
}

impl<'a> ListPage<'a> {
    fn new(question: &'a Question, found: Found, more: Option<&str>) -> Self {
        let Found { events, summary, newer, older } = found;
        Self {
            times: Times::new(question, "/"),
            kept: kept(&question.saying("")),
            chips: chips(question, "/"),
            total: grouped(summary.total),
            facets: facets(question, &summary, more),
            drawing: summary.histogram.as_ref().and_then(|histogram| draw(question, "/", histogram)),
            lines: events.iter().map(|event| Line::new(event, question)).collect(),
            exports: Vec::new(),
            is_cut: summary.total > MAX_CSV_EVENTS,
            newer,
            older,
            live_href: None,
            is_live: false,
            meant: if events.is_empty() { meant(question) } else { Vec::new() },
            is_empty: false,
            from_elsewhere: None,
            failing: Vec::new(),
            question,
        }
    }
}

/// The page of events that another destination has.
pub(super) fn render_elsewhere(
    question: &Question,
    found: Found,
    more: Option<&str>,
    destination: &str,
    failing: Vec<String>,
) -> Result<Response, PageError> {
    let mut page = ListPage::new(question, found, more);
    page.from_elsewhere = Some(destination);
    page.failing = failing;
    render(&page)
}

/// Words such as `source.ip:192.0.2.1`, as the fields that who writes them means, and not the words.
fn meant(question: &Question) -> Vec<(String, String)> {
    let read = |word: &str| {
        let (path, value) = word.split_once(':')?;
        let value = value.trim_matches('"');
        let is_path = |c: char| c.is_ascii_alphanumeric() || "._@-".contains(c);
        let is_field = path.contains('.') || Field::named(path).is_some();
        if !is_field || !path.chars().all(is_path) || value.is_empty() {
            return None;
        }
        let others = question.text.split_whitespace().filter(|own| *own != word);
        let asked = question.saying(&others.collect::<Vec<_>>().join(" "));
        Some((
            cut(&format!("{path} is {value}"), MAX_MEANT),
            asked.with(&Condition::new(Field::of(path), value)).href(),
        ))
    };
    question.text.split_whitespace().filter_map(read).collect()
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
