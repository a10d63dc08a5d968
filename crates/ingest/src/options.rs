//! Reading a processor's options, with Elasticsearch's words for what is wrong with them.

use std::sync::Arc;

use event::FieldPath;
use event::doc::{AccessPattern, Places};
use painless::CompileError;
use serde_json::{Map, Value};

use crate::compile::Compiler;
use crate::failure::ScriptMistake;
use crate::field::{self, Field};
use crate::lookup::GeoDatabases;
use crate::nearest;
use crate::template::{MediaType, Template, is_template};
use crate::value::ValueSource;

/// A mistake in one option; the place is added by whoever reads the processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    pub(crate) kind: &'static str,
    pub(crate) property: Option<String>,
    pub(crate) reason: String,
    pub(crate) cure: Option<String>,
    pub(crate) script: Option<Box<ScriptMistake>>,
}

impl OptionError {
    /// A mistake in a named option.
    pub fn of(property: &str, reason: impl Into<String>) -> Self {
        Self {
            kind: "parse_exception",
            property: Some(property.to_owned()),
            reason: reason.into(),
            cure: None,
            script: None,
        }
    }

    /// A mistake of the processor as a whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self { kind: "parse_exception", property: None, reason: reason.into(), cure: None, script: None }
    }

    /// Of a processor whose mistakes are those of the one that it holds, which have been told.
    pub(crate) fn told() -> Self {
        Self::whole("")
    }

    pub(crate) fn is_told(&self) -> bool {
        self.reason.is_empty()
    }

    /// Adds what would be right.
    #[must_use]
    pub(crate) fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }

    /// Says that it is a mistake in a script.
    pub(crate) fn in_script(mut self, source: &str, error: &CompileError) -> Self {
        self.kind = "script_exception";
        self.script = Some(Box::new(ScriptMistake { source: source.to_owned(), error: error.clone() }));
        self
    }

    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }
}

type Result<T> = std::result::Result<T, OptionError>;

/// The options of one processor. Each is taken out as it is read; what is left over at the end is a mistake.
pub struct Options<'a, 'b> {
    pub(crate) map: Map<String, Value>,
    pub(crate) compiler: &'a mut Compiler<'b>,
    /// Place of the processor in its pipeline, for those that hold processors themselves.
    pub(crate) place: String,
}

