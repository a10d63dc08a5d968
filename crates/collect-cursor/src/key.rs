//! What looks odd about an Admin API key. Nothing odd is a reason not to use it.

/// Characters behind `crsr_`, as far as such keys were seen.
const CRSR_LENGTH: usize = 64;

/// Fewer hexadecimal digits behind `key_` look cut.
const SHORTEST_HEX: usize = 32;

/// Looks at a key as it was written.
pub(crate) fn oddities(written: &str) -> Vec<&'static str> {
    let mut oddities = Vec::new();
    if written.contains(char::is_whitespace) {
        oddities.push("the key has white space in it or around it: copy the key alone");
    }
    let key = written.trim();
    if let Some(rest) = key.strip_prefix("crsr_") {
        if rest.len() < CRSR_LENGTH {
            oddities.push("the key is shorter than keys that begin with crsr_ are: it looks cut");
        }
    } else if let Some(rest) = key.strip_prefix("key_") {
        if rest.len() < SHORTEST_HEX {
            oddities.push("the key is shorter than keys that begin with key_ are: it looks cut");
        }
    } else {
        oddities.push(
            "the key begins neither with key_ nor with crsr_: is it an Admin API key? Those of the Analytics and \
             Cloud Agents APIs do not work here",
        );
    }
    oddities
}

#[cfg(test)]
mod tests {
    use crate::{Cursor, Key};

    #[test]
    fn odd_keys_get_a_word_and_are_taken() {
        let crsr = format!("crsr_{}", "a".repeat(64));
        let hex = format!("key_{}", "0".repeat(64));
        for (text, part) in [
            (crsr.clone(), None),
            (format!("{hex}\r\n"), None),
            (format!(" {crsr}"), Some("white space")),
            (format!("{crsr} {crsr}"), Some("white space")),
            (crsr[..40].to_owned(), Some("looks cut")),
            (hex[..20].to_owned(), Some("looks cut")),
            ("sk-12345678".to_owned(), Some("neither with key_")),
        ] {
            let key = Key::new::<Cursor>(&text);
            assert_eq!(key.oddities().len(), usize::from(part.is_some()), "{text}: {:?}", key.oddities());
            assert!(key.oddities().iter().all(|oddity| oddity.contains(part.unwrap())), "{text}");
            assert!(!format!("{key:?}").contains(&text));
        }
    }
}
