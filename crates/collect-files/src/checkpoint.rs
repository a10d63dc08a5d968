//! The kept positions as JSON: `{"version":1,"files":[…]}`.
//!
//! A file is an array, since there can be many: path, [device, inode], offset in the inflated content, framing there,
//! [length, hash] of the first bytes, [length, hash] of the bytes before the offset, and the size on disk at which it
//! was read to its end, or null.

use event::Checkpoint;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::FilesError;
use crate::identity::{Digest, Inode};
use collect::Framing;

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

#[derive(Serialize, Deserialize)]
struct Row(String, Inode, u64, Framing, Digest, Digest, Option<u64>);

impl Position {
    /// A file of which nothing is read.
    pub(crate) fn start(path: String, inode: Inode) -> Self {
        let (head, tail) = (Digest::of(b""), Digest::of(b""));
        Self { path, inode, offset: 0, framing: Framing::Start, head, tail, finished: None }
    }
}

/// Nothing is kept when no file was read: standard input has no position.
pub(crate) fn write<'a>(positions: impl Iterator<Item = &'a Position>) -> Checkpoint {
    let rows: Vec<Value> = positions
        .filter(|position| position.offset > 0)
        .map(|p| json!(Row(p.path.clone(), p.inode, p.offset, p.framing, p.head, p.tail, p.finished)))
        .collect();
    if rows.is_empty() {
        return Checkpoint::default();
    }
    Checkpoint(json!({ "version": VERSION, "files": rows }))
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
    let rows: Vec<Row> = serde_json::from_value(value["files"].take())?;
    let position = |Row(path, inode, offset, framing, head, tail, finished)| Position {
        path,
        inode,
        offset,
        framing,
        head,
        tail,
        finished,
    };
    Ok(rows.into_iter().map(position).collect())
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
            (json!({"version": 1, "files": [["a"]]}), "remove it"),
            (json!({"version": 1}), "remove it"),
        ] {
            let error = read(Some(Checkpoint(bad.clone()))).unwrap_err().to_string();
            assert!(error.contains(word), "{bad}: {error}");
        }
        assert!(read(None).unwrap().is_empty());
        assert!(read(Some(Checkpoint::default())).unwrap().is_empty());
    }
}
