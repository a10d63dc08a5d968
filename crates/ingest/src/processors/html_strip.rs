//! `html_strip`: what is left of HTML without its tags.
//!
//! What counts as a tag, and what stands in for one, is Lucene's: most tags become a line's end, those within a line
//! nothing, scripts and styles go with what is in them. A text without both `<` and `>` is not looked into.

use std::borrow::Cow;

use event::{Data, Doc, doc::Text};

use super::entities::named;
use super::string::{OPTIONS, TextChange, TextProcessor};
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;

pub(super) const INFO: Info = Info {
    name: "html_strip",
    summary: "Removes HTML tags from a text and decodes its entities.",
    options: OPTIONS,
    examples: &[
        Example {
            about: "tags within a line leave nothing, others the end of a line",
            processor: "html_strip: {field: a}",
            before: r#"{"a":"<p>I&apos;m <b>bold</b></p>"}"#,
            after: Ok(r#"{"a":"\nI'm bold\n"}"#),
        },
        Example {
            about: "scripts, styles and comments go as a whole",
            processor: "html_strip: {field: a}",
            before: r#"{"a":"x<script>if (a<b) {}</script><!-- no -->y"}"#,
            after: Ok(r#"{"a":"x\ny"}"#),
        },
        Example {
            about: "a text without tags stays as it is, entities too",
            processor: "html_strip: {field: a}",
            before: r#"{"a":"1 &lt; 2"}"#,
            after: Ok(r#"{"a":"1 &lt; 2"}"#),
        },
    ],
    differences: &[],
    compile: |options: &mut Options<'_, '_>| -> Compiled {
        Ok(Box::new(TextProcessor::compile(options, HtmlStrip)?))
    },
};

struct HtmlStrip;

impl TextChange for HtmlStrip {
    fn change(&self, doc: &mut Doc, text: Text) -> Result<Option<Data>, Failure> {
        let old = doc.text(text);
        if !old.contains('<') || !old.contains('>') {
            return Ok(None);
        }
        let new = strip(old);
        Ok(Some(Data::Str(doc.add_text(&new))))
    }
}

/// The elements that stand within a line.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "basefont", "bdo", "big", "cite", "code", "dfn", "em", "font", "i", "img",
    "input", "kbd", "label", "q", "s", "samp", "select", "small", "span", "strike", "strong", "sub", "sup",
    "textarea", "tt", "u", "var",
];

fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = if rest.starts_with('<') { markup(rest) } else { entity(rest) };
        match found {
            Some((length, instead)) => {
                out.push_str(&instead);
                rest = &rest[length..];
            }
            None => {
                out.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// What begins with `<`, when it is markup: its length, and what stands in for it.
fn markup(text: &str) -> Option<(usize, Cow<'_, str>)> {
    let nothing = |length: usize| Some((length, Cow::Borrowed("")));
    let behind = |from: usize, end: &str| text[from..].find(end).map(|at| from + at + end.len());
    if text.starts_with("<!--") {
        return nothing(behind(4, "-->").unwrap_or(text.len()));
    }
    if text.starts_with("<![CDATA[") {
        let end = behind(9, "]]>");
        let content = &text[9..end.map_or(text.len(), |end| end - 3)];
        return Some((end.unwrap_or(text.len()), Cow::Borrowed(content)));
    }
    if text.starts_with("<!") {
        return behind(2, ">").and_then(nothing);
    }
    if let Some(instruction) = text.strip_prefix("<?") {
        return if instruction.starts_with(char::is_whitespace) {
            None
        } else {
            behind(2, "?>").and_then(nothing)
        };
    }
    tag(text)
}

/// A tag, or an element whose content is no text.
fn tag(text: &str) -> Option<(usize, Cow<'_, str>)> {
    let inside = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let closes = inside.len() + 1 < text.len();
    let inside = inside.trim_start();
    let length = name_length(inside)?;
    let (name, tail) = inside.split_at(length);
    for element in ["script", "style"] {
        if !closes && name.get(..element.len()).is_some_and(|start| start.eq_ignore_ascii_case(element)) {
            return Some(match content_end(tail, element) {
                Some(end) => (text.len() - tail.len() + end, Cow::Borrowed("\n")),
                None => (text.len(), Cow::Borrowed("")),
            });
        }
    }
    if tail.is_empty() {
        return Some((text.len(), Cow::Borrowed("")));
    }
    let end = if closes { tail.find('>')? + 1 } else { attributes_end(tail)? };
    let inline = INLINE.iter().any(|known| known.eq_ignore_ascii_case(name));
    Some((text.len() - tail.len() + end, Cow::Borrowed(if inline { "" } else { "\n" })))
}

fn name_length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if !first.is_alphabetic() && !matches!(first, '_' | ':') {
        return None;
    }
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    Some(text.find(|c| !in_name(c)).unwrap_or(text.len()))
}

/// Where a tag ends whose attributes these are; none when another one begins before.
fn attributes_end(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut behind_equals = false;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        match c {
            '>' => return Some(next),
            '<' => return None,
            '"' | '\'' if behind_equals => {
                // A quote that nothing closes is a character like others.
                at = text[next..].find(c).map_or(next, |length| next + length + 1);
                behind_equals = false;
                continue;
            }
            c => behind_equals = c == '=' || (behind_equals && c.is_whitespace()),
        }
        at = next;
    }
    None
}

/// Where a script or a style ends, behind its closing tag; comments in it are passed over.
fn content_end(text: &str, element: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        at += found;
        let rest = &text[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            at += 4 + comment.find("-->")? + 3;
            continue;
        }
        let closing = rest.strip_prefix("</").and_then(|rest| {
            let name = rest.get(..element.len())?;
            name.eq_ignore_ascii_case(element).then(|| rest[element.len()..].trim_start())
        });
        if let Some(tail) = closing.and_then(|tail| tail.strip_prefix('>')) {
            return Some(text.len() - tail.len());
        }
        at += 1;
    }
    None
}

/// An entity: its length and its character. The `;` may be missing where the text ends.
fn entity(text: &str) -> Option<(usize, Cow<'_, str>)> {
    let body = &text[1..];
    let in_entity = |c: char| c.is_ascii_alphanumeric() || c == '#';
    let length = body.find(|c| !in_entity(c)).unwrap_or(body.len());
    let closed = body[length..].starts_with(';');
    if !closed && length < body.len() {
        return None;
    }
    let end = 1 + length + usize::from(closed);
    let Some(number) = body[..length].strip_prefix('#') else {
        return named(&body[..length]).map(|c| (end, Cow::Owned(c.to_string())));
    };
    let code = code_point(number)?;
    if (0xD800..0xDC00).contains(&code)
        && let Some((both, character)) = low_half(code, &text[end..])
    {
        return Some((end + both, Cow::Owned(character.to_string())));
    }
    // Half a character is none.
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    Some((end, Cow::Owned(character.to_string())))
}

/// The second half of a character that is written as two entities: its length and the character.
fn low_half(high: u32, text: &str) -> Option<(usize, char)> {
    let (number, _) = text.strip_prefix("&#")?.split_once(';')?;
    let low = code_point(number).filter(|low| (0xDC00..0xE000).contains(low))?;
    let character = char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))?;
    Some((number.len() + 3, character))
}

fn code_point(number: &str) -> Option<u32> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) if !hex.starts_with('+') => u32::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None => number.parse().ok()?,
    };
    (code <= 0x10_FFFF).then_some(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_breaks_it(text in r#"(<|>|/|!|--|\?|&|#|;|'|"|=| |a|b|script|é|\[CDATA\[|\]\]|[^<]){0,40}"#) {
            let stripped = strip(&text);
            prop_assert!(stripped.len() <= text.len() + 8);
        }
    }
}
