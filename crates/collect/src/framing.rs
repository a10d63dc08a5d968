//! Where events begin and end in a stream.
//!
//! The first byte that is not blank decides: `[` starts an array, everything else lines (NDJSON). Behind the end of
//! an array it is decided anew, so that arrays may follow each other. A first line that is a bare `{` is how
//! pretty-printed objects start; then each value is an event, whatever its line breaks.
//!
//! A stream that begins with a line of nothing but names is a table (CSV, see [`crate::table`]): each row behind it is an
//! event.
//!
//! Where an object would begin that is a saved page (see `page`), its events are elements like those of an
//! array; the rest of the page belongs to none. Behind its closing brace it is decided anew, too.

use memchr::memchr;
use std::ops::Range;

use crate::nest::Nest;
use crate::page::{self, Head};
use crate::table;

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes from a `{` on that are waited for to learn what begins there.
pub(crate) const LOOK_AHEAD: usize = 4 << 10;

/// What surrounds events at a place of a stream. Together with an offset it is all that is needed to go on there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Not known yet.
    #[default]
    Start,
    /// One event a line.
    Lines,
    /// One value after the other, with white space between.
    Values,
    /// In an array, before its first element.
    ArrayStart,
    /// In an array, behind an element.
    ArrayElement,
    /// In an array, behind a comma.
    ArrayComma,
    /// In a page's events, before the first one.
    PageStart,
    /// In a page's events, behind one.
    PageElement,
    /// In a page's events, behind a comma.
    PageComma,
    /// In a page, behind its events.
    PageRest,
    /// In a table, before a row.
    Rows,
}

/// All framings by the names that they have in checkpoints.
const NAMES: [(Framing, &str); 11] = [
    (Framing::Start, "start"),
    (Framing::Lines, "lines"),
    (Framing::Values, "values"),
    (Framing::ArrayStart, "array_start"),
    (Framing::ArrayElement, "array_element"),
    (Framing::ArrayComma, "array_comma"),
    (Framing::PageStart, "page_start"),
    (Framing::PageElement, "page_element"),
    (Framing::PageComma, "page_comma"),
    (Framing::PageRest, "page_rest"),
    (Framing::Rows, "rows"),
];

impl Framing {
    /// Its name in checkpoints.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(framing, _)| *framing == self).map_or("start", |(_, name)| name)
    }

    /// Whether events of a page stand here.
    fn is_in_page(self) -> bool {
        matches!(self, Self::PageStart | Self::PageElement | Self::PageComma)
    }

    /// The framing of that name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(framing, _)| *framing)
    }
}

/// What a scan met.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The bytes of an event, or of a line that may be blank.
    Event(Range<usize>),
    /// A comma at this index with no element on one side.
    StrayComma(usize),
    /// The end of a page.
    PageEnd,
    /// The bytes of a table's first line.
    Header(Range<usize>),
    /// Nothing before more bytes come.
    More,
}

/// A scan through a buffer that grows at its end.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// What surrounds `start`.
    pub(crate) framing: Framing,
    /// Where the event under way, or what may become one, starts.
    pub(crate) start: usize,
    /// Bytes that were looked at.
    pub(crate) scanned: usize,
    /// How far into a value.
    nest: Option<Nest>,
    /// Whether the line under way is known to begin no page.
    in_line: bool,
    /// Whether no more bytes come, so that none are waited for.
    pub(crate) ended: bool,
    /// Whether nothing of the stream is decided yet, so that it may be a table.
    at_start: bool,
    /// How far into a row of a table.
    row: Option<Box<csv_core::Reader>>,
}

impl Scanner {
    /// Goes on where `framing` is around, at the start of the stream or elsewhere.
    pub(crate) fn new(framing: Framing, at_start: bool) -> Self {
        Self { framing, at_start, ..Self::default() }
    }

    /// Whether a value has begun and not ended.
    pub(crate) fn in_value(&self) -> bool {
        self.nest.is_some()
    }

