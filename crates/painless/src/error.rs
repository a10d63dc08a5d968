//! What goes wrong: when a script is compiled ([`CompileError`]) and when it runs ([`RuntimeError`]).

use std::fmt;

/// A mistake in a script, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there and what would be right.
    pub reason: String,
    /// The line of the script up to and from that place, cut to what fits a message.
    before: String,
    after: String,
}

/// A mistake on its way: boxed, so that the results of the many functions that may find one stay small.
pub(crate) type Mistake = Box<CompileError>;

/// Characters of the script that a message shows on each side of the place.
const SHOWN: usize = 30;

impl CompileError {
    pub(crate) fn new(source: &str, at: usize, reason: impl Into<String>) -> Mistake {
        let at = (0..=at.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
        let start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = source[at..].find('\n').map_or(source.len(), |newline| at + newline);
        let before: Vec<char> = source[start..at].chars().collect();
        Box::new(Self {
            line: source[..at].matches('\n').count() + 1,
            column: before.len() + 1,
            reason: reason.into(),
            before: before[before.len().saturating_sub(SHOWN)..].iter().collect(),
            after: source[at..end].chars().take(SHOWN).collect(),
        })
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, reason, before, after } = self;
        write!(f, "compile error at line {line}, column {column}: {reason} [{before} <-- here --> {after}]")
    }
}

impl std::error::Error for CompileError {}

/// An exception that a script threw and did not catch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.root_message())]
pub struct RuntimeError {
    /// Elasticsearch's name of the exception, `null_pointer_exception` for instance.
    pub kind: String,
    /// The exception's message, where it has one.
    pub message: Option<String>,
    /// Bytes from the start of the script to the place.
    pub offset: usize,
}

impl RuntimeError {
    /// The message, or the name of an exception that has none.
    pub fn root_message(&self) -> &str {
        self.message.as_deref().unwrap_or(&self.kind)
    }
}
