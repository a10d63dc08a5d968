//! Splits a stream into events: lines, the elements of JSON arrays, the events of saved pages, or the rows of tables
//! (see [`crate::framing`]).
//!
//! Bytes are put in by [`Splitter::space`] and [`Splitter::filled`], and come out as [`Piece`]s: one buffer and the
//! spans of its events, without a copy of either. The bytes of an event are handed out as they are, valid or not,
//! less a byte order mark before and a carriage return behind; blank lines are none.

use std::fmt;
use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};
use event::RawEvent;

use crate::framing::{BYTE_ORDER_MARK, Framing, Scanner, Step};
use crate::nest::is_whole_object;
use crate::table::Table;

/// Bytes of room that are given at once.
const CHUNK: usize = 128 << 10;

/// How large events and pieces may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitLimits {
    /// Bytes of the largest event; a longer one is skipped and reported.
    pub max_event_bytes: usize,
    /// Bytes from which on a piece is full.
    pub piece_bytes: usize,
    /// Events with which a piece is full.
    pub piece_events: usize,
}

impl Default for SplitLimits {
    fn default() -> Self {
        Self { max_event_bytes: 16 << 20, piece_bytes: 512 << 10, piece_events: 1_000 }
    }
}

/// How a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is complete: a last line without a line break is an event.
    Complete,
    /// More may come: such a line is kept back, unless it is a whole JSON object, and an array needs not be closed.
    MayGrow,
    /// What comes next could not be read, and what came last may be garbled: as [`Ending::MayGrow`], and lines at the
    /// end that are no whole objects are not handed out.
    Damaged,
}

/// Something in a stream that is no event. Offsets are bytes from the start of the inflated stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitProblem {
    /// An event is longer than `max_event_bytes`.
    TooLong {
        /// Where it starts.
        offset: u64,
        /// Its bytes.
        length: u64,
        /// The bound.
        limit: usize,
    },
    /// An array has a comma with no element before or behind it. Said once a stream.
    StrayComma {
        /// Where it, or the bracket behind it, is.
        offset: u64,
    },
    /// The stream ends inside an array or a value.
    Unclosed {
        /// Where the first thing starts that was not read.
        offset: u64,
    },
}

impl SplitProblem {
    /// Where it is.
    pub fn offset(&self) -> u64 {
        match *self {
            Self::TooLong { offset, .. } | Self::StrayComma { offset } | Self::Unclosed { offset } => offset,
        }
    }
}

impl fmt::Display for SplitProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { offset, length, limit } => write!(
                f,
                "the event at byte {offset} has {length} bytes and was skipped: raise max_event_bytes ({limit}) and \
                 read it again"
            ),
            Self::StrayComma { offset } => write!(
                f,
                "the JSON array has a comma without an element at byte {offset}; its elements are read all the same: \
                 mend what writes it"
            ),
            Self::Unclosed { offset } => write!(
                f,
                "the JSON ends too early: the array or value at byte {offset} is not closed; everything before is \
                 read: write or copy it again, the rest is then read from here"
            ),
        }
    }
}

/// Events of a stream, next to each other.
#[derive(Debug, Default)]
pub struct Piece {
    /// Where `buffer` starts in the stream.
    pub start: u64,
    /// The stream's bytes from there on.
    pub stream: Bytes,
    /// What the events stand in: the same bytes, or for a table what became of its rows.
    pub buffer: Bytes,
    /// The events in it.
    pub events: Vec<RawEvent>,
    /// What was wrong.
    pub problems: Vec<SplitProblem>,
    /// Where to go on when everything up to here is answered for.
    pub position: u64,
    /// What surrounds that place.
    pub framing: Framing,
}

/// Splits one stream.
#[derive(Debug)]
pub struct Splitter {
    limits: SplitLimits,
    /// The stream's bytes from `base` on: `filled` of them, then room.
    buffer: BytesMut,
    base: u64,
    filled: usize,
    scanner: Scanner,
    /// The names of the columns, when it is a table.
    table: Option<Table>,
    /// Where an event that is too long starts, while the rest of it is passed over.
    skipping: Option<u64>,
    complained: bool,
    events: Vec<RawEvent>,
    problems: Vec<SplitProblem>,
}