    /// Scans on in the buffer, which still holds what was scanned.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Step {
        loop {
            let step = match self.framing {
                Framing::Start => self.decide(bytes),
                Framing::Lines => self.line(bytes),
                Framing::PageRest => return self.rest(bytes),
                Framing::Rows => return self.row(bytes),
                _ if self.nest.is_some() => return self.value(bytes),
                _ => self.between(bytes),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// Finds out the framing; nothing when it did.
    fn decide(&mut self, bytes: &[u8]) -> Option<Step> {
        let rest = bytes[self.scanned..].trim_ascii_start();
        self.pass(bytes.len() - rest.len() - self.scanned);
        if rest.is_empty() || (rest.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(rest)) {
            return Some(Step::More);
        }
        if rest.starts_with(BYTE_ORDER_MARK) {
            self.pass(BYTE_ORDER_MARK.len());
            return None;
        }
        if rest[0] == b'{' {
            match self.head(rest) {
                Head::Page { length, framing } => return self.open(length, framing),
                Head::Unknown => return Some(Step::More),
                Head::Not => {}
            }
        }
        if std::mem::take(&mut self.at_start) {
            match table::head(&rest[..rest.len().min(LOOK_AHEAD)], self.ended || rest.len() >= LOOK_AHEAD) {
                table::Head::Names(length) => {
                    let header = self.scanned..self.scanned + length;
                    self.pass(length);
                    self.framing = Framing::Rows;
                    return Some(Step::Header(header));
                }
                table::Head::Unknown => {
                    self.at_start = true;
                    return Some(Step::More);
                }
                table::Head::Not => {}
            }
        }
        let start = &rest[1..rest.len().min(LOOK_AHEAD)];
        let behind = start.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        self.framing = match (rest[0], behind) {
            (b'[', _) => {
                self.pass(1);
                Framing::ArrayStart
            }
            (b'{', Some(b'\n')) => Framing::Values,
            _ => Framing::Lines,
        };
        None
    }

    /// Whether a page begins.
    fn head(&self, rest: &[u8]) -> Head {
        match page::head(&rest[..rest.len().min(LOOK_AHEAD)]) {
            Head::Unknown if self.ended || rest.len() >= LOOK_AHEAD => Head::Not,
            head => head,
        }
    }

    /// Goes into a page.
    fn open(&mut self, length: usize, framing: Framing) -> Option<Step> {
        self.pass(length);
        self.framing = framing;
        None
    }

    /// Looks for a line's end; nothing when a page begins instead, which has to do so in one line.
    fn line(&mut self, bytes: &[u8]) -> Option<Step> {
        let rest = &bytes[self.scanned..];
        if !self.in_line && rest.first() == Some(&b'{') {
            let one_line = |length: usize| memchr(b'\n', &rest[..length]).is_none();
            match self.head(rest) {
                Head::Page { length, framing } if one_line(length) => return self.open(length, framing),
                Head::Unknown if one_line(rest.len()) => return Some(Step::More),
                _ => {}
            }
        }
        let Some(length) = memchr(b'\n', rest) else {
            self.in_line |= !rest.is_empty();
            self.scanned = bytes.len();
            return Some(Step::More);
        };
        self.in_line = false;
        let span = self.start..self.scanned + length;
        self.scanned = span.end + 1;
        self.start = self.scanned;
        Some(Step::Event(span))
    }

    /// Looks for a row's end.
    fn row(&mut self, bytes: &[u8]) -> Step {
        let reader = self.row.get_or_insert_with(table::row_reader);
        let (end, length) = table::row_end(reader, &bytes[self.scanned..]);
        self.scanned += length;
        if !end {
            return Step::More;
        }
        let span = self.start..self.scanned;
        self.start = self.scanned;
        Step::Event(span)
    }

    /// Passes over what stands behind a page's events.
    fn rest(&mut self, bytes: &[u8]) -> Step {
        let Some(length) = self.nest.get_or_insert_with(Nest::inside).end(&bytes[self.scanned..]) else {
            self.scanned = bytes.len();
            return Step::More;
        };
        self.nest = None;
        self.framing = Framing::Start;
        self.pass(length);
        Step::PageEnd
    }

    fn value(&mut self, bytes: &[u8]) -> Step {
        let Some(length) = self.nest.as_mut().and_then(|nest| nest.end(&bytes[self.scanned..])) else {
            self.scanned = bytes.len();
            return Step::More;
        };
        self.nest = None;
        self.framing = match self.framing {
            Framing::Values => Framing::Values,
            framing if framing.is_in_page() => Framing::PageElement,
            _ => Framing::ArrayElement,
        };
        let span = self.start..self.scanned + length;
        (self.start, self.scanned) = (span.end, span.end);
        Step::Event(span)
    }

    /// Looks at what stands between values; nothing when a value begins or the array ends.
    fn between(&mut self, bytes: &[u8]) -> Option<Step> {
        let rest = bytes[self.scanned..].trim_ascii_start();
        self.pass(bytes.len() - rest.len() - self.scanned);
        let Some(&byte) = rest.first() else { return Some(Step::More) };
        let before = self.framing;
        let array = before != Framing::Values;
        self.framing = match byte {
            b',' if before.is_in_page() => Framing::PageComma,
            b',' if array => Framing::ArrayComma,
            b']' if before.is_in_page() => Framing::PageRest,
            b']' if array => Framing::Start,
            _ => {
                if !array {
                    match self.head(rest) {
                        Head::Page { length, framing } => return self.open(length, framing),
                        Head::Unknown => return Some(Step::More),
                        Head::Not => {}
                    }
                }
                self.nest = Some(Nest::start(byte));
                return None;
            }
        };
        let stray = match before {
            Framing::ArrayElement | Framing::PageElement => false,
            Framing::ArrayStart | Framing::PageStart => byte == b',',
            _ => true,
        };
        self.pass(1);
        stray.then(|| Step::StrayComma(self.start - 1))
    }

    /// Goes past bytes that belong to no event.
    fn pass(&mut self, bytes: usize) {
        self.scanned += bytes;
        self.start = self.scanned;
    }
}
