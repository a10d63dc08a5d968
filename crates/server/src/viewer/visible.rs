//! Texts from anywhere, so that what is shown is what is there.

/// Control characters as the pictures that Unicode has of them, and a picture for what turns the direction of text round: that
/// would show it in another order than it stands in.
pub(crate) fn visible(text: &str) -> String {
    let picture = |c: char| match c {
        '\n' => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or('␦'),
        '\x7f' => '␡',
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            '␦'
        }
        _ => c,
    };
    text.chars().map(picture).collect()
}

/// As [`visible`], with an ellipsis behind so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => visible(&text[..end]) + "…",
        None => visible(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_seen_is_shown() {
        assert_eq!(visible("a\u{1b}[31m\tb\n\u{202e}c\u{0}"), "a␛[31m␉b\n␦c␀");
        assert_eq!((cut("äöü", 3).as_str(), cut("äöü\u{202e}", 2).as_str()), ("äöü", "äö…"));
    }
}
