//! Pages of events, newest first, and the cursors between them.

use std::fmt;
use std::str::FromStr;

use crate::{Event, Row};

/// The place of an event in the order of all: by time, then by the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Microseconds since 1970.
    pub(crate) time: i64,
    /// The event's row.
    pub(crate) row: u32,
}

/// Where a page begins: behind an event that was seen, so that what arrives meanwhile shifts nothing.
///
/// Its text form (`Display`, `FromStr`) is made for URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    pub(crate) direction: Direction,
    pub(crate) place: Place,
}

/// Which way from a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    Older,
    Newer,
}

/// Some events, newest first, and the way to their neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T = Row> {
    /// The events.
    pub rows: Vec<T>,
    /// The page of older events; `None` when these are the oldest.
    pub next: Option<Cursor>,
    /// The page of newer events; `None` when these are the newest.
    pub previous: Option<Cursor>,
}

/// Some events by their number, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// All events of the filter.
    pub total: u64,
    /// The events asked for.
    pub events: Vec<Event>,
}

/// A text that is no cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this server gave; start again from the first page")]
pub struct CursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Older => 'o',
            Direction::Newer => 'n',
        };
        write!(f, "{direction}{}_{}", self.place.time, self.place.row)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (direction, rest) = if let Some(rest) = text.strip_prefix('o') {
            (Direction::Older, rest)
        } else if let Some(rest) = text.strip_prefix('n') {
            (Direction::Newer, rest)
        } else {
            return Err(CursorError);
        };
        let (time, row) = rest.split_once('_').ok_or(CursorError)?;
        let time = time.parse().map_err(|_| CursorError)?;
        let row = row.parse().map_err(|_| CursorError)?;
        Ok(Self { direction, place: Place { time, row } })
    }
}
