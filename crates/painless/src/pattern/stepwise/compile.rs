//! From a pattern to steps.

use regex_syntax::hir::{self, Hir, HirKind, Look};

use super::super::needle::Needle;
use super::marks::{Mark, mark};
use super::steps::{At, Beginning, Class, DECODE, END, Edge, FIRST, How, Program, SECOND, Step};

/// Steps that a pattern may have.
const MAX_STEPS: usize = 20_000;

/// Compiles a pattern in the words of the `regex` crate, with look-around and atomic groups; `None` for what has no steps
/// here.
pub(super) fn compile(pattern: &str) -> Option<Program> {
    let marked = mark(pattern)?;
    let hir = regex_syntax::Parser::new().parse(&marked.source).ok()?;
    let mut numbers = Vec::with_capacity(marked.groups.len());
    let mut groups = 0;
    for group in &marked.groups {
        numbers.push(groups);
        groups += u32::from(group.is_none());
    }
    let program = Program {
        steps: Vec::new(),
        texts: Vec::new(),
        classes: Vec::new(),
        tables: Vec::new(),
        beginning: Beginning::Anywhere,
        alone: None,
        groups: groups as usize,
    };
    let mut compiler = Compiler { program, marks: marked.groups, numbers };
    compiler.hir(&hir)?;
    compiler.push(Step::Done)?;
    compiler.fill_tables();
    compiler.begin();
    Some(compiler.program)
}

/// Bytes, each with how many may stand before it.
type Soon = smallvec::SmallVec<[(u8, u32); 8]>;

/// How far is looked ahead for a byte.
const MOST_NEAR: u32 = 16;

/// Whether it can match in ways that are tried one after the other.
fn has_ways(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Alternation(_) => true,
        HirKind::Repetition(repetition) => has_ways(&repetition.sub),
        HirKind::Capture(capture) => has_ways(&capture.sub),
        HirKind::Concat(parts) => parts.iter().any(has_ways),
        _ => false,
    }
}

struct Compiler {
    program: Program,
    marks: Vec<Option<Mark>>,
    /// The numbers of groups, without those that stand in for something else.
    numbers: Vec<u32>,
}

impl Compiler {
    fn here(&self) -> At {
        self.program.steps.len() as At
    }

    fn push(&mut self, step: Step) -> Option<At> {
        let at = self.here();
        self.program.steps.push(step);
        (self.program.steps.len() <= MAX_STEPS).then_some(at)
    }

