//! `trailcar normalize`.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use collect::{Ending, EventReader, InflateLimits, Paused, Piece, SplitLimits};
use event::{Checkpoint, Dataset, DocumentBatch, RawBatch, Source, SourceId};
use ingest::Definition;
use jiff::Timestamp;
use normalize::{Normalization, Worker, definitions, scripts};
use serde_json::json;

use crate::cli::{OptionalConfigFile, Outcome};
use crate::config::{Config, Geoip, Level};
use crate::output_file::write_line;
use crate::wiring::normalization;

/// What the names of pipelines begin with that several datasets share.
const SHARED: &str = "trailcar-";

/// Show what events become, without delivering anything
///
/// Reads raw events from files or standard input (NDJSON, JSON arrays and exports, or CSV, plain or gzip) and writes, in
/// their order, one line of JSON for each: {"_index":…,"_id":…,"_source":{…}}. An event that its pipeline drops is {"dropped":true};
/// one whose pipeline fails is the document that would be delivered.
///
/// With --config events go through the pipelines that `run` would take: those that were put over HTTP, which are read from data_dir,
/// those of pipelines.directory, and the shipped ones. --pipelines leaves the first two out.
///
/// Fails (exit status 1) when an input could not be read to its end.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar normalize --dataset cursor.audit audit.jsonl.gz
  trailcar normalize -d cursor.audit --geoip ./geoip --tag forwarded --preserve-original < audit.ndjson
  trailcar normalize -d cursor.audit --pipelines ./my-pipelines audit.ndjson | jq ._source")]
pub(crate) struct Normalize {
    #[command(flatten)]
    config: OptionalConfigFile,
    /// What the events are; names the pipeline
    #[arg(long, short)]
    dataset: String,
    /// A directory of pipelines, which replace the shipped ones: a folder for each dataset with a default.yml, or
    /// the files of this dataset alone
    #[arg(long, value_name = "DIR")]
    pipelines: Option<PathBuf>,
    /// A directory of GeoIP databases (GeoLite2-City.mmdb and the like)
    #[arg(long, value_name = "DIR")]
    geoip: Option<PathBuf>,
    /// The data stream's namespace
    #[arg(long)]
    namespace: Option<String>,
    /// A tag for every document; may be given several times
    #[arg(long = "tag", short, value_name = "TAG")]
    tags: Vec<String>,
    /// Keep the raw event in event.original
    #[arg(long)]
    preserve_original: bool,
    /// Files; none, or -, is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Normalize {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let config = self.config(self.config.load(Level::Warn)?)?;
        let mut session = Session {
            source: Arc::new(self.source(&config)?),
            worker: Worker::new(self.normalization(&config)?),
            lines: Vec::new(),
            whole: true,
        };
        if self.files.is_empty() {
            session.input(None, std::io::stdin().lock())?;
        }
        for path in &self.files {
            if path == Path::new("-") {
                session.input(None, std::io::stdin().lock())?;
            } else {
                let opened =
                    File::open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
                match opened {
                    Ok((_, metadata)) if metadata.is_dir() => {
                        session.complain(Some(path), "is a directory: name the files in it");
                    }
                    Ok((file, _)) => session.input(Some(path), file)?,
                    Err(error) => session.complain(Some(path), &format!("can not be read: {error}")),
                }
            }
        }
        Ok(Outcome::of(session.whole))
    }

    /// What events go through: with a configuration, what `run` would have them go through, so what was put over HTTP, too.
    fn normalization(&self, config: &Config) -> anyhow::Result<Arc<Normalization>> {
        let counts = self.pipelines.is_none() && self.config.is_given();
        match counts.then(|| normalization::library_if_any(config)).transpose()?.flatten() {
            Some(library) => Ok(Arc::clone(library.normalization())),
            None => normalization::of_files(config),
        }
    }

    /// What the options say wins over the file.
    fn config(&self, mut config: Config) -> anyhow::Result<Config> {
        if let Some(directory) = &self.pipelines {
            let dataset = Dataset::new(&self.dataset)?;
            let own = definitions::directory(directory, Some(&dataset))?;
            config.definitions = with_shared(own, config.definitions);
            config.scripts = scripts::directory(directory)?;
        }
        if let Some(directory) = &self.geoip {
            anyhow::ensure!(
                directory.is_dir(),
                "--geoip {}: there is no such directory",
                directory.display()
            );
            config.geoip = Geoip::Directory(directory.clone());
        }
        config.check_dataset(&self.dataset)?;
        Ok(config)
    }

    fn source(&self, config: &Config) -> anyhow::Result<Source> {
        let namespace = self.namespace.as_deref().unwrap_or(config.output.namespace());
        event::raw::check_stream_part("the namespace", namespace)?;
        Ok(Source {
            id: SourceId::new("normalize"),
            dataset: Dataset::new(&self.dataset)?,
            namespace: namespace.into(),
            tags: self.tags.clone(),
            preserve_original_event: self.preserve_original,
        })
    }
}

