//! What goes wrong: at load ([`LoadError`]) and with a document ([`Failure`]).

use std::fmt;
use std::sync::Arc;

use event::PathError;
use painless::{CompileError, RuntimeError};

/// A mistake in a pipeline's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The pipeline's id, or the file it comes from.
    pub pipeline: String,
    /// Where in it, `processors[3].foreach.processor` for instance.
    pub place: String,
    /// The processor's type, where the mistake is in one.
    pub processor_type: Option<String>,
    /// The processor's tag, where it has one.
    pub tag: Option<String>,
    /// The option.
    pub property: Option<String>,
    /// Elasticsearch's name of the error.
    pub kind: &'static str,
    /// What is wrong, in Elasticsearch's words, without the option's name.
    pub reason: String,
    /// What would be right, where that is known.
    pub cure: Option<String>,
    /// The script that the mistake is in, and its place there.
    pub script: Option<Box<ScriptMistake>>,
}

/// A mistake in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptMistake {
    /// The script's text.
    pub source: String,
    /// What is wrong where.
    pub error: CompileError,
}

impl LoadError {
    /// The reason as Elasticsearch words it: `[option] reason`.
    pub fn message(&self) -> String {
        match &self.property {
            Some(property) => format!("[{property}] {}", self.reason),
            None => self.reason.clone(),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pipeline [{}]", self.pipeline)?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        if let Some(tag) = &self.tag {
            write!(f, " (tag {tag})")?;
        }
        write!(f, ": {}", self.message())?;
        match &self.cure {
            Some(cure) => write!(f, " ({cure})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LoadError {}

/// The processor that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its type.
    pub processor_type: &'static str,
    /// Its tag.
    pub tag: Option<Box<str>>,
    /// The pipeline that it stands in.
    pub pipeline: Box<str>,
}

/// What a script threw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thrown {
    /// The script's text.
    pub source: Arc<str>,
    /// The exception, with its place in the script.
    pub error: RuntimeError,
}

/// Why a processor failed on a document. The texts are Elasticsearch's, since `on_failure` processors read them.
///
/// Behind a pointer, so that what nearly all processors give on nearly all documents, that nothing failed, is a word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.reason)]
pub struct Failure(Box<Details>);

/// What there is to say of a [`Failure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Elasticsearch's name of the error: `illegal_argument_exception` and so on.
    pub kind: &'static str,
    /// What happened.
    pub reason: String,
    /// The innermost cause, where it has a text of its own; `_ingest.on_failure_message` gives this one.
    pub cause: Option<String>,
    /// What a script threw, where it was one.
    pub thrown: Option<Thrown>,
    /// Where it happened; set on the way out of the failing processor.
    pub origin: Option<Box<Origin>>,
}

impl Failure {
    /// A failure of a kind.
    pub fn new(kind: &'static str, reason: impl Into<String>) -> Self {
        Self(Box::new(Details { kind, reason: reason.into(), cause: None, thrown: None, origin: None }))
    }

    /// The kind that nearly all processors give.
    pub fn illegal_argument(reason: impl Into<String>) -> Self {
        Self::new("illegal_argument_exception", reason)
    }

    /// Adds the innermost cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds what a script threw.
    #[must_use]
    pub(crate) fn thrown(mut self, thrown: &Thrown) -> Self {
        self.0.thrown = Some(thrown.clone());
        self
    }

    /// What `_ingest.on_failure_message` gives.
    pub fn root_message(&self) -> &str {
        self.cause.as_deref().unwrap_or(&self.reason)
    }
}

impl std::ops::Deref for Failure {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl std::ops::DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl From<PathError> for Failure {
    fn from(error: PathError) -> Self {
        let failure = Self::illegal_argument(error.to_string());
        match error {
            PathError::NotAnIndex { field, .. } => {
                failure.caused_by(format!("For input string: \"{field}\""))
            }
            _ => failure,
        }
    }
}

impl From<painless::pattern::PatternError> for Failure {
    fn from(error: painless::pattern::PatternError) -> Self {
        Self::new(error.kind(), error.message)
    }
}
