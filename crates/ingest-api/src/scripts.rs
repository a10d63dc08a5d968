//! Stored scripts: put, got, deleted.

use event::doc::Places;
use ingest::{LoadError, StoredScript};
use ledger::definitions::{Change, Kind};
use serde_json::{Value, json};

use crate::error::{ApiError, Exception};
use crate::library::{Body, Library, Put, Step, Tell, Told};
use crate::pipelines::check_id;

/// A script, or that there is none.
pub(crate) fn get(library: &Library, id: &str) -> (u16, Value) {
    let state = library.state();
    let put = state.scripts.get(id).map(|put| &put.value);
    match put.or_else(|| library.base_scripts().get(id)) {
        Some(StoredScript { lang, source }) => {
            (200, json!({ "_id": id, "found": true, "script": { "lang": lang, "source": source } }))
        }
        None => (404, json!({ "_id": id, "found": false })),
    }
}

/// Puts a script. With a context, it is compiled for it first.
///
/// # Errors
/// What is wrong with it, or with a pipeline that uses it; then nothing is changed.
pub(crate) fn put(
    library: &Library,
    id: &str,
    context: Option<&str>,
    body: Body,
    tell: Tell<'_>,
) -> Result<Value, ApiError> {
    check_id("script", id)?;
    if id.contains('#') {
        let reason = "Validation Failed: 1: id cannot contain '#' for stored script;";
        return Err(ApiError::of(400, "action_request_validation_exception", reason));
    }
    if let Some(Value::Object(options)) = body.get("script").and_then(|script| script.get("options"))
        && let Some((name, value)) = options.iter().next()
    {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Err(ApiError::illegal(format!("illegal compiler options [{{{name}={value}}}] specified")));
    }
    let script = StoredScript::from_body(id, body).map_err(ApiError::illegal)?;
    if let Some(context) = context {
        compile(id, context, &script)?;
    }
    library.change(Kind::Script, tell, |state| {
        let put = Put::new(script.clone(), &script.to_body(), state.scripts.get(id));
        let mut next = state.clone();
        let changes = vec![put.keep(id)];
        next.scripts.insert(id.to_owned(), put);
        let told = vec![Told { action: "script_put", id: id.to_owned() }];
        Ok(Step { changes, next, told, mistakes: used })
    })?;
    Ok(json!({ "acknowledged": true }))
}

/// Deletes a script that no pipeline uses.
///
/// # Errors
/// There is none, or a pipeline uses it; then nothing is changed.
pub(crate) fn delete(library: &Library, id: &str, tell: Tell<'_>) -> Result<Value, ApiError> {
    library.change(Kind::Script, tell, |state| {
        let mut next = state.clone();
        if next.scripts.remove(id).is_none() {
            if library.base_scripts().contains_key(id) {
                let reason = format!(
                    "stored script [{id}] stands in a file of pipelines.directory and can not be deleted over HTTP: \
                     remove the file and start trailcar anew"
                );
                return Err(ApiError::illegal(reason));
            }
            let reason = format!("stored script [{id}] does not exist and cannot be deleted");
            return Err(ApiError::missing(reason));
        }
        let told = vec![Told { action: "script_deleted", id: id.to_owned() }];
        Ok(Step { changes: vec![Change::Remove(id.to_owned())], next, told, mistakes: used })
    })?;
    Ok(json!({ "acknowledged": true }))
}

/// Pipelines would not compile any more. Elasticsearch finds that out when an event comes.
fn used(mistakes: &[LoadError]) -> ApiError {
    let shown: Vec<String> = mistakes.iter().take(10).map(ToString::to_string).collect();
    let reason =
        format!("pipelines use this script, so they have to be changed before: {}", shown.join("; "));
    ApiError::illegal(reason)
}

/// Compiles a script for where it is to run.
fn compile(id: &str, context: &str, script: &StoredScript) -> Result<(), ApiError> {
    let (source, params) = (&script.source, Value::Null);
    let places = &mut Places::default();
    let compiled = match context {
        "ingest" => painless::Script::compile(source, &params, places).map(drop),
        "processor_conditional" => painless::Condition::compile(source, &params, places).map(drop),
        other => {
            let cause = Exception::new("illegal_argument_exception", format!("Unknown context [{other}]"));
            let reason = format!("failed to parse/compile stored script [{id}]");
            let exception = Exception::new("illegal_argument_exception", reason);
            return Err(exception.caused_by(cause).with_status(400));
        }
    };
    compiled.map_err(|error| crate::script_error::compile(source, &error).with_status(400))
}
