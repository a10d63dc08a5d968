//! Walks a text by the steps of a program, goes back where they lead nowhere, and gives up in time.

use super::steps::{At, Beginning, END, Edge, FIRST, How, Program, SECOND, Step};

/// No place in a text.
pub(super) const NONE: u32 = u32::MAX;

/// What a search may take, and what it may take more for each byte of the text: ways that were tried, and every sixteenth
/// byte that was passed over.
const BUDGET: i64 = 20_000;
const BUDGET_A_BYTE: i64 = 8;

/// Where to go on when steps lead nowhere.
#[derive(Clone, Copy, Debug)]
enum Choice {
    /// With another step.
    Other { at: At, place: u32 },
    /// With fewer characters of the class of the step.
    Fewer { at: At, least: u32, place: u32 },
    /// With another character of the class of the step.
    More { at: At, taken: u32, place: u32 },
    /// Nowhere: a group was noted elsewhere before.
    Undo { slot: u32, place: u32 },
}

/// More choices that are open at a time are too many.
const MAX_CHOICES: usize = 1 << 18;

/// The text would take too long to walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// What a walk needs, kept from one to the next.
#[derive(Debug, Default)]
pub(super) struct Walker {
    choices: Vec<Choice>,
    /// Where groups begin and end; [`NONE`] for those that are not in the match.
    pub(super) slots: Vec<u32>,
}

/// A walk over one text.
struct Walk<'a> {
    program: &'a Program,
    text: &'a str,
    bytes: &'a [u8],
    walker: &'a mut Walker,
    budget: i64,
}

/// Finds the first match from a place on, which must be one between characters; its groups are in the walker's slots then.
pub(super) fn find(
    program: &Program,
    text: &str,
    from: usize,
    walker: &mut Walker,
) -> Result<Option<(usize, usize)>, TooLong> {
    if text.len() >= NONE as usize {
        return Err(TooLong);
    }
    walker.choices.clear();
    walker.slots.clear();
    walker.slots.resize(2 * program.groups, NONE);
    let budget = BUDGET + BUDGET_A_BYTE * text.len() as i64;
    Walk { program, text, bytes: text.as_bytes(), walker, budget }.search(from)
}

