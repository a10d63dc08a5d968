//! When a known difference is one: what the chain, the document or both outcomes must be like.

use std::collections::BTreeMap;

use event::Doc;
use ingest::{About, Ended, Watch};
use serde_json::{Map, Value, json};

use super::super::chains::LIBRARY;
use super::super::shrink::Seen;
use crate::case::INLINE;
use crate::compare::{Outcome, differences};
use crate::engine;

pub(super) fn always(_: &Seen, _: &Outcome, _: &Outcome) -> bool {
    true
}

/// Whether a processor of a type is in it.
pub(super) fn has(seen: &Seen, kind: &str) -> bool {
    json!([seen.processors, seen.on_failure, seen.pipelines]).to_string().contains(&format!("{{\"{kind}\":"))
}

/// Whether the document has a text that begins with a JSON value, and there is a processor to parse it.
pub(super) fn has_text_behind_json(seen: &Seen, _: &Outcome, _: &Outcome) -> bool {
    fn any(value: &Value) -> bool {
        match value {
            Value::String(text) => {
                let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
                let word = ["true", "false", "null"].iter().any(|word| {
                    text.trim_start().strip_prefix(word).is_some_and(|rest| !rest.trim().is_empty())
                });
                word || (matches!(values.next(), Some(Ok(_))) && values.next().is_some())
            }
            Value::Array(list) => list.iter().any(any),
            Value::Object(fields) => fields.values().any(any),
            _ => false,
        }
    }
    has(seen, "json") && any(&seen.document)
}

/// Whether a text of it may be a size that is no whole number.
pub(super) fn has_fraction(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let text = text.to_lowercase();
            text.contains(['.', 'e'])
                && text.contains(|c: char| c.is_ascii_digit())
                && text.contains(['b', 'k', 'm', 'g', 't', 'p'])
        }
        Value::Array(list) => list.iter().any(has_fraction),
        Value::Object(fields) => fields.values().any(has_fraction),
        _ => false,
    }
}

/// Whether a text of it has the long name of a month or a day, which a date may be.
pub(super) fn has_long_name(seen: &Seen, _: &Outcome, _: &Outcome) -> bool {
    const LONG: &[&str] = &["January", "Tuesday"];
    let text = seen.document.to_string();
    (has(seen, "date") || has(seen, "date_index_name")) && LONG.iter().any(|name| text.contains(name))
}

/// Whether a text of it has an end of a line that Java's dot does not take, and there is a regular expression with one.
pub(super) fn has_end_of_line(seen: &Seen, _: &Outcome, _: &Outcome) -> bool {
    fn any(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']),
            Value::Array(list) => list.iter().any(any),
            Value::Object(fields) => fields.values().any(any),
            _ => false,
        }
    }
    fn has_dot(value: &Value) -> bool {
        match value {
            Value::Array(list) => list.iter().any(has_dot),
            Value::Object(fields) => fields.iter().any(|(name, value)| {
                let is_pattern = ["pattern", "separator", "field_split", "value_split"].contains(&&**name);
                (is_pattern && value.as_str().is_some_and(|text| text.contains('.'))) || has_dot(value)
            }),
            _ => false,
        }
    }
    any(&seen.document) && has_dot(&json!(seen.definitions()))
}

/// An outcome with all its texts changed.
pub(super) fn with_texts(outcome: &Outcome, change: &dyn Fn(&str) -> String) -> Outcome {
    fn values(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
        match value {
            Value::String(text) => change(text).into(),
            Value::Array(list) => list.iter().map(|inner| values(inner, change)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, inner)| (name.clone(), values(inner, change)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }
    match outcome.clone() {
        Outcome::Document { id, index, source } => {
            Outcome::Document { id, index, source: values(&source, change) }
        }
        Outcome::Failed { kind, reason } => Outcome::Failed { kind, reason: change(&reason) },
        other => other,
    }
}

/// Whether there is a script, and texts have the same characters in another order.
pub(super) fn in_another_order(seen: &Seen, ours: &Outcome, theirs: &Outcome) -> bool {
    let sorted = |text: &str| {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.into_iter().collect()
    };
    has(seen, "script")
        && differences(&with_texts(ours, &sorted), &with_texts(theirs, &sorted), false).is_empty()
}

/// Whether the outcomes are the same without the names of pipelines in what handlers wrote.
pub(super) fn but_for_pipelines(_: &Seen, ours: &Outcome, theirs: &Outcome) -> bool {
    let without = |text: &str| {
        let mut text = text.replace("|_simulate_pipeline", "|");
        let numbers = (0..LIBRARY).map(|number| number.to_string());
        for name in numbers.chain(["nope".to_owned()]) {
            text = text.replace(&format!("|random-{name}"), "|");
        }
        text
    };
    differences(&with_texts(ours, &without), &with_texts(theirs, &without), false).is_empty()
}

/// Whether all that differs are fields that a script of the chain put one object or list into twice.
pub(super) fn shared(seen: &Seen, ours: &Outcome, theirs: &Outcome) -> bool {
    let of_script =
        |line: &String| [".s1", ".s2", ".s3", ".seen"].iter().any(|field| line.starts_with(field));
    has(seen, "script") && differences(ours, theirs, false).iter().all(of_script)
}

/// Whether a text of it has a number with an exponent.
pub(super) fn has_exponent(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let text = text.to_lowercase();
            text.char_indices().any(|(at, c)| {
                c == 'e'
                    && text[..at].ends_with(|c: char| c.is_ascii_digit())
                    && text[at + 1..].starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+')
            })
        }
        Value::Array(list) => list.iter().any(has_exponent),
        Value::Object(fields) => fields.values().any(has_exponent),
        _ => false,
    }
}

