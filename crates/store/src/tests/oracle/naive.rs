//! Filters, answered by looking at every document.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::arbitrary::{ACTOR, MIXED, PLACE};
use super::words::text_matches;
use crate::terms::MAX_VALUE;
use crate::{Count, DerivedFilter, Filter, PROJECT, Values};

/// All values at a path, arrays flattened, as text.
fn values(document: &Value, path: &str) -> Vec<String> {
    let mut found = vec![document];
    for name in path.split('.') {
        found = found.into_iter().flat_map(flat).filter_map(|value| value.get(name)).collect();
    }
    let flat = found.into_iter().flat_map(flat);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    flat.filter(|value| !value.is_null()).map(text).collect()
}

/// A value, or what is in arrays of it.
fn flat(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().flat_map(flat).collect(),
        value => vec![value],
    }
}

/// What a document belongs to, no longer than terms are.
fn projects(document: &Value) -> BTreeSet<String> {
    let all = PROJECT.iter().flat_map(|field| values(document, field));
    all.map(|value| value.chars().take(MAX_VALUE).collect()).collect()
}

/// Which of the filters by column let a document through, and whether all others do.
fn verdicts(document: &Value, filter: &Filter) -> ([bool; 6], bool) {
    let any = |named: &[String], path| values(document, path).iter().any(|value| named.contains(value));
    let one = |named: fn(&Values) -> &Vec<String>, path| {
        let (wanted, unwanted) = (named(&filter.wanted), named(&filter.unwanted));
        (wanted.is_empty() || any(wanted, path)) && !any(unwanted, path)
    };
    let lower = |values: &[String]| values.iter().map(|value| value.to_lowercase()).collect::<Vec<_>>();
    let names = lower(&[values(document, "user.email"), values(document, "user.name")].concat());
    let (users, not_users) = (lower(&filter.wanted.users), lower(&filter.unwanted.users));
    let projects = projects(document);
    let is_in = |named: &[String]| projects.iter().any(|project| named.contains(project));
    let columns = [
        one(|values| &values.datasets, "data_stream.dataset"),
        one(|values| &values.actions, "event.action"),
        one(|values| &values.categories, "event.category"),
        one(|values| &values.outcomes, "event.outcome"),
        (users.is_empty() || names.iter().any(|name| users.contains(name)))
            && !names.iter().any(|name| not_users.contains(name)),
        (filter.wanted.projects.is_empty() || is_in(&filter.wanted.projects))
            && !is_in(&filter.unwanted.projects),
    ];
    let time: Timestamp = values(document, "@timestamp")[0].parse().unwrap();
    let others = filter.from.is_none_or(|from| time >= from)
        && filter.to.is_none_or(|to| time < to)
        && filter.wanted.fields.iter().all(|field| any(&field.values, &field.field))
        && !filter.unwanted.fields.iter().any(|field| any(&field.values, &field.field))
        && filter.derived.iter().all(|derived| derived.values.contains(&derived_value(document, derived)))
        && text_matches(document, &filter.text);
    (columns, others)
}

fn derived_value(document: &Value, filter: &DerivedFilter) -> String {
    for (rules, fields) in [
        (ACTOR, ["user.email", "user.name"]),
        (PLACE, ["organization.id", "cursor.audit.team_id"]),
        (MIXED, ["source.ip", "user.name"]),
    ] {
        if filter.rules == rules {
            let names = fields.map(|field| values(document, field)).concat();
            return names.first().cloned().unwrap_or_default();
        }
    }
    let action = values(document, "event.action");
    match () {
        () if values(document, "event.category").contains(&"iam".to_owned()) => "USER",
        () if action.iter().any(|action| action.starts_with("log")) => "SESSION",
        () => "OTHER",
    }
    .to_owned()
}

fn is_old(at: usize, filter: &Filter) -> bool {
    filter.as_of.is_none_or(|end| (at as u64) < end)
}

/// The most frequent values of a column, of the documents that all other columns let through.
pub(super) fn facet(documents: &[Value], filter: &Filter, column: usize, top: usize) -> Vec<Count> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        let (mut columns, others) = verdicts(document, filter);
        columns[column] = true;
        if !others || !is_old(at, filter) || columns.contains(&false) {
            continue;
        }
        let own = match column {
            0 => values(document, "data_stream.dataset"),
            1 => values(document, "event.action"),
            2 => values(document, "event.category"),
            3 => values(document, "event.outcome"),
            4 => [values(document, "user.email"), values(document, "user.name")]
                .concat()
                .into_iter()
                .take(1)
                .collect(),
            _ => projects(document).into_iter().collect(),
        };
        for value in own {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(value, events)| Count { value, events }).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.events));
    counts.truncate(top);
    counts
}

/// The places of the documents that a filter finds, newest first.
pub(super) fn expected(documents: &[Value], filter: &Filter) -> Vec<usize> {
    let mut found: Vec<usize> = (0..documents.len())
        .filter(|&at| {
            let (columns, others) = verdicts(&documents[at], filter);
            others && is_old(at, filter) && !columns.contains(&false)
        })
        .collect();
    let time = |at: usize| documents[at]["@timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
    found.sort_by_key(|&at| std::cmp::Reverse((time(at), at)));
    found
}