impl Walk<'_> {
    fn search(&mut self, from: usize) -> Result<Option<(usize, usize)>, TooLong> {
        let mut start = from;
        loop {
            match &self.program.beginning {
                Beginning::Start if start > 0 => return Ok(None),
                Beginning::Start | Beginning::Anywhere => {}
                Beginning::Text(finder) => match self.bytes.get(start..).and_then(|rest| finder.find(rest)) {
                    Some(ahead) => start += ahead,
                    None => return Ok(None),
                },
                Beginning::Table(table) => {
                    let table = &self.program.tables[*table as usize];
                    let rest = self.bytes.get(start..).unwrap_or_default();
                    match rest.iter().position(|byte| table[usize::from(*byte)] != 0) {
                        Some(ahead) => start += ahead,
                        None => return Ok(None),
                    }
                }
            }
            if let Some(end) = self.walk(0, start)? {
                return Ok(Some(self.found(start, end)));
            }
            self.spend(1)?;
            start += match self.bytes.get(start) {
                Some(byte) => width(*byte),
                None => return Ok(None),
            };
        }
    }

    fn found(&mut self, start: usize, end: usize) -> (usize, usize) {
        (self.walker.slots[0], self.walker.slots[1]) = (start as u32, end as u32);
        (start, end)
    }

    fn spend(&mut self, cost: usize) -> Result<(), TooLong> {
        self.budget -= cost as i64;
        if self.budget < 0 { Err(TooLong) } else { Ok(()) }
    }

    fn choose(&mut self, choice: Choice) -> Result<(), TooLong> {
        if self.walker.choices.len() >= MAX_CHOICES {
            return Err(TooLong);
        }
        self.walker.choices.push(choice);
        Ok(())
    }

    fn next(&self, table: u32, place: usize) -> u8 {
        let key = self.bytes.get(place).map_or(END, |byte| usize::from(*byte));
        self.program.tables[table as usize][key]
    }

    /// Takes steps from one place in the text; where they end, if they do. Choices that are open then stay.
    fn walk(&mut self, from: At, place: usize) -> Result<Option<usize>, TooLong> {
        let base = self.walker.choices.len();
        let (mut at, mut place) = (from, place);
        loop {
            let next = match self.program.steps[at as usize] {
                Step::Byte(byte) => (self.bytes.get(place) == Some(&byte)).then_some((at + 1, place + 1)),
                Step::Text { from, length } => {
                    let text = self.program.text(from, length);
                    let there = self.bytes.get(place..place + text.len()) == Some(text);
                    there.then_some((at + 1, place + text.len()))
                }
                Step::One { class } => match self.program.classes[class as usize].length(self.text, place) {
                    0 => None,
                    length => Some((at + 1, place + length)),
                },
                Step::Many { .. } => self.many(at, place)?.map(|place| (at + 1, place)),
                Step::Either { first, second, table } => {
                    self.spend(1)?;
                    match self.next(table, place) {
                        0 => None,
                        FIRST => Some((first, place)),
                        SECOND => Some((second, place)),
                        _ => {
                            self.choose(Choice::Other { at: second, place: place as u32 })?;
                            Some((first, place))
                        }
                    }
                }
                Step::Go(to) => Some((to, place)),
                Step::Near { byte, within } => {
                    let end = self.bytes.len().min(place + within as usize + 1);
                    self.bytes[place..end].contains(&byte).then_some((at + 1, place))
                }
                Step::Keep { slot } => {
                    let old = std::mem::replace(&mut self.walker.slots[slot as usize], place as u32);
                    self.choose(Choice::Undo { slot, place: old })?;
                    Some((at + 1, place))
                }
                Step::Assert(edge) => self.is(edge, place).then_some((at + 1, place)),
                Step::Around { back, not, end } => {
                    self.around(at + 1, back, not, place)?.then_some((end, place))
                }
                Step::Atomic { end } => {
                    let open = self.walker.choices.len();
                    let left = self.walk(at + 1, place)?;
                    self.settle(open);
                    left.map(|place| (end, place))
                }
                Step::Leave { .. } | Step::Done => return Ok(Some(place)),
            };
            (at, place) = match next {
                Some(next) => next,
                None => match self.back(base)? {
                    Some(next) => next,
                    None => return Ok(None),
                },
            };
        }
    }

    /// Goes back to the last choice that is open, but not to those below `base`.
    fn back(&mut self, base: usize) -> Result<Option<(At, usize)>, TooLong> {
        while self.walker.choices.len() > base
            && let Some(choice) = self.walker.choices.pop()
        {
            match choice {
                Choice::Other { at, place } => return Ok(Some((at, place as usize))),
                Choice::Undo { slot, place } => self.walker.slots[slot as usize] = place,
                Choice::Fewer { at, least, place } => {
                    self.spend(1)?;
                    let place = self.before(place as usize);
                    if let Some(place) = self.fewer(at, least as usize, place)? {
                        return Ok(Some((at + 1, place)));
                    }
                }
                Choice::More { at, taken, place } => {
                    self.spend(1)?;
                    if let Some(place) = self.more(at, taken, place as usize)? {
                        return Ok(Some((at + 1, place)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Takes characters of a class.
    fn many(&mut self, at: At, place: usize) -> Result<Option<usize>, TooLong> {
        let Step::Many { class, least, most, how, .. } = self.program.steps[at as usize] else {
            return Ok(None);
        };
        let class = &self.program.classes[class as usize];
        let wanted = if how == How::Lazy { least } else { most };
        let (mut end, mut floor, mut taken) = (place, place, 0);
        while taken < wanted {
            match class.length(self.text, end) {
                0 => break,
                length => end += length,
            }
            taken += 1;
            if taken == least {
                floor = end;
            }
        }
        self.spend((end - place) / 16)?;
        if taken < least {
            return Ok(None);
        }
        match how {
            How::All => Ok(Some(end)),
            How::Greedy => self.fewer(at, floor, end),
            How::Lazy => self.pause(at, taken, end),
        }
    }

    /// The last place, from `place` back to the least, where what follows a step can begin; one before is a choice.
    fn fewer(&mut self, at: At, least: usize, mut place: usize) -> Result<Option<usize>, TooLong> {
        let Step::Many { next, .. } = self.program.steps[at as usize] else { return Ok(None) };
        let from = place;
        while self.next(next, place) == 0 {
            if place <= least {
                self.spend((from - place) / 16)?;
                return Ok(None);
            }
            place = self.before(place);
        }
        self.spend((from - place) / 16)?;
        if place > least {
            self.choose(Choice::Fewer { at, least: least as u32, place: place as u32 })?;
        }
        Ok(Some(place))
    }

    /// Takes one more character of a step's class, and others until what follows can begin.
    fn more(&mut self, at: At, taken: u32, place: usize) -> Result<Option<usize>, TooLong> {
        let Step::Many { class, most, .. } = self.program.steps[at as usize] else { return Ok(None) };
        let length = self.program.classes[class as usize].length(self.text, place);
        if length == 0 || taken >= most { Ok(None) } else { self.pause(at, taken + 1, place + length) }
    }

    /// The first place from one on where what follows a step can begin; one behind it is a choice.
    fn pause(&mut self, at: At, mut taken: u32, mut place: usize) -> Result<Option<usize>, TooLong> {
        let Step::Many { class, most, next, .. } = self.program.steps[at as usize] else { return Ok(None) };
        let class = &self.program.classes[class as usize];
        let from = place;
        while self.next(next, place) == 0 {
            match class.length(self.text, place) {
                length @ 1.. if taken < most => place += length,
                _ => {
                    self.spend((place - from) / 16)?;
                    return Ok(None);
                }
            }
            taken += 1;
        }
        self.spend((place - from) / 16)?;
        if taken < most {
            self.choose(Choice::More { at, taken, place: place as u32 })?;
        }
        Ok(Some(place))
    }

    /// Whether the steps match at a place, or that many characters before it.
    fn around(&mut self, steps: At, back: u32, not: bool, place: usize) -> Result<bool, TooLong> {
        let mut begin = place;
        for _ in 0..back {
            if begin == 0 {
                return Ok(not);
            }
            begin = self.before(begin);
        }
        // Most look at one character.
        if let [Step::One { class }, Step::Done] = self.program.steps[steps as usize..][..2] {
            return Ok((self.program.classes[class as usize].length(self.text, begin) != 0) != not);
        }
        let open = self.walker.choices.len();
        let matched = self.walk(steps, begin)?.is_some();
        if not {
            self.unwind(open);
        } else {
            self.settle(open);
        }
        Ok(matched != not)
    }

    /// Gives up the choices above a height, and keeps what groups were before.
    fn settle(&mut self, open: usize) {
        let choices = &mut self.walker.choices;
        let mut kept = open;
        for at in open..choices.len() {
            if let undo @ Choice::Undo { .. } = choices[at] {
                choices[kept] = undo;
                kept += 1;
            }
        }
        choices.truncate(kept);
    }

    /// Gives up the choices above a height, and makes groups what they were before.
    fn unwind(&mut self, open: usize) {
        while self.walker.choices.len() > open {
            if let Some(Choice::Undo { slot, place }) = self.walker.choices.pop() {
                self.walker.slots[slot as usize] = place;
            }
        }
    }

    fn is(&self, edge: Edge, place: usize) -> bool {
        let before = place.checked_sub(1).map(|at| self.bytes[at]);
        let behind = self.bytes.get(place).copied();
        let of_word =
            |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match edge {
            Edge::Start => place == 0,
            Edge::End => behind.is_none(),
            Edge::LineStart => before.is_none_or(|byte| byte == b'\n'),
            Edge::LineEnd => behind.is_none_or(|byte| byte == b'\n'),
            Edge::AsciiWord => of_word(before) != of_word(behind),
            Edge::Word { not } => {
                let beyond_ascii = before.is_some_and(|byte| !byte.is_ascii())
                    || behind.is_some_and(|byte| !byte.is_ascii());
                let differ = if beyond_ascii {
                    let of_word = |c: Option<char>| {
                        c.is_some_and(|c| regex_syntax::try_is_word_character(c).unwrap_or(false))
                    };
                    of_word(self.text[..place].chars().next_back())
                        != of_word(self.text[place..].chars().next())
                } else {
                    of_word(before) != of_word(behind)
                };
                differ != not
            }
        }
    }

    /// Where the character before a place begins.
    fn before(&self, place: usize) -> usize {
        let mut at = place.saturating_sub(1);
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// How long the character is that a byte begins.
fn width(lead: u8) -> usize {
    match lead {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}
