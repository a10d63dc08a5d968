//! Pipelines: put, got, deleted.

use std::collections::BTreeSet;
use std::sync::Arc;

use ingest::LoadError;
use ledger::definitions::{Change, Kind};
use serde_json::{Value, json};

use crate::body::wrong_type;
use crate::error::{ApiError, Exception};
use crate::library::{Base, Body, Library, Place, Put, Step, Tell, Told, definition};
use crate::wildcard::fits;

/// The longest id, in bytes.
const LONGEST_ID: usize = 512;
/// What turns the journal of changes into events: who changes a pipeline must not be able to hide that.
const JOURNAL: &str = "trailcar.audit";
/// Parts that the shipped pipelines share, that of the journal among them.
const SHARED: &str = "trailcar-";

/// The pipelines that patterns name, by id: one or several with commas, `*` for any text.
pub(crate) fn get(library: &Library, patterns: &str, summary: bool) -> (u16, Value) {
    let state = library.state();
    let ids: BTreeSet<&String> = library.base().keys().chain(state.pipelines.keys()).collect();
    let wanted = |id: &&String| patterns.split(',').any(|pattern| fits(pattern, id));
    let found = ids.into_iter().filter(wanted).filter_map(|id| {
        let body =
            if summary { Some(json!({})) } else { library.pipeline(&state, id).map(|body| json!(body)) };
        Some((id.clone(), body?))
    });
    let found: Body = found.collect();
    (if found.is_empty() { 404 } else { 200 }, Value::Object(found))
}

/// Puts a pipeline. With `if_version`, only in place of that version.
///
/// # Errors
/// All its mistakes, or why it is not put; then nothing is changed.
pub(crate) fn put(
    library: &Library,
    id: &str,
    body: Body,
    if_version: Option<&str>,
    tell: Tell<'_>,
) -> Result<Value, ApiError> {
    check_id("pipeline", id)?;
    if id == JOURNAL || id.starts_with("trailcar.audit-") || id.starts_with(SHARED) {
        let reason = format!(
            "pipeline [{id}] makes events of what users do here, so it is not changed over HTTP: let \
             pipelines.directory name a directory with a file for it"
        );
        return Err(ApiError::illegal(reason));
    }
    library.change(Kind::Pipeline, tell, |state| {
        let body = match if_version {
            Some(version) => in_place_of(library.pipeline(state, id), id, version, body)?,
            None => body,
        };
        check(&body)?;
        let value = Value::Object(body.clone());
        let put = Put::new(Arc::new(definition(id, body)), &value, state.pipelines.get(id));
        let mut next = state.clone();
        let changes = vec![put.keep(id)];
        next.pipelines.insert(id.to_owned(), put);
        let told = vec![Told { action: "pipeline_put", id: id.to_owned() }];
        Ok(Step { changes, next, told, mistakes })
    })?;
    Ok(json!({ "acknowledged": true }))
}

/// Deletes the pipelines that a pattern names. One that stood in front of a shipped one, or of one in a file, uncovers it.
///
/// # Errors
/// None is missing, or none was put; then nothing is changed.
pub(crate) fn delete(library: &Library, pattern: &str, tell: Tell<'_>) -> Result<Value, ApiError> {
    library.change(Kind::Pipeline, tell, |state| {
        let ids: Vec<String> = state.pipelines.keys().filter(|id| fits(pattern, id)).cloned().collect();
        if ids.is_empty() && pattern != "*" {
            let base = library.base().iter().find(|(id, _)| fits(pattern, id));
            return Err(match base {
                Some((id, base)) => fixed(id, base),
                None => ApiError::missing(format!("pipeline [{pattern}] is missing")),
            });
        }
        let mut next = state.clone();
        next.pipelines.retain(|id, _| !ids.contains(id));
        let told = ids.iter().map(|id| Told { action: "pipeline_deleted", id: id.clone() }).collect();
        let changes = ids.into_iter().map(Change::Remove).collect();
        Ok(Step { changes, next, told, mistakes })
    })?;
    Ok(json!({ "acknowledged": true }))
}

/// Refuses ids that would not be found again, or not be told from others.
pub(crate) fn check_id(kind: &str, id: &str) -> Result<(), ApiError> {
    if id.is_empty() || id.len() > LONGEST_ID || id.chars().any(char::is_control) {
        let reason = format!("the id of a {kind} has 1 to {LONGEST_ID} bytes, without control characters");
        return Err(ApiError::illegal(reason));
    }
    Ok(())
}

pub(crate) fn mistakes(found: &[LoadError]) -> ApiError {
    ApiError::mistakes(found.iter().map(Exception::of_mistake).collect())
}

fn fixed(id: &str, base: &Base) -> ApiError {
    let reason = match base.place {
        Place::Shipped => format!(
            "pipeline [{id}] comes with trailcar and can not be deleted: put another one of the same id in front of it"
        ),
        Place::Directory => format!(
            "pipeline [{id}] stands in the file [{}] of pipelines.directory and can not be deleted over HTTP: remove \
             the file and start trailcar anew",
            base.definition.origin
        ),
    };
    ApiError::illegal(reason)
}

/// The body with a version above the one that has to be there.
fn in_place_of(current: Option<&Body>, id: &str, wanted: &str, mut body: Body) -> Result<Body, ApiError> {
    let Ok(wanted) = wanted.parse::<i32>() else {
        let reason = format!("invalid value [{wanted}] specified for [if_version]. must be an integer value");
        return Err(ApiError::illegal(reason));
    };
    let conflict = |but: String| {
        let reason = format!("version conflict, required version [{wanted}] for pipeline [{id}] but {but}");
        Err(ApiError::illegal(reason))
    };
    let Some(current) = current else { return conflict("no pipeline was found".to_owned()) };
    let version = current.get("version").unwrap_or(&Value::Null);
    if version.as_i64() != Some(wanted.into()) {
        return conflict(format!("current version is [{version}]"));
    }
    match body.get("version") {
        None => {
            body.insert("version".to_owned(), wanted.wrapping_add(1).into());
        }
        Some(version) if version.as_i64() == Some(wanted.into()) => {
            let reason = format!("cannot update pipeline [{id}] with the same version [{wanted}]");
            return Err(ApiError::illegal(reason));
        }
        Some(_) => {}
    }
    Ok(body)
}

/// The properties that mean nothing to the engine.
pub(crate) fn check(body: &Body) -> Result<(), ApiError> {
    match body.get("description") {
        None | Some(Value::Null | Value::String(_)) => {}
        Some(other) => return Err(wrong_type("description", "a string", other)),
    }
    match body.get("version") {
        None | Some(Value::Null) => {}
        Some(version) => {
            let text = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
            if text.parse::<i32>().is_err() {
                let reason = format!("property cannot be converted to an int [{text}]");
                return Err(ApiError::property("version", &reason));
            }
        }
    }
    match body.get("_meta") {
        None | Some(Value::Null | Value::Object(_)) => Ok(()),
        Some(other) => Err(wrong_type("_meta", "a map", other)),
    }
}