    fn hir(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(hir::Literal(bytes)) => match **bytes {
                [byte] => drop(self.push(Step::Byte(byte))?),
                _ => {
                    let from = self.program.texts.len() as u32;
                    self.program.texts.extend_from_slice(bytes);
                    self.push(Step::Text { from, length: bytes.len() as u32 })?;
                }
            },
            HirKind::Class(_) => {
                let class = self.class(hir)?;
                self.push(Step::One { class })?;
            }
            HirKind::Look(look) => drop(self.push(Step::Assert(edge(*look)?))?),
            HirKind::Repetition(repetition) => self.repetition(repetition)?,
            HirKind::Capture(capture) => self.capture(capture)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.hir(part))?,
            HirKind::Alternation(ways) => self.alternation(ways)?,
        }
        Some(())
    }

    fn alternation(&mut self, ways: &[Hir]) -> Option<()> {
        let mut ends = Vec::with_capacity(ways.len());
        for (at, way) in ways.iter().enumerate() {
            if at + 1 == ways.len() {
                self.hir(way)?;
                break;
            }
            let either = self.either()?;
            // A byte that is not there spares all the ways within this one.
            if let Some((byte, within)) = self.near(way) {
                self.push(Step::Near { byte, within })?;
            }
            self.hir(way)?;
            ends.push(self.push(Step::Go(0))?);
            self.branch(either, either + 1, self.here());
        }
        let end = self.here();
        ends.into_iter().for_each(|at| self.program.steps[at as usize] = Step::Go(end));
        Some(())
    }

    fn either(&mut self) -> Option<At> {
        self.push(Step::Either { first: 0, second: 0, table: 0 })
    }

    fn branch(&mut self, either: At, first: At, second: At) {
        self.program.steps[either as usize] = Step::Either { first, second, table: 0 };
    }

    fn repetition(&mut self, repetition: &hir::Repetition) -> Option<()> {
        let (least, most) = (repetition.min, repetition.max);
        if let Some(class) = self.class(&repetition.sub) {
            let how = if repetition.greedy { How::Greedy } else { How::Lazy };
            self.push(Step::Many { class, least, most: most.unwrap_or(u32::MAX), how, next: 0 })?;
            return Some(());
        }
        // What may be empty would have to be kept from going round for ever.
        if self.may_be_empty(&repetition.sub) {
            return None;
        }
        for _ in 0..least {
            self.hir(&repetition.sub)?;
        }
        let ordered = |body, end| if repetition.greedy { (body, end) } else { (end, body) };
        let Some(most) = most else {
            let either = self.either()?;
            self.hir(&repetition.sub)?;
            self.push(Step::Go(either))?;
            let (first, second) = ordered(either + 1, self.here());
            self.branch(either, first, second);
            return Some(());
        };
        let mut open = Vec::new();
        for _ in least..most {
            open.push(self.either()?);
            self.hir(&repetition.sub)?;
        }
        let end = self.here();
        for either in open {
            let (first, second) = ordered(either + 1, end);
            self.branch(either, first, second);
        }
        Some(())
    }

    fn capture(&mut self, capture: &hir::Capture) -> Option<()> {
        let index = capture.index as usize;
        let Some(mark) = self.marks[index] else {
            let slot = 2 * self.numbers[index];
            self.push(Step::Keep { slot })?;
            self.hir(&capture.sub)?;
            self.push(Step::Keep { slot: slot + 1 })?;
            return Some(());
        };
        let back = match mark {
            Mark::Behind { .. } => self.characters(&capture.sub)?,
            _ => 0,
        };
        let open = self.push(Step::Done)?;
        self.hir(&capture.sub)?;
        let last = self.push(Step::Done)?;
        let end = self.here();
        self.program.steps[open as usize] = match mark {
            Mark::Ahead { not } | Mark::Behind { not } => Step::Around { back, not, end },
            Mark::Atomic => {
                self.program.steps[last as usize] = Step::Leave { end };
                Step::Atomic { end }
            }
        };
        Some(())
    }

    /// The class that has all that matches, where that is one character.
    fn class(&mut self, hir: &Hir) -> Option<u32> {
        let mut class = Class { lengths: [0; END + 1], ranges: Box::default() };
        match hir.kind() {
            HirKind::Literal(hir::Literal(bytes)) => {
                let mut chars = std::str::from_utf8(bytes).ok()?.chars();
                let c = chars.next().filter(|_| chars.next().is_none())?;
                class.add(c, c);
                class.ranges = [(c, c)].into();
            }
            HirKind::Class(hir::Class::Unicode(set)) => {
                set.iter().for_each(|range| class.add(range.start(), range.end()));
                class.ranges = set.iter().map(|range| (range.start(), range.end())).collect();
            }
            HirKind::Class(hir::Class::Bytes(set)) if set.is_ascii() => {
                set.iter().for_each(|range| class.add(range.start().into(), range.end().into()));
            }
            _ => return None,
        }
        let known = self.program.classes.iter().position(|known| *known == class);
        Some(known.unwrap_or_else(|| {
            self.program.classes.push(class);
            self.program.classes.len() - 1
        }) as u32)
    }

    /// A byte that every match of a way has soon, though not at once, where there are ways within the way.
    fn near(&self, way: &Hir) -> Option<(u8, u32)> {
        let bytes = if has_ways(way) { self.soon(way) } else { Soon::new() };
        bytes.into_iter().filter(|(_, within)| *within > 0).min_by_key(|(_, within)| *within)
    }

    /// The bytes that every match has, each with how many may stand before it; few enough to be looked at.
    fn soon(&self, hir: &Hir) -> Soon {
        match hir.kind() {
            HirKind::Literal(hir::Literal(bytes)) => bytes.iter().copied().zip(0..=MOST_NEAR).collect(),
            HirKind::Capture(capture) => match self.marks[capture.index as usize] {
                None | Some(Mark::Atomic) => self.soon(&capture.sub),
                Some(_) => Soon::new(),
            },
            HirKind::Repetition(repetition) if repetition.min > 0 => self.soon(&repetition.sub),
            HirKind::Concat(parts) => {
                let mut all = Soon::new();
                let mut before = 0;
                for part in parts {
                    let soon = self.soon(part).into_iter().map(|(byte, within)| (byte, before + within));
                    all.extend(soon.filter(|(_, within)| *within <= MOST_NEAR));
                    let longest = part.properties().maximum_len().and_then(|most| u32::try_from(most).ok());
                    match longest.and_then(|longest| longest.checked_add(before)) {
                        Some(longest @ ..=MOST_NEAR) => before = longest,
                        _ => break,
                    }
                }
                all
            }
            HirKind::Alternation(ways) => {
                let ways: Vec<Soon> = ways.iter().map(|way| self.soon(way)).collect();
                let Some((first, others)) = ways.split_first() else { return Soon::new() };
                let in_all = first.iter().filter_map(|(byte, within)| {
                    others.iter().try_fold((*byte, *within), |(byte, most), way| {
                        let of_byte = way.iter().filter(|(known, _)| *known == byte);
                        of_byte.map(|(_, within)| *within).min().map(|within| (byte, most.max(within)))
                    })
                });
                in_all.collect()
            }
            _ => Soon::new(),
        }
    }

    fn may_be_empty(&self, hir: &Hir) -> bool {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(_) | HirKind::Class(_) => false,
            HirKind::Repetition(repetition) => repetition.min == 0 || self.may_be_empty(&repetition.sub),
            HirKind::Capture(capture) => match self.marks[capture.index as usize] {
                None | Some(Mark::Atomic) => self.may_be_empty(&capture.sub),
                Some(_) => true,
            },
            HirKind::Concat(parts) => parts.iter().all(|part| self.may_be_empty(part)),
            HirKind::Alternation(ways) => ways.iter().any(|way| self.may_be_empty(way)),
        }
    }

    /// How many characters match, where that is always the same.
    fn characters(&self, hir: &Hir) -> Option<u32> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(0),
            HirKind::Literal(hir::Literal(bytes)) => {
                Some(std::str::from_utf8(bytes).ok()?.chars().count() as u32)
            }
            HirKind::Class(_) => Some(1),
            HirKind::Repetition(repetition) if repetition.max == Some(repetition.min) => {
                self.characters(&repetition.sub)?.checked_mul(repetition.min)
            }
            HirKind::Repetition(_) => None,
            HirKind::Capture(capture) => match self.marks[capture.index as usize] {
                None | Some(Mark::Atomic) => self.characters(&capture.sub),
                Some(_) => Some(0),
            },
            HirKind::Concat(parts) => {
                parts.iter().try_fold(0_u32, |sum, part| sum.checked_add(self.characters(part)?))
            }
            HirKind::Alternation(ways) => {
                let (first, others) = ways.split_first()?;
                let first = self.characters(first)?;
                others.iter().all(|way| self.characters(way) == Some(first)).then_some(first)
            }
        }
    }

    /// Notes by which bytes a way is taken, once all steps are there.
    fn fill_tables(&mut self) {
        let program = &mut self.program;
        for at in 0..program.steps.len() {
            match program.steps[at] {
                Step::Either { first, second, .. } => {
                    let mut table = program.begins(first).map(|begins| begins * FIRST);
                    let others = program.begins(second);
                    table.iter_mut().zip(others).for_each(|(known, begins)| *known |= begins * SECOND);
                    let table = program.add_table(table);
                    program.steps[at] = Step::Either { first, second, table };
                }
                Step::Many { class, least, most, mut how, .. } => {
                    let table = program.begins(at as At + 1);
                    let lengths = &program.classes[class as usize].lengths;
                    let both =
                        lengths.iter().zip(&table).any(|(length, begins)| *length != 0 && *begins != 0);
                    if !both {
                        how = How::All;
                    }
                    let next = program.add_table(table);
                    program.steps[at] = Step::Many { class, least, most, how, next };
                }
                _ => {}
            }
        }
    }

    /// Finds out where a match can begin.
    fn begin(&mut self) {
        let program = &mut self.program;
        let ahead = program.steps.iter().position(|step| !matches!(step, Step::Keep { .. })).unwrap_or(0);
        program.beginning = match program.steps[ahead] {
            Step::Assert(Edge::Start) => Beginning::Start,
            Step::Text { from, length } => {
                let text = program.text(from, length);
                let alone = matches!(program.steps[..], [Step::Text { .. }, Step::Done]);
                let beginning = Beginning::Text(Needle::new(text));
                program.alone = alone.then(|| Needle::new(text));
                beginning
            }
            Step::Byte(byte) => {
                let alone = matches!(program.steps[..], [Step::Byte(_), Step::Done]);
                program.alone = alone.then(|| Needle::new(&[byte]));
                Beginning::Text(Needle::new(&[byte]))
            }
            _ => match program.begins(0) {
                table if table[END] != 0 => Beginning::Anywhere,
                table => Beginning::Table(program.add_table(table)),
            },
        };
    }
}

