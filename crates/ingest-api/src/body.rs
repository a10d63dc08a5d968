//! Bodies: JSON objects, and what is wrong with those that are none.

use ingest::options::java_class;
use serde_json::{Map, Value};

use crate::error::{ApiError, Exception};
use crate::media;

/// Reads a body that has to be there.
///
/// # Errors
/// There is none, its media type is another, or it is no JSON object. Objects and lists may lie 127 levels deep.
pub(crate) fn object(body: &[u8], content_type: Option<&str>) -> Result<Map<String, Value>, ApiError> {
    let is_blank = body.iter().all(u8::is_ascii_whitespace);
    if is_blank {
        return Err(ApiError::parse("request body or source parameter is required"));
    }
    media::body(content_type)?;
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => {
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
