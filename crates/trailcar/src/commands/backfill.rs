//! `trailcar backfill`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{bail, ensure};
use clap::Args;
use deliver::Limits;
use event::{Source, SourceId};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use poll::{Begin, Progress, Service, Until};

use super::import::watched;
use super::run::End;
use super::summary;
use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Level, SourceConfig, duration, rfc3339};
use crate::wiring::{Sidecar, Start, runtime};

/// Behind the id of a source whose range is collected: its position is kept apart from that of polling.
const SUFFIX: &str = "-backfill";

/// Collect a range of time from the services that are polled, once
///
/// The sources of the types cursor_api, promptfoo_api and cencori_api are read over the range; the first two in windows
/// of at most 30 days, the oldest first. How far it is is kept apart from polling, which is not moved by it: a backfill
/// that was broken off goes on where it was, with the same --from, and what is at the destination already is not
/// doubled. Cursor keeps about 30 days.
///
/// Fails (exit status 1) when not everything came through.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar backfill --from 2026-11-01T00:00:00Z
  trailcar backfill --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z --source cursor-emea
  trailcar backfill --from 2026-11-01T02:00:00+02:00 --again")]
pub(crate) struct Backfill {
    #[command(flatten)]
    config: ConfigFile,
    /// Where the range begins (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = rfc3339)]
    from: Timestamp,
    /// Where it ends [default: now]
    #[arg(long, value_name = "TIME", value_parser = rfc3339)]
    to: Option<Timestamp>,
    /// Only this source; may be given several times
    #[arg(long = "source", value_name = "ID")]
    sources: Vec<String>,
    /// Read the range from its start, even if it was collected before
    #[arg(long)]
    again: bool,
    /// How long to wait for a service or destination that does not answer
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    wait: Duration,
}

/// The id of the source whose backfill has this id.
pub(super) fn source_of(id: &str) -> &str {
    id.strip_suffix(SUFFIX).unwrap_or(id)
}

impl Backfill {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let mut config = self.config.load(Level::Warn)?;
        config.sources = self.sources(&config)?;
        let pace = config.sources.iter().filter_map(pace).max().unwrap_or_default();
        let (report, end) = runtime()?.block_on(async {
            let start = if self.again { Start::Anew } else { Start::Resume };
            let limits = Limits { patience: Some(self.wait), ..Limits::default() };
            let sidecar = Sidecar::open(config, limits, start)?;
            let progress = sidecar.pages.clone();
            watched(sidecar, move |bar, settled| show(bar, &progress, pace, settled)).await
        })?;
        summary::write(&mut std::io::stdout().lock(), &report, end)?;
        let whole = report.complete() && report.tally().quarantined == 0;
        Ok(Outcome::of(whole && end == End::Reached))
    }

    /// The sources that are meant, with the range in place of their own beginning.
    fn sources(&self, config: &Config) -> anyhow::Result<Vec<SourceConfig>> {
        let now = Timestamp::now();
        let to = self.to.unwrap_or(now);
        ensure!(to <= now, "--to {to} is in the future: leave it out, the range then ends now");
        ensure!(
            self.from < to,
            "--from {} is not before the end of the range, {to}: choose an earlier one",
            self.from
        );
        let all: Vec<SourceConfig> =
            config.sources.iter().filter_map(|source| range(source, self.from, to)).collect();
        let known: Vec<&str> = all.iter().map(|range| source_of(range.source().id.as_str())).collect();
        if let Some(wrong) = self.sources.iter().find(|id| !known.contains(&id.as_str())) {
            bail!("there is no source [{wrong}] that is polled: there are {}", known.join(", "));
        }
        ensure!(
            !all.is_empty(),
            "the configuration has no source of type cursor_api, promptfoo_api or cencori_api: add one to sources"
        );
        let is_meant = |id: &str| self.sources.is_empty() || self.sources.iter().any(|meant| meant == id);
        Ok(all.into_iter().filter(|range| is_meant(source_of(range.source().id.as_str()))).collect())
    }
}

/// A source with the range in place of its own beginning; nothing for one that is not polled.
fn range(source: &SourceConfig, from: Timestamp, to: Timestamp) -> Option<SourceConfig> {
    fn of<S: Service>(config: &poll::Config<S>, from: Timestamp, to: Timestamp) -> Box<poll::Config<S>> {
        let id = SourceId::new(&format!("{}{SUFFIX}", config.source.id));
        Box::new(poll::Config {
            source: Arc::new(Source { id, ..Source::clone(&config.source) }),
            begin: Begin::At(from),
            until: Until::At(to),
            ..config.clone()
        })
    }
    match source {
        SourceConfig::CursorApi(config) => Some(SourceConfig::CursorApi(of(config, from, to))),
        SourceConfig::PromptfooApi(config) => Some(SourceConfig::PromptfooApi(of(config, from, to))),
        SourceConfig::CencoriApi(config) => Some(SourceConfig::CencoriApi(of(config, from, to))),
        SourceConfig::Files(_) | SourceConfig::CursorS3(_) => None,
    }
}

/// How long a page takes, as soon as all requests are made that the service allows at once.
fn pace(source: &SourceConfig) -> Option<Duration> {
    fn of<S: Service>(_: &poll::Config<S>) -> Option<Duration> {
        let (requests, period) = S::rules().requests;
        period.checked_div(u32::try_from(requests).ok()?)
    }
    match source {
        SourceConfig::CursorApi(config) => of(config),
        SourceConfig::PromptfooApi(config) => of(config),
        SourceConfig::CencoriApi(config) => of(config),
        SourceConfig::Files(_) | SourceConfig::CursorS3(_) => None,
    }
}

/// Pages read and left, their rate, and how long the rest takes at the rate that the service allows.
fn show(bar: &ProgressBar, progress: &[Arc<Progress>], pace: Duration, settled: u64) {
    let read: u64 = progress.iter().map(|one| one.pages_read()).sum();
    let left: u64 = progress.iter().map(|one| one.pages_left()).sum();
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} pages, {per_sec}, {msg}") {
        bar.set_style(style);
    }
    bar.set_length(read + left);
    bar.set_position(read);
    let rest = HumanDuration(pace.saturating_mul(u32::try_from(left).unwrap_or(u32::MAX)));
    bar.set_message(format!(
        "{settled} events delivered, {left} or more pages left, {rest} at the allowed pace"
    ));
    bar.tick();
}
