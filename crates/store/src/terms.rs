//! Dictionaries: what events have in the fields that a filter can be answered from, each combination with a small
//! number.
//!
//! A term is everything that a document has in the fields of one dimension: a JSON array with an array of values for
//! each field. Kinds of events are few, however many fields tell them apart, so an event has one number a dimension,
//! and a filter on any of the fields is answered for the terms first. Number 0 stands for a document that has none of the
//! fields.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::row::PROJECT;

/// Fields that belong together. Those before `Stream` are columns in memory too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// What happened.
    Kind,
    /// Who it was.
    User,
    /// Where: organization, team, project.
    Scope,
    /// The data stream, which is no field.
    Stream,
}

/// Dimensions with a column in memory.
pub(crate) const COLUMNS: usize = 3;
/// All of them.
pub(crate) const DIMENSIONS: usize = 4;

/// Where `event.action` is among the fields of a kind.
pub(crate) const ACTION: usize = 0;
/// `event.category`
pub(crate) const CATEGORY: usize = 1;
/// `event.outcome`
pub(crate) const OUTCOME: usize = 2;
/// The dataset, which may be that of the data stream and so is no field.
pub(crate) const DATASET: usize = 6;

/// A term's values are cut to so many bytes: names, not essays.
pub(crate) const MAX_VALUE: usize = 512;

impl Dimension {
    pub(crate) const ALL: [Self; DIMENSIONS] = [Self::Kind, Self::User, Self::Scope, Self::Stream];
    /// Those with a column.
    pub(crate) const COLUMNS: [Self; COLUMNS] = [Self::Kind, Self::User, Self::Scope];

    /// The fields that its terms hold, in their order. They are in every store: another one needs a new version of the
    /// schema, for the documents have to be read again.
    pub(crate) fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Kind => &[
                "event.action",
                "event.category",
                "event.outcome",
                "event.type",
                "promptfoo.audit.target",
                "cencori.audit.category",
            ],
            Self::User => &["user.email", "user.name", "user.id"],
            Self::Scope => PROJECT,
            Self::Stream => &[],
        }
    }

    /// The dimension that has a field, and the field's place in it.
    pub(crate) fn of(field: &str) -> Option<(Self, usize)> {
        Self::COLUMNS.into_iter().find_map(|dimension| Some((dimension, dimension.place(field)?)))
    }

    /// The place of a field among its own.
    pub(crate) fn place(self, field: &str) -> Option<usize> {
        self.fields().iter().position(|own| *own == field)
    }
}

/// Whether a value is so short that terms hold it whole.
pub(crate) fn is_whole(value: &str) -> bool {
    value.len() < MAX_VALUE - 3
}

/// A term that is being written: a field after the other, each with its distinct values.
#[derive(Default)]
pub(crate) struct Writing {
    json: Vec<u8>,
    /// Where the values of the last field are.
    values: Vec<Range<usize>>,
    /// What is behind the last field with a value is not written.
    used: usize,
}

impl Writing {
    /// Begins the values of the next field.
    pub(crate) fn begin_field(&mut self) {
        self.json.extend_from_slice(if self.json.is_empty() { b"[[" } else { b"],[" });
        self.values.clear();
    }

    /// Adds a value to the field, unless it is empty.
    pub(crate) fn add(&mut self, value: &str) {
        if !value.is_empty() {
            self.add_anything(value);
        }
    }

    /// Adds a value to the field, unless it is there.
    pub(crate) fn add_anything(&mut self, value: &str) {
        let before = self.json.len();
        if !self.values.is_empty() {
            self.json.push(b',');
        }
        let start = self.json.len();
        event::doc::write_string(value, &mut self.json);
        if self.values.iter().any(|known| self.json[known.clone()] == self.json[start..]) {
            self.json.truncate(before);
            return;
        }
        self.values.push(start..self.json.len());
        self.used = self.json.len();
    }

    /// The term; empty when no field has a value.
    pub(crate) fn finish(mut self) -> String {
        if self.used == 0 {
            return String::new();
        }
        self.json.truncate(self.used);
        self.json.extend_from_slice(b"]]");
        String::from_utf8(self.json).unwrap_or_default()
    }
}

/// The terms of one dimension.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    codes: HashMap<Arc<str>, u32>,
    terms: Vec<Term>,
}

/// What an event has in the fields of a dimension.
#[derive(Debug)]
pub(crate) struct Term {
    text: Arc<str>,
    fields: Box<[Box<[Box<str>]>]>,
}

impl Term {
    /// The values of a field.
    pub(crate) fn values(&self, field: usize) -> &[Box<str>] {
        self.fields.get(field).map_or(&[], |values| values)
    }
}

impl Dictionary {
    /// The number of a term, when it has one. The empty text is 0.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        if text.is_empty() { Some(0) } else { self.codes.get(text).copied() }
    }

    /// Numbers a new term.
    pub(crate) fn add(&mut self, text: &str) -> u32 {
        let fields = serde_json::from_str(text).unwrap_or_default();
        let text: Arc<str> = text.into();
        self.terms.push(Term { text: Arc::clone(&text), fields });
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

    /// The only value of a term; empty when it is none.
    pub(crate) fn value(&self, code: u32) -> &str {
        let term = (code as usize).checked_sub(1).and_then(|at| self.terms.get(at));
        term.and_then(|term| term.values(0).first()).map_or("", |value| value)
    }

    /// Every number with its term; that of 0 has no values.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (usize, &Term)> {
        (1..).zip(&self.terms)
    }
}
