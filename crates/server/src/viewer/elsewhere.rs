//! Events of another destination: the last ones, asked of Elasticsearch or OpenSearch, and what can not be shown.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use store::{Count, Event, Facets, Filter, Histogram, Summary};

use super::list::{Found, render_elsewhere};
use crate::App;
use crate::access::Caller;
use crate::page::{PageError, render};
use crate::question::{Question, Range};

/// Where the events of all datasets are.
const STREAMS: &str = "logs-*.audit-*";
/// Events on a page.
const PAGE: usize = 50;
/// Values of a facet.
const TOP: usize = 10;
const BUCKETS: usize = 100;

/// The facets: field by field, what they are called in an answer.
const FACETS: [(&str, &str); 5] = [
    ("dataset", "data_stream.dataset"),
    ("action", "event.action"),
    ("category", "event.category"),
    ("outcome", "event.outcome"),
    ("user", "user.email"),
];

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
    let body = body(&question.filter(Timestamp::now()));
    let answer = elsewhere.search(STREAMS, body).await.map_err(PageError::Elsewhere)?;
    let events = events(&answer);
    let older = events.last().filter(|_| events.len() == PAGE).map(|last| {
        // Events of the same time as the last one come again: better twice than never.
        let to = last.time.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(last.time);
        let (from, _) = question.range.bounds(Timestamp::now());
        question.within(Range::Between(from, Some(to))).href()
    });
    let found = Found { summary: summary(&answer), events, newer: None, older };
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
    let clauses = named(&filter).into_iter().map(|(fields, values)| {
        let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
        let one = |field: &&str| format!("{field}: ({})", values.join(" or "));
        match fields.iter().map(one).collect::<Vec<_>>() {
            one if one.len() == 1 => one.concat(),
            many => format!("({})", many.join(" or ")),
        }
    });
    clauses.collect::<Vec<_>>().join(" and ")
}

/// What a filter asks of fields: any of some fields holds one of some values.
fn named(filter: &Filter) -> Vec<(Vec<&str>, &[String])> {
    let lists = [
        (vec!["data_stream.dataset"], &filter.datasets),
        (vec!["event.action"], &filter.actions),
        (vec!["event.category"], &filter.categories),
        (vec!["event.outcome"], &filter.outcomes),
        (vec!["user.email", "user.name"], &filter.users),
    ];
    let fields = filter.fields.iter().map(|own| (vec![own.field.as_str()], &own.values));
    let anywhere = filter.anywhere.iter().map(|own| (own.fields.to_vec(), &own.values));
    let all = lists.into_iter().chain(fields).chain(anywhere);
    all.filter(|(_, values)| !values.is_empty()).map(|(fields, values)| (fields, values.as_slice())).collect()
}

/// The same of what must not be there.
fn kept_out(filter: &Filter) -> Filter {
    let except = filter.except.clone();
    Filter {
        datasets: except.datasets,
        actions: except.actions,
        categories: except.categories,
        outcomes: except.outcomes,
        users: except.users,
        fields: except.fields,
        anywhere: except.anywhere,
        ..Filter::default()
    }
}

/// What `_search` is asked: the newest events, their number, facets and bars.
fn body(filter: &Filter) -> Value {
    let clause = |(fields, values): (Vec<&str>, &[String])| {
        let terms = fields.into_iter().map(|field| json!({ "terms": { field: values } }));
        json!({ "bool": { "should": terms.collect::<Vec<_>>(), "minimum_should_match": 1 } })
    };
    let mut wanted: Vec<Value> = named(filter).into_iter().map(clause).collect();
    let kept_out = kept_out(filter);
    let unwanted: Vec<Value> = named(&kept_out).into_iter().map(clause).collect();
    let mut range = Map::new();
    range.extend(filter.from.map(|from| ("gte".to_owned(), json!(from.to_string()))));
    range.extend(filter.to.map(|to| ("lt".to_owned(), json!(to.to_string()))));
    if !range.is_empty() {
        wanted.push(json!({ "range": { "@timestamp": range } }));
    }
    if !filter.text.is_empty() {
        // Nothing but quotes and stars means anything, as in the store.
        wanted.push(json!({ "simple_query_string": {
            "query": filter.text, "default_operator": "and", "flags": "PHRASE|PREFIX", "lenient": true,
        } }));
    }
    let mut aggregations = Map::new();
    for (name, field) in FACETS {
        aggregations.insert(name.to_owned(), json!({ "terms": { "field": field, "size": TOP + 1 } }));
    }
    aggregations.insert(
        "time".to_owned(),
        json!({ "auto_date_histogram": { "field": "@timestamp", "buckets": BUCKETS } }),
    );
    json!({
        "size": PAGE,
        "track_total_hits": true,
        "timeout": "10s",
        "sort": [{ "@timestamp": { "order": "desc" } }],
        "query": { "bool": { "filter": wanted, "must_not": unwanted } },
        "aggs": aggregations,
    })
}

