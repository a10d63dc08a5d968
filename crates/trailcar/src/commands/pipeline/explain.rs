//! `trailcar pipeline explain`.

use std::io::Write;

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use workbench::outline::{Line, What, outline};
use workbench::simulation::simulate;
use workbench::trace::{Entry, Status, Trace};

use super::input::{Chosen, Databases, Documents, Loaded};
use crate::cli::Outcome;

/// Show what a pipeline runs and in what order, and what its conditions say of documents
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar pipeline explain --pipeline cursor.audit
  trailcar pipeline explain --pipelines my-pipeline.yml documents.ndjson")]
pub(super) struct Explain {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    databases: Databases,
    #[command(flatten)]
    documents: Documents,
}

impl Explain {
    pub(super) fn run(mut self) -> anyhow::Result<Outcome> {
        let Loaded { definitions, scripts, id } = self.chosen.load(&mut self.databases)?;
        // A pipeline with mistakes is not explained.
        let pipelines = self.databases.compile(&definitions, scripts).context("the pipelines do not load")?;
        let mut out = std::io::stdout().lock();
        if self.documents.are_none() {
            outline(&definitions, &id).iter().try_for_each(|line| writeln!(out, "{}", told(line)))?;
            return Ok(Outcome::Done);
        }
        for (at, document) in self.documents.read()?.iter().enumerate() {
            let mut trace = Trace::new(document);
            simulate(&pipelines, &id, document, &Timestamp::now().to_string(), Some(&mut trace));
            writeln!(out, "document {}", at + 1)?;
            trace.into_entries().iter().try_for_each(|entry| writeln!(out, "{}", reached(entry)))?;
        }
        Ok(Outcome::Done)
    }
}

fn told(line: &Line) -> String {
    let indent = "  ".repeat(line.depth);
    match &line.what {
        What::Processor { kind, about, tag, condition } => {
            let tag = tag.as_ref().map(|tag| format!(" [{tag}]")).unwrap_or_default();
            let condition = condition
                .as_ref()
                .map(|text| format!("\n{indent}  if {}", one_line(text)))
                .unwrap_or_default();
            format!("{indent}{kind}{tag} {about}{condition}")
        }
        What::OnFailure => format!("{indent}when that fails:"),
        What::Missing(id) => format!("{indent}(there is no pipeline {id})"),
        What::Cycle(id) => format!("{indent}(fails: {id} is under way already)"),
    }
}

fn reached(entry: &Entry) -> String {
    let how = match &entry.status {
        Status::Success => "ran    ",
        Status::Skipped => "skipped",
        Status::Terminated | Status::Rerouted => "ended  ",
        Status::Dropped => "dropped",
        Status::Error(_) => "FAILED ",
        Status::ErrorIgnored(_) => "ignored",
    };
    let tag = entry.tag.as_ref().map(|tag| format!(" [{tag}]")).unwrap_or_default();
    let answer = match (&entry.condition, &entry.status) {
        (None, _) => String::new(),
        (Some(text), Status::Skipped) => format!("  false: {}", one_line(text)),
        (Some(text), _) => format!("  true: {}", one_line(text)),
    };
    let failure = match &entry.status {
        Status::Error(failure) | Status::ErrorIgnored(failure) => format!("  {failure}"),
        _ => String::new(),
    };
    format!("  {how} {}{} {}{tag}{answer}{failure}", "  ".repeat(entry.depth), entry.place, entry.pipeline)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
