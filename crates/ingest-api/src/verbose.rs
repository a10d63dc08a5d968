//! `?verbose`: what each processor did, in the order and form in which Elasticsearch tells it.
//!
//! A processor that calls a pipeline has an entry before those of that pipeline, which says that the call came about; how it
//! went, the others tell. Where it did not come about (no such pipeline, or one that is under way already) its entry is the error,
//! whatever `ignore_failure` says; a pipeline that may be missing is an error that is ignored.

use event::Doc;
use ingest::{About, Ended, Failure, Flow, Watch};
use serde_json::{Map, Value, json};
use workbench::simulation::Document;

use crate::documents::{Budget, shown};
use crate::error::Exception;

/// Writes down the entries of one document.
pub(crate) struct Results<'b> {
    entries: Vec<Map<String, Value>>,
    /// Of processors that have begun and not ended, the outermost first.
    open: Vec<usize>,
    /// The pipeline that the last processor called, which there is not.
    missing: Option<String>,
    budget: &'b mut Budget,
    is_over: bool,
}

impl<'b> Results<'b> {
    pub(crate) fn new(budget: &'b mut Budget) -> Self {
        Self { entries: Vec::new(), open: Vec::new(), missing: None, budget, is_over: false }
    }

    /// What was written down; `None` where it would have been too much.
    pub(crate) fn into_entries(self) -> Option<Vec<Map<String, Value>>> {
        (!self.is_over).then_some(self.entries)
    }

    /// The document as a processor left it.
    fn doc(&mut self, about: &About, doc: &Doc) -> Value {
        if self.is_over {
            return Value::Null;
        }
        let mut document = Document::of(doc);
        let mut ingest = std::mem::take(&mut document.ingest);
        // What foreach leaves behind, for one.
        ingest.retain(|_, value| !value.is_null());
        ingest.insert("pipeline".to_owned(), (*about.pipeline).into());
        let shown = shown(document, ingest);
        self.is_over |= !self.budget.take(&shown);
        shown
    }
}

/// Whether a processor calls a pipeline.
fn calls(about: &About) -> bool {
    about.kind == "pipeline"
}

fn is_cycle(failure: &Failure) -> bool {
    failure.reason.starts_with("Cycle detected for pipeline: ")
}

/// How Elasticsearch words that a pipeline is missing.
const MISSING: &str = "Pipeline processor configured for non-existent pipeline";

/// A pipeline that is missing is a wrong argument where it is told of as an entry.
fn missing(reason: &str) -> Value {
    Exception::new("illegal_argument_exception", reason).whole(false)
}

fn is_missing(failure: &Failure) -> bool {
    failure.reason.starts_with(MISSING)
}

fn error(about: &About, failure: &Failure) -> Value {
    if calls(about) && is_missing(failure) {
        return missing(&failure.reason);
    }
    Exception::of_failure(failure).whole(false)
}

impl Watch for Results<'_> {
    fn begins(&mut self, about: &About) {
        let mut entry = Map::new();
        entry.insert("processor_type".to_owned(), about.kind.into());
        entry.insert("status".to_owned(), "success".into());
        for (name, text) in [("description", &about.description), ("tag", &about.tag)] {
            if let Some(text) = text {
                entry.insert(name.to_owned(), (**text).into());
            }
        }
        self.open.push(self.entries.len());
        self.entries.push(entry);
    }

    fn misses(&mut self, id: &str) {
        self.missing = Some(id.to_owned());
    }

    fn ended(&mut self, about: &About, how: &Ended<'_>, doc: &Doc) {
        let Some(at) = self.open.pop() else { return };
        let missed = self.missing.take();
        let came_about = calls(about) && self.entries.len() > at + 1;
        let condition = |result: bool| {
            let text = about.condition.as_deref()?;
            Some(json!({ "condition": text, "result": result }))
        };
        let (mut status, mut held, mut more) = ("success", condition(true), None);
        match how {
            Ended::Skipped => (status, held) = ("skipped", condition(false)),
            Ended::Done(Flow::Drop) if !calls(about) => status = "dropped",
            Ended::Done(_) if calls(about) => {
                if let Some(id) = missed {
                    let error = missing(&format!("{MISSING} [{id}]"));
                    self.entries[at].insert("ignored_error".to_owned(), json!({ "error": error }));
                    (status, more) = ("error_ignored", Some(("doc", self.doc(about, doc))));
                }
            }
            Ended::Done(_) => more = Some(("doc", self.doc(about, doc))),
            // Elasticsearch looks for circles before it calls anything.
            Ended::Failed { failure, .. } if calls(about) && is_cycle(failure) => {
                self.entries.truncate(at + 1);
                (status, more) = ("error", Some(("error", error(about, failure))));
            }
            Ended::Failed { .. } if came_about => {}
            Ended::Failed { failure, ignored: true } if !(calls(about) && is_missing(failure)) => {
                let ignored = json!({ "error": error(about, failure) });
                self.entries[at].insert("ignored_error".to_owned(), ignored);
                (status, more) = ("error_ignored", Some(("doc", self.doc(about, doc))));
            }
            Ended::Failed { failure, .. } => {
                (status, more) = ("error", Some(("error", error(about, failure))));
            }
            Ended::Undecided(failure) => {
                (status, held, more) = ("error", None, Some(("error", error(about, failure))));
            }
        }
        let Some(entry) = self.entries.get_mut(at) else { return };
        entry.insert("status".to_owned(), status.into());
        if let Some(condition) = held {
            entry.insert("if".to_owned(), condition);
        }
        if let Some((name, value)) = more {
            entry.insert(name.to_owned(), value);
        }
    }
}
