//! The kept positions as JSON: `{"version":1,"files":["device:inode offset framing head tail size path", …]}`.
//!
//! A file is one string, since every batch writes all of them down and there can be thousands. The offset is in the
//! inflated content; head and tail are `length:hash` of the first bytes and of those before the offset; size is the
//! one on disk at which the file was read to its end, or `-`.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use collect::Framing;
use event::Checkpoint;
use serde_json::{Value, json};

use crate::config::FilesError;
use crate::identity::{Digest, Inode};

const VERSION: u64 = 1;

/// How far a file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Where it was last seen.
    pub(crate) path: String,
    pub(crate) inode: Inode,
    /// In the inflated content.
    pub(crate) offset: u64,
    pub(crate) framing: Framing,
    pub(crate) head: Digest,
    pub(crate) tail: Digest,
    /// Its size when it was read to its end.
    pub(crate) finished: Option<u64>,
}

impl Position {
    /// A file of which nothing is read.
    pub(crate) fn start(path: String, inode: Inode) -> Self {
        let (head, tail) = (Digest::of(b""), Digest::of(b""));
        Self { path, inode, offset: 0, framing: Framing::Start, head, tail, finished: None }
    }

    fn parse(row: &str) -> Option<Self> {
        let mut parts = row.splitn(7, ' ');
        let mut pair = || parts.next()?.split_once(':');
        let inode =
            pair().and_then(|(device, number)| Some(Inode(device.parse().ok()?, number.parse().ok()?)))?;
        let offset = parts.next()?.parse().ok()?;
        let framing = Framing::named(parts.next()?)?;
        let mut digest = || {
            let (length, hash) = parts.next()?.split_once(':')?;
            Some(Digest(length.parse().ok()?, u64::from_str_radix(hash, 16).ok()?))
        };
        let (head, tail) = (digest()?, digest()?);
        let finished = match parts.next()? {
            "-" => None,
            size => Some(size.parse().ok()?),
        };
        Some(Self { path: parts.next()?.to_owned(), inode, offset, framing, head, tail, finished })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inode, offset, framing, head, tail, path, .. } = self;
        write!(f, "{}:{} {offset} {} ", inode.0, inode.1, framing.name())?;
        write!(f, "{}:{:x} {}:{:x} ", head.0, head.1, tail.0, tail.1)?;
        match self.finished {
            Some(size) => write!(f, "{size} {path}"),
            None => write!(f, "- {path}"),
        }
    }
}

/// A position and how it was written last, to be written again as it is.
#[derive(Debug, Default)]
pub(crate) struct Written(Option<(Position, String)>);

impl Written {
    /// The row of a position; nothing for a file of which nothing was read.
    pub(crate) fn row(&mut self, position: &Position) -> Option<Value> {
        if position.offset == 0 {
            return None;
        }
        let row = match self.0.take() {
            Some((last, row)) if last == *position => (last, row),
            _ => (position.clone(), position.to_string()),
        };
        Some(Value::String(self.0.insert(row).1.clone()))
    }
}

/// Nothing is kept when no file was read: standard input has no position.
pub(crate) fn write(rows: Vec<Value>) -> Checkpoint {
    if rows.is_empty() {
        return Checkpoint::default();
    }
    let mut kept = json!({ "version": VERSION });
    kept["files"] = Value::Array(rows);
    Checkpoint(kept)
}

/// # Errors
/// [`FilesError`] for a checkpoint of another version or form.
pub(crate) fn read(checkpoint: Option<Checkpoint>) -> Result<Vec<Position>, FilesError> {
    let Some(Checkpoint(mut value)) = checkpoint.filter(|checkpoint| !checkpoint.0.is_null()) else {
        return Ok(Vec::new());
    };
    if value["version"] != VERSION {
        let found = value.get("version").map_or_else(|| "none".to_owned(), Value::to_string);
        return Err(FilesError::CheckpointVersion { found, known: VERSION });
    }
    let Value::Array(rows) = value["files"].take() else {
        return Err(FilesError::CheckpointForm("files".to_owned()));
    };
    let position = |row: &Value| row.as_str().and_then(Position::parse);
    rows.iter().map(|row| position(row).ok_or_else(|| FilesError::CheckpointForm(row.to_string()))).collect()
}

/// Whether a checkpoint says that every byte of an uncompressed file was read, so that with the checkpoint the file is settled.
pub fn is_read(checkpoint: &Checkpoint, path: &Path) -> bool {
    let Ok(positions) = read(Some(checkpoint.clone())) else { return false };
    let look = || -> io::Result<bool> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let inode = Inode::of(&metadata);
        for position in positions.iter().filter(|own| own.inode == inode && own.tail.length() > 0) {
            // Another file can have got the inode: what was read last has to be in this one.
            let mut last = vec![0; position.tail.length()];
            let Some(start) = position.offset.checked_sub(last.len() as u64) else { continue };
            let is_end = position.finished == Some(metadata.len());
            if is_end && file.read_exact_at(&mut last, start).is_ok() && Digest::of(&last) == position.tail {
                return Ok(true);
            }
        }
        Ok(false)
    };
    look().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_forms_are_refused() {
        for (bad, word) in [
            (json!({"version": 2, "files": []}), "version 2"),
            (json!({"files": []}), "version none"),
            (json!("x"), "version none"),
            (json!({"version": 1, "files": [["a"]]}), "at [[\"a\"]]: remove it"),
            (json!({"version": 1, "files": ["1:2 3 lines 4:a 5:b x /path"]}), "remove it"),
            (json!({"version": 1, "files": ["1:2 3 circles 4:a 5:b - /path"]}), "remove it"),
            (json!({"version": 1}), "remove it"),
        ] {
            let error = read(Some(Checkpoint(bad.clone()))).unwrap_err().to_string();
            assert!(error.contains(word), "{bad}: {error}");
        }
        assert!(read(None).unwrap().is_empty());
        assert!(read(Some(Checkpoint::default())).unwrap().is_empty());
    }

    #[test]
    fn positions_come_back_as_they_were() {
        for (path, finished) in [("/a b\nc", None), ("é", Some(0)), ("", Some(u64::MAX))] {
            let position = Position {
                path: path.to_owned(),
                inode: Inode(u64::MAX, 7),
                offset: 1 << 40,
                framing: Framing::ArrayComma,
                head: Digest::of(b"head"),
                tail: Digest(0, u64::MAX),
                finished,
            };
            let mut written = Written::default();
            let rows = vec![written.row(&position).unwrap(), written.row(&position).unwrap()];
            assert_eq!(read(Some(write(rows))).unwrap(), [position.clone(), position.clone()]);
            let moved = Position { offset: 9, ..position };
            assert_eq!(read(Some(write(vec![written.row(&moved).unwrap()]))).unwrap(), [moved]);
        }
    }
}
