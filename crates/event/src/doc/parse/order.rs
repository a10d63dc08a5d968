//! The order in which fields came the last time, which is how they mostly come again.
//!
//! A program writes the fields of an object in the same order every time. So a document remembers, for each field that
//! pipelines ask for, which of them came next in its object, and for each object which came first. The parser compares
//! the text with the name that is due: where it is the one, neither its end nor its hash nor its place has to be looked
//! for.

use super::super::{Place, Places};

/// What is due, by what came before it.
#[derive(Clone, Debug, Default)]
pub(in crate::doc) struct Order(Box<[Due]>);

/// The point in an object's order that the parser is at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn(u32);

/// A field that is due.
#[derive(Clone, Copy, Debug)]
pub(in crate::doc) struct Due {
    pub(in crate::doc) place: Place,
    pub(in crate::doc) hash: u32,
    /// Where its name stands among those of the places, with its quotes and its colon.
    pub(in crate::doc) start: u32,
    pub(in crate::doc) end: u32,
}

impl Due {
    /// None that is known.
    pub(in crate::doc) const NONE: Self = Self { place: Place::NONE, hash: 0, start: 0, end: 0 };
}

impl Turn {
    /// At the start of the object at a place; there is nothing to remember of one that has none.
    pub(super) fn first(object: Place) -> Self {
        Self(object.index() as u32 * 2)
    }

    /// Behind the field at a place.
    pub(super) fn after(field: Place) -> Self {
        Self(field.index() as u32 * 2 + 1)
    }
}

impl Order {
    /// Of the fields at some places, of which none came yet.
    pub(in crate::doc) fn new(places: &Places) -> Self {
        Self(vec![Due::NONE; places.len() * 2].into())
    }

    /// The field whose turn it is.
    #[inline]
    pub(super) fn due(&self, turn: Turn) -> Due {
        self.0.get(turn.0 as usize).copied().unwrap_or(Due::NONE)
    }

    /// Remembers what came; it stands in the same object as what came before.
    pub(super) fn came(&mut self, turn: Turn, field: Due) {
        if let Some(due) = self.0.get_mut(turn.0 as usize) {
            *due = field;
        }
    }
}