/// Whether there is a number beyond the year 9999, and a processor that takes it for a date.
pub(super) fn is_far(seen: &Seen, _: &Outcome, _: &Outcome) -> bool {
    fn any(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() > 2.5e11),
            Value::String(text) => text.trim().parse::<f64>().is_ok_and(|number| number.abs() > 2.5e11),
            Value::Array(list) => list.iter().any(any),
            Value::Object(fields) => fields.values().any(any),
            _ => false,
        }
    }
    json!([seen.processors, seen.on_failure, seen.pipelines]).to_string().contains("UNIX")
        && any(&seen.document)
}

/// Whether a template names something by an index, or by nothing.
pub(super) fn names_no_element(seen: &Seen, _: &Outcome, _: &Outcome) -> bool {
    let text = json!(seen.definitions()).to_string();
    text.match_indices("}}").any(|(end, _)| {
        let path = text[..end].rsplit(['{', '#', '^']).next().unwrap_or_default();
        path.ends_with('.') || path.split('.').skip(1).any(|name| name.parse::<i64>().is_ok())
    })
}

/// Whether the engine refuses metadata of the wrong type on the way of the document, whoever ignores or handles that. Of what a loop
/// holds nobody is told, so there it is enough that it may write to metadata.
pub(super) fn refuses_metadata(seen: &Seen, _: &Outcome, _: &Outcome) -> bool {
    struct Refusals(bool);

    impl Watch for Refusals {
        fn begins(&mut self, _: &About) {}

        fn ended(&mut self, _: &About, how: &Ended<'_>, _: &Doc) {
            if let Ended::Failed { failure, .. } = how {
                self.0 |= failure.reason.contains("is wrong type, expected assignable to [");
            }
        }
    }

    let mut refusals = Refusals(false);
    if let Ok(pipelines) = engine::compile(&seen.definitions(), &BTreeMap::new()) {
        engine::watch(INLINE, &pipelines, &seen.document.to_string(), &mut refusals);
    }
    refusals.0 || writes_metadata_in_a_loop(&json!(seen.definitions()))
}

fn writes_metadata_in_a_loop(value: &Value) -> bool {
    const METADATA: &[&str] = &["_id", "_index", "_routing", "_version", "_version_type"];
    let writes = |held: &Value| METADATA.iter().any(|name| held.to_string().contains(&format!("\"{name}\"")));
    match value {
        Value::Array(list) => list.iter().any(writes_metadata_in_a_loop),
        Value::Object(fields) => {
            fields.get("foreach").is_some_and(|options| writes(&options["processor"]))
                || fields.values().any(writes_metadata_in_a_loop)
        }
        _ => false,
    }
}

pub(super) fn refused(ours: &Outcome) -> bool {
    matches!(ours, Outcome::Refused { .. })
}

/// Whether the node's failure is that of a loop's field.
pub(super) fn foreach_failed(seen: &Seen, _: &Outcome, theirs: &Outcome) -> bool {
    let Outcome::Failed { reason, .. } = theirs else { return false };
    let mut fields = Vec::new();
    loops(&json!([seen.processors, seen.on_failure, seen.pipelines]), &mut fields);
    fields.iter().any(|field| {
        reason.contains(&format!("path [{field}]"))
            || (reason.starts_with(&format!("field [{field}] "))
                && [" of type [", " is null, cannot loop over its elements."]
                    .iter()
                    .any(|words| reason.contains(words)))
    })
}

/// The fields of all loops.
pub(super) fn loops(value: &Value, fields: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|inner| loops(inner, fields)),
        Value::Object(object) => {
            if let Some(field) = object.get("foreach").and_then(|options| options["field"].as_str()) {
                fields.push(field.to_owned());
            }
            object.values().for_each(|inner| loops(inner, fields));
        }
        _ => {}
    }
}