impl Splitter {
    /// Starts at `offset` of a stream with the framing of that place: both from an earlier [`Piece`], or 0 and
    /// [`Framing::Start`].
    pub fn new(limits: SplitLimits, offset: u64, framing: Framing) -> Self {
        Self {
            limits,
            buffer: BytesMut::new(),
            base: offset,
            filled: 0,
            scanner: Scanner::new(framing, offset == 0),
            table: None,
            skipping: None,
            complained: false,
            events: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Goes on in a table, whose columns are these.
    #[must_use]
    pub fn with_table(self, table: Option<Table>) -> Self {
        Self { table, ..self }
    }

    /// Room for the stream's next bytes, at least 64 KiB.
    pub fn space(&mut self) -> &mut [u8] {
        if self.buffer.capacity() - self.filled < CHUNK / 2 {
            // A short stream never needs more than the first chunk.
            let first = self.base == 0 && self.filled == 0;
            self.buffer.truncate(self.filled);
            self.buffer.reserve(if first { CHUNK } else { CHUNK + self.limits.piece_bytes });
        }
        let room = self.buffer.capacity().min(self.filled + CHUNK);
        self.buffer.resize(room, 0);
        &mut self.buffer[self.filled..]
    }

    /// Says how many bytes of the room were filled. Call [`Splitter::scan`] next.
    pub fn filled(&mut self, bytes: usize) {
        self.filled = (self.filled + bytes).min(self.buffer.len());
    }

    /// Puts in a copy of the stream's next bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let space = self.space();
            let copied = bytes.len().min(space.len());
            space[..copied].copy_from_slice(&bytes[..copied]);
            self.filled(copied);
            bytes = &bytes[copied..];
        }
    }

    /// Looks for events in what was put in. True when a piece is full: take it and scan again before more is put in.
    pub fn scan(&mut self) -> bool {
        while !self.is_full() {
            match self.scanner.step(&self.buffer[..self.filled]) {
                Step::Event(span) => self.event(span),
                Step::StrayComma(at) if !self.complained => {
                    self.complained = true;
                    let offset = self.base + at as u64;
                    self.problems.push(SplitProblem::StrayComma { offset });
                }
                Step::StrayComma(_) => {}
                // What was passed over is no event.
                Step::PageEnd => self.skipping = None,
                Step::Header(span) => self.table = Table::header(&self.buffer[span]),
                Step::More => return self.let_go(),
            }
        }
        true
    }

    /// Ends the stream, after everything is scanned.
    pub fn finish(&mut self, ending: Ending) {
        let complete = ending == Ending::Complete;
        self.scanner.ended = complete;
        if complete {
            self.rest();
        }
        let pending = self.scanner.start..self.filled;
        match self.scanner.framing {
            Framing::Start | Framing::Lines => {
                let whole = || is_whole_object(without_mark(&self.buffer[pending.clone()]));
                if complete || (self.skipping.is_none() && whole()) {
                    self.last_line(pending);
                } else if ending == Ending::Damaged {
                    self.retract();
                }
            }
            Framing::Rows if self.buffer[pending.clone()].trim_ascii().is_empty() => {}
            Framing::Rows if complete && !is_quote_open(&self.buffer[pending.clone()]) => {
                self.last_line(pending);
            }
            Framing::Values if !self.scanner.in_value() && pending.is_empty() => {}
            _ if complete => self.problems.push(SplitProblem::Unclosed { offset: self.position() }),
            _ => {}
        }
    }

    /// Looks again at what was waited for to learn what begins.
    fn rest(&mut self) {
        loop {
            match self.scanner.step(&self.buffer[..self.filled]) {
                Step::Event(span) => self.event(span),
                Step::Header(span) => self.table = Table::header(&self.buffer[span]),
                Step::StrayComma(_) | Step::PageEnd | Step::More => return,
            }
        }
    }

    /// Hands out what was found; the event under way stays.
    pub fn take(&mut self) -> Piece {
        let piece = self.cut();
        match &self.table {
            Some(table) => table.render(piece),
            None => piece,
        }
    }

