//! `_simulate` of pipelines: documents run, and nothing kept.

use std::sync::Arc;

use ingest::Pipelines;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use workbench::simulation::{Document, Simulated, simulate};

use crate::body::{map, required};
use crate::documents::{self, Budget, NO_VERSION, failed, shown};
use crate::error::{ApiError, Exception};
use crate::library::{Library, definition};
use crate::pipelines;
use crate::verbose::Results;

/// What Elasticsearch calls a pipeline that stands in a request.
const INLINE: &str = "_simulate_pipeline";

/// Runs the documents of a body through a pipeline: the one of an id, or else the body's.
///
/// # Errors
/// A body that says something wrong, with all mistakes of its pipeline. What goes wrong with a document is in its place in the
/// answer.
pub(crate) fn run(
    library: &Library,
    id: Option<&str>,
    mut fields: Map<String, Value>,
    verbose: bool,
) -> Result<Value, ApiError> {
    let (pipelines, id) = match id {
        Some(id) => (existing(library, id)?, id),
        None => (inline(library, &mut fields)?, INLINE),
    };
    let before = [("_index", "_index".into()), ("_version", NO_VERSION.into()), ("_id", "_id".into())];
    let documents = documents::read(&mut fields, |fields| documents::document(fields, &before))?;
    let mut budget = Budget::new();
    let timestamp = Timestamp::now().to_string();
    let results = documents.iter().map(|document| match budget.over() {
        Some(over) => failed(&over),
        None if verbose => watched(&pipelines, id, document, &timestamp, &mut budget),
        None => result(simulate(&pipelines, id, document, &timestamp, None), &mut budget),
    });
    let results: Vec<Value> = results.collect();
    Ok(json!({ "docs": results }))
}

fn existing(library: &Library, id: &str) -> Result<Arc<Pipelines>, ApiError> {
    let pipelines = library.normalization().pipelines();
    if pipelines.contains(id) {
        return Ok(pipelines);
    }
    Err(ApiError::illegal(format!("pipeline [{id}] does not exist")))
}

fn inline(library: &Library, fields: &mut Map<String, Value>) -> Result<Arc<Pipelines>, ApiError> {
    let body = map("pipeline", required(fields, "pipeline")?)?;
    pipelines::check(&body)?;
    library.with(vec![definition(INLINE, body)]).map_err(|found| pipelines::mistakes(&found))
}

fn result(simulated: Simulated, budget: &mut Budget) -> Value {
    match simulated {
        Simulated::Done(mut document) => {
            let mut ingest = std::mem::take(&mut document.ingest);
            ingest.shift_remove("pipeline");
            let shown = shown(*document, ingest);
            match budget.take(&shown) {
                true => json!({ "doc": shown }),
                false => budget.over().map_or(Value::Null, |over| failed(&over)),
            }
        }
        Simulated::Dropped => Value::Null,
        Simulated::Failed(failure) => failed(&Exception::of_failure(&failure)),
    }
}

fn watched(
    pipelines: &Pipelines,
    id: &str,
    document: &Document,
    timestamp: &str,
    budget: &mut Budget,
) -> Value {
    let mut results = Results::new(budget);
    // What became of the document is what became of its last processor.
    simulate(pipelines, id, document, timestamp, Some(&mut results));
    match results.into_entries() {
        Some(entries) => json!({ "processor_results": entries }),
        None => budget.over().map_or(Value::Null, |over| failed(&over)),
    }
}