impl Options<'_, '_> {
    /// Takes an option as it stands.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.map.shift_remove(name).filter(|value| !value.is_null())
    }

    /// Whether an option is given.
    pub fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// An option that must be there.
    ///
    /// # Errors
    /// When it is missing.
    pub fn required(&mut self, name: &str) -> Result<Value> {
        self.take(name).ok_or_else(|| OptionError::of(name, "required property is missing"))
    }

    /// An optional string.
    ///
    /// # Errors
    /// When it is something else.
    pub fn optional_string(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(value) => Err(wrong_type(name, "a string", &value)),
        }
    }

    /// A string that must be there.
    ///
    /// # Errors
    /// When it is missing or something else.
    pub fn string(&mut self, name: &str) -> Result<String> {
        self.optional_string(name)?.ok_or_else(|| OptionError::of(name, "required property is missing"))
    }

    /// A boolean.
    ///
    /// # Errors
    /// When it is something else.
    pub fn boolean(&mut self, name: &str, default: bool) -> Result<bool> {
        match self.take(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(value),
            Some(value) => Err(wrong_type(name, "a boolean", &value)),
        }
    }

    /// A list of strings, or one alone.
    ///
    /// # Errors
    /// When it is something else.
    pub fn strings(&mut self, name: &str) -> Result<Option<Vec<String>>> {
        match self.map.get(name) {
            Some(Value::String(text)) => {
                let text = text.clone();
                self.map.shift_remove(name);
                Ok(Some(vec![text]))
            }
            _ => self.list(name),
        }
    }

    /// A list of strings.
    ///
    /// # Errors
    /// When it is something else.
    pub fn list(&mut self, name: &str) -> Result<Option<Vec<String>>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| {
                    value.as_str().map(str::to_owned).ok_or_else(|| wrong_type(name, "a string", value))
                })
                .collect::<Result<_>>()
                .map(Some),
            Some(value) => Err(wrong_type(name, "a list", &value)),
        }
    }

    /// A map.
    ///
    /// # Errors
    /// When it is something else.
    pub fn map_of(&mut self, name: &str) -> Result<Option<Value>> {
        match self.take(name) {
            None => Ok(None),
            Some(value @ Value::Object(_)) => Ok(Some(value)),
            Some(value) => Err(wrong_type(name, "a map", &value)),
        }
    }

    /// A field name, which may be a template.
    ///
    /// # Errors
    /// When it is missing or no path.
    pub fn field(&mut self, name: &str) -> Result<Field> {
        let text = self.string(name)?;
        self.field_of(name, &text)
    }

    /// The field that an option names.
    ///
    /// # Errors
    /// When it is no path.
    pub fn field_of(&mut self, name: &str, text: &str) -> Result<Field> {
        let pattern = self.compiler.pattern;
        let field =
            Field::compile(text, pattern, self.places()).map_err(|reason| OptionError::of(name, reason))?;
        self.compiler.names_any_field |= matches!(field, Field::Template(..));
        Ok(field)
    }

    /// An optional field name, which may be a template.
    ///
    /// # Errors
    /// When it is no path.
    pub fn optional_field(&mut self, name: &str) -> Result<Option<Field>> {
        match self.optional_string(name)? {
            None => Ok(None),
            Some(text) => self.field_of(name, &text).map(Some),
        }
    }

    /// A field path that is no template.
    ///
    /// # Errors
    /// When it is missing or no path.
    pub fn path(&mut self, name: &str) -> Result<FieldPath> {
        let text = self.string(name)?;
        self.known(name, &text)
    }

    /// An optional field path that is no template.
    ///
    /// # Errors
    /// When it is no path.
    pub fn optional_path(&mut self, name: &str) -> Result<Option<FieldPath>> {
        match self.optional_string(name)? {
            None => Ok(None),
            Some(text) => self.known(name, &text).map(Some),
        }
    }

    /// A field path that is no template, and what it is when the option is not given.
    ///
    /// # Errors
    /// When it is no path.
    pub fn path_or(&mut self, name: &str, default: &str) -> Result<FieldPath> {
        let text = self.optional_string(name)?;
        self.known(name, text.as_deref().unwrap_or(default))
    }

    /// A path that an option names.
    ///
    /// # Errors
    /// When it is none.
    pub fn known(&mut self, name: &str, path: &str) -> Result<FieldPath> {
        let pattern = self.compiler.pattern;
        field::known(path, pattern, self.places()).map_err(|error| OptionError::of(name, error.to_string()))
    }

    /// The `media_type` that templates are escaped for.
    ///
    /// # Errors
    /// When there is no such medium.
    pub fn media_type(&mut self) -> Result<MediaType> {
        match self.optional_string("media_type")?.as_deref() {
            None | Some("application/json") => Ok(MediaType::Json),
            Some("text/plain") => Ok(MediaType::Plain),
            Some("application/x-www-form-urlencoded") => Ok(MediaType::Form),
            Some(other) => Err(OptionError::of(
                "media_type",
                format!(
                    "property does not contain a supported media type [{other}]. must be one of \
                     [application/json, text/plain, application/x-www-form-urlencoded]"
                ),
            )),
        }
    }

    /// A text that may be a template.
    ///
    /// # Errors
    /// When it is missing or the template is broken.
    pub fn template(&mut self, name: &str) -> Result<Template> {
        let text = self.string(name)?;
        Template::compile(&text, MediaType::Json, self.places())
            .map_err(|reason| OptionError::of(name, reason))
    }

    /// A value of any shape, whose strings may be templates.
    ///
    /// # Errors
    /// When a template is broken.
    pub fn value(&mut self, name: &str, value: &Value, media: MediaType) -> Result<ValueSource> {
        ValueSource::compile(value, media, self.places()).map_err(|reason| OptionError::of(name, reason))
    }

    /// How the pipeline's paths are followed.
    pub fn pattern(&self) -> AccessPattern {
        self.compiler.pattern
    }

    /// Where the pipelines look, to which this processor adds.
    pub fn places(&mut self) -> &mut Places {
        &mut self.compiler.places
    }

    /// The text of a file of rules for user agents.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn regex_file(&self, name: &str) -> Result<&str> {
        let files = &self.compiler.lookups.regex_files;
        files.get(name).map(String::as_str).ok_or_else(|| {
            let known: Vec<&str> = files.keys().map(String::as_str).collect();
            let reason = format!("regex file [{name}] doesn't exist (has to exist at node startup)");
            OptionError::of("regex_file", reason).cure(nearest::unknown(
                "put the file into user_agent.directory",
                name,
                &known,
            ))
        })
    }

    /// The databases of addresses.
    pub fn databases(&self) -> Arc<dyn GeoDatabases> {
        Arc::clone(&self.compiler.lookups.geo)
    }
}

/// Whether a text option holds a template.
pub(crate) fn templated(text: &str) -> bool {
    is_template(text)
}

/// An option that is of another type than the wanted one.
pub(crate) fn wrong_type(name: &str, wanted: &str, value: &Value) -> OptionError {
    OptionError::of(name, format!("property isn't {wanted}, but of type [{}]", java_class(value)))
}

/// The Java class that a value of a definition has in Elasticsearch.
pub fn java_class(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Number(number) if number.as_i64().is_some_and(|value| i32::try_from(value).is_ok()) => {
            "java.lang.Integer"
        }
        Value::Number(number) if number.is_i64() => "java.lang.Long",
        Value::Number(number) if number.is_u64() => "java.math.BigInteger",
        Value::Number(_) => "java.lang.Double",
        Value::String(_) => "java.lang.String",
        Value::Array(_) => "java.util.ArrayList",
        Value::Object(_) => "java.util.HashMap",
    }
}
