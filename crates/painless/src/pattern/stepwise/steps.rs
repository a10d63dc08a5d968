//! What a pattern is compiled to: steps that a text is walked by, and tables of the bytes that steps can begin with.

use std::ops::Range;

use super::super::needle::Needle;

/// A place among the steps.
pub(super) type At = u32;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// This byte.
    Byte(u8),
    /// These bytes, of the program's texts.
    Text {
        from: u32,
        length: u32,
    },
    /// A character of a class.
    One {
        class: u32,
    },
    /// Characters of a class, as many as there are or as few as will do. The table tells what the next step begins with.
    Many {
        class: u32,
        least: u32,
        most: u32,
        how: How,
        next: u32,
    },
    /// One step or, where that leads nowhere, another. The table has [`FIRST`] for those that the one can begin with, and
    /// [`SECOND`] for the other.
    Either {
        first: At,
        second: At,
        table: u32,
    },
    Go(At),
    /// Nothing is taken; but what follows must have this byte, so many bytes further at most.
    Near {
        byte: u8,
        within: u32,
    },
    /// Notes where a group begins or ends.
    Keep {
        slot: u32,
    },
    Assert(Edge),
    /// Steps up to `end` that begin here, or `back` characters before, match or do not; nothing is taken.
    Around {
        back: u32,
        not: bool,
        end: At,
    },
    /// Steps up to `end` are taken as they match first.
    Atomic {
        end: At,
    },
    /// The end of an atomic group, whose `end` this is.
    Leave {
        end: At,
    },
    /// The end of all, or of what is looked at around.
    Done,
}

/// How characters of a class are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Greedy,
    Lazy,
    /// All of them: what follows begins with none of them.
    All,
}

/// What is looked for between characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    End,
    LineStart,
    LineEnd,
    /// Between characters of words, of ASCII, and others.
    AsciiWord,
    /// The same of Unicode, or not.
    Word {
        not: bool,
    },
}

/// The place in a table that stands for the end of the text.
pub(super) const END: usize = 256;

/// The first of two steps can begin so.
pub(super) const FIRST: u8 = 1;
/// The second can.
pub(super) const SECOND: u8 = 2;

/// What is known of each byte, and of the text's end.
pub(super) type Table = [u8; END + 1];

/// In a class: the byte begins a character that has to be looked for in the ranges.
pub(super) const DECODE: u8 = 8;

/// A set of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// By first byte: the length of the character, [`DECODE`], or 0 where none of them is in it.
    pub(super) lengths: Table,
    /// Characters beyond ASCII.
    pub(super) ranges: Box<[(char, char)]>,
}

impl Class {
    /// The length of the character that begins at a place, where it is in the class; 0 where it is not.
    #[inline]
    pub(super) fn length(&self, text: &str, at: usize) -> usize {
        match self.lengths[text.as_bytes().get(at).map_or(END, |byte| usize::from(*byte))] {
            DECODE => self.decoded(text, at),
            length => usize::from(length),
        }
    }

    #[cold]
    fn decoded(&self, text: &str, at: usize) -> usize {
        let Some(c) = text[at..].chars().next() else { return 0 };
        let place = self.ranges.partition_point(|(_, last)| *last < c);
        if self.ranges.get(place).is_some_and(|(first, _)| *first <= c) { c.len_utf8() } else { 0 }
    }
}

/// Where a match can begin.
#[derive(Debug)]
pub(super) enum Beginning {
    /// At the start of the text.
    Start,
    /// Where this text is.
    Text(Needle),
    /// Where one of these bytes is, by table.
    Table(u32),
    /// Anywhere.
    Anywhere,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) texts: Vec<u8>,
    pub(super) classes: Vec<Class>,
    pub(super) tables: Vec<Table>,
    pub(super) beginning: Beginning,
    /// The text that it is, where it is nothing else.
    pub(super) alone: Option<Needle>,
    /// Groups, the whole match among them.
    pub(super) groups: usize,
}

impl Program {
    pub(super) fn text(&self, from: u32, length: u32) -> &[u8] {
        &self.texts[from as usize..(from + length) as usize]
    }

    /// The bytes that the steps from one on can begin with, and whether they can match without any.
    ///
    /// What looks around or between characters is passed over, so these may be more than truly match, never fewer. Where the
    /// steps are those of a group that is left by its first match, anything may follow: what does is not asked by it.
    pub(super) fn begins(&self, from: At) -> Table {
        let mut begins = Begins { program: self, table: [0; END + 1], seen: Vec::new(), entered: Vec::new() };
        begins.walk(from);
        begins.table
    }

    pub(super) fn add_table(&mut self, table: Table) -> u32 {
        let known = self.tables.iter().position(|known| *known == table);
        known.unwrap_or_else(|| {
            self.tables.push(table);
            self.tables.len() - 1
        }) as u32
    }
}

struct Begins<'a> {
    program: &'a Program,
    table: Table,
    seen: Vec<At>,
    entered: Vec<Range<At>>,
}

impl Begins<'_> {
    fn walk(&mut self, from: At) {
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if self.seen.contains(&at) {
                continue;
            }
            self.seen.push(at);
            match self.program.steps[at as usize] {
                Step::Byte(byte) => self.table[usize::from(byte)] = 1,
                Step::Text { from, .. } => {
                    self.table[usize::from(self.program.texts[from as usize])] = 1;
                }
                Step::One { class } => self.class(class),
                Step::Many { class, least, .. } => {
                    self.class(class);
                    if least == 0 {
                        open.push(at + 1);
                    }
                }
                Step::Either { first, second, .. } => open.extend([first, second]),
                Step::Go(to) => open.push(to),
                Step::Keep { .. } | Step::Assert(_) | Step::Near { .. } => open.push(at + 1),
                Step::Around { end, .. } => open.push(end),
                Step::Atomic { end } => {
                    self.entered.push(at..end);
                    open.push(at + 1);
                }
                Step::Leave { end } if self.entered.iter().any(|atomic| atomic.contains(&at)) => {
                    open.push(end);
                }
                Step::Leave { .. } | Step::Done => self.table = [1; END + 1],
            }
        }
    }

    fn class(&mut self, class: u32) {
        let lengths = &self.program.classes[class as usize].lengths;
        for (known, length) in self.table.iter_mut().zip(lengths) {
            *known |= u8::from(*length != 0);
        }
    }
}
