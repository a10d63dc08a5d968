//! `_scripts/painless/_execute`: what a script gives.

use event::Doc;
use event::doc::Places;
use painless::Expression;
use serde_json::{Map, Value, json};
use std::sync::Arc;

use crate::error::{ApiError, Exception};
use crate::script_error;

/// The longest source, in bytes: Elasticsearch's `script.max_size_in_bytes`.
const LONGEST: usize = 65_535;

/// Runs a script by itself.
///
/// # Errors
/// A script that does not compile, or throws something; a context that needs an index.
pub(crate) fn run(mut fields: Map<String, Value>) -> Result<Value, ApiError> {
    let script = fields.shift_remove("script").filter(|value| !value.is_null());
    let context = fields.shift_remove("context");
    fields.shift_remove("context_setup");
    if let Some(name) = fields.keys().next() {
        return Err(malformed(format!("[painless_execute_request] unknown field [{name}]")));
    }
    let script = match script {
        Some(Value::Object(script)) => script,
        Some(_) => return Err(malformed("[painless_execute_request] script is not an object".to_owned())),
        None => return Err(ApiError::illegal("Required [script]")),
    };
    check_context(context.as_ref())?;
    let (source, params) = inline(script)?;
    let mut places = Places::default();
    let expression = Expression::compile(&source, &params, &mut places)
        .map_err(|error| script_error::compile(&source, &error).with_status(400))?;
    let mut doc = Doc::new();
    doc.adopt(&Arc::new(places));
    let result = expression
        .value(&mut doc)
        .map_err(|error| script_error::runtime(&source, &error).with_status(400))?;
    Ok(json!({ "result": result }))
}

fn malformed(reason: String) -> ApiError {
    ApiError::of(400, "x_content_parse_exception", reason)
}

fn check_context(context: Option<&Value>) -> Result<(), ApiError> {
    let name = match context {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(name)) if name == "painless_test" => return Ok(()),
        Some(other) => other.as_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    let reason = format!(
        "unsupported script context name [{name}]: only [painless_test] is there, since the others need an index"
    );
    let cause = Exception::new("unsupported_operation_exception", reason);
    let reason = "Failed to build [painless_execute_request] after last required field arrived";
    Err(Exception::new("x_content_parse_exception", reason).caused_by(cause).with_status(400))
}

/// Source and params of a script that stands in the request.
fn inline(mut script: Map<String, Value>) -> Result<(String, Value), ApiError> {
    if script.contains_key("id") {
        let reason = "Validation Failed: 1: only inline scripts are supported;";
        return Err(ApiError::of(400, "action_request_validation_exception", reason));
    }
    if let Some(lang) = script.shift_remove("lang")
        && lang != "painless"
    {
        let lang = lang.as_str().unwrap_or_default();
        return Err(ApiError::illegal(format!("script_lang not supported [{lang}]")));
    }
    let source = match script.shift_remove("source") {
        Some(Value::String(source)) => source,
        Some(_) => return Err(malformed("[script] field [source] is not a string".to_owned())),
        None => {
            let reason = "must specify either [source] for an inline script or [id] for a stored script";
            return Err(ApiError::illegal(reason));
        }
    };
    if source.len() > LONGEST {
        let reason = format!(
            "exceeded max allowed inline script size in bytes [{LONGEST}] with size [{}] for script [{}...]",
            source.len(),
            source.chars().take(40).collect::<String>()
        );
        return Err(ApiError::illegal(reason));
    }
    let params = script.shift_remove("params").unwrap_or_default();
    if !matches!(params, Value::Null | Value::Object(_)) {
        return Err(malformed("[script] field [params] is not an object".to_owned()));
    }
    script.shift_remove("options");
    match script.keys().next() {
        Some(name) => Err(malformed(format!("[script] unknown field [{name}]"))),
        None => Ok((source, params)),
    }
}
