//! The data directory: made for its owner alone, used by one process at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::LedgerError;

/// The file that is locked.
const LOCK: &str = "trailcar.lock";

/// A data directory that this process holds; others are refused until it is dropped.
///
/// The lock is the operating system's: it ends with the process, however that dies.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory (mode 0700) when it is not there, and locks it. Looser modes are warned of.
    ///
    /// # Errors
    /// [`LedgerError::InUse`] names the process that holds it; [`LedgerError::Io`] when it can not be made.
    pub fn lock(path: &Path) -> Result<Self, LedgerError> {
        let failed = |at: &Path| {
            let path = at.to_owned();
            move |error| LedgerError::Io { path, error }
        };
        make_directory(path).map_err(failed(path))?;
        warn_on_looser_mode(path, 0o700);
        let lock = path.join(LOCK);
        let mut file = open_private(&lock).map_err(failed(&lock))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = holder(&mut file);
                return Err(LedgerError::InUse { directory: path.to_owned(), lock, holder });
            }
            Err(TryLockError::Error(error)) => return Err(LedgerError::Io { path: lock, error }),
        }
        write_holder(&mut file).map_err(failed(&lock))?;
        sync_directory(path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")));
        Ok(Self { path: path.to_owned(), _lock: file })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens a file for reading and writing, made with mode 0600 when it is not there; looser modes are warned of.
///
/// # Errors
/// The system's.
pub fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    warn_on_looser_mode(path, 0o600);
    Ok(file)
}

/// Makes an empty file with mode 0600 when it is not there. Whoever makes it, root for instance, it is the owner's of the
/// directory, so that the process that works there can use it.
///
/// # Errors
/// The system's.
pub fn create_for_owner_of(directory: &Path, path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let file = open_private(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let (owner, made) = (directory.metadata()?, file.metadata()?);
        if owner.uid() != made.uid() {
            fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    drop(file);
    sync_directory(directory);
    Ok(())
}

/// Makes the names of new files in a directory survive a loss of power, where the system can.
pub(crate) fn sync_directory(path: &Path) {
    if let Err(error) = File::open(path).and_then(|directory| directory.sync_all()) {
        tracing::debug!("{} can not be synced: {error}", path.display());
    }
}

/// Makes a data directory (mode 0700) when it is not there, without taking it: for files that several processes write.
///
/// # Errors
/// The system's.
pub fn make_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn warn_on_looser_mode(path: &Path, wanted: u32) {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(metadata) = path.metadata() {
        let mode = metadata.permissions().mode() & 0o777;
        if mode & !wanted != 0 {
            tracing::warn!(
                "{} has mode {mode:04o}: audit events in it can be read or changed by others; \
                 use chmod {wanted:04o}",
                path.display()
            );
        }
    }
}

#[cfg(not(unix))]
fn warn_on_looser_mode(_path: &Path, _wanted: u32) {}

/// Who holds the lock, as its file says.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(20).read_to_string(&mut text).ok().and_then(|_| text.trim().parse::<u32>().ok()) {
        Some(pid) => format!("process {pid}"),
        None => "another process".to_owned(),
    }
}

fn write_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_until_the_first_lets_go() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("a/b");
        let first = DataDir::lock(&path).unwrap();
        let message = DataDir::lock(&path).unwrap_err().to_string();
        let pid = std::process::id();
        assert!(message.contains(&format!("in use by process {pid} (lock file ")), "{message}");
        drop(first);
        DataDir::lock(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn directory_and_files_are_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("data");
        let held = DataDir::lock(&path).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(held.path()), 0o700);
        assert_eq!(mode(&path.join(LOCK)), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn what_the_superuser_makes_is_the_owners() {
        use std::os::unix::fs::{MetadataExt, chown};
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("users.db");
        // Only the superuser can give a directory away; for anybody else owner and maker are the same.
        let other = chown(temporary.path(), Some(4711), Some(4712)).map_or(None, |()| Some((4711, 4712)));
        create_for_owner_of(temporary.path(), &path).unwrap();
        let (made, directory) = (path.metadata().unwrap(), temporary.path().metadata().unwrap());
        assert_eq!((made.uid(), made.gid()), other.unwrap_or((directory.uid(), made.gid())));
        assert_eq!(made.mode() & 0o777, 0o600);
    }

    #[test]
    fn a_directory_that_can_not_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().join("data");
        let message = DataDir::lock(&path).unwrap_err().to_string();
        assert!(message.starts_with(&path.display().to_string()), "{message}");
    }
}
