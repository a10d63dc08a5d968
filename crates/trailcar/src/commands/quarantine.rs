//! `trailcar quarantine`.

use std::io::Write;
use std::time::Duration;

use clap::{Args, Subcommand};
use deliver::{RetryError, retry_quarantined};
use event::{Dataset, Normalizer, Source, SourceId};
use journal::Entry as Record;
use ledger::quarantine::{Entry, Fate, Filter, Held, QuarantineId};
use ledger::{Access, Ledger};
use serde_json::{Value, json};
use server::query_text;

use super::backfill;
use super::told::{self, Behind, Told};
use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Level, SourceConfig};
use crate::wiring::access;
use crate::wiring::output::{Opened, view_ledger};
use crate::wiring::{normalization, pool, runtime};

/// How many events are looked at in one go.
const PORTION: u32 = 500;
/// How long the journal waits for a destination that does not answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Look at events that the destination refused for good, and send them again
///
/// list and show may be asked while the sidecar runs; retry and drop need the data directory for themselves. Each is an event of the
/// dataset trailcar.audit.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar quarantine list
  trailcar quarantine show 17
  trailcar quarantine retry --all     # after the cause is mended
  trailcar quarantine drop 17")]
pub(crate) struct Quarantine {
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
    Retry(Selected),
    /// Remove events; they count as dropped
    Drop(Selected),
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
struct Selected {
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

impl Quarantine {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.action {
            Action::List(list) => list.run(),
            Action::Show(show) => show.run(),
            Action::Retry(selected) => selected.retry(),
            Action::Drop(selected) => selected.drop(),
        }
    }
}

impl Choice {
    /// As the journal tells it.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let pairs = [("source", &self.source), ("dataset", &self.dataset)];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }

