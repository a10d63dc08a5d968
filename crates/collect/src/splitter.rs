//! Splits a stream into events: lines, or the elements of JSON arrays (see [`crate::framing`]).
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
        Self { max_event_bytes: 16 << 20, piece_bytes: 1 << 20, piece_events: 2_000 }
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
            scanner: Scanner::new(framing),
            skipping: None,
            complained: false,
            events: Vec::new(),
            problems: Vec::new(),
        }
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
                Step::More => return self.let_go(),
            }
        }
        true
    }

    /// Ends the stream, after everything is scanned.
    pub fn finish(&mut self, ending: Ending) {
        let pending = self.scanner.start..self.filled;
        let complete = ending == Ending::Complete;
        match self.scanner.framing {
            Framing::Start | Framing::Lines => {
                let whole = || is_whole_object(without_mark(&self.buffer[pending.clone()]));
                if complete || (self.skipping.is_none() && whole()) {
                    self.last_line(pending);
                } else if ending == Ending::Damaged {
                    self.retract();
                }
            }
            Framing::Values if !self.scanner.in_value() => {}
            _ if complete => self.problems.push(SplitProblem::Unclosed { offset: self.position() }),
            _ => {}
        }
    }

    /// Hands out what was found; the event under way stays.
    pub fn take(&mut self) -> Piece {
        let start = self.base;
        self.buffer.truncate(self.filled);
        let buffer = self.buffer.split_to(self.scanner.start).freeze();
        self.moved(buffer.len());
        Piece {
            start,
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
        if self.events.len() > found {
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
        let too_long = self.scanner.framing != Framing::Start
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

/// The bytes without a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All that comes out: events with their offsets, problems, the pieces' ends.
    #[derive(Debug, Default, PartialEq)]
    struct Found {
        events: Vec<(u64, Vec<u8>)>,
        problems: Vec<SplitProblem>,
        ends: Vec<(u64, Framing)>,
        longest: usize,
    }

    impl Found {
        fn take(&mut self, splitter: &mut Splitter) {
            self.longest = self.longest.max(splitter.buffer.len());
            let piece = splitter.take();
            for event in &piece.events {
                self.events.push((event.offset, piece.buffer[event.span.clone()].to_vec()));
                assert_eq!(event.offset, piece.start + event.span.start as u64);
            }
            self.problems.extend(piece.problems);
            self.ends.push((piece.position, piece.framing));
        }

        fn texts(&self) -> Vec<String> {
            self.events.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
        }
    }

    fn split_from(
        stream: &[u8],
        limits: SplitLimits,
        size: usize,
        from: (u64, Framing),
        ending: Ending,
    ) -> Found {
        let mut splitter = Splitter::new(limits, from.0, from.1);
        let mut found = Found::default();
        for chunk in stream[from.0 as usize..].chunks(size) {
            splitter.push(chunk);
            while splitter.scan() {
                found.take(&mut splitter);
            }
        }
        splitter.finish(ending);
        found.take(&mut splitter);
        found
    }

    fn split(stream: &[u8]) -> Found {
        split_from(stream, SplitLimits::default(), 7, (0, Framing::Start), Ending::Complete)
    }

    #[test]
    fn streams_and_their_events() {
        for (stream, events) in [
            ("", &[][..]),
            ("\n\r\n  \n", &[]),
            ("{\"a\":1}\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
            ("{\"a\":1}\r\n\r\n{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]),
            ("\u{feff}{\"a\":1}\n\u{feff}{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
            ("not json\n{\"b\":2}\n", &["not json", "{\"b\":2}"]),
            ("{\"torn\n{\"b\":[\n{}\n", &["{\"torn", "{\"b\":[", "{}"]),
            ("{\"a\":1}\n[2]\n", &["{\"a\":1}", "[2]"]),
            ("[]", &[]),
            (
                "\u{feff} [ {\"a\":\"]\"} , [1,[2]], \"x,\\\"y\", 3 ,null]\n",
                &["{\"a\":\"]\"}", "[1,[2]]", "\"x,\\\"y\"", "3", "null"],
            ),
            ("[1][2]\n[3]\n{\"a\":4}\n", &["1", "2", "3", "{\"a\":4}"]),
            ("[{}{}]", &["{}", "{}"]),
            ("{\n  \"a\": {\n \"b\": 1 }\n}\n{\n}\n", &["{\n  \"a\": {\n \"b\": 1 }\n}", "{\n}"]),
            ("a\0b\n", &["a\0b"]),
        ] {
            let found = split(stream.as_bytes());
            assert_eq!(found.texts(), events, "{stream:?}");
            assert_eq!(found.problems, [], "{stream:?}");
        }
        let bad = split(b"{\"a\":\"\xff\xfe\"}\n\xc3\n");
        assert_eq!(bad.events, [(0, b"{\"a\":\"\xff\xfe\"}".to_vec()), (11, b"\xc3".to_vec())]);
    }

    #[test]
    fn arrays_and_objects_that_are_wrong_are_reported_once() {
        let stray = split(b"[,1,,2,]");
        assert_eq!(stray.texts(), ["1", "2"]);
        assert_eq!(stray.problems, [SplitProblem::StrayComma { offset: 1 }]);

        let cut = split(b"[{\"a\":1},{\"b\":");
        assert_eq!(cut.texts(), ["{\"a\":1}"]);
        assert_eq!(cut.problems, [SplitProblem::Unclosed { offset: 9 }]);
        assert_eq!(cut.ends.last(), Some(&(9, Framing::ArrayComma)));

        let open = split(b"[{\"a\":1}");
        assert_eq!((open.texts().len(), open.problems), (1, vec![SplitProblem::Unclosed { offset: 8 }]));

        let pretty = split(b"{\n\"a\":1\n}\n{\n\"b\"");
        assert_eq!((pretty.texts().len(), pretty.problems), (1, vec![SplitProblem::Unclosed { offset: 10 }]));
    }

    #[test]
    fn a_long_event_is_skipped_in_bounded_memory() {
        let limits = SplitLimits { max_event_bytes: 1 << 20, ..SplitLimits::default() };
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(5 << 20));
        let length = long.len() as u64;
        for (stream, offset, length) in [
            (format!("1\n{long}\n2\n"), 2, length),
            (format!("1\n{long}\n2"), 2, length),
            (format!("[1,{long},2]"), 3, length),
            (format!("1\n2\n{long}"), 4, length),
        ] {
            let found = split_from(stream.as_bytes(), limits, 100_000, (0, Framing::Start), Ending::Complete);
            assert_eq!(found.texts(), ["1", "2"]);
            assert_eq!(found.problems, [SplitProblem::TooLong { offset, length, limit: 1 << 20 }]);
            assert!(found.longest < 4 << 20, "{}", found.longest);
        }
        let blank = vec![b'\n'; 5 << 20];
        let found = split_from(&blank, limits, 100_000, (0, Framing::Start), Ending::Complete);
        assert!(found.events.is_empty() && found.longest < 4 << 20);
    }

    #[test]
    fn a_stream_that_may_grow_keeps_half_a_line_back() {
        for (stream, events, end) in [
            ("1\n{\"a\":1", &["1"][..], 2),
            ("1\n2", &["1"], 2),
            ("1\n{\"a\":\"}\"}", &["1", "{\"a\":\"}\"}"], 11),
            ("[1,{\"a\":", &["1"], 3),
            ("[1,22", &["1"], 3),
            ("{", &[], 0),
        ] {
            let found = split_from(
                stream.as_bytes(),
                SplitLimits::default(),
                3,
                (0, Framing::Start),
                Ending::MayGrow,
            );
            assert_eq!(found.texts(), events, "{stream}");
            assert_eq!(found.ends.last().map(|end| end.0), Some(end), "{stream}");
            assert!(found.problems.is_empty(), "{stream}");
        }
    }

    #[test]
    fn garbled_lines_before_damage_are_taken_back() {
        let stream = b"no json\n{\"a\":1}\n{\"b\":\"\xff\"}\n{{\"c\nd";
        let found = split_from(stream, SplitLimits::default(), 9, (0, Framing::Start), Ending::Damaged);
        assert_eq!(found.texts(), ["no json", "{\"a\":1}"]);
        assert_eq!(found.ends, [(16, Framing::Lines)]);
        let whole =
            split_from(&stream[..15], SplitLimits::default(), 9, (0, Framing::Start), Ending::Damaged);
        assert_eq!(whole.texts(), ["no json", "{\"a\":1}"]);
    }

    /// Streams of lines, written by other means than they are read by.
    fn lines() -> impl Strategy<Value = (Vec<u8>, Vec<(u64, Vec<u8>)>)> {
        let content = prop_oneof![
            Just(Vec::new()),
            prop::collection::vec(any::<u8>().prop_filter("a line", |b| *b != b'\n'), 0..40),
            "[{]\"a\":[0-9]{1,20}[}]".prop_map(String::into_bytes),
        ];
        prop::collection::vec((content, prop::bool::ANY), 0..40).prop_map(|lines| {
            let mut stream = b"{\"first\":1}\n".to_vec();
            let mut events = vec![(0, b"{\"first\":1}".to_vec())];
            for (content, windows) in lines {
                let offset = stream.len();
                stream.extend(&content);
                stream.extend(if windows { &b"\r\n"[..] } else { b"\n" });
                let end = content.iter().rposition(|b| *b != b'\r').map_or(0, |at| at + 1);
                let mark = if content.starts_with(b"\xef\xbb\xbf") { 3.min(end) } else { 0 };
                let bytes = content[mark..end].to_vec();
                if bytes.iter().any(|b| !b" \t\r\n\x0c".contains(b)) {
                    events.push(((offset + mark) as u64, bytes));
                }
            }
            (stream, events)
        })
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_oracle((stream, events) in lines(), size in 1usize..200, piece in 1usize..9) {
            let limits = SplitLimits { piece_events: piece, ..SplitLimits::default() };
            let found = split_from(&stream, limits, size, (0, Framing::Start), Ending::Complete);
            prop_assert_eq!(&found.events, &events);
            prop_assert!(found.problems.is_empty());
        }

        #[test]
        fn elements_are_those_of_a_json_parser(
            texts in prop::collection::vec("(\\PC|[\"\\\\{}\\[\\],\n]){0,20}", 0..12),
            pretty in prop::bool::ANY,
            size in 1usize..60,
        ) {
            let values: Vec<serde_json::Value> = texts.iter().enumerate().map(|(i, text)| match i % 4 {
                0 => serde_json::json!({ text.as_str(): [text, {"x": null}] }),
                1 => serde_json::json!(text),
                2 => serde_json::json!(i as f64 * 1.5),
                _ => serde_json::json!([[], {}, true]),
            }).collect();
            let stream = if pretty { serde_json::to_vec_pretty(&values) } else { serde_json::to_vec(&values) };
            let found = split_from(&stream.unwrap(), SplitLimits::default(), size, (0, Framing::Start), Ending::Complete);
            let read: Vec<serde_json::Value> =
                found.events.iter().map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect();
            prop_assert_eq!(read, values);
            prop_assert!(found.problems.is_empty());
        }

        #[test]
        fn any_bytes_split_the_same_in_any_chunks_and_from_any_piece_on(
            stream in prop::collection::vec(prop_oneof![Just(b'['), Just(b']'), Just(b'{'), Just(b'}'),
                Just(b'"'), Just(b'\\'), Just(b','), Just(b'\n'), Just(b' '), Just(b'1'), any::<u8>()], 0..200),
            size in 1usize..50,
            ending in prop_oneof![Just(Ending::Complete), Just(Ending::MayGrow)],
        ) {
            let limits = SplitLimits { max_event_bytes: 40, piece_events: 1, ..SplitLimits::default() };
            let whole = split_from(&stream, limits, stream.len().max(1), (0, Framing::Start), ending);
            let parts = split_from(&stream, limits, size, (0, Framing::Start), ending);
            prop_assert_eq!(&whole.events, &parts.events);
            prop_assert_eq!(&whole.problems, &parts.problems);
            for (taken, end) in whole.ends.iter().enumerate() {
                let rest = split_from(&stream, limits, size, *end, ending);
                let before: usize = whole.events.iter().filter(|(offset, _)| *offset < end.0).count();
                prop_assert_eq!(&whole.events[before..], &rest.events, "after piece {} at {:?}", taken, end);
            }
        }
    }
}
