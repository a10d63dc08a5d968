//! Logs: one line an event to standard error, as text or in the Elastic Common Schema.
//!
//! Values come from outside (paths, reasons of servers), so control characters are escaped in both forms. Libraries
//! below are heard from `warn` on, whatever level is set: what they tell at lower levels can hold request headers.

mod ecs;
mod fields;
mod text;

use std::io::{IsTerminal, Write};
use std::sync::LazyLock;

use indicatif::MultiProgress;
use tracing::Level as Severity;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Format, Level};

/// Progress bars stand below the log lines, which push them down.
pub(crate) static TERMINAL: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The crates that log at the configured level.
const OWN: [&str; 13] = [
    "trailcar",
    "event",
    "painless",
    "ingest",
    "enrich",
    "normalize",
    "deliver",
    "collect",
    "collect_files",
    "elasticsearch_sink",
    "ledger",
    "store",
    "server",
];

/// Starts logging, once a process.
pub(crate) fn start(level: Level, format: Format) {
    let level = LevelFilter::from_level(severity(level));
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(OWN.map(|target| (target, level)));
    let lines = tracing_subscriber::fmt::layer().with_writer(StandardError);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        Format::Text => {
            let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            registry.with(lines.event_format(text::Text { colours })).try_init()
        }
        Format::EcsJson => registry.with(lines.event_format(ecs::Ecs)).try_init(),
    };
    debug_assert!(started.is_ok(), "logging starts once");
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Error => Severity::ERROR,
        Level::Warn => Severity::WARN,
        Level::Info => Severity::INFO,
        Level::Debug => Severity::DEBUG,
        Level::Trace => Severity::TRACE,
    }
}

struct StandardError;

impl<'a> MakeWriter<'a> for StandardError {
    type Writer = AroundBars;

    fn make_writer(&'a self) -> AroundBars {
        AroundBars
    }
}

/// Writes to standard error with progress bars out of the way.
struct AroundBars;

impl Write for AroundBars {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        TERMINAL.suspend(|| std::io::stderr().write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
