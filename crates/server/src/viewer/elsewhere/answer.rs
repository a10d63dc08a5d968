//! What Elasticsearch and OpenSearch answer, as a page needs it. A server that answers something else has nothing to show.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use store::{Count, Event, Facets, Group, Histogram, Tally};

use super::query::BUCKETS;
use crate::question::Spot;

/// An event, with its place in the order of all.
pub(super) struct Hit {
    pub(super) event: Event,
    pub(super) spot: Option<Spot>,
}

/// The events of an answer; what is none is left out.
pub(super) fn hits(answer: &Value) -> Vec<Hit> {
    let hits = answer["hits"]["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
    let hit = |hit: &Value| {
        let source = hit.get("_source")?;
        let event = Event {
            stream: stream(hit["_index"].as_str()?),
            id: hit["_id"].as_str()?.to_owned(),
            time: source["@timestamp"].as_str()?.parse().ok()?,
            source: source.to_string(),
        };
        Some(Hit { event, spot: Spot::read(&hit["sort"]) })
    };
    hits.iter().filter_map(hit).collect()
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

/// How many events there are.
pub(super) fn total(answer: &Value) -> u64 {
    answer["hits"]["total"]["value"].as_u64().unwrap_or_default()
}

/// When the first and the last event was.
pub(super) fn edges(answer: &Value) -> Option<(Timestamp, Timestamp)> {
    let edges = &answer["aggregations"]["edges"];
    Some((time(&edges["first"])?, time(&edges["last"])?))
}

fn time(value: &Value) -> Option<Timestamp> {
    Timestamp::from_millisecond(value["value"].as_f64()? as i64).ok()
}

/// The counted values of some fields, the most frequent first, and how many events have others.
fn buckets<'a>(answer: &'a Value, name: &str) -> (Vec<&'a Value>, u64) {
    let (mut all, mut others) = (Vec::new(), 0);
    for at in 0.. {
        let Some(values) = answer["aggregations"][name][at.to_string()].get("values") else { break };
        all.extend(values["buckets"].as_array().into_iter().flatten());
        others += values["sum_other_doc_count"].as_u64().unwrap_or_default();
    }
    all.sort_by_key(|bucket| Reverse(bucket["doc_count"].as_u64()));
    (all, others)
}

/// The facets of an answer.
pub(super) fn facets(answer: &Value) -> Facets {
    let counts = |name: &str| {
        let mut counts: Vec<Count> = Vec::new();
        for bucket in buckets(answer, name).0 {
            let (Some(value), Some(events)) = (key(bucket), bucket["doc_count"].as_u64()) else { continue };
            // Two fields may have the same value.
            match counts.iter_mut().find(|known| known.value == value) {
                Some(known) => known.events += events,
                None => counts.push(Count { value, events }),
            }
        }
        counts.sort_by_key(|count| Reverse(count.events));
        counts
    };
    Facets {
        datasets: counts("dataset"),
        actions: counts("action"),
        categories: counts("category"),
        outcomes: counts("outcome"),
        users: counts("user"),
        projects: counts("project"),
    }
}

/// The text of a bucket, whatever type its field has.
fn key(bucket: &Value) -> Option<String> {
    let text = bucket["key_as_string"].as_str().or(bucket["key"].as_str());
    text.map(str::to_owned).or_else(|| bucket["key"].as_number().map(ToString::to_string))
}

/// The counts of a history's groups, each with the number of events that have other values.
pub(super) fn tallies(answer: &Value, groups: &[Group<'_>]) -> Vec<(Vec<Tally>, u64)> {
    let tally = |bucket: &Value, others: &[&[&str]]| {
        let source = &bucket["event"]["hits"]["hits"][0]["_source"];
        let other = |paths: &&[&str]| paths.iter().find_map(|path| text_at(source, path)).unwrap_or_default();
        Some(Tally {
            values: std::iter::once(key(bucket)?).chain(others.iter().map(other)).collect(),
            events: bucket["doc_count"].as_u64()?,
            first: time(&bucket["first"])?,
            last: time(&bucket["last"])?,
        })
    };
    let counted = |(at, group): (usize, &Group<'_>)| {
        let (found, others) = buckets(answer, &at.to_string());
        let more = group.get(1..).unwrap_or_default();
        (found.into_iter().filter_map(|bucket| tally(bucket, more)).collect(), others)
    };
    groups.iter().enumerate().map(counted).collect()
}

/// The first text at a dotted path.
fn text_at(source: &Value, path: &str) -> Option<String> {
    let found = path.split('.').try_fold(source, |at, name| at.get(name))?;
    let one = found.as_array().map_or(Some(found), |all| all.first())?;
    one.as_str().map(str::to_owned)
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
    use serde_json::json;

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
    fn bars_stand_where_their_times_are() {
        let bucket = |hours: i64, count: u64| json!({ "key": hours * 3_600_000, "doc_count": count });
        let drawn = |buckets: &[Value], width| {
            histogram(&json!({ "aggregations": { "time": { "buckets": buckets } } }), width)
        };
        let told = drawn(&[bucket(12, 3), bucket(36, 4)], 43_200).unwrap();
        assert_eq!((told.start.as_second(), told.width, told.bars), (43_200, 43_200, vec![3, 0, 4]));
        assert_eq!(drawn(&[bucket(0, 1), bucket(1_000_000, 1)], 1), None);
        assert_eq!(drawn(&[], 1), None);
    }

    #[test]
    fn values_of_several_fields_are_counted_together() {
        let bucket = |key: Value, count: u64, country: Value| {
            json!({ "key": key, "doc_count": count, "first": { "value": 1.0e3 }, "last": { "value": 2.0e3 },
                "event": { "hits": { "hits": [{ "_source": { "geo": { "name": country } } }] } } })
        };
        let first = json!({ "sum_other_doc_count": 2, "buckets": [bucket("a".into(), 1, json!(["Spain"]))] });
        let second = json!({ "sum_other_doc_count": 3, "buckets": [bucket(7.into(), 4, Value::Null), {}] });
        let answer =
            json!({ "aggregations": { "0": { "0": { "values": first }, "1": { "values": second } } } });
        let group: Group<'_> = &[&["x", "y"], &["geo.code", "geo.name"]];
        let told = tallies(&answer, &[group, group]);
        let values: Vec<_> = told[0].0.iter().map(|own| (own.values.join(" "), own.events)).collect();
        assert_eq!(values, [("7 ".to_owned(), 4), ("a Spain".to_owned(), 1)]);
        assert_eq!((told[0].1, told[1].0.len(), told[1].1), (5, 0, 0));
    }
}
