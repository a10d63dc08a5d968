//! The JSON parser: RFC 8259, one pass, straight into the arena.
//!
//! It reads text that stands in the document's own buffer, so a string without escapes becomes a span and is not
//! copied. Strings with escapes are unescaped into `scratch`, which is appended to the buffer at the end; their
//! spans are computed against that end from the start. Nesting is kept on a stack of ours, not on the thread's.
//!
//! Where it is known what place a text will have in the document, its fields get theirs as they are read.

mod members;
mod names;
mod numbers;
mod order;
mod strings;

use std::mem::{replace, take};

use super::{Data, Doc, FieldPath, NodeId, PathError, PathRoot, Place, Text};

pub(super) use members::Open;
pub(super) use order::{Due, Order};

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct JsonError {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// What was found or is missing there.
    pub reason: String,
}

/// Why a text can not be parsed into a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseIntoError {
    /// The text is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The value can not be put there.
    #[error(transparent)]
    Path(#[from] PathError),
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
    /// [`JsonError`]; nodes made until then are forgotten.
    pub fn parse(&mut self, source: Text, options: ParseOptions) -> Result<NodeId, JsonError> {
        self.parse_for(Place::NONE, source, options)
    }

    /// Parses a text of the buffer and puts the value at a path: [`Doc::parse`] and [`Doc::set`] in one, which is less
    /// work.
    ///
    /// # Errors
    /// [`JsonError`], then the document is as it was; [`PathError`] as [`Doc::set`] has it.
    pub fn parse_into(
        &mut self,
        path: &FieldPath,
        source: Text,
        options: ParseOptions,
    ) -> Result<(), ParseIntoError> {
        // Below an object that is there, fields have their places until it goes.
        let is_new = path.root() != PathRoot::Metadata && self.object_at(path.place()).is_none();
        let place = if is_new { path.place() } else { Place::NONE };
        let root = self.parse_for(place, source, options)?;
        if !place.is_some() || !matches!(self.data(root), Data::Object(_)) {
            return Ok(self.set(path, root)?);
        }
        // Its fields have their places, and need not be given them again when it gets its own.
        let made = root.index()..self.nodes.len();
        let fields = replace(&mut self.nodes[root.index()].data, Data::EMPTY_OBJECT);
        let result = self.set(path, root);
        self.nodes[root.index()].data = fields;
        // A place that is a list's on the way is none for a field.
        if self.at(root).place != place {
            self.forget_places_of(made);
        }
        Ok(result?)
    }

    /// Parses a text into a detached node, which is to stand at a place, below which there is nothing.
    fn parse_for(&mut self, place: Place, source: Text, options: ParseOptions) -> Result<NodeId, JsonError> {
        let start = self.nodes.len();
        let text = take(&mut self.text);
        let mut parser = Parser {
            base: source.range().start,
            at: source.range().start,
            bytes: &text.as_bytes()[..source.range().end],
            text: &text,
            scratch: take(&mut self.scratch),
            wide: Vec::new(),
            options,
            failure: JsonError { offset: 0, reason: String::new() },
            doc: self,
        };
        let root = parser.document(place).ok();
        let (scratch, failure) = (take(&mut parser.scratch), parser.failure);
        self.text = text;
        self.text.push_str(&scratch);
        self.scratch = scratch;
        self.scratch.clear();
        self.open.clear();
        if let Some(root) = root {
            return Ok(root);
        }
        self.forget_places_of(start..self.nodes.len());
        self.nodes.truncate(start);
        Err(failure)
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

/// That the text is not JSON; why is in [`Parser::failure`]. What is returned for each value shall fit a register.
struct Failed;

struct Parser<'a> {
    doc: &'a mut Doc,
    text: &'a str,
    bytes: &'a [u8],
    base: usize,
    at: usize,
    scratch: String,
    wide: names::Wide,
    options: ParseOptions,
    failure: JsonError,
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

    /// The byte at a place; behind the end 0, which JSON has nowhere.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The next place without white space.
    #[inline]
    fn behind_space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
        }
        at
    }

    /// Fails at the present place.
    fn fail<T>(&mut self, reason: &str) -> Result<T, Failed> {
        self.fail_at(self.at, reason.to_owned())
    }

    #[cold]
    fn fail_at<T>(&mut self, at: usize, reason: String) -> Result<T, Failed> {
        self.failure = JsonError { offset: at - self.base, reason };
        Err(Failed)
    }
}

#[cfg(test)]
mod tests;
