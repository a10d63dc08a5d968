//! `trailcar pipeline simulate`.

use std::io::{self, Write};

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use workbench::simulation::{Simulated, simulate};
use workbench::trace::{Entry, Status, Trace};

use super::input::{Chosen, Databases, Documents, Loaded};
use super::show;
use crate::cli::Outcome;

/// Run documents through a pipeline and show what each processor changed
///
/// Fails (exit status 1) when a document fails in the pipeline and nobody handles that.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar pipeline simulate --pipelines my-pipeline.yml documents.ndjson
  echo '{\"a\":\"1\"}' | trailcar pipeline simulate --pipelines my-pipeline.yml --json | jq .
  trailcar pipeline simulate --pipeline cursor.audit --raw audit.ndjson --all")]
pub(super) struct Simulate {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    databases: Databases,
    /// Show processors too that were passed over or changed nothing
    #[arg(long)]
    all: bool,
    /// One JSON object a document, with the whole trace
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    documents: Documents,
}

impl Simulate {
    pub(super) fn run(mut self) -> anyhow::Result<Outcome> {
        let Loaded { definitions, scripts, id } = self.chosen.load(&mut self.databases)?;
        let pipelines = self.databases.compile(&definitions, scripts)?;
        let mut good = true;
        let mut out = io::stdout().lock();
        for (at, document) in self.documents.read()?.iter().enumerate() {
            let mut trace = Trace::new(document);
            let timestamp = Timestamp::now().to_string();
            let simulated = simulate(&pipelines, &id, document, &timestamp, Some(&mut trace));
            good &= !matches!(simulated, Simulated::Failed(_));
            let entries = trace.into_entries();
            if self.json {
                writeln!(out, "{}", as_json(&entries, &simulated))?;
            } else {
                self.show(&mut out, at + 1, &entries, &simulated)?;
            }
        }
        Ok(Outcome::of(good))
    }

    fn show(
        &self,
        out: &mut impl Write,
        number: usize,
        entries: &[Entry],
        simulated: &Simulated,
    ) -> io::Result<()> {
        writeln!(out, "document {number}")?;
        for entry in entries {
            let is_plain = matches!(entry.status, Status::Success | Status::Skipped);
            if is_plain && entry.changes.is_empty() && !self.all {
                continue;
            }
            let indent = "  ".repeat(entry.depth + 1);
            writeln!(out, "{indent}{}", headline(entry))?;
            show::differences(out, &entry.changes, &format!("{indent}  "))?;
        }
        match simulated {
            Simulated::Done(document) => writeln!(out, "  = {}", document.source),
            Simulated::Dropped => writeln!(out, "  = dropped"),
            Simulated::Failed(failure) => writeln!(out, "  = failed: {}: {failure}", failure.kind),
        }
    }
}

/// Which processor it is and how it ended.
fn headline(entry: &Entry) -> String {
    let tag = entry.tag.as_ref().map(|tag| format!(" [{tag}]")).unwrap_or_default();
    let how = match &entry.status {
        Status::Success => String::new(),
        Status::Skipped => {
            format!(": passed over, since not {}", entry.condition.as_deref().unwrap_or_default())
        }
        Status::Terminated => ": ends its pipeline".to_owned(),
        Status::Rerouted => {
            ": sends the document elsewhere, where that index's pipelines would run".to_owned()
        }
        Status::Dropped => ": drops the document".to_owned(),
        Status::Error(failure) => format!(": FAILED: {}: {failure}", failure.kind),
        Status::ErrorIgnored(failure) => format!(": failed, which is ignored: {}: {failure}", failure.kind),
    };
    format!("{} ({} {}){tag}{how}", entry.kind, entry.pipeline, entry.place)
}

fn as_json(entries: &[Entry], simulated: &Simulated) -> Value {
    let steps: Vec<Value> = entries.iter().map(entry_json).collect();
    let mut out = json!({"processors": steps});
    match simulated {
        Simulated::Done(document) => {
            out["doc"] = json!(document.metadata);
            out["doc"]["_source"] = document.source.clone();
        }
        Simulated::Dropped => out["dropped"] = json!(true),
        Simulated::Failed(failure) => {
            out["error"] = json!({"type": failure.kind, "reason": failure.to_string()});
        }
    }
    out
}

fn entry_json(entry: &Entry) -> Value {
    let mut out = json!({
        "pipeline": entry.pipeline,
        "place": entry.place,
        "processor_type": entry.kind,
    });
    for (name, text) in [("tag", &entry.tag), ("description", &entry.description), ("if", &entry.condition)] {
        if let Some(text) = text {
            out[name] = json!(text);
        }
    }
    let (status, failure) = match &entry.status {
        Status::Success | Status::Terminated | Status::Rerouted => ("success", None),
        Status::Skipped => ("skipped", None),
        Status::Dropped => ("dropped", None),
        Status::Error(failure) => ("error", Some(failure)),
        Status::ErrorIgnored(failure) => ("error_ignored", Some(failure)),
    };
    out["status"] = json!(status);
    if let Some(failure) = failure {
        out["error"] = json!({"type": failure.kind, "reason": failure.to_string()});
    }
    let change = |change: &workbench::difference::Difference| {
        let mut told = json!({"field": change.path});
        for (name, side) in [("before", &change.left), ("after", &change.right)] {
            if let Some(side) = side {
                told[name] = side.clone();
            }
        }
        told
    };
    out["changes"] = entry.changes.iter().map(change).collect();
    out
}
