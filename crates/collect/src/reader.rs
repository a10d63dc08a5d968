//! A stream read to its end: inflated, split, taken piece by piece.

use std::io::Read;

use crate::{
    Ending, Framing, Inflate, InflateError, InflateLimits, Piece, SplitLimits, Splitter, foreign,
    foreign::Foreign, table::Table,
};

/// The limits of a stream as settings give them, each with its default.
pub fn limits(
    max_event_bytes: Option<usize>,
    max_inflated_bytes: Option<u64>,
    max_ratio: Option<u64>,
) -> (SplitLimits, InflateLimits) {
    let (split, inflate) = (SplitLimits::default(), InflateLimits::default());
    (
        SplitLimits { max_event_bytes: max_event_bytes.unwrap_or(split.max_event_bytes), ..split },
        InflateLimits {
            max_inflated_bytes: max_inflated_bytes.unwrap_or(inflate.max_inflated_bytes),
            max_ratio: max_ratio.unwrap_or(inflate.max_ratio),
            ..inflate
        },
    )
}

/// Why reading paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paused {
    /// A piece is full: take it and read on.
    Full,
    /// The stream has no more bytes: [`EventReader::finish`] it, or read on when it has grown.
    End,
}

/// Reads the events of one stream.
pub struct EventReader<R> {
    stream: Inflate<R>,
    splitter: Splitter,
    /// What the stream holds instead of events.
    foreign: Result<(), Foreign>,
}

impl<R: Read> EventReader<R> {
    /// Reads a stream from its start.
    pub fn new(input: R, inflate: InflateLimits, split: SplitLimits) -> Self {
        Self::resume(Inflate::new(input, inflate), split, Framing::Start, None)
    }

    /// Goes on where `stream` stands, with the framing of that place; in [`Framing::Rows`] with the columns of the
    /// table.
    pub fn resume(stream: Inflate<R>, split: SplitLimits, framing: Framing, table: Option<Table>) -> Self {
        let splitter = Splitter::new(split, stream.inflated_offset(), framing).with_table(table);
        Self { stream, splitter, foreign: Ok(()) }
    }

    /// Reads until a piece is full or the stream ends.
    ///
    /// # Errors
    /// [`InflateError`]; what was read before is still there to take.
    pub fn read(&mut self) -> Result<Paused, InflateError> {
        self.foreign?;
        while !self.splitter.scan() {
            let first = self.stream.inflated_offset() == 0;
            let space = self.splitter.space();
            let read = self.stream.read(space)?;
            if read == 0 {
                return Ok(Paused::End);
            }
            if first {
                self.foreign = foreign::check(&space[..read]);
                self.foreign?;
            }
            self.splitter.filled(read);
        }
        Ok(Paused::Full)
    }

    /// See [`Splitter::finish`].
    pub fn finish(&mut self, ending: Ending) {
        self.splitter.finish(ending);
    }

    /// Ends a stream whose reading failed.
    pub fn fail(&mut self, error: &InflateError) {
        self.splitter.finish(match error {
            // All that the stream holds was read.
            InflateError::Trailing { .. } => Ending::Complete,
            InflateError::Corrupt { .. } => Ending::Damaged,
            _ => Ending::MayGrow,
        });
    }

    /// See [`Splitter::take`].
    pub fn take(&mut self) -> Piece {
        self.splitter.take()
    }

    /// See [`Splitter::pending`].
    pub fn pending(&self) -> u64 {
        self.splitter.pending()
    }

    /// The stream below: its offsets, and whether it is gzip.
    pub fn stream(&self) -> &Inflate<R> {
        &self.stream
    }
}
