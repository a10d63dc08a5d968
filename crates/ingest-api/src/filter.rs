//! `filter_path`: only the parts of an answer that are asked for, or all but some (`-…`).

use serde_json::{Map, Value};

use crate::wildcard::fits;

/// Longer filters, or more of them, are not read further.
const MOST: usize = 64;

/// Leaves what the filters name. A segment may have `*`; `**` stands for any number of levels.
pub(crate) fn filtered(value: Value, filters: &str) -> Value {
    let filters: Vec<&str> =
        filters.split(',').map(str::trim).filter(|one| !one.is_empty()).take(MOST).collect();
    let path = |filter: &str| filter.split('.').take(MOST).map(str::to_owned).collect::<Vec<String>>();
    let leave_out: Vec<Vec<String>> =
        filters.iter().filter_map(|one| one.strip_prefix('-')).map(path).collect();
    let keep: Vec<Vec<String>> =
        filters.iter().filter(|one| !one.starts_with('-')).map(|one| path(one)).collect();
    let kept = if keep.is_empty() { Some(value) } else { kept(value, &views(&keep)) };
    let left = kept.and_then(|value| left(value, &views(&leave_out)));
    left.unwrap_or_else(|| Value::Object(Map::new()))
}

fn views(paths: &[Vec<String>]) -> Vec<&[String]> {
    paths.iter().map(Vec::as_slice).collect()
}

/// What is left of paths behind a key: an empty one names all of what is there.
fn behind<'p>(paths: &[&'p [String]], key: &str) -> Vec<&'p [String]> {
    let mut next: Vec<&[String]> = Vec::new();
    for path in paths {
        match path {
            [deep, rest @ ..] if deep == "**" => {
                next.push(path);
                if rest.is_empty() {
                    next.push(rest);
                }
                next.extend(behind(&[rest], key));
            }
            [segment, rest @ ..] if fits(segment, key) => next.push(rest),
            _ => {}
        }
    }
    next.sort_unstable();
    next.dedup();
    next
}

fn kept(value: Value, paths: &[&[String]]) -> Option<Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value);
    }
    match value {
        Value::Object(fields) => {
            let fields: Map<String, Value> = fields
                .into_iter()
                .filter_map(|(name, value)| {
                    let value = kept(value, &behind(paths, &name))?;
                    Some((name, value))
                })
                .collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(|item| kept(item, paths)).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        _ => None,
    }
}

fn left(value: Value, paths: &[&[String]]) -> Option<Value> {
    if paths.is_empty() {
        return Some(value);
    }
    if paths.iter().any(|path| path.is_empty()) {
        return None;
    }
    Some(match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter_map(|(name, value)| {
                let value = left(value, &behind(paths, &name))?;
                Some((name, value))
            })
            .collect(),
        Value::Array(items) => items.into_iter().filter_map(|item| left(item, paths)).collect(),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_are_kept_or_left_out() {
        let whole =
            json!({"docs": [{"doc": {"_id": "q", "_source": {"a": 1}}}, {"doc": {"_id": "r"}}], "took": 1});
        for (filters, expected) in [
            ("docs.doc._id", json!({"docs": [{"doc": {"_id": "q"}}, {"doc": {"_id": "r"}}]})),
            ("docs.*.a", json!({})),
            ("docs.*.*.a", json!({"docs": [{"doc": {"_source": {"a": 1}}}]})),
            ("**.a,took", json!({"docs": [{"doc": {"_source": {"a": 1}}}], "took": 1})),
            ("-docs", json!({"took": 1})),
            ("-docs.doc._id,-**._source", json!({"docs": [{"doc": {}}, {"doc": {}}], "took": 1})),
            ("docs,-docs.doc._source", json!({"docs": [{"doc": {"_id": "q"}}, {"doc": {"_id": "r"}}]})),
            ("nothing", json!({})),
            ("t*", json!({"took": 1})),
            ("", whole.clone()),
        ] {
            assert_eq!(filtered(whole.clone(), filters), expected, "{filters}");
        }
    }

    #[test]
    fn filters_do_not_blow_up() {
        let deep = (0..100).fold(json!(1), |value, _| json!({ "a": value }));
        let filters = vec!["**.a.**.a.**.a.**.a.**.b"; 40].join(",");
        assert_eq!(filtered(deep, &filters), json!({}));
    }
}
