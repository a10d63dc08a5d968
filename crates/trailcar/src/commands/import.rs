//! `trailcar import`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;
use collect_files::{FilesConfig, Progress};
use deliver::{Limits, Report};
use event::{Dataset, Source, SourceId};
use indicatif::{ProgressBar, ProgressStyle};
use server::query_text;

use super::run::{End, to_the_end};
use super::summary;
use super::told::{self, Behind, Told};
use crate::cli::{ConfigFile, Outcome};
use crate::config::{Config, Level, SourceConfig, duration};
use crate::logging::TERMINAL;
use crate::wiring::{Sidecar, Start, runtime};

/// Deliver the events of files to the configured output, once
///
/// Files are NDJSON, JSON arrays and exports, or CSV, plain or gzip; - is standard input. How far each file was read is kept in
/// data_dir: an import that was broken off goes on where it was, and the same file again adds nothing.
///
/// That it begins and what it came to are events of the dataset trailcar.audit, delivered with what else data_dir/audit holds.
///
/// Fails (exit status 1) when not everything came through: a file could not be read to its end, events went to
/// quarantine, or the destination did not answer.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar import audit-2026-07.jsonl.gz
  trailcar import --dataset cursor.audit '/var/log/cursor/**/*.jsonl.gz'
  trailcar import --dataset cencori.audit audit-2026-10.csv
  zcat old.gz | trailcar import -")]
pub(crate) struct Import {
    #[command(flatten)]
    config: ConfigFile,
    /// What the events are; cursor.audit, but for tables, whose dataset has to be named
    #[arg(long, short)]
    dataset: Option<String>,
    /// The data stream's namespace, when it is not the output's
    #[arg(long)]
    namespace: Option<String>,
    /// A tag for every document; may be given several times
    #[arg(long = "tag", short, value_name = "TAG")]
    tags: Vec<String>,
    /// Keep the raw event in event.original
    #[arg(long)]
    preserve_original: bool,
    /// Read files from their start, even if they were imported before
    #[arg(long)]
    again: bool,
    /// How long to wait for a destination that does not answer
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    wait: Duration,
    /// Files and globs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

impl Import {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let mut config = self.config.load(Level::Warn)?;
        config.sources = vec![SourceConfig::Files(self.source(&config)?)];
        let (data_dir, output) = (config.data_dir.clone(), config.output.clone());
        let (report, end) = runtime()?.block_on(async {
            let start = if self.again { Start::Anew } else { Start::Resume };
            let limits = Limits { patience: Some(self.wait), ..Limits::default() };
            let sidecar = Sidecar::open(config, limits, start)?;
            let opened = sidecar.opened.clone();
            let behind = Behind { opened, output, data_dir, patience: self.wait };
            let told = Told::begin(&behind.data_dir, &told::IMPORT, self.query())?;
            told.end_delivery(import(sidecar).await, is_whole, behind).await
        })?;
        summary::write(&mut std::io::stdout().lock(), &report, end)?;
        Ok(Outcome::of(is_whole(&report) && end == End::Reached))
    }

    fn dataset(&self) -> &str {
        self.dataset.as_deref().unwrap_or("cursor.audit")
    }

    /// What was asked for, for the journal.
    fn query(&self) -> String {
        let mut pairs = vec![("dataset", self.dataset().to_owned())];
        pairs.extend(self.namespace.iter().map(|name| ("namespace", name.clone())));
        pairs.extend(self.again.then(|| ("again", "true".to_owned())));
        pairs.extend(self.files.iter().map(|file| ("file", file.clone())));
        query_text(&pairs)
    }

    fn source(&self, config: &Config) -> anyhow::Result<FilesConfig> {
        if let (None, Some(table)) = (&self.dataset, self.files.iter().find(|file| is_table(file))) {
            bail!(
                "{table} is a table, which Cursor does not export: say what its events are, with --dataset (cencori.audit, say)"
            );
        }
        config.check_dataset(self.dataset())?;
        let namespace = self.namespace.as_deref().unwrap_or(config.output.namespace());
        event::raw::check_stream_part("the namespace", namespace)?;
        let source = Source {
            id: SourceId::new(&format!("import-{}", self.dataset())),
            dataset: Dataset::new(self.dataset())?,
            namespace: namespace.into(),
            tags: self.tags.clone(),
            preserve_original_event: self.preserve_original,
        };
        let files = FilesConfig::new(Arc::new(source), self.files.clone());
        files.check()?;
        Ok(files)
    }
}

/// Whether a file is CSV by its name.
fn is_table(file: &str) -> bool {
    let file = file.to_ascii_lowercase();
    let plain = file.strip_suffix(".gz").unwrap_or(&file);
    plain.ends_with(".csv")
}

/// Whether everything that was named came through.
fn is_whole(report: &Report) -> bool {
    report.complete()
        && report.tally().quarantined == 0
        && report.sources.iter().all(|source| source.notices == 0)
}

async fn import(sidecar: Sidecar) -> anyhow::Result<(Report, End)> {
    let progress = sidecar.progress.clone();
    watched(sidecar, move |bar, settled| show(bar, &progress, settled)).await
}

/// How often a log says how far it is, where there is no terminal.
const EVERY: Duration = Duration::from_secs(30);

/// Runs a delivery that ends by itself, with a bar on a terminal that `show` keeps up to date: it is given the number
/// of events that are answered for, and says in words how far that is, for a log.
///
/// # Errors
/// A second signal.
pub(super) async fn watched(
    sidecar: Sidecar,
    show: impl Fn(&ProgressBar, u64) -> String + Send + 'static,
) -> anyhow::Result<(Report, End)> {
    let bar = TERMINAL.add(ProgressBar::no_length());
    let status = sidecar.delivery.status();
    let watched = bar.clone();
    let watching = tokio::spawn(async move {
        let mut told = Instant::now();
        loop {
            let settled: u64 = status.snapshot().sources.iter().map(|source| source.tally.settled()).sum();
            let words = show(&watched, settled);
            if watched.is_hidden() && told.elapsed() >= EVERY {
                tracing::info!("{words}");
                told = Instant::now();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let ended = to_the_end(sidecar).await;
    watching.abort();
    bar.finish_and_clear();
    ended
}

/// Bytes read of those that there are; standard input has no total.
fn show(bar: &ProgressBar, progress: &[Arc<Progress>], settled: u64) -> String {
    let total: u64 = progress.iter().map(|one| one.total_bytes()).sum();
    let form = if total > 0 {
        bar.set_length(total);
        "{wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {msg}"
    } else {
        "{spinner} {msg}"
    };
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    let read = progress.iter().map(|one| one.read_bytes()).sum();
    bar.set_position(read);
    bar.set_message(format!("{settled} events delivered"));
    bar.tick();
    format!("{read} of {total} bytes read, {settled} events delivered")
}
