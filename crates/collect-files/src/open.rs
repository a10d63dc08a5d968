//! A file that is open: read on, or taken up again where an earlier run stopped.

use std::fs::File;
use std::io;
use std::sync::Arc;

use collect::{Ending, EventReader, Framing, Inflate, InflateError, Paused, Piece, Table};

use crate::checkpoint::Position;
use crate::config::FilesConfig;
use crate::identity::{Digest, FileAt, Inode, Window, head};

/// Inflated bytes passed over at once on the way to a position.
const CHUNK: usize = 64 << 10;

/// A file and how far it was read.
pub(crate) struct Open {
    file: Arc<File>,
    reader: EventReader<FileAt>,
    window: Window,
}

/// What a file turns out to be, measured by the position of an earlier one.
pub(crate) enum Resumed {
    /// It holds what was read, and stands behind it.
    Same(Box<Open>),
    /// A gzip that starts like it but ends, or fails, before the position: being written again, most likely.
    Short(Option<InflateError>),
    /// It holds something else.
    Different,
}

/// How reading went.
pub(crate) enum Outcome {
    /// The piece is full.
    More,
    /// All is read that is there.
    End,
    /// A gzip ends too early.
    Cut(InflateError),
    /// There is no use in reading on.
    Failed(InflateError),
}

impl Open {
    /// Reads a file from its start.
    pub(crate) fn start(file: Arc<File>, config: &FilesConfig) -> Self {
        let input = FileAt::new(file.clone(), 0);
        let reader = EventReader::new(input, config.inflate, config.split);
        Self { file, reader, window: Window::default() }
    }

    /// Goes on behind `position`, if the file holds what was read up to there.
    pub(crate) fn resume(file: Arc<File>, position: &Position, config: &FilesConfig) -> io::Result<Resumed> {
        if position.offset == 0 {
            return Ok(Resumed::Same(Box::new(Self::start(file, config))));
        }
        if !position.head.starts(&head(&file)?) {
            return Ok(Resumed::Different);
        }
        let input = FileAt::new(file.clone(), 0);
        let mut stream = Inflate::new(input, config.inflate);
        // The first byte tells whether it is gzip.
        let mut first = [0];
        let read = stream.read(&mut first).unwrap_or(0);
        let window = if stream.is_gzip() {
            let mut window = Window::default();
            window.extend(0, &first[..read]);
            match pass_over(&mut stream, &mut window, position.offset) {
                Ok(true) => window,
                Ok(false) => return Ok(Resumed::Short(None)),
                Err(InflateError::Io(error)) => return Err(error),
                Err(error) => return Ok(Resumed::Short(Some(error))),
            }
        } else {
            let before = position.offset.saturating_sub(position.tail.length() as u64);
            let start = FileAt::new(file.clone(), 0).bytes(position.head.length())?;
            let tail = FileAt::new(file.clone(), before).bytes(position.tail.length())?;
            stream = Inflate::plain(FileAt::new(file.clone(), position.offset), position.offset);
            Window::new(start, tail, position.offset)
        };
        let shorter = !stream.is_gzip() && file.metadata()?.len() < position.offset;
        if shorter || !position.tail.ends(&window.tail) {
            return Ok(Resumed::Different);
        }
        let table = if position.framing == Framing::Rows {
            let mut start = Inflate::new(FileAt::new(file.clone(), 0), config.inflate);
            match Table::at_start(&mut start) {
                Ok(Some(table)) => Some(table),
                Err(InflateError::Io(error)) => return Err(error),
                Ok(None) | Err(_) => return Ok(Resumed::Different),
            }
        } else {
            None
        };
        let reader = EventReader::resume(stream, config.split, position.framing, table);
        Ok(Resumed::Same(Box::new(Self { file, reader, window })))
    }

    /// Whether the file, which was written to, still holds what was read.
    pub(crate) fn is_same(&self, position: &Position) -> io::Result<bool> {
        let stream = self.reader.stream();
        if self.file.metadata()?.len() < stream.compressed_offset()
            || !position.head.starts(&head(&self.file)?)
        {
            return Ok(false);
        }
        let length = position.tail.length();
        let before = position.offset.saturating_sub(length as u64);
        Ok(stream.is_gzip() || position.tail.ends(&FileAt::new(self.file.clone(), before).bytes(length)?))
    }

    /// Reads a piece. A plain file that `may_grow` keeps half a last line for later.
    pub(crate) fn next(&mut self, may_grow: bool) -> (Piece, Outcome) {
        let outcome = match self.reader.read() {
            Ok(Paused::Full) => Outcome::More,
            Ok(Paused::End) => {
                let waits = may_grow && !self.reader.stream().is_gzip();
                self.reader.finish(if waits { Ending::MayGrow } else { Ending::Complete });
                Outcome::End
            }
            Err(error) => {
                self.reader.fail(&error);
                match error {
                    InflateError::Truncated { .. } => Outcome::Cut(error),
                    error => Outcome::Failed(error),
                }
            }
        };
        let piece = self.reader.take();
        if !piece.stream.is_empty() {
            self.window.extend(piece.start, &piece.stream);
        }
        (piece, outcome)
    }

    /// Moves a position behind a piece.
    pub(crate) fn advance(&self, position: &mut Position, piece: &Piece) {
        let known = self.window.end() == piece.position;
        position.offset = piece.position;
        position.framing = piece.framing;
        position.head = Digest::of(&self.window.head);
        position.tail = Digest::of(if known { &self.window.tail } else { b"" });
    }

    /// The file, to be read anew.
    pub(crate) fn into_file(self) -> Arc<File> {
        self.file
    }

    /// Bytes on disk that were read.
    pub(crate) fn read_bytes(&self) -> u64 {
        self.reader.stream().compressed_offset()
    }

    /// Bytes that belong to no event yet.
    pub(crate) fn pending(&self) -> u64 {
        self.reader.pending()
    }
}

/// Opens a path, if it still leads to the file that was found there.
pub(crate) fn open(path: &std::path::Path, inode: Inode) -> io::Result<Option<Arc<File>>> {
    let file = File::open(path)?;
    let found = Inode::of(&file.metadata()?);
    Ok((found == inode).then(|| Arc::new(file)))
}

/// Inflates up to `offset`; false when the stream ends before.
fn pass_over(stream: &mut Inflate<FileAt>, window: &mut Window, offset: u64) -> Result<bool, InflateError> {
    let mut chunk = vec![0; CHUNK];
    while stream.inflated_offset() < offset {
        let start = stream.inflated_offset();
        let wanted = usize::try_from(offset - start).map_or(CHUNK, |left| left.min(CHUNK));
        let read = stream.read(&mut chunk[..wanted])?;
        if read == 0 {
            return Ok(false);
        }
        window.extend(start, &chunk[..read]);
    }
    Ok(true)
}
