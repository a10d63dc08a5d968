//! Pipeline definitions: those that are compiled in, and those of a directory.
//!
//! A directory of pipelines holds a folder for each dataset, `<dataset>/*.yml` (or `.yaml`, `.json`). The dataset's
//! events enter at `default.yml`, or at the only file where there is one alone; its id is the dataset's name. The
//! other files are called by `<dataset>-<file name>`. A file beside the folders, `<dataset>.yml`, is a dataset's
//! whole pipeline. The folder `_scripts` has stored scripts (`scripts`).

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use event::Dataset;
use ingest::{Definition, LoadError};
use rust_embed::RustEmbed;

/// The folder `pipelines/` of the source tree.
#[derive(RustEmbed)]
#[folder = "../../pipelines"]
struct Shipped;

/// The folder of stored scripts, which has no pipelines.
pub(crate) const SCRIPTS: &str = "_scripts";

/// Why a directory of pipelines can not be read.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// The file system says no.
    #[error("the pipelines in {} can not be read: {error}: {}", path.display(), cure(error))]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What it says, which the message repeats.
        error: std::io::Error,
    },
    /// Files are no pipelines.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Load(Vec<LoadError>),
    /// A file is no stored script.
    #[error("{}: {reason}", path.display())]
    Script {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing is there.
    #[error(
        "there is no pipeline in {}: it needs a folder for each dataset, with a file default.yml, {}/default.yml \
         for instance", path.display(), example
    )]
    Empty {
        /// The directory.
        path: PathBuf,
        /// A dataset to name in the example.
        example: String,
    },
}

impl DefinitionError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |error| Self::Read { path, error }
    }
}

fn cure(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidData => "save the file as UTF-8",
        ErrorKind::PermissionDenied => "let this user read it",
        _ => "name a directory that is there and that this user may read",
    }
}

/// The definitions that are compiled in.
///
/// # Errors
/// When one is no YAML, which a test rules out.
pub fn shipped() -> Result<Vec<Definition>, DefinitionError> {
    let mut files = Vec::new();
    for path in Shipped::iter() {
        if let Some(file) = Shipped::get(&path)
            && is_definition(Path::new(&*path))
        {
            files.push((PathBuf::from(&*path), String::from_utf8_lossy(&file.data).into_owned()));
        }
    }
    definitions(&files, None)
}

/// The sample events that are compiled in: NDJSON, by dataset.
pub fn samples() -> Vec<(Dataset, Vec<u8>)> {
    Shipped::iter()
        .filter_map(|path| {
            let dataset = Dataset::new(path.strip_suffix("/sample.ndjson")?).ok()?;
            Some((dataset, Shipped::get(&path)?.data.into_owned()))
        })
        .collect()
}

/// The datasets that a set of definitions is for: those whose id is no other's with something behind it.
pub fn datasets(definitions: &[Definition]) -> Vec<&str> {
    let mut names: Vec<&str> =
        definitions.iter().map(|definition| definition.id.as_str()).filter(|id| !id.contains('-')).collect();
    names.sort_unstable();
    names
}

/// Reads a directory. With `dataset`, files that stand in the directory itself may also be that dataset's folder.
///
/// # Errors
/// [`DefinitionError`] names the file.
pub fn directory(directory: &Path, dataset: Option<&Dataset>) -> Result<Vec<Definition>, DefinitionError> {
    let mut files = Vec::new();
    for path in sorted(directory)? {
        if path.file_name().is_some_and(|name| name == SCRIPTS) {
            continue;
        }
        if path.is_dir() {
            for file in sorted(&path)? {
                read(directory, &file, &mut files)?;
            }
        } else {
            read(directory, &path, &mut files)?;
        }
    }
    let found = definitions(&files, dataset)?;
    if found.is_empty() {
        let example = dataset.map_or_else(|| "cursor.audit".to_owned(), Dataset::to_string);
        return Err(DefinitionError::Empty { path: directory.to_owned(), example });
    }
    Ok(found)
}

