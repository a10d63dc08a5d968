//! What events a panel shows: the same conditions for Kibana, in its query language, and for a search.

use serde_json::{Value, json};

use crate::definition::Panel;

/// The panel's conditions in Kibana's query language; empty where it shows all events.
pub(crate) fn kuery(panel: &Panel) -> String {
    let term = |(field, values): &(String, Vec<String>)| {
        let values: Vec<String> = values.iter().map(|value| kuery_value(value)).collect();
        format!("{field}: ({})", values.join(" or "))
    };
    let matching = panel.matching.0.iter().map(term);
    let without = panel.without.0.iter().map(|pair| format!("not {}", term(pair)));
    matching.chain(without).collect::<Vec<_>>().join(" and ")
}

/// Wildcards work only without quotes.
fn kuery_value(value: &str) -> String {
    if value.contains('*') {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The same as a query of Elasticsearch.
pub(crate) fn dsl(panel: &Panel) -> Value {
    let any = |(field, values): &(String, Vec<String>)| {
        let any: Vec<Value> = values
            .iter()
            .map(|value| match value.contains('*') {
                true => json!({"wildcard": {field: {"value": value}}}),
                false => json!({"term": {field: {"value": value}}}),
            })
            .collect();
        json!({"bool": {"should": any, "minimum_should_match": 1}})
    };
    let all: Vec<Value> = panel.matching.0.iter().map(any).collect();
    let none: Vec<Value> = panel.without.0.iter().map(any).collect();
    json!({"bool": {"filter": all, "must_not": none}})
}
