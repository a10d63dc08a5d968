//! Painless in pipelines: conditions, and what a script's definition looks like.

use event::Doc;
use event::doc::{Place, Places};
use painless::{CompileError, RuntimeError};
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::options::OptionError;

/// The `if` of a processor.
pub(crate) struct Condition {
    script: painless::Condition,
}

impl Condition {
    /// Compiles an `if`: a script's source, or an object with `source`, `lang` and `params`.
    pub(crate) fn compile(value: &Value, places: &mut Places) -> Result<Self, OptionError> {
        let wrong =
            || OptionError::of("if", "the condition is a script, or an object with the field [source]");
        let (source, params) = match value {
            Value::String(source) => (source.clone(), Value::Null),
            // YAML reads `if: true` as a boolean.
            Value::Bool(value) => (value.to_string(), Value::Null),
            Value::Object(fields) => {
                let mut fields = fields.clone();
                let definition = ScriptDefinition::take("if", &mut fields)?;
                if let Some(name) = fields.keys().next() {
                    return Err(OptionError::of("if", format!("[script] unknown field [{name}]")));
                }
                (definition.source, definition.params)
            }
            _ => return Err(wrong()),
        };
        painless::Condition::compile(&source, &params, places)
            .map(|script| Self { script })
            .map_err(|error| compile_error("if", &error))
    }

    /// Whether the processor runs on a document.
    #[inline]
    pub(crate) fn test(&self, doc: &mut Doc) -> Result<bool, Box<RuntimeError>> {
        self.script.test(doc)
    }

    /// Places without something at any one of which the condition is false and throws nothing.
    pub(crate) fn requires(&self) -> Vec<Place> {
        self.script.requires()
    }

    /// What it says of documents that have nothing at a place; `None` where it may throw all the same.
    pub(crate) fn without(&self, place: Place) -> Option<painless::Without> {
        self.script.without(place)
    }

    /// The places whose fields it looks at.
    pub(crate) fn asks(&self) -> Vec<Place> {
        self.script.asks()
    }
}

/// `source`, `lang` and `params`.
pub(crate) struct ScriptDefinition {
    pub(crate) source: String,
    pub(crate) params: Value,
}

impl ScriptDefinition {
    /// Takes a script's fields out of an object. `property` is what mistakes are said to be of.
    pub(crate) fn take(property: &str, fields: &mut Map<String, Value>) -> Result<Self, OptionError> {
        let mut text = |name: &str| match fields.shift_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(OptionError::of(property, format!("[script] field [{name}] is not a string"))),
        };
        if let Some(lang) = text("lang")?
            && lang != "painless"
        {
            let reason = format!("script_lang not supported [{lang}]: only [painless] is");
            return Err(OptionError::of(property, reason));
        }
        if text("id")?.is_some() {
            let reason = "stored scripts are not supported: write the script's text as [source]";
            return Err(OptionError::of(property, reason));
        }
        let source = text("source")?.ok_or_else(|| {
            OptionError::of(
                property,
                "must specify either [source] for an inline script or [id] for a stored script",
            )
        })?;
        let params = fields.shift_remove("params").unwrap_or_default();
        if !matches!(params, Value::Null | Value::Object(_)) {
            return Err(OptionError::of(property, "[script] field [params] is not an object"));
        }
        Ok(Self { source, params })
    }
}

/// A mistake of a script as one of its definition.
pub(crate) fn compile_error(property: &str, error: &CompileError) -> OptionError {
    OptionError::of(property, error.to_string()).kind("script_exception")
}

/// An exception of a script as a processor's failure, whose message is the exception's.
pub(crate) fn failure(error: &RuntimeError) -> Failure {
    Failure::new("script_exception", "runtime error").caused_by(error.root_message())
}
