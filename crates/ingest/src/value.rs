//! Values in a processor's options: constants, templates, and lists and maps of both.

use event::doc::Places;
use event::{Data, Doc, Fragment, Key, NodeId};
use serde_json::Value;

use crate::field::Field;
use crate::options::{OptionError, Options};
use crate::scratch;
use crate::template::{MediaType, Template, is_template};

/// A value that is made anew for each document.
#[derive(Clone, Debug)]
pub enum ValueSource {
    /// A text without a template.
    Text(Key),
    /// Something else that has no template in it.
    Constant(Fragment),
    /// A text with templates.
    Template(Template),
    /// A list with templates somewhere in it.
    List(Vec<Self>),
    /// A map with templates somewhere in it; keys may be templates as well.
    Map(Vec<(Template, Self)>),
}

impl ValueSource {
    /// Compiles a value.
    ///
    /// # Errors
    /// A sentence that says what is wrong with a template.
    pub fn compile(value: &Value, media: MediaType, places: &mut Places) -> Result<Self, String> {
        if !has_template(value) {
            return Ok(match value {
                Value::String(text) => Self::Text(Key::new(text)),
                value => Self::Constant(Fragment::from_value(value)),
            });
        }
        match value {
            Value::String(text) => Template::compile(text, media, places).map(Self::Template),
            Value::Array(values) => values
                .iter()
                .map(|value| Self::compile(value, media, places))
                .collect::<Result<_, _>>()
                .map(Self::List),
            Value::Object(fields) => fields
                .iter()
                .map(|(key, value)| {
                    Ok((Template::compile(key, media, places)?, Self::compile(value, media, places)?))
                })
                .collect::<Result<_, String>>()
                .map(Self::Map),
            other => Ok(Self::Constant(Fragment::from_value(other))),
        }
    }

    /// Makes the value, detached.
    pub fn make(&self, doc: &mut Doc) -> NodeId {
        match self {
            Self::Text(text) => doc.constant_string(text),
            Self::Constant(fragment) => doc.graft(fragment),
            Self::Template(template) => match template.as_it_stands(doc) {
                Some(text) => doc.node(Data::Str(text)),
                None => scratch::with(|text| {
                    template.render(doc, text);
                    doc.string(text)
                }),
            },
            Self::List(values) => {
                let array = doc.node(Data::EMPTY_ARRAY);
                for value in values {
                    let node = value.make(doc);
                    doc.push(array, node);
                }
                array
            }
            Self::Map(fields) => {
                let object = doc.node(Data::EMPTY_OBJECT);
                for (key, value) in fields {
                    let mut name = String::new();
                    key.render(doc, &mut name);
                    let node = value.make(doc);
                    doc.put_named(object, &name, node);
                }
                object
            }
        }
    }
}

/// What a processor puts into a field: a value of its own, or that of another field.
pub(crate) enum From {
    /// `value`
    Value(ValueSource),
    /// `copy_from`
    Copy(Field),
}

impl From {
    /// Reads `value`, `copy_from` and `media_type`.
    ///
    /// # Errors
    /// When neither or both are given, or a template is broken.
    pub(crate) fn compile(options: &mut Options<'_, '_>) -> Result<Self, OptionError> {
        let media = options.media_type()?;
        match (options.optional_field("copy_from")?, options.take("value")) {
            (Some(copy), None) => Ok(Self::Copy(copy)),
            (None, Some(value)) => options.value("value", &value, media).map(Self::Value),
            (None, None) => Err(OptionError::of("value", "required property is missing")),
            (Some(_), Some(_)) => {
                let reason = "cannot set both `copy_from` and `value` in the same processor";
                Err(OptionError::of("copy_from", reason))
            }
        }
    }
}

fn has_template(value: &Value) -> bool {
    match value {
        Value::String(text) => is_template(text),
        Value::Array(values) => values.iter().any(has_template),
        Value::Object(fields) => fields.iter().any(|(key, value)| is_template(key) || has_template(value)),
        _ => false,
    }
}
