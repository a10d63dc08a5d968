//! `trailcar export`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use jiff::Timestamp;
use journal::Entry;
use server::Question;
use store::Access;
use store::export::{Format, Manifest, Order, Prepared};

use super::told::{self, Told};
use crate::cli::{ConfigFile, Outcome};
use crate::config::Level;
use crate::wiring::{access, output};

/// The path that means standard output.
const STANDARD_OUTPUT: &str = "-";

/// Write stored events to a file, newest first, with a manifest beside it
///
/// The manifest (FILE.manifest.json) says which events were asked for, how many there are, and the SHA-256 of the file. With the
/// same filter and --as-of the file is the same at any later time. May be asked while the sidecar runs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar export --format csv --range 30d
  trailcar export --dataset cursor.audit --from 2026-10-01 --to 2026-11-01 --output october.ndjson
  trailcar export --search 'alice settings' --output - | jq ._source")]
pub(crate) struct Export {
    #[command(flatten)]
    config: ConfigFile,
    /// csv (a table of at most 50,000 events), json (one object) or ndjson (a document a line)
    #[arg(long, default_value = "ndjson", value_parser = format)]
    format: Format,
    /// A file that is not there yet, a directory, or - for standard output (the manifest then goes to standard error)
    #[arg(long, short, value_name = "PATH", default_value = ".")]
    output: PathBuf,
    #[command(flatten)]
    asked: Asked,
    /// Only of the first so many events that were stored [default: all of now]
    #[arg(long, value_name = "NUMBER")]
    as_of: Option<u64>,
}

/// Which events; values of one option are choices, all options together must hold.
#[derive(Debug, Args)]
struct Asked {
    /// Only events of this dataset; may be repeated, as all of these may
    #[arg(long)]
    dataset: Vec<String>,
    /// Only events with this event.action
    #[arg(long)]
    action: Vec<String>,
    /// Only events with this event.category
    #[arg(long)]
    category: Vec<String>,
    /// Only events with this event.outcome
    #[arg(long)]
    outcome: Vec<String>,
    /// Only events of this user, by address or name
    #[arg(long)]
    user: Vec<String>,
    /// Only events of this project or team, or of this organization
    #[arg(long)]
    project: Vec<String>,
    /// Only events about this resource: a user, group, key or anything else that was acted on
    #[arg(long)]
    resource: Vec<String>,
    /// Only events whose field holds this value, by its dotted path: source.ip:192.0.2.1
    #[arg(long, value_name = "FIELD:VALUE")]
    is: Vec<String>,
    /// Only events whose field does not hold this value: action:login, source.ip:192.0.2.1
    #[arg(long, value_name = "FIELD:VALUE")]
    not: Vec<String>,
    /// Only events of the last 1h, 24h, 7d, 30d or 90d
    #[arg(long, conflicts_with_all = ["from", "to"])]
    range: Option<String>,
    /// Only events from this time on; UTC where it does not say
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only events before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Only events with these words, as in the viewer
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
}

impl Asked {
    /// The question as the viewer asks it.
    fn question(&self) -> anyhow::Result<Question> {
        let many = [
            ("dataset", &self.dataset),
            ("action", &self.action),
            ("category", &self.category),
            ("outcome", &self.outcome),
            ("user", &self.user),
            ("project", &self.project),
            ("resource", &self.resource),
            ("is", &self.is),
            ("not", &self.not),
        ];
        let one = [("range", &self.range), ("from", &self.from), ("to", &self.to), ("q", &self.search)];
        let many = many.into_iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let one = one.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| (name, value)));
        let pairs = many.chain(one).map(|(name, value)| (name.to_owned(), value.clone()));
        Ok(Question::parse(&pairs.collect::<Vec<_>>())?)
    }
}

fn format(name: &str) -> Result<Format, String> {
    let found = Format::ALL.into_iter().find(|format| format.name() == name);
    found.ok_or_else(|| "it is csv, json or ndjson".to_owned())
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let now = Timestamp::now();
        let question = self.asked.question()?.fixed(now);
        let config = self.config.load(Level::Warn)?;
        let store = output::view_store(&config)?;
        let order = Order {
            format: self.format,
            filter: question.filter(now),
            asked: question.pairs(),
            as_of: self.as_of.unwrap_or(store.len() as u64),
        };
        let access = Access::local().named(&access::operator());
        let prepared = order.prepare(&store, &access)?;
        let cut = prepared.cut();
        let told = Told::begin(&config.data_dir, &told::EXPORT, question.query())?;
        let tell = |manifest: &Manifest, entry| Entry { export: Some(server::exported(manifest)), ..entry };
        if self.output == Path::new(STANDARD_OUTPUT) {
            let written = prepared.write(BufWriter::new(io::stdout().lock()));
            let manifest = told.end(written.map_err(Into::into), tell)?;
            writeln!(io::stderr().lock(), "{:#}", manifest.json())?;
        } else {
            let path = match self.output.is_dir() {
                true => self.output.join(prepared.file_name()),
                false => self.output,
            };
            let manifest = told.end(write(prepared, &path), tell)?;
            writeln!(
                io::stdout().lock(),
                "{}: {} events, SHA-256 {}",
                path.display(),
                manifest.events,
                manifest.sha256
            )?;
        }
        if let Some((limit, total)) = cut {
            writeln!(
                io::stderr().lock(),
                "The table is cut: it has the newest {limit} of {total} events. Narrow the filter, or take json or ndjson."
            )?;
        }
        Ok(Outcome::Done)
    }
}

/// Writes an export and its manifest to files that are not there yet; leaves none behind that is not whole.
fn write(prepared: Prepared, path: &Path) -> anyhow::Result<Manifest> {
    let mut beside = path.to_owned().into_os_string();
    beside.push(".manifest.json");
    let beside = PathBuf::from(beside);
    let mut manifest_file = create(&beside)?;
    let written = create(path).and_then(|file| {
        let manifest = fill(prepared, &file, &mut manifest_file, path);
        manifest.inspect_err(|_| remove(path))
    });
    written.inspect_err(|_| remove(&beside))
}

fn fill(prepared: Prepared, file: &File, beside: &mut File, path: &Path) -> anyhow::Result<Manifest> {
    let manifest = prepared.write(BufWriter::new(file)).with_context(|| path.display().to_string())?;
    file.sync_all()?;
    let mut told = manifest.json();
    if let Some(name) = path.file_name() {
        told["file"] = name.to_string_lossy().into();
    }
    writeln!(beside, "{told:#}")?;
    beside.sync_all()?;
    Ok(manifest)
}

/// Makes a file for its owner alone.
fn create(path: &Path) -> anyhow::Result<File> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|error| {
        let cure = match error.kind() {
            io::ErrorKind::AlreadyExists => "name another file with --output, or take this one away",
            io::ErrorKind::NotFound => "make its directory, or name another with --output",
            _ => "name a place that this user may write to with --output",
        };
        anyhow!("{} can not be made: {error}: {cure}", path.display())
    })
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!("{} is not whole and can not be removed: {error}", path.display());
    }
}
