//! Files of rules for user agents: uap-core's form, changed to one's own taste.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// uap-core's own file has a quarter of a megabyte; its automata take a hundred times as much.
const LARGEST_FILE: u64 = 2 << 20;
/// Each file that a pipeline names is held as long as the process runs.
const MOST_FILES: usize = 16;

/// Why the files of a directory can not be taken.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file system says no.
    #[error("{} can not be read: {error}: let this user read it, and save it as UTF-8", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What it says, which the message repeats.
        error: io::Error,
    },
    /// A file is too large to be one of rules.
    #[error("{} is larger than {} MiB: take rules out of it that no user agent here needs", path.display(), LARGEST_FILE >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// There are too many.
    #[error("{} has more than {MOST_FILES} files that end in .yml: put those apart that no regex_file names", directory.display())]
    TooMany {
        /// The directory.
        directory: PathBuf,
    },
}

/// Reads the files of a directory that end in `.yml`, as `regex_file` names them: their text by file name. They are read
/// once, as in Elasticsearch.
///
/// # Errors
/// [`RulesError`] names the file.
pub fn regex_files(directory: &Path) -> Result<BTreeMap<String, String>, RulesError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| RulesError::Read { path, error }
    };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).map_err(failed(directory))? {
        let path = entry.map_err(failed(directory))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if !path.is_file() || path.extension().is_none_or(|ending| ending != "yml") {
            continue;
        }
        if files.len() == MOST_FILES {
            return Err(RulesError::TooMany { directory: directory.to_owned() });
        }
        let mut text = String::new();
        let read = File::open(&path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_string(&mut text));
        read.map_err(failed(&path))?;
        if text.len() as u64 > LARGEST_FILE {
            return Err(RulesError::TooLarge { path });
        }
        files.insert(name.to_owned(), text);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_called_by_their_file() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["own.yml", "notes.txt", "other.yaml"] {
            fs::write(directory.path().join(name), name).unwrap();
        }
        fs::create_dir(directory.path().join("below.yml")).unwrap();
        let found = regex_files(directory.path()).unwrap();
        assert_eq!(found, BTreeMap::from([("own.yml".to_owned(), "own.yml".to_owned())]));
    }

    #[test]
    fn what_can_not_be_taken_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let told = || regex_files(directory.path()).unwrap_err().to_string();
        fs::write(directory.path().join("a.yml"), b"\xff").unwrap();
        assert!(told().contains("a.yml can not be read"), "{}", told());
        fs::write(directory.path().join("a.yml"), vec![b'#'; (LARGEST_FILE + 1) as usize]).unwrap();
        assert!(told().contains("a.yml is larger than 2 MiB"), "{}", told());
        for number in 0..=MOST_FILES {
            fs::write(directory.path().join(format!("{number}.yml")), "").unwrap();
        }
        fs::write(directory.path().join("a.yml"), "").unwrap();
        assert!(told().contains("more than 16 files"), "{}", told());
        assert!(regex_files(Path::new("/nowhere")).unwrap_err().to_string().contains("/nowhere"));
    }
}
