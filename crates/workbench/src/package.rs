//! Where a package keeps its pipelines and their tests.
//!
//! The layout is that of Elastic's package tooling (elastic.co/docs/extend/integrations/pipeline-testing): a data
//! stream has `elasticsearch/ingest_pipeline/*.yml`, of which `default.yml` is the entry, and `_dev/test/pipeline/`; a
//! package has its data streams under `data_stream/`, or is one itself. Pipelines name each other by
//! `{{ IngestPipeline "name" }}`, and are installed as `<type>-<package>.<data stream>-<version>-<name>`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ingest::Definition;
use regex::{Captures, Regex};
use serde::Deserialize;

use crate::{Mistake, read};

const PIPELINES: &str = "elasticsearch/ingest_pipeline";
const TESTS: &str = "_dev/test/pipeline";
const ENTRY: &str = "default";

/// A data stream's pipelines and tests.
#[derive(Debug)]
pub struct DataStream {
    /// Its directory.
    pub path: PathBuf,
    /// The pipeline that its events enter by.
    pub entry: String,
    /// All of them.
    pub definitions: Vec<Definition>,
    /// Its test files (`test-*.log`, `test-*.json`), by name.
    pub tests: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
struct Manifest {
    name: Option<String>,
    version: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// The data streams that a directory has: a package's, or the one that it is.
///
/// # Errors
/// Files that can not be read or are no pipelines, and a directory that has no data stream.
pub fn data_streams(directory: &Path) -> Result<Vec<DataStream>, Mistake> {
    if directory.join(PIPELINES).is_dir() {
        return Ok(vec![data_stream(directory)?]);
    }
    let below = directory.join("data_stream");
    let streams = if below.is_dir() { sorted(&below)? } else { Vec::new() };
    let found: Vec<DataStream> = streams
        .iter()
        .filter(|path| path.join(PIPELINES).is_dir())
        .map(|path| data_stream(path))
        .collect::<Result<_, _>>()?;
    if found.is_empty() {
        let reason = format!(
            "there are no pipelines: name a package, whose data streams have {PIPELINES}/{ENTRY}.yml, or one of its \
             data streams"
        );
        return Err(Mistake::file(directory, reason));
    }
    Ok(found)
}

fn data_stream(path: &Path) -> Result<DataStream, Mistake> {
    // Names are told from the path, which may be relative.
    let whole = path.canonicalize().map_err(|error| Mistake::Read { path: path.to_owned(), error })?;
    let prefix = prefix(&whole)?;
    let mut definitions = Vec::new();
    let id = |name: &str| if name == ENTRY { prefix.clone() } else { format!("{prefix}-{name}") };
    for file in sorted(&path.join(PIPELINES))? {
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if ["yml", "yaml", "json"].contains(&ending) {
            let text = resolved(&read(&file)?, &id);
            definitions.push(Definition::parse(&id(stem), &file.display().to_string(), &text)?);
        }
    }
    let entry = id(ENTRY);
    if definitions.iter().all(|definition| definition.id != entry) {
        let reason = format!("there is no {ENTRY}.yml, by which events enter");
        return Err(Mistake::file(&path.join(PIPELINES), reason));
    }
    Ok(DataStream { path: path.to_owned(), entry, definitions, tests: tests(&path.join(TESTS))? })
}

/// What the ids of a data stream's pipelines begin with.
fn prefix(stream: &Path) -> Result<String, Mistake> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let own = manifest(stream)?;
    // A package that is a data stream itself has one manifest.
    let is_below = stream.parent().and_then(name).is_some_and(|parent| parent == "data_stream");
    let (package, dataset) = if is_below {
        let root = stream.ancestors().nth(2).unwrap_or(stream);
        let package = manifest(root)?;
        let title = package.name.clone().or_else(|| name(root)).unwrap_or_default();
        (package, format!("{title}.{}", name(stream).unwrap_or_default()))
    } else {
        let title = own.name.clone().or_else(|| name(stream)).unwrap_or_default();
        (Manifest { version: own.version.clone(), ..Manifest::default() }, title)
    };
    let kind = own.kind.filter(|_| is_below).unwrap_or_else(|| "logs".to_owned());
    Ok([Some(kind), Some(dataset), package.version].into_iter().flatten().collect::<Vec<_>>().join("-"))
}

fn manifest(directory: &Path) -> Result<Manifest, Mistake> {
    let path = directory.join("manifest.yml");
    if !path.is_file() {
        return Ok(Manifest::default());
    }
    ingest::yaml::read(&read(&path)?).map_err(|reason| Mistake::file(&path, reason))
}

/// A definition's text with the names of pipelines filled in.
fn resolved(text: &str, id: &dyn Fn(&str) -> String) -> String {
    static REFERENCE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"\{\{-?\s*IngestPipeline\s+["`]([^"`]*)["`]\s*-?\}\}"#).ok());
    match &*REFERENCE {
        Some(reference) => reference.replace_all(text, |name: &Captures<'_>| id(&name[1])).into_owned(),
        None => text.to_owned(),
    }
}

fn tests(directory: &Path) -> Result<Vec<PathBuf>, Mistake> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let is_test = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_input = name.ends_with(".log") || name.ends_with(".json");
        name.starts_with("test-") && is_input && !name.ends_with("-expected.json")
    };
    Ok(sorted(directory)?.into_iter().filter(is_test).collect())
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>, Mistake> {
    let listed: Result<Vec<PathBuf>, std::io::Error> = std::fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    let mut paths = listed.map_err(|error| Mistake::Read { path: directory.to_owned(), error })?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_its_data_streams_with_names_filled_in() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join("web").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("manifest.yml", "{name: nginx, version: 1.2.3, type: integration}");
        write("data_stream/access/manifest.yml", "{title: Access, type: logs}");
        let entry = r#"processors: [{pipeline: {name: '{{ IngestPipeline "third" }}'}}]"#;
        write("data_stream/access/elasticsearch/ingest_pipeline/default.yml", entry);
        write("data_stream/access/elasticsearch/ingest_pipeline/third.yml", "processors: []");
        for file in ["test-b.log", "test-a.json", "test-a.json-expected.json", "test-common-config.yml"] {
            write(&format!("data_stream/access/_dev/test/pipeline/{file}"), "");
        }
        let streams = data_streams(&root.path().join("web")).unwrap();
        let [stream] = streams.as_slice() else { panic!("{streams:?}") };
        assert_eq!(stream.entry, "logs-nginx.access-1.2.3");
        let ids: Vec<&str> = stream.definitions.iter().map(|definition| definition.id.as_str()).collect();
        assert_eq!(ids, ["logs-nginx.access-1.2.3", "logs-nginx.access-1.2.3-third"]);
        let called = &stream.definitions[0].body["processors"][0]["pipeline"]["name"];
        assert_eq!(called, "logs-nginx.access-1.2.3-third");
        let tests: Vec<_> = stream.tests.iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(tests, ["test-a.json", "test-b.log"]);
        let one = data_streams(&root.path().join("web/data_stream/access")).unwrap();
        assert_eq!(one[0].entry, stream.entry);
    }

    #[test]
    fn a_directory_without_pipelines_says_what_to_name() {
        let root = tempfile::tempdir().unwrap();
        let error = data_streams(root.path()).unwrap_err().to_string();
        assert!(error.contains("elasticsearch/ingest_pipeline/default.yml"), "{error}");
    }
}
