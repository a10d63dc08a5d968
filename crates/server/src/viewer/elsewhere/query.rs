//! A filter as Elasticsearch and OpenSearch are asked it.

use serde_json::{Map, Value, json};
use store::{Filter, Group, PROJECT, Values};

use crate::question::{Edge, Spot, Way};

/// Where the events of all datasets are.
pub(super) const STREAMS: &str = "logs-*.audit-*";
/// Values of a table of counts; what is less frequent is only summed up.
const MANY: usize = 100;
/// Bars, at most.
pub(super) const BUCKETS: usize = 100;
/// Widths of bars, in seconds.
const WIDTHS: [i64; 12] =
    [1, 10, 60, 600, 3_600, 10_800, 43_200, 86_400, 604_800, 2_592_000, 31_536_000, 315_360_000];

/// What has a facet: its name in an answer, its fields, and which of those that an event has count.
const FACETS: [(&str, &[&str], Counted); 6] = [
    ("dataset", &["data_stream.dataset"], Counted::First),
    ("action", &["event.action"], Counted::First),
    ("category", &["event.category"], Counted::First),
    ("outcome", &["event.outcome"], Counted::First),
    ("user", USER, Counted::First),
    ("project", PROJECT, Counted::Each),
];
const USER: &[&str] = &["user.email", "user.name"];

/// Which of some fields count an event that has several.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    First,
    Each,
}

/// What values ask of fields: any of some fields holds one of some values.
type Asked<'v> = Vec<(Vec<&'v str>, &'v [String])>;

/// What is asked of fields with a facet, but for one.
fn of_facets<'v>(values: &'v Values, but: Option<&str>) -> Asked<'v> {
    let chosen = [
        &values.datasets,
        &values.actions,
        &values.categories,
        &values.outcomes,
        &values.users,
        &values.projects,
    ];
    let all = FACETS.into_iter().zip(chosen);
    let asked = all.filter(|((name, ..), values)| Some(*name) != but && !values.is_empty());
    asked.map(|((_, fields, _), values)| (fields.to_vec(), values.as_slice())).collect()
}

/// What is asked of others.
fn of_others(values: &Values) -> Asked<'_> {
    let fields = values.fields.iter().map(|own| (vec![own.field.as_str()], own.values.as_slice()));
    let anywhere = values.anywhere.iter().map(|own| (own.fields.to_vec(), own.values.as_slice()));
    fields.chain(anywhere).filter(|(_, values)| !values.is_empty()).collect()
}

/// Events that hold one of some values in any of some fields. Names of people are compared without regard to case; a value that a field can
/// not hold, no address for instance, is in no event.
fn clause((fields, values): (Vec<&str>, &[String])) -> Value {
    let one = |field: &str, value: &String| match USER.contains(&field) {
        true => json!({ "term": { field: { "value": value, "case_insensitive": true } } }),
        false => json!({ "match": { field: { "query": value, "lenient": true } } }),
    };
    let should: Vec<Value> =
        fields.into_iter().flat_map(|field| values.iter().map(move |value| one(field, value))).collect();
    json!({ "bool": { "should": should, "minimum_should_match": 1 } })
}

fn all_and_none(wanted: Vec<Value>, unwanted: Asked<'_>) -> Value {
    json!({ "bool": { "filter": wanted, "must_not": unwanted.into_iter().map(clause).collect::<Vec<_>>() } })
}

/// What a filter asks of fields with a facet, but for one.
fn choices(filter: &Filter, but: Option<&str>) -> Value {
    let wanted = of_facets(&filter.wanted, but).into_iter().map(clause).collect();
    all_and_none(wanted, of_facets(&filter.unwanted, but))
}

/// What it asks besides.
fn rest(filter: &Filter) -> Value {
    let mut wanted: Vec<Value> = of_others(&filter.wanted).into_iter().map(clause).collect();
    let mut range = Map::new();
    range.extend(filter.from.map(|from| ("gte".to_owned(), json!(from.to_string()))));
    range.extend(filter.to.map(|to| ("lt".to_owned(), json!(to.to_string()))));
    if !range.is_empty() {
        wanted.push(json!({ "range": { "@timestamp": range } }));
    }
    if !filter.text.is_empty() {
        // Nothing but blanks, quotes and stars means anything, as in the store.
        wanted.push(json!({ "simple_query_string": {
            "query": filter.text, "default_operator": "and", "flags": "PHRASE|PREFIX|WHITESPACE", "lenient": true,
        } }));
    }
    all_and_none(wanted, of_others(&filter.unwanted))
}

/// Everything that it asks.
fn whole(filter: &Filter) -> Value {
    json!({ "bool": { "filter": [choices(filter, None), rest(filter)] } })
}

/// The values of some fields, of the events of a query, with more about each.
fn values(query: Value, fields: &[&str], count: Counted, size: usize, more: &Value) -> Value {
    let exists = |field: &&str| json!({ "exists": { "field": field } });
    let each = fields.iter().enumerate().map(|(at, field)| {
        let before = if count == Counted::First { &fields[..at] } else { &[] };
        let earlier: Vec<Value> = before.iter().map(exists).collect();
        let counted = json!({
            "filter": { "bool": { "must_not": earlier } },
            "aggs": { "values": { "terms": { "field": field, "size": size }, "aggs": more } },
        });
        (at.to_string(), counted)
    });
    json!({ "filter": query, "aggs": each.collect::<Map<_, _>>() })
}