pub(crate) fn sorted(directory: &Path) -> Result<BTreeSet<PathBuf>, DefinitionError> {
    fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(DefinitionError::read(directory))
}

fn read(root: &Path, path: &Path, files: &mut Vec<(PathBuf, String)>) -> Result<(), DefinitionError> {
    if is_definition(path) && path.is_file() {
        let text = fs::read_to_string(path).map_err(DefinitionError::read(path))?;
        files.push((path.strip_prefix(root).unwrap_or(path).to_owned(), text));
    }
    Ok(())
}

pub(crate) fn is_definition(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["yml", "yaml", "json"].iter().any(|known| ending == *known))
}

/// Gives every file its id.
fn definitions(
    files: &[(PathBuf, String)],
    dataset: Option<&Dataset>,
) -> Result<Vec<Definition>, DefinitionError> {
    let mut mistakes = Vec::new();
    let found = files
        .iter()
        .filter_map(|(path, text)| {
            let folder = path.parent().unwrap_or(Path::new(""));
            let alone = files.iter().filter(|(other, _)| other.parent() == path.parent()).count() == 1;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let id = match (folder.to_string_lossy(), dataset) {
                (folder, _) if !folder.is_empty() => in_folder(&folder, &stem, alone),
                (_, Some(dataset)) if stem != dataset.as_str() => in_folder(dataset.as_str(), &stem, alone),
                _ => stem.into_owned(),
            };
            Definition::parse(&id, &path.to_string_lossy(), text).map_err(|error| mistakes.push(*error)).ok()
        })
        .collect();
    if mistakes.is_empty() { Ok(found) } else { Err(DefinitionError::Load(mistakes)) }
}

fn in_folder(dataset: &str, stem: &str, alone: bool) -> String {
    if stem == "default" || alone { dataset.to_owned() } else { format!("{dataset}-{stem}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_their_dataset() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "processors: []").unwrap();
        };
        for path in
            ["a.b/default.yml", "a.b/x.yaml", "a.b/notes.md", "c.d/only.json", "e.f.yml", "_scripts/x.yml"]
        {
            write(path);
        }
        let found = directory(root.path(), None).unwrap();
        let ids: Vec<&str> = found.iter().map(|definition| definition.id.as_str()).collect();
        assert_eq!(ids, ["a.b", "a.b-x", "c.d", "e.f"]);
        assert_eq!(datasets(&found), ["a.b", "c.d", "e.f"]);
    }

    #[test]
    fn a_directory_may_be_one_datasets_folder() {
        let root = tempfile::tempdir().unwrap();
        for name in ["default.yml", "x.yml"] {
            fs::write(root.path().join(name), "processors: []").unwrap();
        }
        let found = directory(root.path(), Some(&Dataset::new("a.b").unwrap())).unwrap();
        let ids: Vec<&str> = found.iter().map(|definition| definition.id.as_str()).collect();
        assert_eq!(ids, ["a.b", "a.b-x"]);
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = directory(root.path(), None).unwrap_err().to_string();
        assert!(error.contains("needs a folder for each dataset"), "{error}");
        for name in ["a.yml", "b.yml"] {
            fs::write(root.path().join(name), "processors: [").unwrap();
        }
        let error = directory(root.path(), None).unwrap_err().to_string();
        let all = ["pipeline [a.yml]: this is not YAML", "pipeline [b.yml]: this is not YAML"];
        assert!(all.iter().all(|told| error.contains(told)), "{error}");
        let error = directory(&root.path().join("none"), None).unwrap_err().to_string();
        assert!(error.contains("none"), "{error}");
    }

    #[test]
    fn the_shipped_pipelines_load() {
        let definitions = shipped().unwrap();
        ingest::compile(&definitions, &ingest::Lookups::default())
            .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            .map(|_| ())
            .unwrap_or_else(|errors| panic!("{errors}"));
    }
}
