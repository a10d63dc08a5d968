//! Events of another destination, asked of Elasticsearch or OpenSearch, and what can not be shown.

mod answer;
mod query;

use askama::Template;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Event, Filter, Group, Histogram, Summary};

use self::answer::{Hit, edges, facets, histogram, hits, tallies, total};
use self::query::{STREAMS, bars};
use super::history::{Answer, Counted};
use super::list::{Found, PAGE, render_elsewhere, top};
use crate::access::Caller;
use crate::page::{PageError, render};
use crate::question::{Edge, Place, Question, Way};
use crate::{App, Elsewhere};

#[derive(Template)]
#[template(path = "elsewhere.html")]
struct ElsewherePage<'a> {
    /// What can not be shown.
    what: &'a str,
    destination: &'a str,
    failing: Vec<String>,
}

/// The list of events.
pub(super) async fn list(
    app: &App,
    caller: Caller,
    question: &Question,
    more: Option<&str>,
    failing: Vec<String>,
) -> Result<Response, PageError> {
    caller.access().check()?;
    let Some(elsewhere) = &app.elsewhere else {
        return nothing(app, "Events", failing);
    };
    let (filter, from) = (question.filter(Timestamp::now()), question.edge()?);
    let answer = search(&**elsewhere, query::list(&filter, PAGE + 1, top(more), from)).await?;
    let summary = Summary {
        total: total(&answer),
        facets: facets(&answer),
        histogram: over_time(&**elsewhere, &filter, &answer).await?,
    };
    let (events, newer, older) = turned(hits(&answer), from);
    let href = |edge: Edge| question.at(Place::There(edge)).href();
    let found = Found { summary, events, newer: newer.map(href), older: older.map(href) };
    render_elsewhere(question, found, more, app.destination, failing)
}

/// A page of the hits that were asked for, one more than it shows: newest first, and where the newer and the older ones are.
fn turned(mut hits: Vec<Hit>, from: Option<&Edge>) -> (Vec<Event>, Option<Edge>, Option<Edge>) {
    let is_more = hits.len() > PAGE;
    hits.truncate(PAGE);
    let way = from.map(|edge| edge.way);
    if way == Some(Way::Newer) {
        hits.reverse();
    }
    let edge = |hit: Option<&Hit>, way: Way| {
        // An empty page has the place itself between what is newer and what is older.
        let spot = hit.map_or_else(|| from.map(|edge| edge.spot.clone()), |hit| hit.spot.clone());
        spot.map(|spot| Edge { way, spot })
    };
    let has_newer = if way == Some(Way::Newer) { is_more } else { way.is_some() };
    let has_older = if way == Some(Way::Newer) { true } else { is_more };
    let newer = edge(hits.first(), Way::Newer).filter(|_| has_newer);
    let older = edge(hits.last(), Way::Older).filter(|_| has_older);
    (hits.into_iter().map(|hit| hit.event).collect(), newer, older)
}

async fn search(elsewhere: &dyn Elsewhere, body: Value) -> Result<Value, PageError> {
    elsewhere.search(STREAMS, body).await.map_err(PageError::Elsewhere)
}

/// The bars over the times that an answer has found.
async fn over_time(
    elsewhere: &dyn Elsewhere,
    filter: &Filter,
    answer: &Value,
) -> Result<Option<Histogram>, PageError> {
    let asked = edges(answer).and_then(|(first, last)| bars(filter, first.as_second(), last.as_second()));
    let Some((body, width)) = asked else { return Ok(None) };
    Ok(histogram(&search(elsewhere, body).await?, width))
}