/// The events of an answer; what is none is left out.
fn events(answer: &Value) -> Vec<Event> {
    let hits = answer["hits"]["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
    let event = |hit: &Value| {
        let source = hit.get("_source")?;
        Some(Event {
            stream: stream(hit["_index"].as_str()?),
            id: hit["_id"].as_str()?.to_owned(),
            time: source["@timestamp"].as_str()?.parse().ok()?,
            source: source.to_string(),
        })
    };
    hits.iter().filter_map(event).collect()
}

/// The data stream of a backing index: `.ds-logs-cursor.audit-default-2026.11.28-000001`.
fn stream(index: &str) -> Arc<str> {
    let Some(rest) = index.strip_prefix(".ds-") else { return index.into() };
    let mut parts = rest.rsplitn(3, '-');
    let (generation, date) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    match parts.next() {
        Some(stream) if digits(generation) && digits(date) => stream.into(),
        // OpenSearch names them without a date.
        _ => rest.rsplit_once('-').filter(|(_, end)| digits(end)).map_or(rest, |(stream, _)| stream).into(),
    }
}

/// Number, facets and bars of an answer.
fn summary(answer: &Value) -> Summary {
    let buckets =
        |name: &str| answer["aggregations"][name]["buckets"].as_array().cloned().unwrap_or_default();
    let counts = |name: &str| {
        let count = |bucket: &Value| {
            Some(Count { value: bucket["key"].as_str()?.to_owned(), events: bucket["doc_count"].as_u64()? })
        };
        buckets(name).iter().filter_map(count).collect()
    };
    Summary {
        total: answer["hits"]["total"]["value"].as_u64().unwrap_or_default(),
        facets: Facets {
            datasets: counts("dataset"),
            actions: counts("action"),
            categories: counts("category"),
            outcomes: counts("outcome"),
            users: counts("user"),
        },
        histogram: histogram(&buckets("time"), answer["aggregations"]["time"]["interval"].as_str()),
    }
}

/// Bars of equal width; months and years, which are not, are none.
fn histogram(buckets: &[Value], interval: Option<&str>) -> Option<Histogram> {
    let width = width(interval?)?;
    let start = buckets.first()?["key"].as_i64()?;
    let mut bars = Vec::new();
    for bucket in buckets {
        let at = usize::try_from((bucket["key"].as_i64()? - start) / 1_000 / width).ok()?;
        // A server says how many bars there are; one that says more than it was asked for is not believed.
        if at > 10 * BUCKETS {
            return None;
        }
        bars.resize(bars.len().max(at + 1), 0);
        bars[at] += bucket["doc_count"].as_u64()?;
    }
    Some(Histogram { start: Timestamp::from_millisecond(start).ok()?, width, bars })
}

/// An interval such as `12h`, in seconds.
fn width(interval: &str) -> Option<i64> {
    let (number, unit) = interval.split_at(interval.len().checked_sub(1)?);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit).filter(|width| *width > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_streams_are_known_by_their_indices() {
        for (index, name) in [
            (".ds-logs-cursor.audit-default-2026.11.28-000001", "logs-cursor.audit-default"),
            (".ds-logs-cursor.audit-a-b-2026.11.28-000012", "logs-cursor.audit-a-b"),
            (".ds-logs-cursor.audit-default-000001", "logs-cursor.audit-default"),
            ("logs-cursor.audit-default", "logs-cursor.audit-default"),
        ] {
            assert_eq!(&*stream(index), name);
        }
    }

    #[test]
    fn bars_are_as_wide_as_the_server_says() {
        let bucket = |hours: i64, count: u64| json!({ "key": hours * 3_600_000, "doc_count": count });
        let drawn = histogram(&[bucket(12, 3), bucket(36, 4)], Some("12h")).unwrap();
        assert_eq!((drawn.start.as_second(), drawn.width, drawn.bars), (43_200, 43_200, vec![3, 0, 4]));
        assert_eq!(histogram(&[bucket(0, 1)], Some("1M")), None);
        assert_eq!(histogram(&[bucket(0, 1), bucket(1_000_000, 1)], Some("1s")), None);
        assert_eq!(histogram(&[], Some("1s")), None);
        assert_eq!(width(""), None);
    }

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
