//! The documents of a simulation: read from a body, within limits, and written into an answer.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use workbench::simulation::Document;

use crate::body::{map, required, wrong_type};
use crate::error::{ApiError, Exception};

/// So many documents may be simulated at once.
const MOST: usize = 1_000;
/// An answer holds no more than so many bytes of documents.
const MOST_BYTES: usize = 64 << 20;
/// Documents of a request that has taken so long already are not run any more.
const LONGEST: Duration = Duration::from_secs(20);

/// The version of a document that has none, as Elasticsearch gives it.
pub(crate) const NO_VERSION: i64 = -3;

/// Reads `docs`.
///
/// # Errors
/// What is wrong with the first of them.
pub(crate) fn read(
    fields: &mut Map<String, Value>,
    one: impl Fn(Map<String, Value>) -> Result<Document, ApiError>,
) -> Result<Vec<Document>, ApiError> {
    let docs = match required(fields, "docs")? {
        Value::Array(docs) => docs,
        other => return Err(wrong_type("docs", "a list", &other)),
    };
    if docs.is_empty() {
        return Err(ApiError::illegal("must specify at least one document in [docs]"));
    }
    if docs.len() > MOST {
        let reason = format!("[docs] has {} documents, and at most {MOST} are simulated at once", docs.len());
        return Err(ApiError::illegal(reason));
    }
    let object = |doc| match doc {
        Value::Object(fields) => one(fields),
        _ => Err(ApiError::illegal("malformed [docs] section, should include an inner object")),
    };
    docs.into_iter().map(object).collect()
}

/// Reads one document with its metadata. Those that it does not name are as `before` has them.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn document(
    mut fields: Map<String, Value>,
    before: &[(&str, Value)],
) -> Result<Document, ApiError> {
    let source = map("_source", required(&mut fields, "_source")?)?;
    let mut document = Document::new(Value::Object(source));
    document.metadata = before.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    for name in ["_index", "_id", "_routing"] {
        if let Some(value) = fields.shift_remove(name).filter(|value| !value.is_null()) {
            document.metadata.insert(name.to_owned(), text_or_int(name, &value)?.into());
        }
    }
    for name in ["_version", "_if_seq_no", "_if_primary_term"] {
        if let Some(value) = fields.shift_remove(name) {
            document.metadata.insert(name.to_owned(), number(name, &value)?.into());
        }
    }
    if let Some(value) = fields.shift_remove("_version_type") {
        document.metadata.insert("_version_type".to_owned(), version_type(&value)?.into());
    }
    Ok(document)
}

fn text_or_int(name: &str, value: &Value) -> Result<String, ApiError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => {
            Ok(number.to_string())
        }
        other => Err(wrong_type(name, "a string or int", other)),
    }
}

fn number(name: &str, value: &Value) -> Result<i64, ApiError> {
    match value {
        Value::Null => Err(ApiError::illegal(format!("[{name}] cannot be null"))),
        Value::String(text) => text.parse().map_err(|_| {
            ApiError::of(400, "number_format_exception", format!("For input string: \"{text}\""))
        }),
        other => other.as_i64().ok_or_else(|| wrong_type(name, "a string or long", other)),
    }
}

/// The name of how versions are compared, of which one has two.
fn version_type(value: &Value) -> Result<&'static str, ApiError> {
    match value {
        Value::Null => Err(ApiError::property("_version_type", "required property is missing")),
        Value::String(text) => match text.as_str() {
            "internal" => Ok("internal"),
            "external" | "external_gt" => Ok("external"),
            "external_gte" => Ok("external_gte"),
            other => Err(ApiError::illegal(format!("No version type match [{other}]"))),
        },
        other => Err(wrong_type("_version_type", "a string", other)),
    }
}

/// A document as `_simulate` gives it, with what `_ingest` holds.
pub(crate) fn shown(document: Document, ingest: Map<String, Value>) -> Value {
    let text = |value: Value| match value {
        Value::String(_) | Value::Null => value,
        other => other.to_string().into(),
    };
    let metadata = document.metadata.into_iter();
    let mut out: Map<String, Value> = metadata.map(|(name, value)| (name, text(value))).collect();
    out.insert("_source".to_owned(), document.source);
    out.insert("_ingest".to_owned(), Value::Object(ingest));
    Value::Object(out)
}

/// How much of an answer there may still be.
pub(crate) struct Budget {
    started: Instant,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), bytes: MOST_BYTES }
    }

    /// Takes what a document needs, and says whether there was as much.
    pub(crate) fn take(&mut self, document: &Value) -> bool {
        let left = self.bytes.checked_sub(size(document));
        self.bytes = left.unwrap_or(0);
        left.is_some()
    }

    /// Why the next document is not run, if it is not.
    pub(crate) fn over(&self) -> Option<Exception> {
        if self.bytes == 0 {
            let reason = format!(
                "the answer would hold more than {} MiB of documents: send fewer at once, or without verbose",
                MOST_BYTES >> 20
            );
            return Some(Exception::new("circuit_breaking_exception", reason));
        }
        (self.started.elapsed() >= LONGEST).then(|| {
            let reason = format!(
                "the documents before this one took {} s, so it was not run: send fewer at once",
                LONGEST.as_secs()
            );
            Exception::new("timeout_exception", reason)
        })
    }
}

/// Bytes that a value takes in an answer, nearly.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => 2 + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => {
            2 + fields.iter().map(|(name, value)| name.len() + 4 + size(value)).sum::<usize>()
        }
    }
}

/// What stands in the place of a document that was not run, or whose answer does not fit.
pub(crate) fn failed(exception: &Exception) -> Value {
    json!({ "error": exception.whole(false) })
}
