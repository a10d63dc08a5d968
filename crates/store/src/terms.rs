//! Dictionaries: the values of the fields that have a filter, each with a small number.
//!
//! What is numbered is everything that a document has in such a field, as a JSON array: `["iam","configuration"]` is
//! one term of `event.category`, and `["alice@example.com","alice"]` one of the actor. So an event has one number a
//! field, however many values it has. Number 0 stands for a field that is not there.

use std::sync::Arc;

use hashbrown::HashMap;

/// The fields that have a dictionary. Those before `Stream` are columns in memory too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    Dataset,
    Action,
    Category,
    Outcome,
    /// The actor: a label first, then other names that it is found by.
    User,
    Stream,
}

/// Dimensions with a column in memory.
pub(crate) const COLUMNS: usize = 5;
/// All of them.
pub(crate) const DIMENSIONS: usize = 6;

impl Dimension {
    pub(crate) const ALL: [Self; DIMENSIONS] =
        [Self::Dataset, Self::Action, Self::Category, Self::Outcome, Self::User, Self::Stream];
}

/// The terms of one dimension.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    codes: HashMap<Arc<str>, u32>,
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    text: Arc<str>,
    values: Vec<Box<str>>,
}

impl Dictionary {
    /// The number of a term, when it has one. The empty text is 0.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        if text.is_empty() { Some(0) } else { self.codes.get(text).copied() }
    }

    /// Numbers a new term.
    pub(crate) fn add(&mut self, text: &str) -> u32 {
        let values = serde_json::from_str(text).unwrap_or_default();
        let text: Arc<str> = text.into();
        self.terms.push(Term { text: Arc::clone(&text), values });
        let code = self.terms.len() as u32;
        self.codes.insert(text, code);
        code
    }

    /// How many terms there are; the highest number.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Forgets the terms behind the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        for term in self.terms.drain(len.min(self.terms.len())..) {
            self.codes.remove(&term.text);
        }
    }

    /// The values of a term.
    pub(crate) fn values(&self, code: u32) -> &[Box<str>] {
        (code as usize).checked_sub(1).and_then(|at| self.terms.get(at)).map_or(&[], |term| &term.values)
    }

    /// The only value of a term; empty when it is none.
    pub(crate) fn value(&self, code: u32) -> &str {
        self.values(code).first().map_or("", |value| value)
    }

    /// Every number with its values.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (u32, &[Box<str>])> {
        (1..).zip(self.terms.iter().map(|term| term.values.as_slice()))
    }
}
