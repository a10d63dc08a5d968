//! `trailcar setup`.

use std::io::Write;

use clap::Args;
use elasticsearch_sink::{Setup, SetupOptions, setup::roles};
use rust_embed::RustEmbed;
use serde_json::Value;

use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Level, Output};
use crate::wiring::runtime;

/// The folder `dashboards/` of the source tree.
#[derive(RustEmbed)]
#[folder = "../../dashboards"]
struct Dashboards;

/// Install templates and lifecycle policy in Elasticsearch
///
/// Installs component templates, index templates and the lifecycle policy of the data streams, and on request the
/// ingest pipelines and Kibana's dashboards. Doing it again changes nothing. The policy deletes nothing, unless
/// output.elasticsearch.retention says so.
///
/// When a template of somebody else is made for the same data streams, it is named and nothing is installed, unless
/// --take-over is given; then trailcar's are installed above it, and the other stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar setup --dry-run
  trailcar setup --dashboards
  trailcar setup --print-role | jq .run    # the body of POST /_security/api_key for the sidecar's key")]
pub(crate) struct SetupCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Install the ingest pipelines too, and the scripts that they name, for use without the sidecar
    #[arg(long)]
    pipelines: bool,
    /// Import the dashboards into Kibana (output.elasticsearch.kibana.host)
    #[arg(long)]
    dashboards: bool,
    /// Install above templates of others that are made for the same data streams
    #[arg(long)]
    take_over: bool,
    /// Roll over data streams that still write with an older mapping
    #[arg(long)]
    rollover: bool,
    /// Print the API keys that the sidecar (run) and this command (setup) need, with their roles, and do nothing
    #[arg(long)]
    print_role: bool,
}

impl SetupCommand {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let mut out = std::io::stdout().lock();
        if self.print_role {
            writeln!(out, "{:#}", roles())?;
            return Ok(Outcome::Done);
        }
        let config = self.config.load(Level::Warn)?;
        let Output::Elasticsearch(elasticsearch) = &config.output else {
            anyhow::bail!(
                "there is nothing to set up: the output is not Elasticsearch (output.elasticsearch)"
            );
        };
        let setup = Setup::new(elasticsearch, self.options(&config))?;
        let runtime = runtime()?;
        let plan = runtime.block_on(setup.plan())?;
        write!(out, "{plan}")?;
        if self.dry_run {
            return Ok(Outcome::of(plan.conflicts.is_empty()));
        }
        runtime.block_on(setup.apply(&plan))?;
        let done = plan.steps.iter().filter(|step| step.change.is_to_do()).count();
        writeln!(out, "{done} installed, {} as they should be", plan.steps.len() - done)?;
        Ok(Outcome::Done)
    }

    fn options(&self, config: &Config) -> SetupOptions {
        let pipelines = config.definitions.iter().filter(|_| self.pipelines);
        let pipelines = pipelines.map(|one| (one.id.clone(), Value::Object(one.body.clone()))).collect();
        let scripts = config.scripts.iter().filter(|_| self.pipelines);
        let scripts = scripts.map(|(id, script)| (id.clone(), script.to_body())).collect();
        SetupOptions {
            take_over: self.take_over,
            rollover: self.rollover,
            pipelines,
            scripts,
            dashboards: self.dashboards.then(dashboards),
        }
    }
}

/// All saved objects, a line each.
fn dashboards() -> Vec<u8> {
    let mut all = Vec::new();
    for path in Dashboards::iter().filter(|path| path.ends_with(".ndjson")) {
        if let Some(file) = Dashboards::get(&path) {
            all.extend_from_slice(&file.data);
            if !all.ends_with(b"\n") {
                all.push(b'\n');
            }
        }
    }
    all
}
