//! What each processor did to a document.

use event::Doc;
use ingest::{About, Ended, Failure, Flow, Watch};
use serde_json::{Value, json};

use crate::difference::{Difference, differences};
use crate::simulation::Document;

/// A processor's part in a run.
#[derive(Clone, Debug)]
pub struct Entry {
    /// How many pipelines it lies within; the first one's processors have 0.
    pub depth: usize,
    /// Its pipeline.
    pub pipeline: String,
    /// Where in it: `processors[3].set`.
    pub place: String,
    /// Its type.
    pub kind: &'static str,
    /// Its tag.
    pub tag: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its `if`.
    pub condition: Option<String>,
    /// How it ended.
    pub status: Status,
    /// What it changed. Empty for a processor that calls a pipeline, whose own processors tell.
    pub changes: Vec<Difference>,
}

/// How a processor ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Its condition was false.
    Skipped,
    /// It did what it does.
    Success,
    /// It ended its pipeline.
    Terminated,
    /// It sent the document to another data stream, and ended all pipelines that were under way.
    Rerouted,
    /// It dropped the document.
    Dropped,
    /// It failed, or its condition did.
    Error(Failure),
    /// It failed, which counts for nothing.
    ErrorIgnored(Failure),
}

/// Writes down a run.
pub struct Trace {
    entries: Vec<Entry>,
    /// Of processors that have begun and not ended, the outermost first.
    open: Vec<usize>,
    before: Value,
}

impl Trace {
    /// For a run that begins with this document.
    pub fn new(document: &Document) -> Self {
        Self { entries: Vec::new(), open: Vec::new(), before: whole(document) }
    }

    /// The processors in the order in which they began.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}

/// Metadata and source as one value, as scripts see them.
fn whole(document: &Document) -> Value {
    let mut fields = document.metadata.clone();
    match &document.source {
        Value::Object(source) => {
            fields.extend(source.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        other => drop(fields.insert("_source".to_owned(), other.clone())),
    }
    json!(fields)
}

impl Watch for Trace {
    fn begins(&mut self, about: &About) {
        self.open.push(self.entries.len());
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        self.entries.push(Entry {
            depth: self.open.len() - 1,
            pipeline: about.pipeline.to_string(),
            place: about.place.to_string(),
            kind: about.kind,
            tag: text(&about.tag),
            description: text(&about.description),
            condition: text(&about.condition),
            status: Status::Success,
            changes: Vec::new(),
        });
    }

    fn ended(&mut self, _: &About, how: &Ended<'_>, doc: &Doc) {
        let Some(entry) = self.open.pop().and_then(|at| self.entries.get_mut(at)) else { return };
        entry.status = match how {
            Ended::Skipped => Status::Skipped,
            Ended::Done(Flow::Continue) => Status::Success,
            Ended::Done(Flow::Terminate) => Status::Terminated,
            Ended::Done(Flow::Reroute) => Status::Rerouted,
            Ended::Done(Flow::Drop) => Status::Dropped,
            Ended::Undecided(failure) | Ended::Failed { failure, ignored: false } => {
                Status::Error((*failure).clone())
            }
            Ended::Failed { failure, ignored: true } => Status::ErrorIgnored((*failure).clone()),
        };
        if entry.status != Status::Skipped {
            let now = whole(&Document::of(doc));
            entry.changes = differences(&self.before, &now);
            self.before = now;
        }
    }
}
