//! Painless in pipelines: conditions, and what a script's definition looks like.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use event::Doc;
use event::doc::Place;
use painless::{CompileError, RuntimeError};
use serde_json::{Map, Value};

use crate::compile::Compiler;
use crate::failure::{Failure, Thrown};
use crate::nearest;
use crate::options::{OptionError, wrong_type};
use crate::stored::StoredScript;

/// The option that a condition is told as when it is no script, and the processor that it is told of.
pub(crate) const NO_SCRIPT: &str = "script";
pub(crate) const CONDITIONAL: &str = "conditional";

/// The `if` of a processor.
pub(crate) struct Condition {
    script: painless::Condition,
    source: Arc<str>,
}

impl Condition {
    /// Compiles an `if`: a script's source, or an object as a `script` processor has it.
    pub(crate) fn compile(value: &Value, compiler: &mut Compiler<'_>) -> Result<Self, OptionError> {
        let lookups = compiler.lookups;
        let definition = match value {
            Value::String(source) => ScriptDefinition::inline("if", source),
            // YAML reads `if: true` as a boolean.
            Value::Bool(value) => ScriptDefinition::inline("if", if *value { "true" } else { "false" }),
            Value::Object(fields) => {
                let mut fields = fields.clone();
                let definition = ScriptDefinition::take("if", &mut fields, &lookups.scripts)?;
                compiler.scripts.extend(definition.id.clone());
                if let Some(name) = fields.keys().next() {
                    return Err(OptionError::of("if", format!("[script] unknown field [{name}]")));
                }
                definition
            }
            other => return Err(wrong_type(NO_SCRIPT, "a map or string", other)),
        };
        painless::Condition::compile(&definition.source, &definition.params, &mut compiler.places)
            .map(|script| Self { script, source: definition.source.as_ref().into() })
            .map_err(|error| definition.mistake(&error))
    }

    /// Whether the processor runs on a document.
    #[inline]
    pub(crate) fn test(&self, doc: &mut Doc) -> Result<bool, Box<Thrown>> {
        self.script.test(doc).map_err(|error| thrown(&self.source, error))
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

/// A script's text and params.
pub(crate) struct ScriptDefinition<'a> {
    /// The option that mistakes are said to be of.
    property: &'a str,
    /// The id, where it is stored.
    pub(crate) id: Option<String>,
    pub(crate) source: Cow<'a, str>,
    pub(crate) params: Value,
}

impl<'a> ScriptDefinition<'a> {
    fn inline(property: &'a str, source: &'a str) -> Self {
        Self { property, id: None, source: source.into(), params: Value::Null }
    }

    /// Takes a script's fields out of an object: `source` or `id`, `lang`, `params` and `options`, of which there are none.
    pub(crate) fn take(
        property: &'a str,
        fields: &mut Map<String, Value>,
        stored: &'a BTreeMap<String, StoredScript>,
    ) -> Result<Self, OptionError> {
        let wrong = |reason: String| OptionError::of(property, reason);
        let mut text = |names: &[&str]| match names.iter().find_map(|name| fields.shift_remove(*name)) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(format!("[script] field [{}] is not a string", names[0]))),
        };
        let (lang, source, id) = (text(&["lang"])?, text(&["source", "inline"])?, text(&["id", "stored"])?);
        let params = fields.shift_remove("params").unwrap_or_default();
        if !matches!(params, Value::Null | Value::Object(_)) {
            return Err(wrong("[script] field [params] is not an object".to_owned()));
        }
        if let Some(Value::Object(options)) = fields.shift_remove("options")
            && let Some((name, value)) = options.iter().next()
        {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            return Err(wrong(format!("illegal compiler options [{{{name}={value}}}] specified")));
        }
        let source = match (source, &id) {
            (Some(_), Some(_)) => {
                return Err(wrong("must only use one of [source, id] when specifying a script".to_owned()));
            }
            (None, None) => {
                let reason = "must specify either [source] for an inline script or [id] for a stored script";
                return Err(wrong(reason.to_owned()));
            }
            (None, Some(_)) if lang.is_some() => {
                return Err(wrong("illegally specified <lang> for a stored script".to_owned()));
            }
            (None, Some(id)) => stored_source(id, stored)?.into(),
            (Some(source), None) => source.into(),
        };
        match lang {
            Some(lang) if lang != "painless" => {
                Err(wrong(format!("script_lang not supported [{lang}]: only [painless] is")))
            }
            _ => Ok(Self { property, id, source, params }),
        }
    }

    /// A mistake of the script as one of its definition.
    pub(crate) fn mistake(&self, error: &CompileError) -> OptionError {
        let reason = match &self.id {
            Some(id) => format!("script [{id}]: {error}"),
            None => error.to_string(),
        };
        OptionError::of(self.property, reason).in_script(&self.source, error)
    }
}

fn stored_source<'a>(id: &str, stored: &'a BTreeMap<String, StoredScript>) -> Result<&'a str, OptionError> {
    match stored.get(id) {
        Some(script) if script.lang == "painless" => Ok(&script.source),
        Some(script) => {
            let reason = format!("{} engine does not know how to handle context [ingest]", script.lang);
            Err(OptionError::whole(reason).kind("illegal_argument_exception"))
        }
        None => {
            let reason = format!("unable to find script [{id}] in cluster state");
            let known: Vec<&str> = stored.keys().map(String::as_str).collect();
            let cure = nearest::unknown(
                "stored scripts are in the folder _scripts beside the pipelines",
                id,
                &known,
            );
            Err(OptionError::whole(reason).cure(cure).kind("resource_not_found_exception"))
        }
    }
}

/// An exception with the script that threw it.
#[cold]
#[expect(clippy::unnecessary_box_returns, clippy::boxed_local, reason = "exceptions travel in boxes")]
pub(crate) fn thrown(source: &Arc<str>, error: Box<RuntimeError>) -> Box<Thrown> {
    Box::new(Thrown { source: Arc::clone(source), error: *error })
}

/// An exception of a script as a processor's failure, whose message is the exception's.
pub(crate) fn failure(thrown: &Thrown) -> Failure {
    let message = thrown.error.root_message();
    Failure::new("script_exception", "runtime error").caused_by(message).thrown(thrown)
}
