//! A folder of files, and a source that reads it step by step.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use collect_files::FilesConfig;
use collect_files::reader::{Reader, Step};
use event::{Checkpoint, CollectError, Dataset, Notice, RawBatch, Source};
use flate2::{Compression, write::GzEncoder};

/// A folder that is removed at the end.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn pattern(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn append(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let mut file = OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(bytes.as_ref()).unwrap();
    }

    /// Empties the file and writes to it, as a program does whose log was copied and truncated.
    pub(crate) fn truncate(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let mut file = OpenOptions::new().write(true).truncate(true).open(self.path(name)).unwrap();
        file.write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(crate) fn config(&self, patterns: &[&str], follow: bool) -> FilesConfig {
        let source = Source::new("files", Dataset::new("cursor.audit").unwrap());
        let paths = patterns.iter().map(|pattern| self.pattern(pattern)).collect();
        FilesConfig { follow, ..FilesConfig::new(Arc::new(source), paths) }
    }
}

pub(crate) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// Lines numbered from the first number on, each with its line break.
pub(crate) fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| format!("{{\"n\":{number},\"text\":\"event number {number}\"}}\n")).collect()
}

/// What a source gave.
#[derive(Default, Debug)]
pub(crate) struct Given {
    pub(crate) events: Vec<String>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) batches: Vec<RawBatch>,
}

impl Given {
    /// The numbers of [`lines`], in the order of their arrival.
    pub(crate) fn numbers(&self) -> Vec<usize> {
        self.events
            .iter()
            .map(|event| {
                let digits = event.strip_prefix("{\"n\":").unwrap_or_else(|| panic!("{event}"));
                digits.split(',').next().unwrap().trim_matches('"').parse().unwrap()
            })
            .collect()
    }

    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.batches.last().map(|batch| batch.checkpoint.clone())
    }

    pub(crate) fn messages(&self) -> String {
        let texts = self.notices.iter().map(|n| format!("{}@{}: {}\n", n.location, n.offset, n.message));
        texts.collect()
    }

    pub(crate) fn add(&mut self, batch: RawBatch) {
        let texts = batch.events.iter().map(|e| String::from_utf8_lossy(batch.bytes(e)).into_owned());
        self.events.extend(texts);
        self.notices.extend(batch.notices.iter().cloned());
        self.batches.push(batch);
    }
}

/// Reads all there is for now.
pub(crate) fn drain(reader: &mut Reader) -> Given {
    try_drain(reader).unwrap()
}

pub(crate) fn try_drain(reader: &mut Reader) -> Result<Given, CollectError> {
    let mut given = Given::default();
    loop {
        match reader.step()? {
            Step::Batch(batch) => given.add(*batch),
            Step::Waiting => {}
            Step::Idle | Step::End => return Ok(given),
        }
    }
}

/// Reads with a new reader that knows `checkpoint`.
pub(crate) fn read(config: &FilesConfig, checkpoint: Option<Checkpoint>) -> Given {
    drain(&mut Reader::new(config.clone(), checkpoint).unwrap())
}
