//! Finds the files that the configured paths stand for.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use event::Notice;
use glob::MatchOptions;

use crate::config::STANDARD_INPUT;
use crate::identity::{Inode, Stamp};

/// A `*` does not reach over a slash, as in a shell.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// A regular file that is there.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    pub(crate) inode: Inode,
    pub(crate) stamp: Stamp,
}

/// What the paths stand for just now.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// By path; of a file with several names the first.
    pub(crate) files: Vec<Candidate>,
    /// Standard input, named pipes and character devices, as configured.
    pub(crate) pipes: Vec<PathBuf>,
    /// Paths that lead to nothing that can be read.
    pub(crate) problems: Vec<Notice>,
    /// Whether one of them was named in full.
    pub(crate) misses_named: bool,
}

/// What is wrong with paths, before anything is read: one notice for each that leads to nothing, or to a file that this
/// user may not read.
pub fn check_paths(paths: &[String]) -> Vec<Notice> {
    let mut found = discover(paths);
    for file in std::mem::take(&mut found.files) {
        if let Err(error) = fs::File::open(&file.path) {
            found.problem(&file.path, &reason(&error));
        }
    }
    found.problems
}

pub(crate) fn discover(paths: &[String]) -> Found {
    let mut found = Found::default();
    let mut files = BTreeMap::new();
    for path in paths {
        if path == STANDARD_INPUT {
            found.pipes.push(path.into());
        } else if is_glob(path) {
            found.expand(path, &mut files);
        } else {
            found.look(Path::new(path), true, &mut files);
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.files = files.into_values().filter(|file: &Candidate| seen.insert(file.inode)).collect();
    found
}

/// Whether a path has to be expanded; one that is there as it is written needs not.
fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '[']) && fs::symlink_metadata(path).is_err()
}

impl Found {
    fn expand(&mut self, pattern: &str, files: &mut BTreeMap<PathBuf, Candidate>) {
        let Ok(paths) = glob::glob_with(pattern, MATCHING) else { return };
        let before = (files.len(), self.problems.len());
        let mut any = false;
        for path in paths {
            any = true;
            match path {
                Ok(path) => self.look(&path, false, files),
                Err(error) => self.problem(error.path(), &reason(error.error())),
            }
        }
        if !any && before == (files.len(), self.problems.len()) {
            self.problem(
                Path::new(pattern),
                "no file matches this glob: check it, and the rights on its directories",
            );
        }
    }

    fn look(&mut self, path: &Path, named: bool, files: &mut BTreeMap<PathBuf, Candidate>) {
        let failed = match fs::metadata(path) {
            Ok(metadata) => self.sort(path, &metadata, named, files).err(),
            // A file that went away since the glob was expanded is no problem.
            Err(error) if !named && error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => Some(reason(&error)),
        };
        if let Some(message) = failed {
            self.misses_named |= named;
            self.problem(path, &message);
        }
    }

    fn sort(
        &mut self,
        path: &Path,
        metadata: &Metadata,
        named: bool,
        files: &mut BTreeMap<PathBuf, Candidate>,
    ) -> Result<(), String> {
        let kind = metadata.file_type();
        if kind.is_file() {
            let (inode, stamp) = (Inode::of(metadata), Stamp::of(metadata));
            files.insert(path.to_owned(), Candidate { path: path.to_owned(), inode, stamp });
        } else if named && (kind.is_fifo() || kind.is_char_device()) {
            self.pipes.push(path.to_owned());
        } else if named && kind.is_dir() {
            return Err(format!("is a directory: name the files in it, [{}/*] for instance", path.display()));
        } else if named {
            return Err("is neither a file nor a pipe: name a file".to_owned());
        }
        Ok(())
    }

    fn problem(&mut self, path: &Path, message: &str) {
        let (location, message) = (path.display().to_string(), message.to_owned());
        self.problems.push(Notice { location, offset: 0, message });
    }
}

/// What the system says, and what to do.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let cure = match error.kind() {
        std::io::ErrorKind::NotFound => "check the path",
        std::io::ErrorKind::PermissionDenied => "let the user that this program runs as read it",
        _ => "check the disk, or the mount that it is on",
    };
    format!("can not be read: {error}: {cure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_may_not_be_read_is_told() {
        // The kernel lets nobody read this one, root neither.
        let path = "/proc/sys/vm/compact_memory";
        if !Path::new(path).exists() {
            return;
        }
        let problems = check_paths(&[path.to_owned(), "/dev/null".to_owned()]);
        let told: Vec<_> = problems.iter().map(|notice| (&*notice.location, &*notice.message)).collect();
        let message = "can not be read: Permission denied (os error 13): let the user that this program runs as read it";
        assert_eq!(told, [(path, message)]);
    }
}
