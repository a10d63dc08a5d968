//! `trailcar backfill`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{bail, ensure};
use clap::Args;
use deliver::{Limits, Report};
use event::{Source, SourceId};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use poll::{Begin, Progress, Service, Until};
use server::query_text;

use super::import::watched;
use super::run::End;
use super::summary;
use super::told::{self, Behind, Told};
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
/// That it begins and what it came to are events of the dataset trailcar.audit, delivered with what else data_dir/audit holds.
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
        let slowest = config.sources.iter().filter_map(Allowed::of).max_by_key(Allowed::pace);
        let (data_dir, output) = (config.data_dir.clone(), config.output.clone());
        let query = self.query(&config);
        let (report, end) = runtime()?.block_on(async {
            let start = if self.again { Start::Anew } else { Start::Resume };
            let limits = Limits { patience: Some(self.wait), ..Limits::default() };
            let sidecar = Sidecar::open(config, limits, start)?;
            let opened = sidecar.opened.clone();
            let behind = Behind { opened, output, data_dir, patience: self.wait };
            let told = Told::begin(&behind.data_dir, &told::BACKFILL, query)?;
            let progress = sidecar.pages.clone();
            let done = watched(sidecar, move |bar, settled| show(bar, &progress, slowest, settled)).await;
            told.end_delivery(done, is_whole, behind).await
        })?;
        summary::write(&mut std::io::stdout().lock(), &report, end)?;
        Ok(Outcome::of(is_whole(&report) && end == End::Reached))
    }

    /// What was asked for, for the journal: the range and the sources that are meant.
    fn query(&self, config: &Config) -> String {
        let mut pairs = vec![("from", self.from.to_string())];
        pairs.extend(self.to.map(|to| ("to", to.to_string())));
        pairs.extend(self.again.then(|| ("again", "true".to_owned())));
        let ids = config.sources.iter().map(|range| source_of(range.source().id.as_str()).to_owned());
        pairs.extend(ids.map(|id| ("source", id)));
        query_text(&pairs)
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

/// Whether everything in the range came through.
fn is_whole(report: &Report) -> bool {
    report.complete() && report.tally().quarantined == 0
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

/// The requests that a service takes in a time, of which the first come at once.
#[derive(Clone, Copy)]
struct Allowed {
    requests: u64,
    period: Duration,
}

impl Allowed {
    fn of(source: &SourceConfig) -> Option<Self> {
        fn rules<S: Service>(_: &poll::Config<S>) -> Allowed {
            let (requests, period) = S::rules().requests;
            Allowed { requests: requests as u64, period }
        }
        match source {
            SourceConfig::CursorApi(config) => Some(rules(config)),
            SourceConfig::PromptfooApi(config) => Some(rules(config)),
            SourceConfig::CencoriApi(config) => Some(rules(config)),
            SourceConfig::Files(_) | SourceConfig::CursorS3(_) => None,
        }
    }

    /// How long a request takes in the long run.
    fn pace(&self) -> Duration {
        self.period / u32::try_from(self.requests.max(1)).unwrap_or(u32::MAX)
    }
}

/// How far the sources are, on a bar and in words.
fn show(bar: &ProgressBar, progress: &[Arc<Progress>], slowest: Option<Allowed>, settled: u64) -> String {
    let far = Far {
        read: progress.iter().map(|one| one.pages_read()).sum(),
        left: progress.iter().map(|one| one.pages_left()).sum(),
        settled,
        since: bar.elapsed(),
        slowest,
    };
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {msg}") {
        bar.set_style(style);
    }
    bar.set_length(far.read + far.left);
    bar.set_position(far.read);
    bar.set_message(far.to_string());
    bar.tick();
    far.to_string()
}

/// How far a backfill is.
struct Far {
    /// Pages.
    read: u64,
    /// Pages that are known to be left.
    left: u64,
    /// Events that are answered for.
    settled: u64,
    since: Duration,
    /// What the slowest of the services takes.
    slowest: Option<Allowed>,
}

impl Far {
    /// The time to go, as what the service takes allows.
    fn to_go(&self) -> Duration {
        let Some(Allowed { requests, period }) = self.slowest else { return Duration::ZERO };
        let periods = (self.read + self.left).saturating_sub(1) / requests.max(1);
        period.saturating_mul(u32::try_from(periods).unwrap_or(u32::MAX)).saturating_sub(self.since)
    }
}

impl fmt::Display for Far {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, left, settled, since, .. } = self;
        if *read == 0 {
            return f.write_str("asking for the first page");
        }
        let rate = 60 * read / since.as_secs().max(60);
        write!(f, "{read} of {} pages, {rate} a minute, {settled} events, ", read + left)?;
        match self.to_go() {
            Duration::ZERO => f.write_str("about to end"),
            time => write!(f, "{} to go", HumanDuration(Duration::from_secs(time.as_secs() + 1))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_go_is_that_of_20_requests_a_minute() {
        for (read, left, settled, seconds, words) in [
            (0, 1, 0, 0, "asking for the first page"),
            (3, 5, 1500, 1, "3 of 8 pages, 3 a minute, 1500 events, about to end"),
            (20, 8, 500, 2, "20 of 28 pages, 20 a minute, 500 events, 59 seconds to go"),
            (20, 8, 500, 59, "20 of 28 pages, 20 a minute, 500 events, 2 seconds to go"),
            (40, 161, 20_000, 90, "40 of 201 pages, 26 a minute, 20000 events, 9 minutes to go"),
            (28, 0, 700, 61, "28 of 28 pages, 27 a minute, 700 events, about to end"),
        ] {
            let slowest = Some(Allowed { requests: 20, period: Duration::from_secs(60) });
            let far = Far { read, left, settled, since: Duration::from_secs(seconds), slowest };
            assert_eq!(far.to_string(), words);
        }
    }
}
