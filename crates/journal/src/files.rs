//! The files that entries are appended to: `audit/current.ndjson` in the data directory, and older ones with a time as their name.
//!
//! Processes append one after the other (`audit/lock`), and an entry is synced before anybody is told that it is written.
//! Together the files are never larger than [`MOST_FILES`] times [`FILE_BYTES`]: whoever would have to write more gets an
//! error, and must not go on.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use ledger::data_dir;
use parking_lot::Mutex;

use crate::Entry;
use crate::entry::Repeated;

/// The directory in the data directory.
const DIRECTORY: &str = "audit";
const CURRENT: &str = "current.ndjson";
const LOCK: &str = "lock";
/// A file that is larger is done with.
const FILE_BYTES: u64 = 4 << 20;
/// So many files may wait to be collected.
const MOST_FILES: usize = 64;

/// Why something can not be written down.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system says no.
    #[error("the journal of access can not be written: {}: {error}: make room, or let the user of trailcar write there", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it says.
        #[source]
        error: io::Error,
    },
    /// Nothing is collected any more.
    #[error(
        "the journal of access in {} is full, since its events are not delivered: see what the source trailcar-audit says on the status \
         page or in the log; where no sidecar runs, `trailcar run --once` delivers them",
        .0.display()
    )]
    Full(PathBuf),
}

/// The journal of a data directory, shared by cloning.
#[derive(Clone, Debug)]
pub struct Journal {
    directory: Arc<Path>,
    /// In a process, one after the other; among processes, the lock file.
    turn: Arc<Mutex<()>>,
    limits: (u64, usize),
}

impl Journal {
    /// The journal in a data directory that is there; its files are made when they are not.
    ///
    /// # Errors
    /// They can not be made.
    pub fn open(data_dir: &Path) -> Result<Self, JournalError> {
        let directory = data_dir.join(DIRECTORY);
        let journal = Self {
            directory: directory.as_path().into(),
            turn: Arc::default(),
            limits: (FILE_BYTES, MOST_FILES),
        };
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| JournalError::Io { path, error }
        };
        if !directory.exists() {
            make_directory(data_dir, &directory).map_err(failed(&directory))?;
        }
        for name in [LOCK, CURRENT] {
            let path = directory.join(name);
            data_dir::create_for_owner_of(data_dir, &path).map_err(failed(&path))?;
        }
        Ok(journal)
    }

    /// The same with other limits.
    #[cfg(test)]
    pub(crate) fn limited(self, bytes: u64, files: usize) -> Self {
        Self { limits: (bytes, files), ..self }
    }

    /// What collects its files: a glob.
    pub fn pattern(&self) -> String {
        let directory = glob_escaped(&self.directory.display().to_string());
        format!("{directory}/*.ndjson")
    }

    /// Writes an entry down. When this returns, it is on disk.
    ///
    /// # Errors
    /// It is not: then what it is about must not be done.
    pub fn append(&self, entry: &Entry) -> Result<(), JournalError> {
        self.append_repeated(entry, Timestamp::now(), None)
    }

    pub(crate) fn append_repeated(
        &self,
        entry: &Entry,
        time: Timestamp,
        repeated: Option<Repeated>,
    ) -> Result<(), JournalError> {
        let path = self.directory.join(CURRENT);
        let failed = |error| JournalError::Io { path: path.clone(), error };
        let line = entry.clone().cut().line(time, repeated).map_err(failed)?;
        let _turn = self.turn.lock();
        let lock = File::open(self.directory.join(LOCK)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        data_dir::create_for_owner_of(&self.directory, &path).map_err(failed)?;
        if end_line(&path).map_err(failed)? >= self.limits.0 {
            self.rotate(&path)?;
            data_dir::create_for_owner_of(&self.directory, &path).map_err(failed)?;
        }
        write(&path, &line).map_err(failed)
    }

    /// Gives the current file a name of its own.
    fn rotate(&self, path: &Path) -> Result<(), JournalError> {
        let failed = |error| JournalError::Io { path: path.to_owned(), error };
        let done = self.done().map_err(failed)?;
        if done.len() + 1 >= self.limits.1 {
            return Err(JournalError::Full(self.directory.to_path_buf()));
        }
        let now = Timestamp::now().as_millisecond();
        let free =
            (now..).map(|time| self.directory.join(format!("{time:014}.ndjson"))).find(|path| !path.exists());
        free.map_or(Ok(()), |free| fs::rename(path, free)).map_err(failed)
    }

    /// Files that nobody appends to any more, the oldest first.
    fn done(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "ndjson") && !path.ends_with(CURRENT) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes the files that nobody appends to any more and of which every event is settled, as `settled` says.
    ///
    /// # Errors
    /// They can not be listed or removed.
    pub fn tidy(&self, settled: impl Fn(&Path) -> bool) -> Result<usize, JournalError> {
        let failed = |path: &Path, error| JournalError::Io { path: path.to_owned(), error };
        let done = self.done().map_err(|error| failed(&self.directory, error))?;
        let mut removed = 0;
        for path in done.into_iter().filter(|path| settled(path)) {
            fs::remove_file(&path).map_err(|error| failed(&path, error))?;
            removed += 1;
        }
        Ok(removed)
    }
}

/// Ends the last line of a file where a crash left it unfinished: it stays on a line of its own, and becomes an event that could not be
/// understood. Gives the file's size.
fn end_line(path: &Path) -> io::Result<u64> {
    let mut file = OpenOptions::new().read(true).append(true).open(path)?;
    let size = file.seek(SeekFrom::End(0))?;
    if size > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            write(path, b"\n")?;
        }
    }
    Ok(size)
}

/// Appends to a file, and syncs it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// Makes a directory with mode 0700, of the same owner as the one it is in.
fn make_directory(above: &Path, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let (owner, made) = (above.metadata()?, path.metadata()?);
    if owner.uid() != made.uid() {
        chown(path, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

/// A path that a glob takes as it stands.
fn glob_escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '*' | '?' | '[' | ']' => escaped.extend(['[', c, ']']),
            c => escaped.push(c),
        }
    }
    escaped
}