    /// Calls `each` with every event that is chosen, oldest first.
    fn each(&self, ledger: &Ledger, mut each: impl FnMut(Entry) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut filter = Filter {
            source: self.source.as_deref().map(SourceId::new),
            dataset: self.dataset.clone(),
            ..Filter::default()
        };
        loop {
            let portion = ledger.quarantine(&Access::local(), &filter, PORTION)?;
            let Some(last) = portion.last() else { return Ok(()) };
            filter.after = last.number;
            portion.into_iter().try_for_each(&mut each)?;
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Outcome> {
        let config = self.config.load(Level::Warn)?;
        let ledger = view_ledger(&config)?;
        let query = query_text(&self.filter.pairs());
        access::journal(&config)?.append(&Record {
            query: Some(query).filter(|query| !query.is_empty()),
            ..looked("view_quarantine", "/quarantine".to_owned())
        })?;
        let mut out = std::io::stdout().lock();
        let mut count = 0;
        self.filter.each(&ledger, |entry| {
            count += 1;
            let reason: String = entry.reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let Entry { number, source, stream, id, held, status, size, .. } = entry;
            writeln!(out, "{number:>6}  {held:.0}  {source}  {stream}/{id}  {size} bytes")?;
            writeln!(out, "        {status}: {reason}")?;
            Ok(())
        })?;
        writeln!(out, "{count} events in quarantine")?;
        Ok(Outcome::Done)
    }
}

impl Show {
    fn run(self) -> anyhow::Result<Outcome> {
        let config = self.config.load(Level::Warn)?;
        let number = QuarantineId(self.number);
        let held = find(&view_ledger(&config)?, number);
        let record = looked("open_quarantined", format!("/quarantine/{number}"));
        access::journal(&config)?.append(&match &held {
            Ok(_) => record,
            Err(error) => told::failed(record, &error.to_string()),
        })?;
        let held = held?;
        writeln!(std::io::stdout().lock(), "{:#}", whole(&held))?;
        Ok(Outcome::Done)
    }
}

/// A look at the quarantine, by the path of the page that shows the same.
fn looked(action: &'static str, path: String) -> Record {
    Record { action, who: access::shell(), path: Some(path), ..Record::default() }
}

/// One event, whole.
///
/// # Errors
/// There is none.
fn find(ledger: &Ledger, number: QuarantineId) -> anyhow::Result<Held> {
    let held = ledger.held(&Access::local(), number)?;
    held.ok_or_else(|| anyhow::anyhow!("there is no event {number} in quarantine"))
}

/// An event of the quarantine as JSON; what is no UTF-8 in it is replaced.
fn whole(held: &Held) -> Value {
    let event = &held.event;
    let document = serde_json::from_slice(&event.document).unwrap_or(Value::Null);
    json!({
        "number": held.number.0,
        "source": held.source.as_str(),
        "dataset": held.dataset,
        "held": held.held,
        "status": event.status,
        "reason": event.reason,
        "file": event.location,
        "offset": event.offset,
        "collected": event.collected,
        "raw": String::from_utf8_lossy(&event.raw),
        "_index": event.stream,
        "_id": event.id,
        "_source": document,
    })
}

impl Selected {
    /// The numbers that are meant.
    fn numbers(&self, ledger: &Ledger) -> anyhow::Result<Vec<QuarantineId>> {
        let mut numbers: Vec<QuarantineId> =
            self.numbers.iter().map(|number| QuarantineId(*number)).collect();
        if self.all {
            self.filter.each(ledger, |entry| {
                numbers.push(entry.number);
                Ok(())
            })?;
        }
        Ok(numbers)
    }

    /// What was asked for, for the journal.
    fn query(&self) -> String {
        let mut pairs = self.filter.pairs();
        pairs.extend(self.all.then(|| ("all", "true".to_owned())));
        pairs.extend(self.numbers.iter().map(|number| ("number", number.to_string())));
        query_text(&pairs)
    }

    fn retry(self) -> anyhow::Result<Outcome> {
        let config = self.config.load(Level::Warn)?;
        let opened = Opened::open(&config.output, &config.data_dir)?;
        let library = normalization::library(&config, opened.ledger.clone())?;
        let normalizer = pool(&library)?;
        let told = Told::begin(&config.data_dir, &told::RETRY, self.query())?;
        let runtime = runtime()?;
        let done = runtime.block_on(self.send(&config, &*normalizer, &opened));
        let (sent, refused) = told.end(done, |(sent, refused), entry| {
            let entry = Record { events: [("sent", *sent), ("refused", *refused)].into(), ..entry };
            if *refused > 0 { told::failed(entry, "some were refused again") } else { entry }
        })?;
        let opened = opened.with_library(library);
        let (output, data_dir) = (config.output, config.data_dir);
        runtime.block_on(Behind { opened, output, data_dir, patience: PATIENCE }.deliver());
        writeln!(std::io::stdout().lock(), "{sent} sent, {refused} refused again")?;
        Ok(Outcome::of(refused == 0))
    }

    /// Sends the events again; how many were taken, and how many refused again.
    async fn send(
        &self,
        config: &Config,
        normalizer: &dyn Normalizer,
        opened: &Opened,
    ) -> anyhow::Result<(u64, u64)> {
        let (mut sent, mut refused) = (0, 0);
        let (ledger, destination) = (&opened.ledger, &*opened.destination);
        for number in self.numbers(ledger)? {
            let source = source(config, ledger, number)?;
            let again =
                retry_quarantined(&Access::local(), ledger, normalizer, destination, &source, number).await;
            match again {
                Ok(Fate::Sent) => sent += 1,
                Ok(Fate::Refused | Fate::Removed) => refused += 1,
                // It must not keep the events behind it.
                Err(error @ RetryError::NoEvent { .. }) => {
                    writeln!(std::io::stdout().lock(), "{error}")?;
                    refused += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok((sent, refused))
    }

    fn drop(self) -> anyhow::Result<Outcome> {
        let config = self.config.load(Level::Warn)?;
        let opened = Opened::open(&config.output, &config.data_dir)?;
        let told = Told::begin(&config.data_dir, &told::DROP, self.query())?;
        let count = told.end(self.remove(&opened.ledger), |count, entry| Record {
            events: [("dropped", *count)].into(),
            ..entry
        })?;
        writeln!(std::io::stdout().lock(), "{count} removed")?;
        Ok(Outcome::Done)
    }

    /// Removes the events; how many.
    fn remove(&self, ledger: &Ledger) -> anyhow::Result<u64> {
        let mut count = 0;
        for number in self.numbers(ledger)? {
            let there = ledger.resolve(number, Fate::Removed, None)?;
            anyhow::ensure!(
                there,
                "there is no event {number} in quarantine; {count} were removed before it"
            );
            count += 1;
        }
        Ok(count)
    }
}

/// The source of an event as it is configured now, or, when it is not any more, one with the output's settings.
fn source(config: &Config, ledger: &Ledger, number: QuarantineId) -> anyhow::Result<Source> {
    let held = find(ledger, number)?;
    let configured = config.sources.iter().map(SourceConfig::source);
    let name = backfill::source_of(held.source.as_str());
    let found = configured.into_iter().find(|source| source.id.as_str() == name || source.id == held.source);
    Ok(match found {
        Some(source) => Source::clone(source),
        None => Source {
            id: held.source,
            dataset: Dataset::new(&held.dataset)?,
            namespace: config.output.namespace().into(),
            tags: Vec::new(),
            preserve_original_event: false,
        },
    })
}
