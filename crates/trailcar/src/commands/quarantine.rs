//! `trailcar quarantine`.

use std::io::Write;

use clap::{Args, Subcommand};
use deliver::retry_quarantined;
use event::{Dataset, Source, SourceId};
use ledger::quarantine::{Fate, Filter, Held, QuarantineId};
use ledger::{DataDir, Ledger};

use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Level, SourceConfig};
use crate::wiring::output::{Opened, view_ledger};
use crate::wiring::{pool, runtime};

/// How many events are looked at in one go.
const PORTION: u32 = 500;

/// Look at events that the destination refused for good, and send them again
///
/// list and show may be asked while the sidecar runs; retry and drop need the data directory for themselves.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar quarantine list
  trailcar quarantine show 17
  trailcar quarantine retry --all     # after the cause is mended
  trailcar quarantine drop 17")]
pub struct Quarantine {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List events with the reasons of their refusal, oldest first
    List(List),
    /// Show one event whole: reason, raw event and refused document, as JSON
    Show(Show),
    /// Normalize events anew and send them again; those that are taken leave the quarantine
    Retry(Some_),
    /// Remove events; they count as dropped
    Drop(Some_),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    filter: Choice,
}

/// Which events.
#[derive(Debug, Args)]
struct Choice {
    /// Only events of this source
    #[arg(long)]
    source: Option<String>,
    /// Only events of this dataset
    #[arg(long)]
    dataset: Option<String>,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    config: ConfigFile,
    /// Its number in the list
    number: i64,
}

#[derive(Debug, Args)]
struct Some_ {
    #[command(flatten)]
    config: ConfigFile,
    /// All events, or those that --source and --dataset leave
    #[arg(long, conflicts_with = "numbers", required_unless_present = "numbers")]
    all: bool,
    #[command(flatten)]
    filter: Choice,
    /// Numbers in the list
    #[arg(value_name = "NUMBER")]
    numbers: Vec<i64>,
}
