//! Every event of a filter, as a stream; and the forms and manifests of exports.

pub mod csv;
mod format;
mod hashed;
mod manifest;

use std::collections::VecDeque;

use crate::page::{Direction, Place};
use crate::reader::Reader;
use crate::view::View;
use crate::{Event, QueryError, StoreError};

pub use format::{ExportError, Format, MAX_CSV_EVENTS};
pub use hashed::Hashed;
pub use manifest::{Manifest, Order, Prepared};

/// So many places are looked up at once: each look passes over the columns.
const AHEAD: usize = 16_384;

/// The events of a filter as they were when it was asked, newest first. They are read as they are taken; memory
/// stays flat, and what is stored meanwhile does not appear.
pub struct Export {
    view: View,
    reader: Reader,
    ahead: VecDeque<Place>,
    last: Option<Place>,
    done: bool,
}

impl Export {
    pub(crate) fn new(view: View) -> Result<Self, QueryError> {
        let reader = view.shared.readers.take()?;
        Ok(Self { view, reader, ahead: VecDeque::new(), last: None, done: false })
    }

    fn look_ahead(&mut self) -> Result<(), StoreError> {
        let places = self.view.places(&mut self.reader, Direction::Older, self.last, AHEAD)?;
        self.done = places.len() < AHEAD;
        self.last = places.last().copied();
        self.ahead.extend(places);
        Ok(())
    }
}

impl Iterator for Export {
    type Item = Result<Event, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ahead.is_empty()
            && !self.done
            && let Err(error) = self.look_ahead()
        {
            self.done = true;
            return Some(Err(error));
        }
        let place = self.ahead.pop_front()?;
        let event = self.reader.event(place.row, &self.view.shared.dictionaries);
        if event.is_err() {
            self.ahead.clear();
            self.done = true;
        }
        Some(event)
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}
