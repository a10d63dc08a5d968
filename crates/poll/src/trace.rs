//! Writes requests and answers down for those who look for a fault: off unless configured, without the key, and in
//! files that can not grow without bound.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// How much of a body is written.
const LONGEST_BODY: usize = 64 << 10;

/// `trace`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceConfig {
    /// The newest file; older ones are called like it with .1, .2 and so on behind.
    pub file: PathBuf,
    /// Bytes from which on a file is put aside.
    pub max_size: u64,
    /// Files in all; the oldest goes.
    pub max_files: u32,
}

/// A trace that is written.
#[derive(Debug)]
pub(crate) struct Trace {
    config: TraceConfig,
    /// The open file; nothing before the first line, and for good when it could not be written.
    file: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Closed,
    Open(File, u64),
    Failed,
}

impl Trace {
    pub(crate) fn new(config: TraceConfig) -> Self {
        Self { config, file: Mutex::new(State::Closed) }
    }

    /// Appends a line. A trace that can not be written is given up with a warning: it must not stop collecting.
    pub(crate) fn write(&self, line: &str) {
        let Ok(mut state) = self.file.lock() else { return };
        let (file, size) = match std::mem::replace(&mut *state, State::Failed) {
            State::Failed => return,
            State::Open(file, size) => (Ok(file), size),
            State::Closed => (open(&self.config.file), 0),
        };
        let written = file.and_then(|file| self.append(file, size, line));
        match written {
            Ok((file, size)) => *state = State::Open(file, size),
            Err(error) => {
                let shown = self.config.file.display();
                tracing::warn!(
                    "trace.file {shown} can not be written, there is no trace until a restart: {error}"
                );
            }
        }
    }

    fn append(&self, mut file: File, mut size: u64, line: &str) -> io::Result<(File, u64)> {
        size = size.max(file.metadata()?.len());
        if size > 0 && size + line.len() as u64 > self.config.max_size {
            self.rotate()?;
            file = open(&self.config.file)?;
            size = 0;
        }
        file.write_all(line.as_bytes())?;
        file.write_all(b"\n")?;
        Ok((file, size + line.len() as u64 + 1))
    }

    /// Puts the file aside, and the oldest one away.
    fn rotate(&self) -> io::Result<()> {
        let last = self.config.max_files.saturating_sub(1);
        if last == 0 {
            return fs::remove_file(&self.config.file);
        }
        for number in (1..last).rev() {
            let (from, to) = (numbered(&self.config.file, number), numbered(&self.config.file, number + 1));
            if from.exists() {
                fs::rename(from, to)?;
            }
        }
        fs::rename(&self.config.file, numbered(&self.config.file, 1))
    }
}

/// As much of a body as is written.
pub(crate) fn shortened(body: &[u8]) -> String {
    let cut = &body[..body.len().min(LONGEST_BODY)];
    String::from_utf8_lossy(cut).into_owned()
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_bounded() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("trace.ndjson");
        let trace = Trace::new(TraceConfig { file: file.clone(), max_size: 100, max_files: 3 });
        for number in 0..50 {
            trace.write(&format!("{number:030}"));
        }
        let mut files: Vec<_> =
            fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert_eq!(files, [file.clone(), numbered(&file, 1), numbered(&file, 2)]);
        assert!(files.iter().all(|file| fs::metadata(file).unwrap().len() <= 100));
        assert!(fs::read_to_string(&file).unwrap().ends_with("49\n"));
    }

    #[test]
    fn a_trace_that_can_not_be_written_stops_nothing() {
        let trace = Trace::new(TraceConfig { file: "/no/such/place".into(), max_size: 1, max_files: 1 });
        trace.write("a");
        trace.write("b");
    }
}
