//! The search that a panel makes, for tests with a server: the same conditions, groups and figures.

use serde_json::{Map, Value, json};

use crate::definition::{Figure, Panel, Shape};
use crate::query;

/// The body of a `_search`. Where the panel groups events, the outermost groups are the aggregation `group`.
pub fn body(panel: &Panel) -> Value {
    let mut body = json!({"size": 0, "track_total_hits": true, "query": query::dsl(panel)});
    let aggregations = match &panel.shape {
        Shape::Metric(figure) => figures(std::slice::from_ref(figure)),
        Shape::OverTime { split } => {
            let histogram = json!({"date_histogram": {"field": "@timestamp", "fixed_interval": "1d", "min_doc_count": 1}});
            group(terms(split, 10, "_count"), group(histogram, Map::new()))
        }
        Shape::Bars { of, size } => group(terms(of, *size, "_count"), Map::new()),
        Shape::Donut { of } => group(terms(of, 10, "_count"), Map::new()),
        Shape::Table { rows, order, columns } => {
            let by = columns.iter().position(|column| Some(column) == order.as_ref());
            let by = by.map_or_else(|| "_count".to_owned(), |number| format!("figure{number}"));
            let nest = |inner, (field, size): &(String, u32)| {
                let mut inner: Map<String, Value> = inner;
                inner.extend(figures(columns));
                group(terms(field, *size, &by), inner)
            };
            rows.0.iter().rev().fold(Map::new(), nest)
        }
        Shape::Map(field) => group(json!({"geotile_grid": {"field": field, "precision": 5}}), Map::new()),
        Shape::Events(columns) => {
            body["size"] = json!(100);
            body["fields"] = json!(columns);
            body["sort"] = json!([{"@timestamp": "desc"}]);
            Map::new()
        }
    };
    if !aggregations.is_empty() {
        body["aggs"] = Value::Object(aggregations);
    }
    body
}

fn group(mut by: Value, inner: Map<String, Value>) -> Map<String, Value> {
    if !inner.is_empty() {
        by["aggs"] = Value::Object(inner);
    }
    Map::from_iter([("group".to_owned(), by)])
}

fn terms(field: &str, size: u32, by: &str) -> Value {
    json!({"terms": {"field": field, "size": size, "order": {by: "desc"}}})
}

/// Counts come with every group.
fn figures(figures: &[Figure]) -> Map<String, Value> {
    let aggregation = |(number, figure): (usize, &Figure)| {
        let aggregation = match figure {
            Figure::Count => return None,
            Figure::Distinct(field) => json!({"cardinality": {"field": field}}),
            Figure::First(field) => json!({"min": {"field": field}}),
            Figure::Last(field) => json!({"max": {"field": field}}),
        };
        Some((format!("figure{number}"), aggregation))
    };
    figures.iter().enumerate().filter_map(aggregation).collect()
}
