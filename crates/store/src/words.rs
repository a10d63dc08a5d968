//! How text becomes words: the same way for what is stored, for what waits in memory, and for what is asked.
//!
//! - A *chunk* is a run of letters, digits and the joiners `@ . - _ : / \ + # % ~ $`, without joiners at its ends:
//!   `alice@example.com`, `10.1.2.3`, `src/main.rs`, `team_settings`. Everything else separates chunks.
//! - A chunk is a word as a whole; so is each of its segments between `@ / \ :` (`example.com`), and each run of
//!   letters and digits in it (`example`). Long hexadecimal ids are not taken apart.
//! - Words are lower case and end after 128 bytes.

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

/// The distinct words of a document, folded: ` word word `. The index wants each only once.
#[derive(Default)]
pub(crate) struct Words {
    text: String,
    hasher: DefaultHashBuilder,
    /// Where each word stands in the text.
    places: HashTable<(u32, u32)>,
}

impl Words {
    /// Forgets all words.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.text.push(' ');
        self.places.clear();
    }

    /// Adds every word of a text.
    pub(crate) fn add(&mut self, text: &str) {
        for chunk in chunks(text) {
            words_of(chunk, &mut |word| self.add_word(word));
        }
    }

    /// The words.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    fn add_word(&mut self, word: &str) {
        let start = self.text.len();
        if word.is_ascii() {
            self.text.push_str(&word[..word.len().min(MAX_WORD)]);
            self.text[start..].make_ascii_lowercase();
        } else {
            self.text.push_str(&fold(word));
        }
        let (text, hasher) = (&self.text, &self.hasher);
        let at = |&(start, end): &(u32, u32)| &text[start as usize..end as usize];
        let word = &text[start..];
        let place = (start as u32, text.len() as u32);
        match self.places.entry(hasher.hash_one(word), |own| at(own) == word, |own| hasher.hash_one(at(own)))
        {
            Entry::Occupied(_) => self.text.truncate(start),
            Entry::Vacant(entry) => {
                entry.insert(place);
                self.text.push(' ');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Words::default();
        words.add(text);
        words.as_str().split_whitespace().map(str::to_owned).collect()
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
