//! `_ingest/_simulate`: documents as if they were written to an index, with other pipelines in place of those that there are.

use event::Doc;
use ingest::{About, Definition, Ended, IndexPipelines, Indices, Pipelines, Watch};
use jiff::Timestamp;
use normalize::Streams;
use serde_json::{Map, Value, json};
use workbench::simulation::{Document, Simulated, through};

use crate::body::map;
use crate::documents::{self, Budget, NO_VERSION};
use crate::error::{ApiError, Exception};
use crate::library::{Library, definition};
use crate::pipelines;

/// What a write may be asked to do without; none of it is here.
const OF_THE_CLUSTER: [&str; 3] =
    ["component_template_substitutions", "index_template_substitutions", "mapping_addition"];

/// Runs the documents of a body as writes to their index, or to `index` where they name none: through `pipeline`, or else
/// through the one that the index's events go through here.
///
/// # Errors
/// A body that says something wrong, with all mistakes of its pipelines. What goes wrong with a document is in its place in the
/// answer.
pub(crate) fn run(
    library: &Library,
    index: Option<&str>,
    pipeline: Option<&str>,
    mut fields: Map<String, Value>,
) -> Result<Value, ApiError> {
    refuse_templates(&fields)?;
    let substitutions = substitutions(&mut fields)?;
    let before: Vec<(&str, Value)> = index.map(|index| ("_index", index.into())).into_iter().collect();
    let documents = documents::read(&mut fields, |fields| {
        let mut document = documents::document(fields, &before)?;
        document.metadata.insert("_version".to_owned(), NO_VERSION.into());
        match document.metadata.contains_key("_index") {
            true => Ok(document),
            false => {
                let reason = "Validation Failed: 1: index is missing;";
                Err(ApiError::of(400, "action_request_validation_exception", reason))
            }
        }
    })?;
    let pipelines = match substitutions.is_empty() {
        true => library.normalization().pipelines(),
        false => library.with(substitutions).map_err(|found| pipelines::mistakes(&found))?,
    };
    let mut budget = Budget::new();
    let timestamp = Timestamp::now().to_string();
    let write = |document: &Document| write(&pipelines, pipeline, document, &timestamp, &mut budget);
    let docs: Vec<Value> = documents.iter().map(write).collect();
    Ok(json!({ "docs": docs }))
}

fn refuse_templates(fields: &Map<String, Value>) -> Result<(), ApiError> {
    let given = |name: &&&str| match fields.get(**name) {
        None | Some(Value::Null) => false,
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(_) => true,
    };
    match OF_THE_CLUSTER.iter().find(given) {
        Some(name) => {
            let reason = format!(
                "[{name}] needs the templates and mappings of a cluster, which are not here: leave it out, or ask the cluster"
            );
            Err(ApiError::illegal(reason))
        }
        None => Ok(()),
    }
}

fn substitutions(fields: &mut Map<String, Value>) -> Result<Vec<Definition>, ApiError> {
    let name = "pipeline_substitutions";
    let Some(value) = fields.shift_remove(name).filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let one = |(id, body): (String, Value)| {
        let body = map(&format!("{name}.{id}"), body)?;
        pipelines::check(&body)?;
        Ok(definition(&id, body))
    };
    map(name, value)?.into_iter().map(one).collect()
}

/// The pipelines that a document went through, without those that they called.
struct Executed {
    ids: Vec<String>,
    depth: usize,
}

impl Watch for Executed {
    fn begins(&mut self, about: &About) {
        if self.depth == 0 && self.ids.last().is_none_or(|last| *last != *about.pipeline) {
            self.ids.push(about.pipeline.to_string());
        }
        self.depth += 1;
    }

    fn ended(&mut self, _: &About, _: &Ended<'_>, _: &Doc) {
        self.depth = self.depth.saturating_sub(1);
    }
}

fn write(
    pipelines: &Pipelines,
    wanted: Option<&str>,
    document: &Document,
    timestamp: &str,
    budget: &mut Budget,
) -> Value {
    let text = |name: &str| document.metadata.get(name).and_then(Value::as_str);
    let index = text("_index").unwrap_or_default();
    let failed = |exception: &Exception| {
        let id = text("_id").unwrap_or("auto-generated");
        json!({ "doc": { "_id": id, "_index": index, "error": exception.brief() } })
    };
    if let Some(over) = budget.over() {
        return failed(&over);
    }
    let streams = Streams { pipelines, own: "" };
    let own = match wanted {
        Some(id) if id != "_none" && !pipelines.contains(id) => {
            let reason = format!("pipeline with id [{id}] does not exist");
            return failed(&Exception::new("illegal_argument_exception", reason));
        }
        Some(id) => IndexPipelines { first: (id != "_none").then(|| id.to_owned()), last: None },
        None => streams.pipelines(index),
    };
    let mut executed = Executed { ids: own.first.clone().into_iter().collect(), depth: 0 };
    let simulated =
        through(document, |doc| pipelines.route(&own, &streams, doc, timestamp, Some(&mut executed)));
    match simulated {
        Simulated::Done(document) => {
            let metadata =
                |name: &str, otherwise: Value| document.metadata.get(name).cloned().unwrap_or(otherwise);
            let doc = json!({
                "_id": metadata("_id", "<n/a>".into()),
                "_index": metadata("_index", index.into()),
                "_version": metadata("_version", NO_VERSION.into()),
                "_source": document.source,
                "executed_pipelines": executed.ids,
            });
            match budget.take(&doc) {
                true => json!({ "doc": doc }),
                false => budget.over().map_or(Value::Null, |over| failed(&over)),
            }
        }
        Simulated::Dropped => json!({ "doc": {
            "_index": index,
            "_id": text("_id").unwrap_or("auto-generated"),
            "_version": NO_VERSION,
            "result": "noop",
            "_shards": { "total": 0, "successful": 0, "failed": 0 },
        } }),
        Simulated::Failed(failure) => failed(&Exception::of_failure(&failure)),
    }
}
