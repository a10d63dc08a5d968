//! How text becomes words: the same way for what is stored, for what waits in memory, and for what is asked.
//!
//! - A *chunk* is a run of letters, digits and the joiners `@ . - _ : / \ + # % ~ $`, without joiners at its ends:
//!   `alice@example.com`, `10.1.2.3`, `src/main.rs`, `team_settings`. Everything else separates chunks.
//! - A chunk is a word as a whole; so is each of its segments between `@ / \ :` (`example.com`), and each run of
//!   letters and digits in it (`example`). Long hexadecimal ids are not taken apart.
//! - Words are lower case and end after 128 bytes.
//!
//! Beside words the index has terms that nobody can type, since their marks are no letters: which chunks follow each other
//! ([`pair`]), what makes that ambiguous ([`again`], [`part`]), and which fields hold what is no word ([`value`]).

use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

/// Longer words are cut, stored and asked alike.
pub(crate) const MAX_WORD: usize = 128;

/// From this length on a chunk of hexadecimal digits and dashes is an id.
const MIN_ID: usize = 20;

/// What a byte is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Separator,
    Letter,
    /// May stand inside a chunk. All are ASCII, so a text can be split at their bytes.
    Joiner,
    /// Part of a character that is not ASCII.
    High,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Separator; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => Kind::Letter,
            b'@' | b'.' | b'-' | b'_' | b':' | b'/' | b'\\' | b'+' | b'#' | b'%' | b'~' | b'$' => {
                Kind::Joiner
            }
            0x80.. => Kind::High,
            _ => Kind::Separator,
        };
        byte += 1;
    }
    kinds
};

fn is_joiner(byte: u8) -> bool {
    KINDS[usize::from(byte)] == Kind::Joiner
}

/// What a chunk is divided at first.
fn is_divider(byte: u8) -> bool {
    matches!(byte, b'@' | b'/' | b'\\' | b':')
}

/// Letters and digits of any script, and the accents that are characters of their own.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}')
}

/// The chunks of a text.
struct Chunks<'a> {
    text: &'a str,
    at: usize,
}

impl Chunks<'_> {
    /// What stands at the place, and how many bytes it takes.
    fn here(&self) -> Option<(Kind, usize)> {
        match KINDS[usize::from(*self.text.as_bytes().get(self.at)?)] {
            Kind::High => {
                let c = self.text[self.at..].chars().next()?;
                Some((if is_letter(c) { Kind::Letter } else { Kind::Separator }, c.len_utf8()))
            }
            kind => Some((kind, 1)),
        }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        while let Some((Kind::Separator | Kind::Joiner, bytes)) = self.here() {
            self.at += bytes;
        }
        let start = self.at;
        let mut end = start;
        while let Some((kind @ (Kind::Letter | Kind::Joiner), bytes)) = self.here() {
            self.at += bytes;
            if kind == Kind::Letter {
                end = self.at;
            }
        }
        (start < end).then(|| &self.text[start..end])
    }
}

/// The chunks of a text, as they are written there.
pub(crate) fn chunks(text: &str) -> impl Iterator<Item = &str> {
    Chunks { text, at: 0 }
}

/// The joiners that a text ends with.
pub(crate) fn joiners_at_end(text: &str) -> &str {
    &text[end(text)..]
}

fn end(text: &str) -> usize {
    text.bytes().rposition(|byte| !is_joiner(byte)).map_or(0, |last| last + 1)
}

fn trim(text: &str) -> &str {
    let start = text.bytes().position(|byte| !is_joiner(byte)).unwrap_or(text.len());
    &text[start..end(text).max(start)]
}

/// The parts of a text between ASCII characters.
fn split(text: &str, at: fn(u8) -> bool) -> impl Iterator<Item = &str> {
    let mut start = 0;
    text.as_bytes().split(move |&byte| at(byte)).map(move |part| {
        let part = &text[start..start + part.len()];
        start += part.len() + 1;
        part
    })
}

/// The form in which words are compared.
pub(crate) fn fold(text: &str) -> String {
    let mut word: String = text.chars().flat_map(char::to_lowercase).collect();
    cut(&mut word);
    word
}

fn cut(word: &mut String) {
    if word.len() > MAX_WORD {
        word.truncate(word.floor_char_boundary(MAX_WORD));
    }
}

