//! `trailcar pipeline`: for who writes pipelines.

mod bench;
mod explain;
mod input;
mod show;
mod simulate;
mod test;

use clap::{Args, Subcommand};

use crate::cli::Outcome;
use crate::config::Level;
use crate::logging;

/// Test, trace, explain and time ingest pipelines, without Elasticsearch
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:
  trailcar pipeline test packages/nginx
  trailcar pipeline simulate --pipelines my-pipeline.yml documents.ndjson
  trailcar pipeline simulate --pipeline cursor.audit --raw audit.ndjson
  trailcar pipeline explain --pipeline cursor.audit
  trailcar pipeline bench --pipeline cursor.audit --raw audit.ndjson"
)]
pub(crate) struct Pipeline {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Test(test::Test),
    Simulate(simulate::Simulate),
    Explain(explain::Explain),
    Bench(bench::Bench),
}

impl Pipeline {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        logging::start(Level::Warn, Default::default());
        match self.command {
            Command::Test(command) => command.run(),
            Command::Simulate(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Bench(command) => command.run(),
        }
    }
}
