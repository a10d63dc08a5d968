//! `trailcar doctor`.

use std::io::Write;

use clap::Args;
use event::Tally;

use super::summary;
use crate::cli::{ConfigFile, Outcome};
use crate::config::Level;
use crate::wiring::output;

/// Show the balance: what became of every event since the data directory was begun
///
/// accepted = created + duplicate + diverted + quarantined + dropped. May be asked while the sidecar runs; events that
/// are under way then are not yet counted on either side.
///
/// Fails (exit status 1) when the balance does not hold.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar doctor
  trailcar doctor --config /etc/trailcar/trailcar.yml")]
pub(crate) struct Doctor {
    #[command(flatten)]
    config: ConfigFile,
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let config = self.config.load(Level::Warn)?;
        let lines = output::view_ledger(&config)?.balance()?;
        let mut out = std::io::stdout().lock();
        let mut sum = Tally::default();
        for line in &lines {
            writeln!(out, "source {}, dataset {}", line.source, line.dataset)?;
            summary::tally(&mut out, &line.tally)?;
            writeln!(out)?;
            sum.add(&line.tally);
        }
        let holds = lines.iter().all(|line| line.tally.accepted == line.tally.settled());
        let words = if holds { "holds" } else { "does not hold: please report it" };
        writeln!(out, "The balance {words}: {} accepted, {} answered for.", sum.accepted, sum.settled())?;
        Ok(Outcome::of(holds))
    }
}