fn is_id(chunk: &str) -> bool {
    chunk.len() >= MIN_ID && chunk.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Calls `word` with each word of a chunk, in its own case, the whole chunk first.
pub(crate) fn words_of<'a>(chunk: &'a str, word: &mut impl FnMut(&'a str)) {
    word(chunk);
    if !chunk.bytes().any(is_joiner) || is_id(chunk) {
        return;
    }
    for segment in split(chunk, is_divider).map(trim).filter(|segment| !segment.is_empty()) {
        if segment.len() < chunk.len() {
            word(segment);
        }
        if segment.bytes().any(is_joiner) && !is_id(segment) {
            split(segment, is_joiner).filter(|part| !part.is_empty()).for_each(&mut *word);
        }
    }
}

/// Two chunks that follow each other in a text, folded.
pub(crate) fn pair(first: &str, second: &str) -> String {
    format!("{FOLLOWED_BY}{first}{FOLLOWED_BY}{second}")
}

/// A chunk that has a neighbour at more than one place of a document.
pub(crate) fn again(chunk: &str) -> String {
    format!("{AGAIN}{chunk}")
}

/// A word that is a part of a chunk that has a neighbour.
pub(crate) fn part(word: &str) -> String {
    format!("{PART}{word}")
}

/// A value of a field that is no word: a fraction, a boolean, a huge number, or a text that looks like one; numbers without their
/// field, since few events have the same. `None` where the term would be too long. Written so that the index, which folds ASCII
/// and splits at some of it, keeps any two apart.
pub(crate) fn value(path: &str, value: &str) -> Option<String> {
    let path = if value.parse::<bool>().is_ok() { path } else { "" };
    let mut term = String::with_capacity(1 + path.len() + value.len());
    term.push(VALUE);
    // What tells terms apart comes first, for they are compared often.
    escape(value, &mut term);
    term.push(VALUE);
    escape(path, &mut term);
    (term.len() <= MAX_VALUE).then_some(term)
}

/// Whether a term is a [`pair`], which may be frequent.
pub(crate) fn is_pair(term: &str) -> bool {
    term.starts_with(FOLLOWED_BY)
}

/// Whether a term says what makes pairs ambiguous.
pub(crate) fn is_doubt(term: &str) -> bool {
    // Every word is asked; the first byte of the marks says no to nearly all.
    term.as_bytes().first() == Some(&0xe2) && term.starts_with([AGAIN, PART])
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' | '.' | '-' | '_' => out.push(c),
            ESCAPE | VALUE => out.extend([ESCAPE, c]),
            '\0'..='\x7f' => out.extend([ESCAPE, char::from(c as u8 | 0x80)]),
            // The index takes each character that is not ASCII as it is.
            _ => out.push(c),
        }
    }
}

/// Marks of terms; none is a letter or a joiner.
const FOLLOWED_BY: char = '→';
const AGAIN: char = '⇉';
const PART: char = '⊂';
const VALUE: char = '≡';
const ESCAPE: char = '⊠';
/// The longest term of a value.
const MAX_VALUE: usize = 192;

/// The distinct words of a document, folded, and its other terms: ` word word `. The index wants each only once.
#[derive(Default)]
pub(crate) struct Words {
    text: String,
    hasher: DefaultHashBuilder,
    /// Where each word stands in the text.
    places: HashTable<Place>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    start: u32,
    end: u32,
    /// Whether it has stood beside another one as a chunk.
    has_neighbour: bool,
}

