//! Reads a pipe without being held up by it: a thread waits for its bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::config::STANDARD_INPUT;

/// How long a read waits for bytes.
const PATIENCE: Duration = Duration::from_millis(50);
/// Chunks read ahead.
const AHEAD: usize = 4;
const CHUNK: usize = 128 << 10;

/// A pipe; [`io::ErrorKind::WouldBlock`] when it has no bytes just now.
#[derive(Debug)]
pub(crate) struct Pipe {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
}

impl Pipe {
    /// Starts to read; what can not be opened fails at the first read.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(AHEAD);
        let path = path.to_owned();
        // The thread ends with the pipe, or at the first chunk that nobody takes.
        std::thread::Builder::new().name("pipe".to_owned()).spawn(move || {
            let opened: io::Result<Box<dyn Read>> = if path == Path::new(STANDARD_INPUT) {
                Ok(Box::new(io::stdin()))
            } else {
                File::open(&path).map(|file| Box::new(file) as Box<dyn Read>)
            };
            let mut input = match opened {
                Ok(input) => input,
                Err(error) => return drop(sender.send(Err(error))),
            };
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = input.read(&mut chunk).map(|read| {
                    chunk.truncate(read);
                    chunk
                });
                let ended = !read.as_ref().is_ok_and(|chunk| !chunk.is_empty());
                let interrupted = read.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::Interrupted);
                if !interrupted && (sender.send(read).is_err() || ended) {
                    return;
                }
            }
        })?;
        Ok(Self { chunks, chunk: io::Cursor::default() })
    }
}

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.chunk.read(out)?;
        if read > 0 || out.is_empty() {
            return Ok(read);
        }
        match self.chunks.recv_timeout(PATIENCE) {
            Ok(chunk) => self.chunk = io::Cursor::new(chunk?),
            Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::WouldBlock.into()),
            Err(RecvTimeoutError::Disconnected) => return Ok(0),
        }
        self.chunk.read(out)
    }
}