/// One event of another destination; `None` when it has none of that name.
pub(super) async fn event(
    app: &App,
    caller: &Caller,
    stream: &str,
    id: &str,
) -> Result<Option<Event>, PageError> {
    caller.access().check()?;
    let Some(elsewhere) = &app.elsewhere else {
        return Err(PageError::Missing(format!(
            "Events are not kept here but delivered to {}: look there.",
            app.destination
        )));
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !stream.starts_with("logs-") || !stream.chars().all(is_name) {
        return Err(PageError::Bad("A data stream is called logs-<dataset>-<namespace>.".to_owned()));
    }
    let body = json!({ "size": 1, "query": { "ids": { "values": [id] } } });
    let answer = elsewhere.search(stream, body).await.map_err(PageError::Elsewhere)?;
    Ok(hits(&answer).into_iter().next().map(|hit| hit.event))
}

/// A history, counted over all of its events; `None` where nobody can be asked.
pub(super) async fn history(
    app: &App,
    caller: &Caller,
    question: &Question,
    groups: &[Group<'static>],
    newest: usize,
) -> Result<Option<Answer>, PageError> {
    caller.access().check()?;
    let Some(elsewhere) = &app.elsewhere else { return Ok(None) };
    let filter = question.filter(Timestamp::now());
    let answer = search(&**elsewhere, query::history(&filter, groups, newest)).await?;
    let total = total(&answer);
    let counted = tallies(&answer, groups).into_iter().map(|(tallies, others)| Counted { tallies, others });
    let edges = edges(&answer);
    Ok(Some(Answer {
        first: edges.map(|(first, _)| first),
        last: edges.map(|(_, last)| last),
        read: total,
        counted: counted.collect(),
        summary: Summary {
            total,
            histogram: over_time(&**elsewhere, &filter, &answer).await?,
            ..Summary::default()
        },
        newest: hits(&answer).into_iter().map(|hit| hit.event).collect(),
    }))
}

/// Says that events are not kept here, and nobody can be asked.
pub(super) fn nothing(app: &App, what: &str, failing: Vec<String>) -> Result<Response, PageError> {
    render(&ElsewherePage { what, destination: app.destination, failing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::Spot;

    /// Hits as `_search` gives them: of events that are numbered, from a place on.
    fn asked(all: u64, from: Option<&Edge>) -> Vec<Hit> {
        let newest_first = (0..all).rev();
        let place = |number: u64| Spot::read(&json!([5, null, "i", number])).unwrap();
        let at = |edge: &Edge| edge.spot.values()[3].as_u64().unwrap();
        let numbers: Vec<u64> = match from {
            None => newest_first.take(PAGE + 1).collect(),
            Some(edge) if edge.way == Way::Older => {
                newest_first.filter(|number| *number < at(edge)).take(PAGE + 1).collect()
            }
            Some(edge) => (at(edge) + 1..all).take(PAGE + 1).collect(),
        };
        let event = |id: u64| Event {
            stream: "logs-x-y".into(),
            id: id.to_string(),
            time: Timestamp::UNIX_EPOCH,
            source: "{}".to_owned(),
        };
        numbers.into_iter().map(|id| Hit { event: event(id), spot: Some(place(id)) }).collect()
    }

    #[test]
    fn pages_lead_through_all_events_and_back() {
        for all in [0, 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 7] {
            let (mut seen, mut from) = (Vec::new(), None);
            let mut last = loop {
                let (events, newer, older) = turned(asked(all as u64, from.as_ref()), from.as_ref());
                assert_eq!(newer.is_some(), from.is_some());
                seen.push(events.iter().map(|event| event.id.clone()).collect::<Vec<_>>());
                from = older;
                if from.is_none() {
                    break newer;
                }
            };
            let expected: Vec<String> = (0..all).rev().map(|id| id.to_string()).collect();
            assert_eq!(seen.concat(), expected);
            for page in seen.iter().rev().skip(1) {
                let from = last.take().unwrap();
                let (events, newer, older) = turned(asked(all as u64, Some(&from)), Some(&from));
                assert_eq!(events.iter().map(|event| event.id.clone()).collect::<Vec<_>>(), *page);
                assert!(older.is_some());
                last = newer;
            }
            assert!(last.is_none());
        }
    }
}
