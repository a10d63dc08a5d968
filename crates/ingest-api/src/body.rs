//! Bodies: JSON objects, and what is wrong with those that are none.

use std::fmt;

use ingest::options::java_class;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{ApiError, Exception};
use crate::media;

/// What is said where there is no body, and where it is that of a script.
pub(crate) const MISSING: &str = "request body or source parameter is required";
pub(crate) const MISSING_SCRIPT: &str = "request body is required";

/// Reads a body that has to be there; `missing` is said when it is not.
///
/// # Errors
/// There is none, its media type is another, or it is no JSON object. Objects and lists may lie 127 levels deep.
pub(crate) fn object(
    body: &[u8],
    content_type: Option<&str>,
    missing: &str,
) -> Result<Map<String, Value>, ApiError> {
    let is_blank = body.iter().all(u8::is_ascii_whitespace);
    if is_blank {
        return Err(ApiError::parse(missing));
    }
    media::body(content_type)?;
    match serde_json::from_slice::<Unique>(body) {
        Ok(Unique(Value::Object(fields))) => Ok(fields),
        Ok(Unique(other)) => {
            let reason = format!("a request body is a JSON object, not {}", shown(&other));
            Err(ApiError::of(400, "not_x_content_exception", reason))
        }
        Err(error) => {
            let place = format!("[{}:{}]", error.line(), error.column());
            let cause = Exception::new("json_parse_exception", error.to_string());
            let exception = Exception::new("x_content_parse_exception", format!("{place} {error}"));
            Err(exception.caused_by(cause).with_status(400))
        }
    }
}

/// A value whose objects have no name twice: of two the server would have to choose, and nobody would see it.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Self)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("Duplicate field '{name}'")));
            }
            let Unique(value) = entries.next_value()?;
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

fn shown(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "a list",
        Value::String(_) => "a text",
        _ => "a value alone",
    }
}

/// A property that is not what it has to be.
pub(crate) fn wrong_type(name: &str, wanted: &str, value: &Value) -> ApiError {
    ApiError::property(name, &format!("property isn't {wanted}, but of type [{}]", java_class(value)))
}

/// A property that has to be there.
pub(crate) fn required(fields: &mut Map<String, Value>, name: &str) -> Result<Value, ApiError> {
    let value = fields.shift_remove(name).filter(|value| !value.is_null());
    value.ok_or_else(|| ApiError::property(name, "required property is missing"))
}

/// A property that is an object.
pub(crate) fn map(name: &str, value: Value) -> Result<Map<String, Value>, ApiError> {
    match value {
        Value::Object(fields) => Ok(fields),
        other => Err(wrong_type(name, "a map", &other)),
    }
}
