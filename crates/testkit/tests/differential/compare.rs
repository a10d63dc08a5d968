//! What came out, and where two of it differ.

use serde_json::Value;

/// What became of a document, in either engine.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// A document, with `_id` and `_index`.
    Document { id: String, index: String, source: Value },
    /// `drop` took it.
    Dropped,
    /// It failed while the pipeline ran.
    Failed { kind: String, reason: String },
    /// The pipeline was refused.
    Refused { kind: String, reason: String },
}

/// Where they differ, a line each. With `only_that_failed` a failure's type and words are not compared: the
/// processor stands in for another one.
pub(crate) fn differences(ours: &Outcome, theirs: &Outcome, only_that_failed: bool) -> Vec<String> {
    let mut found = Vec::new();
    match (ours, theirs) {
        (
            Outcome::Document { id, index, source },
            Outcome::Document { id: its, index: at, source: there },
        ) => {
            if id != its {
                found.push(format!("_id: engine {id}, node {its}"));
            }
            if index != at {
                found.push(format!("_index: engine {index}, node {at}"));
            }
            values("", source, there, &mut found);
        }
        (Outcome::Failed { .. }, Outcome::Failed { .. }) if only_that_failed => {}
        _ if ours == theirs => {}
        _ => found.push(format!("engine {ours:?}\n     node   {theirs:?}")),
    }
    found
}

/// Stands for an answer that holds half a character.
pub(crate) const HALF_CHARACTER: &str = "half a character";

/// What OpenSearch can not do and Elasticsearch can, or the engine can not: how it is known, and its name.
const LIMITS: &[(&str, &str)] = &[
    (HALF_CHARACTER, "Java cuts characters beyond 16 bits in two"),
    ("\"@timestamp\":\"+", "here dates end with the year 9999"),
    ("unexpected value type [class java.math.BigInteger]", "OpenSearch copies no integer beyond 64 bits"),
    (
        "of type [java.util.HashMap] cannot be cast to [java.util.List]",
        "OpenSearch's foreach takes lists only",
    ),
];

/// The limit that an outcome of the node shows, in its failure or in what a handler wrote of it.
pub(crate) fn node_limit(theirs: &Outcome) -> Option<&'static str> {
    let text = match theirs {
        Outcome::Document { source, .. } => source.to_string(),
        Outcome::Failed { reason, .. } => reason.clone(),
        _ => return None,
    };
    LIMITS.iter().find(|(words, _)| text.contains(words)).map(|(_, limit)| *limit)
}

/// Words for which OpenSearch has others: a text that holds them is not compared.
const WORDS: &[&str] = &[
    // Elasticsearch 9's for what is not ISO 8601.
    "Could not fully parse datetime",
    "cannot parse empty datetime",
    // Elasticsearch 9's for a null in a script.
    "from a null def reference",
    // The JSON parser's own.
    " at byte ",
];

fn values(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                let path = format!("{path}.{key}");
                match b.get(key) {
                    Some(other) => values(&path, value, other, found),
                    None => found.push(format!("{path}: engine {value}, node has none")),
                }
            }
            for (key, value) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
                found.push(format!("{path}.{key}: engine has none, node {value}"));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                values(&format!("{path}[{at}]"), a, b, found);
            }
        }
        (Value::String(a), Value::String(_)) if WORDS.iter().any(|words| a.contains(words)) => {}
        _ if ours == theirs => {}
        _ => found.push(format!("{path}: engine {ours}, node {theirs}")),
    }
}
