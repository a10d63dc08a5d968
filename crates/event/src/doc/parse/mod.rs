//! The JSON parser: RFC 8259, one pass, straight into the arena.
//!
//! It reads text that stands in the document's own buffer, so a string without escapes becomes a span and is not
//! copied. Strings with escapes are unescaped into `scratch`, which is appended to the buffer at the end; their
//! spans are computed against that end from the start. Nesting is kept on a stack of ours, not on the thread's.

mod members;
mod numbers;
mod strings;

use std::mem::take;

use super::{Doc, NodeId, Text};

pub(super) use members::Open;

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct JsonError {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// What was found or is missing there.
    pub reason: String,
}

/// What the `json` processor lets its user choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// Of fields with the same name the last one counts; otherwise they are an error.
    pub allow_duplicate_keys: bool,
    /// What follows the first value is not looked at; otherwise it is an error.
    pub ignore_trailing: bool,
}

impl Doc {
    /// Parses a text of the buffer into a detached node.
    ///
    /// # Errors
    /// [`JsonError`]; nodes made until then stay unreachable.
    pub fn parse(&mut self, source: Text, options: ParseOptions) -> Result<NodeId, JsonError> {
        let text = take(&mut self.text);
        let mut parser = Parser {
            base: source.range().start,
            at: source.range().start,
            bytes: &text.as_bytes()[..source.range().end],
            text: &text,
            scratch: take(&mut self.scratch),
            wide: Vec::new(),
            options,
            doc: self,
        };
        let result = parser.document();
        let scratch = take(&mut parser.scratch);
        self.text = text;
        self.text.push_str(&scratch);
        self.scratch = scratch;
        self.scratch.clear();
        self.open.clear();
        result
    }

    /// Copies a text into the buffer and parses it with the default options.
    ///
    /// # Errors
    /// As [`Doc::parse`].
    pub fn parse_str(&mut self, json: &str) -> Result<NodeId, JsonError> {
        let text = self.add_text(json);
        self.parse(text, ParseOptions::default())
    }
}

struct Parser<'a> {
    doc: &'a mut Doc,
    text: &'a str,
    bytes: &'a [u8],
    base: usize,
    at: usize,
    scratch: String,
    wide: members::Wide,
    options: ParseOptions,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek_behind_space(&mut self) -> Option<u8> {
        match self.peek() {
            Some(b' ' | b'\n' | b'\r' | b'\t') => {
                while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
                    self.at += 1;
                }
                self.peek()
            }
            byte => byte,
        }
    }

    fn fail<T>(&self, reason: &str) -> Result<T, JsonError> {
        Err(JsonError { offset: self.at - self.base, reason: reason.to_owned() })
    }
}

#[cfg(test)]
mod tests;