impl Words {
    /// Forgets all words.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.text.push(' ');
        self.places.clear();
    }

    /// Adds every word of a text, and what tells which chunks follow each other.
    pub(crate) fn add(&mut self, text: &str) {
        let mut chunks = chunks(text);
        let Some(mut last) = chunks.next() else { return };
        let mut before = self.add_chunk(last);
        let mut has_neighbour = false;
        for chunk in chunks {
            if !has_neighbour {
                self.add_neighbour(last, before);
                has_neighbour = true;
            }
            let own = self.add_chunk(chunk);
            self.add_neighbour(chunk, own);
            let start = self.text.len();
            self.text.push(FOLLOWED_BY);
            self.copy(before);
            self.text.push(FOLLOWED_BY);
            self.copy(own);
            self.end_term(start);
            (last, before) = (chunk, own);
        }
    }

    /// Adds a value of a field that is no word.
    pub(crate) fn add_value(&mut self, path: &str, text: &str) {
        if let Some(term) = value(path, text) {
            let start = self.text.len();
            self.text.push_str(&term);
            self.end_term(start);
        }
    }

    /// The words.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Adds every word of a chunk; the place of the whole one.
    fn add_chunk(&mut self, chunk: &str) -> Place {
        let mut whole = None;
        words_of(chunk, &mut |word| match whole {
            // A chunk that was added before has its parts there as well.
            Some((_, true)) => {}
            Some(_) => _ = self.add_word(word),
            None => {
                let (place, is_known) = self.add_word(word);
                whole = Some((place, is_known && chunk.len() <= MAX_WORD / 2));
            }
        });
        whole.map_or(Place::default(), |(place, _)| place)
    }

    /// Notes that a chunk stands beside another one.
    fn add_neighbour(&mut self, chunk: &str, place: Place) {
        let (text, hasher) = (&self.text, &self.hasher);
        let at = |place: &Place| &text[place.start as usize..place.end as usize];
        let word = at(&place);
        let Some(known) = self.places.find_mut(hasher.hash_one(word), |own| own.start == place.start) else {
            return;
        };
        if std::mem::replace(&mut known.has_neighbour, true) {
            let start = self.text.len();
            self.text.push(AGAIN);
            self.copy(place);
            self.end_term(start);
            return;
        }
        let mut is_whole = true;
        words_of(chunk, &mut |word| {
            if !std::mem::take(&mut is_whole) {
                let start = self.text.len();
                self.text.push(PART);
                self.push_word(word);
                self.end_term(start);
            }
        });
    }

    /// Copies a word to the end of the text.
    fn copy(&mut self, place: Place) {
        self.text.extend_from_within(place.start as usize..place.end as usize);
    }

    fn push_word(&mut self, word: &str) {
        let start = self.text.len();
        if word.is_ascii() {
            self.text.push_str(&word[..word.len().min(MAX_WORD)]);
            self.text[start..].make_ascii_lowercase();
        } else {
            self.text.push_str(&fold(word));
        }
    }

    /// Adds a word; its place, and whether it was there already.
    fn add_word(&mut self, word: &str) -> (Place, bool) {
        let start = self.text.len();
        self.push_word(word);
        self.end_term(start)
    }

    /// Makes what stands from `start` on a term, or takes it away when it is there already.
    fn end_term(&mut self, start: usize) -> (Place, bool) {
        let (text, hasher) = (&self.text, &self.hasher);
        let at = |place: &Place| &text[place.start as usize..place.end as usize];
        let term = &text[start..];
        let place = Place { start: start as u32, end: text.len() as u32, has_neighbour: false };
        match self.places.entry(hasher.hash_one(term), |own| at(own) == term, |own| hasher.hash_one(at(own)))
        {
            Entry::Occupied(known) => {
                let known = *known.get();
                self.text.truncate(start);
                (known, true)
            }
            Entry::Vacant(entry) => {
                entry.insert(place);
                self.text.push(' ');
                (place, false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        let mut words = Words::default();
        words.add(text);
        words.as_str().split_whitespace().map(str::to_owned).collect()
    }

    fn words(text: &str) -> Vec<String> {
        terms(text).into_iter().filter(|term| !is_pair(term) && !is_doubt(term)).collect()
    }

    #[test]
    fn chunks_that_follow_each_other_are_pairs() {
        let marked = |text| -> Vec<String> {
            terms(text).into_iter().filter(|term| is_pair(term) || is_doubt(term)).collect()
        };
        assert_eq!(marked("User added."), ["→user→added"]);
        assert_eq!(marked("alice@example.com"), [""; 0]);
        assert_eq!(marked("a b-c a"), ["⊂b", "⊂c", "→a→b-c", "⇉a", "→b-c→a"]);
        for (first, second) in [("A", "a"), ("1.5", "1 5"), ("≡", "="), ("a b", "a_b"), ("é", "É")] {
            assert_ne!(value("f", first), value("f", second));
            assert_ne!(value(first, "true"), value(second, "true"));
        }
        assert_eq!(value("f", "1.5"), value("g", "1.5"));
        assert!(value("F f", "true").unwrap().bytes().all(|byte| !byte.is_ascii_uppercase() && byte != b' '));
        assert_eq!(value(&"f".repeat(200), "true"), None);
    }

    #[test]
    fn chunks_are_words_and_so_are_their_parts() {
        for (text, expected) in [
            ("", ""),
            ("User added.", "user added"),
            ("alice.b@example.com,", "alice.b@example.com alice.b alice b example.com example com"),
            ("a.b A.b; b", "a.b a b"),
            ("(10.1.2.3)", "10.1.2.3 10 1 2 3"),
            ("team_settings=on", "team_settings team settings on"),
            ("{\"a\":\"b c\"}", "a b c"),
            ("c++ .env ~/x", "c env x"),
            ("1b4e28ba-2fa1-11d2-883f-0016d3cca427", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"),
            (
                "id:1b4e28ba-2fa1-11d2-883f-0016d3cca427",
                "id:1b4e28ba-2fa1-11d2-883f-0016d3cca427 id 1b4e28ba-2fa1-11d2-883f-0016d3cca427",
            ),
            ("https://h.example/a-b", "https://h.example/a-b https h.example h example a-b a b"),
            ("GRÜSSE Ωmega", "grüsse ωmega"),
            ("…—“x”", "x"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn long_words_are_cut_at_a_character() {
        assert_eq!(words(&"A".repeat(300))[0], "a".repeat(MAX_WORD));
        let cut = &words(&"ü".repeat(300))[0];
        assert_eq!(cut.as_str(), "ü".repeat(MAX_WORD / 2));
        assert_eq!(fold(&"Ü".repeat(300)), *cut);
    }
}
