//! What the journal is told of a command that changes something or gives something out: that it begins, and how it ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deliver::{Limits, Report};
use event::Tally;
use journal::{Entry, Journal};

use super::run::{End, to_the_end};
use crate::config::Output;
use crate::wiring::output::Opened;
use crate::wiring::{Sidecar, Start, access};

/// What the journal calls a command's beginning and its ends.
pub(super) struct Deed {
    started: &'static str,
    completed: &'static str,
    broken_off: &'static str,
}

/// `trailcar export`.
pub(super) const EXPORT: Deed =
    Deed { started: "export_started", completed: "export_completed", broken_off: "export_broken_off" };
/// `trailcar import`.
pub(super) const IMPORT: Deed =
    Deed { started: "import_started", completed: "import_completed", broken_off: "import_broken_off" };
/// `trailcar backfill`.
pub(super) const BACKFILL: Deed =
    Deed { started: "backfill_started", completed: "backfill_completed", broken_off: "backfill_broken_off" };
/// `trailcar quarantine retry`.
pub(super) const RETRY: Deed =
    Deed { started: "retry_started", completed: "retry_completed", broken_off: "retry_broken_off" };
/// `trailcar quarantine drop`.
pub(super) const DROP: Deed =
    Deed { started: "drop_started", completed: "drop_completed", broken_off: "drop_broken_off" };

/// A command that has begun.
pub(super) struct Told {
    journal: Journal,
    deed: &'static Deed,
    query: String,
}

impl Told {
    /// Writes down that a command begins; `query` says what it was asked for. The data directory is there.
    ///
    /// # Errors
    /// It can not be written: then nothing must be done.
    pub(super) fn begin(data_dir: &Path, deed: &'static Deed, query: String) -> anyhow::Result<Self> {
        let told = Self { journal: Journal::open(data_dir)?, deed, query };
        told.journal.append(&told.entry(deed.started))?;
        Ok(told)
    }

    fn entry(&self, action: &'static str) -> Entry {
        Entry { action, who: access::shell(), query: Some(self.query.clone()), ..Entry::default() }
    }

    /// Writes down how it ended; `add` says what is to be said of a command that came to its end.
    ///
    /// # Errors
    /// The command's own; or that it can not be written.
    pub(super) fn end<T>(
        self,
        done: anyhow::Result<T>,
        add: impl FnOnce(&T, Entry) -> Entry,
    ) -> anyhow::Result<T> {
        let entry = match &done {
            Ok(done) => add(done, self.entry(self.deed.completed)),
            Err(error) => failed(self.entry(self.deed.broken_off), &format!("{error:#}")),
        };
        let recorded = self.journal.append(&entry);
        let done = done?;
        recorded?;
        Ok(done)
    }

    /// The same of a command that delivers events; what the journal holds is delivered behind them.
    ///
    /// # Errors
    /// As [`end`](Self::end).
    pub(super) async fn end_delivery(
        self,
        done: anyhow::Result<(Report, End)>,
        is_whole: fn(&Report) -> bool,
        behind: Behind,
    ) -> anyhow::Result<(Report, End)> {
        let deed = self.deed;
        let (report, end) = self.end(done, |(report, end), entry| {
            let entry = Entry { events: counts(&report.tally()), ..entry };
            match end {
                End::Reached if is_whole(report) => entry,
                End::Reached => failed(entry, "not everything came through"),
                End::Stopped => failed(Entry { action: deed.broken_off, ..entry }, "stopped by a signal"),
            }
        })?;
        if report.complete() && end == End::Reached {
            behind.deliver().await;
        }
        Ok((report, end))
    }
}

fn counts(tally: &Tally) -> BTreeMap<&'static str, u64> {
    BTreeMap::from([
        ("accepted", tally.accepted),
        ("created", tally.indexed + tally.stored),
        ("duplicate", tally.duplicate),
        ("diverted", tally.diverted),
        ("quarantined", tally.quarantined),
        ("dropped", tally.dropped),
        ("failed", tally.failed),
    ])
}

/// The journal, to be delivered behind what a command does, so that it does not wait for a sidecar which may never run.
pub(super) struct Behind {
    /// The destination that is open.
    pub(super) opened: Opened,
    /// Its configuration.
    pub(super) output: Output,
    /// Where the journal is.
    pub(super) data_dir: PathBuf,
    /// How long to wait for a destination that does not answer.
    pub(super) patience: Duration,
}

impl Behind {
    /// Delivers it. What can not be delivered now is by the next command that does this.
    pub(super) async fn deliver(self) {
        let place = self.data_dir.join("audit");
        if let Err(error) = self.tried().await {
            tracing::warn!("what was written to {} is not delivered yet: {error:#}", place.display());
        }
    }

    async fn tried(self) -> anyhow::Result<()> {
        let journal = Journal::open(&self.data_dir)?;
        let mut source = access::source(&self.output, &journal)?;
        source.read_once();
        let limits = Limits { patience: Some(self.patience), ..Limits::default() };
        let ledger = self.opened.ledger.clone();
        let sidecar = Sidecar::of(self.opened, vec![source], limits, Start::Resume)?;
        let (report, _) = to_the_end(sidecar).await?;
        access::tidy(&journal, &ledger)?;
        anyhow::ensure!(
            report.complete(),
            "the output does not take it; `trailcar run` or the next command tries again"
        );
        Ok(())
    }
}

/// Says of an entry that it did not work.
pub(super) fn failed(entry: Entry, reason: &str) -> Entry {
    Entry { outcome: journal::Outcome::Failure, reason: Some(reason.to_owned()), ..entry }
}
