//! Strings: spans of the input, or unescaped.

use super::super::Text;
use super::super::escape::{find_special, is_clean};
use super::{Failed, Parser};

impl Parser<'_> {
    /// A string without escapes; `at` stands on its opening quote.
    #[inline]
    pub(super) fn plain_string(&mut self) -> Option<Text> {
        let from = self.at + 1;
        let to = find_special(self.bytes, from);
        if self.byte(to) != b'"' {
            return None;
        }
        self.at = to + 1;
        Some(Text::new(from, to - from, true))
    }

    /// A string; `at` stands on its opening quote.
    pub(super) fn string(&mut self) -> Result<Text, Failed> {
        let from = self.at + 1;
        let to = find_special(self.bytes, from);
        if self.byte(to) != b'"' {
            return self.escaped_string(from, to);
        }
        self.at = to + 1;
        Ok(Text::new(from, to - from, true))
    }

    fn escaped_string(&mut self, from: usize, mut to: usize) -> Result<Text, Failed> {
        self.scratch.push('"');
        let start = self.scratch.len();
        let mut copied = from;
        loop {
            self.scratch.push_str(&self.text[copied..to]);
            self.at = to;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return self.fail("a control character stands unescaped in a string"),
                None => return self.fail("a string is not closed"),
            }
            copied = self.at;
            to = find_special(self.bytes, copied);
        }
        self.at += 1;
        let quoted = is_clean(&self.scratch.as_bytes()[start..]);
        let length = self.scratch.len() - start;
        self.scratch.push('"');
        Ok(Text::new(self.text.len() + start, length, quoted))
    }

    /// One escape; a surrogate without its partner becomes U+FFFD.
    fn escape(&mut self) -> Result<(), Failed> {
        let plain = match self.bytes.get(self.at + 1) {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => return self.unicode_escape(),
            _ => return self.fail("an escape in a string is malformed"),
        };
        self.scratch.push(plain);
        self.at += 2;
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<(), Failed> {
        let Some(unit) = self.code_unit(self.at) else {
            return self.fail("\\u in a string lacks its four hexadecimal digits");
        };
        self.at += 6;
        let mut code = u32::from(unit);
        if (0xd800..0xdc00).contains(&unit)
            && let Some(low) = self.code_unit(self.at).filter(|low| (0xdc00..0xe000).contains(low))
        {
            self.at += 6;
            code = 0x10000 + ((u32::from(unit) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
        }
        self.scratch.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    /// The code unit of `\uXXXX` at a place.
    fn code_unit(&self, at: usize) -> Option<u16> {
        let escape = self.bytes.get(at..at + 6)?;
        if !escape.starts_with(b"\\u") || !escape[2..].iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        u16::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
    }
}