impl Class {
    /// Adds the first bytes of a range of characters.
    fn add(&mut self, first: char, last: char) {
        for c in first..=last.min('\x7f') {
            self.lengths[c as usize] = 1;
        }
        if last <= '\x7f' {
            return;
        }
        let first_of = |c: char| c.encode_utf8(&mut [0; 4]).as_bytes()[0];
        let from = if first <= '\x7f' { '\u{80}' } else { first };
        for lead in first_of(from)..=first_of(last) {
            let (least, most) = led_by(lead);
            let whole = from <= least && most <= last;
            self.lengths[usize::from(lead)] = if whole { least.len_utf8() as u8 } else { DECODE };
        }
    }
}

/// The first and the last character that a byte leads.
fn led_by(lead: u8) -> (char, char) {
    let (bits, length) = match lead {
        0xf0.. => (u32::from(lead & 0x07), 4),
        0xe0.. => (u32::from(lead & 0x0f), 3),
        _ => (u32::from(lead & 0x1f), 2),
    };
    let shift = 6 * (length - 1);
    let least = [0, 0, 0x80, 0x800, 0x1_0000][length as usize].max(bits << shift);
    let most = ((bits + 1) << shift) - 1;
    // The surrogates are no characters, and Unicode ends within the last lead.
    let most = if (0xd800..0xe000).contains(&most) { 0xd7ff } else { most.min(0x10_ffff) };
    (char::from_u32(least).unwrap_or('\u{80}'), char::from_u32(most).unwrap_or(char::MAX))
}

fn edge(look: Look) -> Option<Edge> {
    Some(match look {
        Look::Start => Edge::Start,
        Look::End => Edge::End,
        Look::StartLF => Edge::LineStart,
        Look::EndLF => Edge::LineEnd,
        Look::WordAscii => Edge::AsciiWord,
        Look::WordUnicode => Edge::Word { not: false },
        Look::WordUnicodeNegate => Edge::Word { not: true },
        _ => return None,
    })
}
