//! Which pipelines, and which documents.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use clap::Args;
use ingest::{Definition, Lookups, Pipelines, StoredScript};
use normalize::{definitions, scripts};
use serde_json::{Map, Value, json};
use workbench::package;
use workbench::simulation::Document;

use crate::config::{Config, Geoip};
use crate::wiring::normalization;

/// Documents of one call are held in memory.
const MAX_INPUT: u64 = 256 << 20;

/// What pipelines look up.
#[derive(Debug, Args)]
pub(super) struct Databases {
    /// A directory of GeoIP databases (GeoLite2-City.mmdb and the like) [default: small samples]
    #[arg(long, value_name = "DIR")]
    geoip: Option<PathBuf>,
    /// A directory of rules for user agents, which regex_file names
    #[arg(long, value_name = "DIR")]
    user_agents: Option<PathBuf>,
    /// Those of the configuration, by file.
    #[arg(skip)]
    rules: BTreeMap<String, String>,
}

impl Databases {
    /// Compiles definitions, which may name scripts.
    pub(super) fn compile(
        &self,
        definitions: &[Definition],
        scripts: BTreeMap<String, StoredScript>,
    ) -> anyhow::Result<Pipelines> {
        let geoip = match &self.geoip {
            None => Geoip::Samples,
            Some(directory) => {
                ensure!(directory.is_dir(), "--geoip {}: there is no such directory", directory.display());
                Geoip::Directory(directory.clone())
            }
        };
        let geo = normalization::databases(&geoip)?;
        let regex_files =
            self.user_agents.as_deref().map_or_else(|| Ok(self.rules.clone()), enrich::regex_files)?;
        let lookups = Lookups { geo, scripts: Arc::new(scripts), regex_files: Arc::new(regex_files) };
        normalization::compile(definitions, &lookups)
    }
}

/// Pipelines that were read.
pub(super) struct Loaded {
    /// All of them.
    pub(super) definitions: Vec<Definition>,
    /// The scripts that they may name.
    pub(super) scripts: BTreeMap<String, StoredScript>,
    /// The one that is meant.
    pub(super) id: String,
}

/// Which pipeline is meant.
#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// A pipeline's file, a directory of pipelines, or a package's data stream [default: the shipped pipelines]
    #[arg(long, value_name = "PATH")]
    pipelines: Option<PathBuf>,
    /// A configuration: the pipelines that run with it, those that were put over HTTP among them, with its databases
    #[arg(long, short = 'c', value_name = "FILE", conflicts_with = "pipelines")]
    config: Option<PathBuf>,
    /// The id of the pipeline; not needed where there is one only
    #[arg(long, short, value_name = "ID")]
    pipeline: Option<String>,
}

impl Chosen {
    /// The pipeline that is meant, and what it may call.
    pub(super) fn load(&self, databases: &mut Databases) -> anyhow::Result<Loaded> {
        let (definitions, scripts, entry) = match (&self.pipelines, &self.config) {
            (None, Some(config)) => configured(config, databases)?,
            (None, None) => (definitions::shipped()?, BTreeMap::new(), None),
            (Some(path), _) => read(path)?,
        };
        let is_there = |id: &str| definitions.iter().any(|definition| definition.id == id);
        let id = match (&self.pipeline, entry, definitions.as_slice()) {
            (Some(id), ..) if is_there(id) => id.clone(),
            (Some(id), ..) => {
                bail!("--pipeline {id}: there is no such pipeline; there are {}", ids(&definitions))
            }
            (None, Some(entry), _) => entry,
            (None, None, [only]) => only.id.clone(),
            (None, None, _) => bail!("name one by --pipeline; there are {}", ids(&definitions)),
        };
        Ok(Loaded { definitions, scripts, id })
    }
}

/// Definitions, the scripts that they may name, and the one that is meant where that is known.
type Found = (Vec<Definition>, BTreeMap<String, StoredScript>, Option<String>);

