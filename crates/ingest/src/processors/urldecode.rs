//! `urldecode`: undoes the escapes of URLs.

use event::{Data, Doc, doc::Text};
use percent_encoding::percent_decode_str;

use super::string::{OPTIONS, TextChange, TextProcessor};
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;
use crate::scratch;

pub(super) const INFO: Info = Info {
    name: "urldecode",
    summary: "Decodes %XX and + as they stand in URLs and forms.",
    options: OPTIONS,
    examples: &[
        Example {
            about: "a plus is a space",
            processor: "urldecode: {field: a, target_field: b}",
            before: r#"{"a":"a%20b+%C3%A9"}"#,
            after: Ok(r#"{"a":"a%20b+%C3%A9","b":"a b é"}"#),
        },
        Example {
            about: "an escape that is none is an error",
            processor: "urldecode: {field: a}",
            before: r#"{"a":"100%zz"}"#,
            after: Err(
                "URLDecoder: Illegal hex characters in escape (%) pattern - not a hexadecimal digit: \"z\" = 122",
            ),
        },
        Example {
            about: "so is half of one",
            processor: "urldecode: {field: a}",
            before: r#"{"a":"100%"}"#,
            after: Err("URLDecoder: Incomplete trailing escape (%) pattern"),
        },
    ],
    differences: &[],
    compile: |options: &mut Options<'_, '_>| -> Compiled {
        Ok(Box::new(TextProcessor::compile(options, UrlDecode)?))
    },
};

struct UrlDecode;

impl TextChange for UrlDecode {
    fn change(&self, doc: &mut Doc, text: Text) -> Result<Option<Data>, Failure> {
        if memchr::memchr2(b'%', b'+', doc.text(text).as_bytes()).is_none() {
            return Ok(None);
        }
        scratch::with(|new| {
            let old = doc.text(text);
            if !decode_ascii(old, new) {
                if let Some(reason) = broken_escape(old) {
                    return Err(Failure::illegal_argument(format!("URLDecoder: {reason}")));
                }
                let spaced = old.replace('+', " ");
                new.clear();
                new.push_str(&percent_decode_str(&spaced).decode_utf8_lossy());
            }
            Ok(Some(Data::Str(doc.add_text(new))))
        })
    }
}

/// Appends a text decoded; false where an escape is none or not of ASCII, which takes a second look.
fn decode_ascii(text: &str, out: &mut String) -> bool {
    let bytes = text.as_bytes();
    let mut from = 0;
    for at in memchr::memchr2_iter(b'%', b'+', bytes) {
        // Within an escape that was none.
        if at < from {
            return false;
        }
        out.push_str(&text[from..at]);
        if bytes[at] == b'+' {
            out.push(' ');
            from = at + 1;
            continue;
        }
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match digit(at + 1).zip(digit(at + 2)) {
            Some((high @ 0..8, low)) => out.push(char::from((high * 16 + low) as u8)),
            _ => return false,
        }
        from = at + 3;
    }
    out.push_str(&text[from..]);
    true
}

/// What Java's `URLDecoder` says of the first escape that is none.
fn broken_escape(text: &str) -> Option<String> {
    text.match_indices('%').find_map(|(at, _)| {
        let mut digits = text[at + 1..].encode_utf16();
        let (Some(first), Some(second)) = (digits.next(), digits.next()) else {
            return Some("Incomplete trailing escape (%) pattern".to_owned());
        };
        let wrong = [first, second]
            .into_iter()
            .find(|digit| !char::from_u32(u32::from(*digit)).is_some_and(|c| c.is_ascii_hexdigit()))?;
        let shown = char::from_u32(u32::from(wrong)).unwrap_or(char::REPLACEMENT_CHARACTER);
        Some(format!(
            "Illegal hex characters in escape (%) pattern - not a hexadecimal digit: \"{shown}\" = {wrong}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::run;

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in "\\PC*") {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let after = run("urldecode: {field: a}", &format!(r#"{{"a":"{encoded}"}}"#)).unwrap();
            prop_assert_eq!(after["a"].as_str(), Some(text.as_str()));
        }

        #[test]
        fn the_short_way_gives_what_the_long_one_gives(text in "([a-c+é]|%[0-9a-f]{2}|%){0,12}") {
            let mut short = String::new();
            if super::decode_ascii(&text, &mut short) {
                prop_assert_eq!(super::broken_escape(&text), None);
                let spaced = text.replace('+', " ");
                prop_assert_eq!(short, percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy());
            }
        }
    }
}