/// The first and the last time of the events of a query.
fn edges(query: Value) -> Value {
    json!({ "filter": query, "aggs": times() })
}

fn times() -> Value {
    json!({ "first": { "min": { "field": "@timestamp" } }, "last": { "max": { "field": "@timestamp" } } })
}

/// What a page of events needs: so many from a place on, in the order of [`Spot::FIELDS`].
fn page(size: usize, from: Option<&Edge>) -> Map<String, Value> {
    // What is newer than a place is asked for from there on, so backwards.
    let (order, missing) = match from.map(|edge| edge.way) {
        Some(Way::Newer) => ("asc", "_first"),
        Some(Way::Older) | None => ("desc", "_last"),
    };
    let sort = Spot::FIELDS.map(|field| match field {
        "event.id" => json!({ field: { "order": order, "missing": missing, "unmapped_type": "keyword" } }),
        "@timestamp" => json!({ field: { "order": order, "unmapped_type": "date" } }),
        _ => json!({ field: { "order": order } }),
    });
    let mut page = Map::new();
    page.insert("size".to_owned(), size.into());
    page.insert("track_total_hits".to_owned(), true.into());
    page.insert("timeout".to_owned(), "10s".into());
    page.insert("sort".to_owned(), sort.to_vec().into());
    page.extend(from.map(|edge| ("search_after".to_owned(), edge.spot.values())));
    page
}

/// What `_search` is asked for the list: events from a place on, their number, facets, and the first and last time. A facet has
/// its `top` values, and counts the events that every other filter lets through.
pub(super) fn list(filter: &Filter, size: usize, top: usize, from: Option<&Edge>) -> Value {
    let mut body = page(size, from);
    let facet = |(name, fields, count): (&str, &[&str], Counted)| {
        (name.to_owned(), values(choices(filter, Some(name)), fields, count, top, &json!({})))
    };
    let mut counted: Map<String, Value> = FACETS.into_iter().map(facet).collect();
    counted.insert("edges".to_owned(), edges(choices(filter, None)));
    body.insert("query".to_owned(), rest(filter));
    body.insert("post_filter".to_owned(), choices(filter, None));
    body.insert("aggs".to_owned(), counted.into());
    body.into()
}

/// The same for a history: for each group the values of its first fields, with an event that has the others.
pub(super) fn history(filter: &Filter, groups: &[Group<'_>], size: usize) -> Value {
    let mut body = page(size, None);
    let mut counted: Map<String, Value> = Map::new();
    for (at, group) in groups.iter().enumerate() {
        let [first, others @ ..] = group else { continue };
        let mut more = times();
        if !others.is_empty() {
            more["event"] = json!({ "top_hits": { "size": 1, "_source": others.concat() } });
        }
        counted
            .insert(at.to_string(), values(json!({ "match_all": {} }), first, Counted::First, MANY, &more));
    }
    counted.insert("edges".to_owned(), edges(json!({ "match_all": {} })));
    body.insert("query".to_owned(), whole(filter));
    body.insert("aggs".to_owned(), counted.into());
    body.into()
}

/// What is asked for the bars from one second to another, and how wide one is, in seconds.
pub(super) fn bars(filter: &Filter, first: i64, last: i64) -> Option<(Value, i64)> {
    let needed = |width: &&i64| last / **width - first / **width < BUCKETS as i64;
    let width = *WIDTHS.iter().find(needed)?;
    let time = json!({ "date_histogram": {
        "field": "@timestamp", "fixed_interval": format!("{width}s"), "min_doc_count": 1,
    } });
    Some((json!({ "size": 0, "timeout": "10s", "query": whole(filter), "aggs": { "time": time } }), width))
}

#[cfg(test)]
mod tests {
    use crate::question::Question;
    use jiff::Timestamp;

    use super::*;

    fn filter(pairs: &[(&str, &str)]) -> Filter {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Question::parse(&pairs).unwrap().filter(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_facet_counts_what_every_other_filter_lets_through() {
        let body = list(&filter(&[("action", "login"), ("not", "outcome:failure"), ("q", "x")]), 3, 10, None);
        let asks = |value: &Value, words: &str| value.to_string().contains(words);
        let filters = |facet: &str| body["aggs"][facet]["filter"].clone();
        assert!(!asks(&filters("action"), "login") && asks(&filters("action"), "failure"));
        assert!(asks(&filters("outcome"), "login") && !asks(&filters("outcome"), "failure"));
        assert!(asks(&filters("user"), "login") && asks(&filters("user"), "failure"));
        let own = |facet: &str, at: &str| body["aggs"][facet]["aggs"][at]["filter"].clone();
        assert!(asks(&own("user", "1"), "user.email"), "a name counts where there is no address");
        assert!(!asks(&own("project", "3"), "exists"), "an organization counts beside its teams");
        assert!(asks(&body["post_filter"], "login") && asks(&body["post_filter"], "failure"));
        assert!(asks(&body["query"], "simple_query_string") && !asks(&body["query"], "login"));
    }

    #[test]
    fn bars_are_few() {
        let width = |first, last| bars(&Filter::default(), first, last).map(|(_, width)| width);
        assert_eq!(width(0, 99), Some(1));
        assert_eq!(width(0, 100), Some(10));
        assert_eq!(width(1_800_000_000, 1_800_000_000 + 45 * 86_400), Some(43_200));
        assert_eq!(width(i64::MIN / 1_000, i64::MAX / 1_000), None);
    }
}