    fn cut(&mut self) -> Piece {
        let start = self.base;
        self.buffer.truncate(self.filled);
        let buffer = self.buffer.split_to(self.scanner.start).freeze();
        self.moved(buffer.len());
        Piece {
            start,
            stream: buffer.clone(),
            buffer,
            events: std::mem::take(&mut self.events),
            problems: std::mem::take(&mut self.problems),
            position: self.position(),
            framing: self.scanner.framing,
        }
    }

    /// Whether there is something to take.
    pub fn has_found(&self) -> bool {
        !self.events.is_empty() || !self.problems.is_empty()
    }

    /// Bytes that were put in and belong to no event yet.
    pub fn pending(&self) -> u64 {
        self.base + self.filled as u64 - self.position()
    }

    /// Where to go on when everything found up to here is answered for.
    pub fn position(&self) -> u64 {
        self.skipping.unwrap_or(self.base + self.scanner.start as u64)
    }

    fn is_full(&self) -> bool {
        self.events.len() >= self.limits.piece_events
            || (self.scanner.start >= self.limits.piece_bytes && self.has_found())
    }

    fn last_line(&mut self, span: Range<usize>) {
        let found = self.events.len();
        self.event(span);
        (self.scanner.start, self.scanner.scanned) = (self.filled, self.filled);
        if self.events.len() > found && self.scanner.framing != Framing::Rows {
            self.scanner.framing = Framing::Lines;
        }
    }

    /// Takes back the last lines as far as they are no whole objects.
    fn retract(&mut self) {
        let whole = |event: &RawEvent| {
            let bytes = &self.buffer[event.span.clone()];
            std::str::from_utf8(bytes).is_ok() && is_whole_object(bytes)
        };
        let kept = self.events.iter().rposition(whole).map_or(0, |last| last + 1);
        if let Some(first) = self.events.get(kept) {
            self.scanner.start = first.span.start;
            self.skipping = None;
            self.events.truncate(kept);
        }
    }

    /// Notes an event; a blank line is none.
    fn event(&mut self, span: Range<usize>) {
        let end = self.base + span.end as u64;
        let mut bytes = &self.buffer[span.clone()];
        while let Some(less) = bytes.strip_suffix(b"\r") {
            bytes = less;
        }
        let trimmed = without_mark(bytes);
        let from = span.start + (bytes.len() - trimmed.len());
        let span = from..from + trimmed.len();
        let skipped = self.skipping.take();
        let offset = skipped.unwrap_or(self.base + span.start as u64);
        let limit = self.limits.max_event_bytes;
        if skipped.is_some() || span.len() > limit {
            self.problems.push(SplitProblem::TooLong { offset, length: end - offset, limit });
        } else if !trimmed.trim_ascii_start().is_empty() {
            self.events.push(RawEvent { span, offset });
        }
    }

    /// Lets go of bytes that nobody will ask for: those before the event under way when there is nothing to take, and
    /// those of an event that is too long. True when a piece has to be taken first.
    fn let_go(&mut self) -> bool {
        let under_way = self.filled - self.scanner.start;
        // The few bytes that are waited for to learn what begins are not scanned yet.
        let too_long = self.scanner.scanned == self.filled
            && (self.skipping.is_some() || under_way > self.limits.max_event_bytes);
        if self.has_found() {
            return too_long;
        }
        if too_long {
            self.skipping = Some(self.position());
            self.scanner.start = self.filled;
        }
        if self.scanner.start > 0 {
            self.buffer.truncate(self.filled);
            self.buffer.advance(self.scanner.start);
            self.moved(self.scanner.start);
        }
        false
    }

    /// Counts from `bytes` further on.
    fn moved(&mut self, bytes: usize) {
        self.base += bytes as u64;
        self.filled -= bytes;
        self.scanner.scanned -= bytes;
        self.scanner.start = 0;
    }
}

/// Whether a row ends within quotes.
fn is_quote_open(row: &[u8]) -> bool {
    row.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// The bytes without a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

#[cfg(test)]
mod tests;
