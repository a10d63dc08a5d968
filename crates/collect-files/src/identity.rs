//! What a file is known again by.
//!
//! An inode alone is not enough: it is used again for other files, and a log that was compressed or copied has a new
//! one. So a file is known by its bytes as well: the first ones of its inflated content, and those right before the
//! position. A file that has both holds the bytes that were read; should it be another file after all, what is passed
//! over are the same events, byte for byte.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::Arc;
use std::time::SystemTime;

use collect::{Inflate, InflateError, InflateLimits};
use sha2::{Digest as _, Sha256};

/// Bytes that are compared at the start and before the position.
pub(crate) const WINDOW: usize = 1 << 10;

/// Which file of the system: device and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Inode(pub(crate) u64, pub(crate) u64);

impl Inode {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

/// Changes when a file is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok() }
    }

    pub(crate) fn modified(self) -> Option<SystemTime> {
        self.modified
    }
}

/// Length and hash (the start of a SHA-256) of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Digest(pub(crate) usize, pub(crate) u64);

impl Digest {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let hash = Sha256::digest(bytes);
        let hash = hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        Self(bytes.len(), hash)
    }

    pub(crate) fn length(self) -> usize {
        self.0
    }

    /// Whether `bytes` start with those that were hashed.
    pub(crate) fn starts(self, bytes: &[u8]) -> bool {
        bytes.get(..self.0).is_some_and(|bytes| Self::of(bytes) == self)
    }

    /// Whether `bytes` end with those that were hashed.
    pub(crate) fn ends(self, bytes: &[u8]) -> bool {
        bytes.len().checked_sub(self.0).is_some_and(|from| Self::of(&bytes[from..]) == self)
    }
}

/// The first and last bytes of what was read of a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    pub(crate) head: Vec<u8>,
    pub(crate) tail: Vec<u8>,
    end: u64,
}

impl Window {
    pub(crate) fn new(head: Vec<u8>, tail: Vec<u8>, end: u64) -> Self {
        Self { head, tail, end }
    }

    /// Goes on with `bytes` that start at `start`; the last bytes from before a gap are forgotten.
    pub(crate) fn extend(&mut self, start: u64, bytes: &[u8]) {
        if start == self.head.len() as u64 {
            self.head.extend(bytes.iter().take(WINDOW - self.head.len()));
        }
        if start != self.end {
            self.tail.clear();
        }
        self.tail.extend(&bytes[bytes.len().saturating_sub(WINDOW)..]);
        self.tail.drain(..self.tail.len().saturating_sub(WINDOW));
        self.end = start + bytes.len() as u64;
    }

    pub(crate) fn end(&self) -> u64 {
        self.end
    }
}

/// Reads a file from an offset of its own, so that several can share it.
#[derive(Clone, Debug)]
pub(crate) struct FileAt {
    file: Arc<File>,
    offset: u64,
}

impl FileAt {
    pub(crate) fn new(file: Arc<File>, offset: u64) -> Self {
        Self { file, offset }
    }

    /// At most `length` bytes from the offset on.
    pub(crate) fn bytes(self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for FileAt {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(out, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// The first bytes of a file's inflated content, as many as there are.
pub(crate) fn head(file: &Arc<File>) -> io::Result<Vec<u8>> {
    let mut stream = Inflate::new(FileAt::new(file.clone(), 0), InflateLimits::default());
    let mut head = vec![0; WINDOW];
    let mut filled = 0;
    loop {
        match stream.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(InflateError::Io(error)) => return Err(error),
            // What is wrong with it is said when it is read.
            Err(_) => break,
        }
    }
    head.truncate(filled);
    Ok(head)
}