/// Pipelines of a directory, with the shipped parts that they call: copies of shipped pipelines do.
fn with_shared(mut own: Vec<Definition>, shipped: Vec<Definition>) -> Vec<Definition> {
    let mut shared: Vec<Definition> =
        shipped.into_iter().filter(|definition| definition.id.starts_with(SHARED)).collect();
    shared.retain(|part| own.iter().all(|definition| definition.id != part.id));
    loop {
        let texts: Vec<String> = own.iter().map(|definition| json!(definition.body).to_string()).collect();
        let is_called =
            |part: &mut Definition| texts.iter().any(|text| text.contains(&json!(part.id).to_string()));
        let called: Vec<Definition> = shared.extract_if(.., is_called).collect();
        if called.is_empty() {
            return own;
        }
        own.extend(called);
    }
}

struct Session {
    source: Arc<Source>,
    worker: Worker,
    /// Lines of one piece, reused.
    lines: Vec<u8>,
    /// Whether all inputs could be read to their ends.
    whole: bool,
}

impl Session {
    /// Says what is wrong with an input, and goes on.
    fn complain(&mut self, path: Option<&Path>, message: &str) {
        self.whole = false;
        let name = path.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
        tracing::error!("{name}: {message}");
    }

    /// Normalizes one input. Fails only when the output can not be written.
    fn input(&mut self, path: Option<&Path>, input: impl Read) -> anyhow::Result<()> {
        let mut reader = EventReader::new(input, InflateLimits::default(), SplitLimits::default());
        loop {
            let read = reader.read();
            match &read {
                Ok(Paused::Full) => {}
                Ok(Paused::End) => reader.finish(Ending::Complete),
                Err(_) => reader.finish(Ending::Damaged),
            }
            let piece = reader.take();
            self.piece(path, piece)?;
            match read {
                Ok(Paused::Full) => {}
                Ok(Paused::End) => return Ok(()),
                Err(error) => {
                    self.complain(path, &error.to_string());
                    return Ok(());
                }
            }
        }
    }

    fn piece(&mut self, path: Option<&Path>, piece: Piece) -> anyhow::Result<()> {
        for problem in &piece.problems {
            self.complain(path, &problem.to_string());
        }
        let events = piece.events.len();
        let raw = RawBatch {
            source: Arc::clone(&self.source),
            sequence: 0,
            location: path.map(|path| path.display().to_string().into()),
            buffer: piece.buffer,
            events: piece.events,
            collected: Timestamp::now(),
            checkpoint: Checkpoint::default(),
            notices: Vec::new(),
            set_aside: Vec::new(),
            settled: None,
        };
        let batch = self.worker.normalize(Arc::new(raw));
        self.lines.clear();
        write_all(&mut self.lines, &batch, events);
        std::io::stdout().lock().write_all(&self.lines).context("the output can not be written")
    }
}

/// A line for each event: its document, or that it was dropped.
fn write_all(out: &mut Vec<u8>, batch: &DocumentBatch, events: usize) {
    let mut documents = batch.documents.iter().peekable();
    for event in 0..events as u32 {
        match documents.next_if(|document| document.event == event) {
            Some(document) => write_line(out, batch, document),
            None => out.extend_from_slice(b"{\"dropped\":true}\n"),
        }
    }
}
