//! How text becomes words: the same way for what is stored, for what waits in memory, and for what is asked.
//!
//! - A *chunk* is a run of letters, digits and the joiners `@ . - _ : / \ + # % ~ $`, without joiners at its ends:
//!   `alice@example.com`, `10.1.2.3`, `src/main.rs`, `team_settings`. Everything else separates chunks.
//! - A chunk is a word as a whole; so is each of its segments between `@ / \ :` (`example.com`), and each run of
//!   letters and digits in it (`example`). Long hexadecimal ids are not taken apart.
//! - Words are lower case and end after 128 bytes.

/// Longer words are cut, stored and asked alike.
pub(crate) const MAX_WORD: usize = 128;

/// From this length on a chunk of hexadecimal digits and dashes is an id.
const MIN_ID: usize = 20;

/// What may stand inside a chunk.
pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '@' | '.' | '-' | '_' | ':' | '/' | '\\' | '+' | '#' | '%' | '~' | '$')
}

/// Letters and digits of any script, and the accents that are characters of their own.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}')
}

/// The chunks of a text, as they are written there.
pub(crate) fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_letter(c) && !is_joiner(c))
        .map(|chunk| chunk.trim_matches(is_joiner))
        .filter(|chunk| !chunk.is_empty())
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
    if !chunk.contains(is_joiner) || is_id(chunk) {
        return;
    }
    for segment in chunk.split(['@', '/', '\\', ':']) {
        let segment = segment.trim_matches(is_joiner);
        if segment.is_empty() {
            continue;
        }
        if segment.len() < chunk.len() {
            word(segment);
        }
        if segment.contains(is_joiner) && !is_id(segment) {
            segment.split(is_joiner).filter(|part| !part.is_empty()).for_each(&mut *word);
        }
    }
}

/// Appends every word of a text, folded, each with a space behind it.
pub(crate) fn append_words(text: &str, out: &mut String) {
    for chunk in chunks(text) {
        words_of(chunk, &mut |word| append_word(word, out));
    }
}

fn append_word(word: &str, out: &mut String) {
    let start = out.len();
    if word.is_ascii() {
        out.push_str(&word[..word.len().min(MAX_WORD)]);
        out[start..].make_ascii_lowercase();
    } else {
        out.push_str(&fold(word));
    }
    out.push(' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut out = String::new();
        append_words(text, &mut out);
        out.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn chunks_are_words_and_so_are_their_parts() {
        for (text, expected) in [
            ("", ""),
            ("User added.", "user added"),
            ("alice.b@example.com,", "alice.b@example.com alice.b alice b example.com example com"),
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
