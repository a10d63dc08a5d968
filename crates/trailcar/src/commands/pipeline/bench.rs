//! `trailcar pipeline bench`.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use workbench::profile::{Row, measure};

use super::input::{Chosen, Databases, Documents, Loaded};
use crate::cli::Outcome;

/// Show what a pipeline takes for documents, and how much of it each processor takes
///
/// Runs the documents again and again on one thread. The whole is timed with nobody watching; the shares are measured
/// in a second run with a clock between processors.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar pipeline bench --pipeline cursor.audit --raw audit.ndjson
  trailcar pipeline bench --pipelines my-pipeline.yml --seconds 10 documents.ndjson")]
pub(super) struct Bench {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    databases: Databases,
    /// How long to run
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How many processors to show; 0 is all
    #[arg(long, default_value_t = 20)]
    top: usize,
    #[command(flatten)]
    documents: Documents,
}

impl Bench {
    pub(super) fn run(mut self) -> anyhow::Result<Outcome> {
        let Loaded { definitions, scripts, id } = self.chosen.load(&mut self.databases)?;
        let pipelines = self.databases.compile(&definitions, scripts)?;
        let documents = self.documents.read()?;
        let measured = measure(&pipelines, &id, &documents, Duration::from_secs(self.seconds));
        let count = measured.documents as f64;
        let mut out = std::io::stdout().lock();
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / count;
        writeln!(
            out,
            "{} documents, {:.2} µs each, {:.0} a second on one thread",
            measured.documents,
            micros(measured.total),
            count / measured.total.as_secs_f64()
        )?;
        writeln!(
            out,
            "{:>6} {:>9} {:>9} {:>9} {:>9}  processor",
            "share", "µs a doc", "turns", "skipped", "failed"
        )?;
        let shown = if self.top == 0 { measured.rows.len() } else { self.top };
        for row in measured.rows.iter().take(shown) {
            let share = row.own.as_secs_f64() / measured.total.as_secs_f64() * 100.0;
            let Row { turns, skipped, failed, .. } = row;
            let tag = row.tag.as_ref().map(|tag| format!(" [{tag}]")).unwrap_or_default();
            writeln!(
                out,
                "{share:>5.1}% {:>9.3} {turns:>9} {skipped:>9} {failed:>9}  {} {}{tag}",
                micros(row.own),
                row.pipeline,
                row.place
            )?;
        }
        if shown < measured.rows.len() {
            writeln!(out, "and {} more: --top 0 shows all", measured.rows.len() - shown)?;
        }
        Ok(Outcome::Done)
    }
}