/// Those of a file, a directory or a package.
fn read(path: &Path) -> anyhow::Result<Found> {
    let scripts = if path.is_file() { path.parent().unwrap_or(Path::new("")) } else { path };
    let scripts = scripts::directory(scripts)?;
    let (definitions, entry) = if path.is_file() {
        (vec![file(path)?], None)
    } else if path.join("elasticsearch").is_dir() {
        match package::data_streams(path)?.pop() {
            Some(stream) => (stream.definitions, Some(stream.entry)),
            None => (Vec::new(), None),
        }
    } else {
        (definitions::directory(path, None)?, None)
    };
    Ok((definitions, scripts, entry))
}

/// Those that run with a configuration, whose databases are taken where none are named.
fn configured(path: &Path, databases: &mut Databases) -> anyhow::Result<Found> {
    let config = Config::load(path)?;
    if let Geoip::Directory(directory) = &config.geoip {
        databases.geoip.get_or_insert_with(|| directory.clone());
    }
    databases.rules.clone_from(&config.regex_files);
    Ok(match normalization::library_if_any(&config)? {
        Some(library) => (library.definitions(), library.scripts(), None),
        None => (config.definitions, config.scripts, None),
    })
}

fn ids(definitions: &[Definition]) -> String {
    definitions.iter().map(|definition| definition.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn file(path: &Path) -> anyhow::Result<Definition> {
    let text = fs::read_to_string(path).with_context(|| format!("{} can not be read", path.display()))?;
    let id = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(Definition::parse(&id, &path.display().to_string(), &text)?)
}

/// Which documents.
#[derive(Debug, Args)]
pub(super) struct Documents {
    /// Take every line as the message of an event: {"message": "…"}
    #[arg(long)]
    raw: bool,
    /// Documents: a JSON object a line, an array of them, or {"docs": [{"_source": {…}}]} as _simulate takes them; none,
    /// or -, is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Documents {
    /// Whether none were named.
    pub(super) fn are_none(&self) -> bool {
        self.files.is_empty()
    }

    /// Reads them.
    pub(super) fn read(&self) -> anyhow::Result<Vec<Document>> {
        let standard = [PathBuf::from("-")];
        let files = if self.files.is_empty() { &standard[..] } else { &self.files };
        let mut documents = Vec::new();
        for path in files {
            let text = text(path)?;
            if self.raw {
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                documents.extend(lines.map(|line| Document::new(json!({"message": line}))));
            } else {
                for value in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
                    let value = value.with_context(|| {
                        format!("{}: not JSON (lines of a log are taken with --raw)", path.display())
                    })?;
                    add(value, &mut documents).with_context(|| path.display().to_string())?;
                }
            }
        }
        ensure!(!documents.is_empty(), "there are no documents");
        Ok(documents)
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_INPUT + 1).read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(MAX_INPUT + 1).read_to_string(&mut text))
    };
    read.with_context(|| format!("{} can not be read", path.display()))?;
    ensure!(text.len() as u64 <= MAX_INPUT, "{}: more than {} MiB", path.display(), MAX_INPUT >> 20);
    Ok(text)
}

fn add(value: Value, documents: &mut Vec<Document>) -> anyhow::Result<()> {
    match value {
        Value::Array(values) => values.into_iter().try_for_each(|value| add(value, documents)),
        Value::Object(mut fields) => {
            if let Some(Value::Array(docs)) = fields.get_mut("docs") {
                return std::mem::take(docs).into_iter().try_for_each(|value| add(value, documents));
            }
            documents.push(document(fields));
            Ok(())
        }
        other => bail!("a document is a JSON object, and this is {other}"),
    }
}

/// A document of `_simulate`, with metadata around its source, or a source by itself.
fn document(mut fields: Map<String, Value>) -> Document {
    match fields.shift_remove("_source") {
        Some(source @ Value::Object(_)) => {
            let mut document = Document::new(source);
            document.metadata.extend(fields);
            document
        }
        Some(other) => {
            fields.insert("_source".to_owned(), other);
            Document::new(Value::Object(fields))
        }
        None => Document::new(Value::Object(fields)),
    }
}
