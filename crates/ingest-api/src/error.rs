//! Errors as Elasticsearch answers them: `{"error": {"root_cause": […], "type", "reason", …}, "status"}`.

use ingest::{Failure, LoadError, Thrown};
use ledger::LedgerError;
use serde_json::{Map, Value, json};

use crate::script_error;

/// An exception, as it stands in an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exception {
    kind: String,
    reason: String,
    /// Further keys, `property_name` for instance.
    more: Map<String, Value>,
    /// What stands in for a stack trace, when that is asked for: the place in the pipeline.
    place: Option<String>,
    caused_by: Option<Box<Self>>,
    suppressed: Vec<Self>,
}

impl Exception {
    pub(crate) fn new(kind: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            reason: reason.into(),
            more: Map::new(),
            place: None,
            caused_by: None,
            suppressed: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    pub(crate) fn caused_by(mut self, cause: Self) -> Self {
        self.caused_by = Some(Box::new(cause));
        self
    }

    /// The first of several, which holds the others; `None` of none.
    pub(crate) fn first_of(exceptions: Vec<Self>) -> Option<Self> {
        let mut exceptions = exceptions.into_iter();
        let first = exceptions.next()?;
        Some(Self { suppressed: exceptions.collect(), ..first })
    }

    /// A mistake in a definition.
    pub(crate) fn of_mistake(error: &LoadError) -> Self {
        let mut exception = match (&error.script, &error.property) {
            (Some(script), _) => script_error::compile(&script.source, &script.error),
            (None, Some(property)) => {
                Self::new(error.kind, error.message()).with("property_name", &**property)
            }
            (None, None) => Self::new(error.kind, error.message()),
        };
        for (key, text) in [("processor_type", &error.processor_type), ("processor_tag", &error.tag)] {
            if let Some(text) = text {
                exception = exception.with(key, &**text);
            }
        }
        exception.place = Some(error.to_string());
        exception
    }

    /// The failure of a processor on a document.
    pub(crate) fn of_failure(failure: &Failure) -> Self {
        if let Some(Thrown { source, error }) = &failure.thrown {
            return script_error::runtime(source, error);
        }
        let is_cycle = failure.reason.starts_with("Cycle detected for pipeline: ");
        let kind = if is_cycle { "graph_structure_exception" } else { failure.kind };
        let exception = Self::new(kind, &*failure.reason);
        match &failure.cause {
            Some(cause) => exception.caused_by(Self::new(cause_type(&failure.reason, cause), &**cause)),
            None => exception,
        }
    }

    fn json(&self, trace: bool, with_cause: bool) -> Value {
        let mut out = json!({ "type": self.kind, "reason": self.reason });
        for (key, value) in &self.more {
            out[key] = value.clone();
        }
        if let Some(cause) = self.caused_by.as_ref().filter(|_| with_cause) {
            out["caused_by"] = cause.json(trace, true);
        }
        if !self.suppressed.is_empty() {
            out["suppressed"] = self.suppressed.iter().map(|one| one.json(trace, true)).collect();
        }
        if let Some(place) = self.place.as_ref().filter(|_| trace) {
            out["stack_trace"] = Value::from(&**place);
        }
        out
    }

    /// With its `root_cause`, as it stands under `error`.
    pub(crate) fn whole(&self, trace: bool) -> Value {
        let mut out = json!({ "root_cause": [self.json(trace, false)] });
        if let (Value::Object(out), Value::Object(own)) = (&mut out, self.json(trace, true)) {
            out.extend(own);
        }
        out
    }

    /// Type and reason alone, as items of a bulk answer have them.
    pub(crate) fn brief(&self) -> Value {
        self.json(false, true)
    }
}

/// The type of a failure's innermost cause, of which the engine keeps the words.
fn cause_type(reason: &str, cause: &str) -> &'static str {
    match () {
        () if cause.starts_with("For input string: ") => "number_format_exception",
        () if reason.starts_with("unable to parse date") => "date_time_parse_exception",
        () if reason.contains("is not JSON: ") => "json_parse_exception",
        () => "exception",
    }
}

/// Why a request is not answered with what it asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ApiError {
    /// An exception with its status.
    Exception(u16, Box<Exception>),
    /// A sentence with its status, which the body repeats where `told`.
    Plain { status: u16, words: String, told: bool, allow: Option<&'static str> },
}

impl ApiError {
    pub(crate) fn illegal(reason: impl Into<String>) -> Self {
        Self::of(400, "illegal_argument_exception", reason)
    }

    pub(crate) fn parse(reason: impl Into<String>) -> Self {
        Self::of(400, "parse_exception", reason)
    }

    pub(crate) fn missing(reason: impl Into<String>) -> Self {
        Self::of(404, "resource_not_found_exception", reason)
    }

    pub(crate) fn of(status: u16, kind: &str, reason: impl Into<String>) -> Self {
        Exception::new(kind, reason).with_status(status)
    }

    /// A mistake in a property of a body.
    pub(crate) fn property(name: &str, reason: &str) -> Self {
        Exception::new("parse_exception", format!("[{name}] {reason}"))
            .with("property_name", name)
            .with_status(400)
    }

    /// All mistakes of definitions, of which there is at least one.
    pub(crate) fn mistakes(mistakes: Vec<Exception>) -> Self {
        let first = Exception::first_of(mistakes);
        let first = first.unwrap_or_else(|| Exception::new("exception", "nothing is wrong"));
        let status = if first.kind == "resource_not_found_exception" { 404 } else { 400 };
        first.with_status(status)
    }

    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Exception(status, _) | Self::Plain { status, .. } => *status,
        }
    }

    /// The methods that the path takes, where the request had another.
    pub(crate) fn allow(&self) -> Option<&'static str> {
        match self {
            Self::Exception(..) => None,
            Self::Plain { allow, .. } => *allow,
        }
    }

    pub(crate) fn json(&self, trace: bool) -> Value {
        match self {
            Self::Exception(status, exception) => {
                json!({ "error": exception.whole(trace), "status": status })
            }
            Self::Plain { status, words, told: true, .. } => json!({ "error": words, "status": status }),
            Self::Plain { words, .. } => json!({ "error": words }),
        }
    }
}

impl Exception {
    pub(crate) fn with_status(self, status: u16) -> ApiError {
        ApiError::Exception(status, Box::new(self))
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        tracing::error!("{error}");
        Self::of(503, "process_cluster_event_exception", format!("it can not be kept: {error}"))
    }
}
