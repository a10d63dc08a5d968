//! Where events begin and end in a stream.
//!
//! The first byte that is not blank decides: `[` starts an array, everything else lines (NDJSON). Behind the end of
//! an array it is decided anew, so that arrays may follow each other. A first line that is a bare `{` is how
//! pretty-printed objects start; then each value is an event, whatever its line breaks.

use memchr::memchr;
use std::ops::Range;

use crate::nest::Nest;

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Blanks behind a first `{` that are waited for before it is taken for a line.
const BLANKS: usize = 4 << 10;

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
}

/// All framings by the names that they have in checkpoints.
const NAMES: [(Framing, &str); 6] = [
    (Framing::Start, "start"),
    (Framing::Lines, "lines"),
    (Framing::Values, "values"),
    (Framing::ArrayStart, "array_start"),
    (Framing::ArrayElement, "array_element"),
    (Framing::ArrayComma, "array_comma"),
];

impl Framing {
    /// Its name in checkpoints.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(framing, _)| *framing == self).map_or("start", |(_, name)| name)
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
}

impl Scanner {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, ..Self::default() }
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
                Framing::Lines => return self.line(bytes),
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
        let behind = rest[1..].iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        self.framing = match (rest[0], behind) {
            (b'[', _) => {
                self.pass(1);
                Framing::ArrayStart
            }
            (b'{', Some(b'\n')) => Framing::Values,
            (b'{', None) if rest.len() < BLANKS => return Some(Step::More),
            _ => Framing::Lines,
        };
        None
    }

    fn line(&mut self, bytes: &[u8]) -> Step {
        let Some(length) = memchr(b'\n', &bytes[self.scanned..]) else {
            self.scanned = bytes.len();
            return Step::More;
        };
        let span = self.start..self.scanned + length;
        self.scanned = span.end + 1;
        self.start = self.scanned;
        Step::Event(span)
    }

    fn value(&mut self, bytes: &[u8]) -> Step {
        let Some(length) = self.nest.as_mut().and_then(|nest| nest.end(&bytes[self.scanned..])) else {
            self.scanned = bytes.len();
            return Step::More;
        };
        self.nest = None;
        if self.framing != Framing::Values {
            self.framing = Framing::ArrayElement;
        }
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
        self.framing = match (before, byte) {
            (Framing::ArrayStart | Framing::ArrayElement | Framing::ArrayComma, b',') => Framing::ArrayComma,
            (Framing::ArrayStart | Framing::ArrayElement | Framing::ArrayComma, b']') => Framing::Start,
            _ => {
                self.nest = Some(Nest::start(byte));
                return None;
            }
        };
        let stray = match before {
            Framing::ArrayElement => false,
            Framing::ArrayStart => byte == b',',
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
