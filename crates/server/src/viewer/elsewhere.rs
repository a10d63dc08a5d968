//! Events of another destination: the last ones, asked of Elasticsearch or OpenSearch, and what can not be shown.

use askama::Template;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::Event;

use super::list::{Found, render_elsewhere};
use super::search::{PAGE, STREAMS, bars, body, events, histogram, named, summary};
use crate::App;
use crate::access::Caller;
use crate::page::{PageError, render};
use crate::question::{Question, Range};

#[derive(Template)]
#[template(path = "elsewhere.html")]
struct ElsewherePage<'a> {
    /// What can not be shown.
    what: &'a str,
    destination: &'a str,
    /// What Kibana's Discover is to be asked.
    kql: Option<String>,
    has_search: bool,
    failing: Vec<String>,
}

/// The list of the last events.
pub(super) async fn list(
    app: &App,
    caller: Caller,
    question: &Question,
    failing: Vec<String>,
) -> Result<Response, PageError> {
    caller.access().check()?;
    let Some(elsewhere) = &app.elsewhere else {
        return nothing(app, "Events", None, failing);
    };
    if question.cursor.is_some() {
        return Err(PageError::Bad(
            "Events of another destination have no cursor: take the older ones by their time, with to."
                .to_owned(),
        ));
    }
    let filter = question.filter(Timestamp::now());
    let answer = elsewhere.search(STREAMS, body(&filter)).await.map_err(PageError::Elsewhere)?;
    let (events, mut summary) = (events(&answer), summary(&answer));
    if let Some((body, width)) = bars(&filter, &answer) {
        let answer = elsewhere.search(STREAMS, body).await.map_err(PageError::Elsewhere)?;
        summary.histogram = histogram(&answer, width);
    }
    let older = events.last().filter(|_| events.len() == PAGE).map(|last| {
        // Events of the same time as the last one come again: better twice than never.
        let to = last.time.checked_add(SignedDuration::from_millis(1)).unwrap_or(last.time);
        let (from, _) = question.range.bounds(Timestamp::now());
        question.within(Range::Between(from, Some(to))).href()
    });
    let found = Found { summary, events, newer: None, older };
    render_elsewhere(question, found, app.destination, failing)
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
    Ok(events(&answer).into_iter().next())
}

/// Says that a history is not told, and who can tell it.
pub(super) fn no_history(
    app: &App,
    caller: &Caller,
    name: &str,
    question: &Question,
) -> Result<Response, PageError> {
    caller.access().check()?;
    nothing(app, name, Some(question), crate::health::failing(app))
}

fn nothing(
    app: &App,
    what: &str,
    question: Option<&Question>,
    failing: Vec<String>,
) -> Result<Response, PageError> {
    render(&ElsewherePage {
        what,
        destination: app.destination,
        kql: (app.destination != "file").then(|| kql(question)),
        has_search: app.elsewhere.is_some(),
        failing,
    })
}

/// A question as Kibana's Discover takes it.
fn kql(question: Option<&Question>) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let Some(question) = question else { return "data_stream.dataset: \"cursor.audit\"".to_owned() };
    let filter = question.filter(Timestamp::now());
    let clauses = named(&filter.wanted).into_iter().map(|(fields, values)| {
        let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
        let one = |field: &&str| format!("{field}: ({})", values.join(" or "));
        match fields.iter().map(one).collect::<Vec<_>>() {
            one if one.len() == 1 => one.concat(),
            many => format!("({})", many.join(" or ")),
        }
    });
    clauses.collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_kibana_s_too() {
        let pairs = [("action", "login"), ("user", "a\"b\\"), ("is", "source.ip:192.0.2.1")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            kql(Some(&Question::parse(&pairs).unwrap())),
            "event.action: (\"login\") and (user.email: (\"a\\\"b\\\\\") or user.name: (\"a\\\"b\\\\\")) and \
             source.ip: (\"192.0.2.1\")"
        );
    }
}
