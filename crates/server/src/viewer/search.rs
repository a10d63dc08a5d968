//! A filter as Elasticsearch and OpenSearch are asked it, and what they answer.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use store::{Count, Event, Facets, Filter, Histogram, Summary, Values};

/// Where the events of all datasets are.
pub(super) const STREAMS: &str = "logs-*.audit-*";
/// Events on a page.
pub(super) const PAGE: usize = 50;
/// Values of a facet.
const TOP: usize = 10;
/// Bars, at most.
const BUCKETS: usize = 100;
/// Widths of bars, in seconds.
const WIDTHS: [i64; 12] =
    [1, 10, 60, 600, 3_600, 10_800, 43_200, 86_400, 604_800, 2_592_000, 31_536_000, 315_360_000];

/// The facets: what they are called in an answer, and their fields.
const FACETS: [(&str, &str); 5] = [
    ("dataset", "data_stream.dataset"),
    ("action", "event.action"),
    ("category", "event.category"),
    ("outcome", "event.outcome"),
    ("user", "user.email"),
];

/// What values ask of fields: any of some fields holds one of some values.
pub(super) fn named(values: &Values) -> Vec<(Vec<&str>, &[String])> {
    let lists = [
        (vec!["data_stream.dataset"], &values.datasets),
        (vec!["event.action"], &values.actions),
        (vec!["event.category"], &values.categories),
        (vec!["event.outcome"], &values.outcomes),
        (vec!["user.email", "user.name"], &values.users),
    ];
    let fields = values.fields.iter().map(|own| (vec![own.field.as_str()], &own.values));
    let anywhere = values.anywhere.iter().map(|own| (own.fields.to_vec(), &own.values));
    let all = lists.into_iter().chain(fields).chain(anywhere);
    all.filter(|(_, values)| !values.is_empty()).map(|(fields, values)| (fields, values.as_slice())).collect()
}

/// What `_search` is asked: the newest events, their number, facets, and the first and last time.
pub(super) fn body(filter: &Filter) -> Value {
    let mut aggregations = Map::new();
    for (name, field) in FACETS {
        aggregations.insert(name.to_owned(), json!({ "terms": { "field": field, "size": TOP + 1 } }));
    }
    for (name, edge) in [("first", "min"), ("last", "max")] {
        aggregations.insert(name.to_owned(), json!({ edge: { "field": "@timestamp" } }));
    }
    json!({
        "size": PAGE,
        "track_total_hits": true,
        "timeout": "10s",
        "sort": [{ "@timestamp": { "order": "desc" } }],
        "query": query(filter),
        "aggs": aggregations,
    })
}

/// What is asked for the bars over the times that an answer has found, and how wide one is, in seconds.
pub(super) fn bars(filter: &Filter, answer: &Value) -> Option<(Value, i64)> {
    let edge = |name: &str| Some(answer["aggregations"][name]["value"].as_f64()? as i64 / 1_000);
    let (first, last) = (edge("first")?, edge("last")?);
    let needed = |width: &&i64| last / **width - first / **width < BUCKETS as i64;
    let width = *WIDTHS.iter().find(needed)?;
    let time = json!({ "date_histogram": {
        "field": "@timestamp", "fixed_interval": format!("{width}s"), "min_doc_count": 1,
    } });
    Some((json!({ "size": 0, "timeout": "10s", "query": query(filter), "aggs": { "time": time } }), width))
}

/// A filter as a query.
fn query(filter: &Filter) -> Value {
    let clause = |(fields, values): (Vec<&str>, &[String])| {
        let terms = fields.into_iter().map(|field| json!({ "terms": { field: values } }));
        json!({ "bool": { "should": terms.collect::<Vec<_>>(), "minimum_should_match": 1 } })
    };
    let mut wanted: Vec<Value> = named(&filter.wanted).into_iter().map(clause).collect();
    let unwanted: Vec<Value> = named(&filter.unwanted).into_iter().map(clause).collect();
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
    json!({ "bool": { "filter": wanted, "must_not": unwanted } })
}

/// The events of an answer; what is none is left out.
pub(super) fn events(answer: &Value) -> Vec<Event> {
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

/// Number and facets of an answer.
pub(super) fn summary(answer: &Value) -> Summary {
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
        histogram: None,
    }
}

/// The bars of an answer, each so many seconds wide.
pub(super) fn histogram(answer: &Value, width: i64) -> Option<Histogram> {
    let buckets = answer["aggregations"]["time"]["buckets"].as_array()?;
    let start = buckets.first()?["key"].as_i64()?;
    let mut bars = Vec::new();
    for bucket in buckets {
        let at = usize::try_from((bucket["key"].as_i64()? - start) / 1_000 / width).ok()?;
        // A server that tells of more than it was asked for is not believed.
        if at > 10 * BUCKETS {
            return None;
        }
        bars.resize(bars.len().max(at + 1), 0);
        bars[at] += bucket["doc_count"].as_u64()?;
    }
    Some(Histogram { start: Timestamp::from_millisecond(start).ok()?, width, bars })
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
    fn bars_are_few_and_stand_where_their_times_are() {
        let found = |first: i64, last: i64| json!({ "aggregations": { "first": { "value": first * 1_000 }, "last": { "value": last * 1_000 } } });
        let width = |first, last| bars(&Filter::default(), &found(first, last)).map(|(_, width)| width);
        assert_eq!(width(0, 99), Some(1));
        assert_eq!(width(0, 100), Some(10));
        assert_eq!(width(1_800_000_000, 1_800_000_000 + 45 * 86_400), Some(43_200));
        assert_eq!(width(i64::MIN / 1_000, i64::MAX / 1_000), None);
        assert!(
            bars(&Filter::default(), &json!({ "aggregations": { "first": { "value": null } } })).is_none()
        );
        let bucket = |hours: i64, count: u64| json!({ "key": hours * 3_600_000, "doc_count": count });
        let drawn = |buckets: &[Value], width| {
            histogram(&json!({ "aggregations": { "time": { "buckets": buckets } } }), width)
        };
        let told = drawn(&[bucket(12, 3), bucket(36, 4)], 43_200).unwrap();
        assert_eq!((told.start.as_second(), told.width, told.bars), (43_200, 43_200, vec![3, 0, 4]));
        assert_eq!(drawn(&[bucket(0, 1), bucket(1_000_000, 1)], 1), None);
        assert_eq!(drawn(&[], 1), None);
    }
}
