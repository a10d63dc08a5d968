//! What the events of a filter have in common: when the first and the last were, and which values their fields had how often.
//!
//! Unlike facets these are of any field, so documents are read for them, the newest ones up to a number.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::document::first_of;
use crate::page::Direction;
use crate::view::View;
use crate::{Access, Filter, QueryError, Store, StoreError};

/// More documents than this are not read for one question.
pub const MAX_READ: usize = 10_000;

/// Fields that are counted together: a value is made of the first text of each list of dotted paths.
pub type Group<'a> = &'a [&'a [&'a str]];

/// A value, and which events had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// A text for each list of the group; empty where there is none.
    pub values: Vec<String>,
    /// How many.
    pub events: u64,
    /// When the oldest of them was.
    pub first: Timestamp,
    /// When the newest of them was.
    pub last: Timestamp,
}

/// What the events of a filter have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When the oldest event was, of all.
    pub first: Option<Timestamp>,
    /// When the newest was.
    pub last: Option<Timestamp>,
    /// How many of the newest events were read for the tallies.
    pub read: usize,
    /// For each group its values, the most frequent first; without the one whose texts are all empty.
    pub tallies: Vec<Vec<Tally>>,
}

impl Store {
    /// Reads up to `limit` (at most [`MAX_READ`]) of the newest events of a filter and counts the values of some fields.
    ///
    /// # Errors
    /// [`QueryError::Forbidden`]; [`QueryError::Invalid`] for a limit out of its range or too many words.
    pub fn history(
        &self,
        access: &Access,
        filter: &Filter,
        groups: &[Group<'_>],
        limit: usize,
    ) -> Result<History, QueryError> {
        access.check()?;
        if !(1..=MAX_READ).contains(&limit) {
            return Err(QueryError::Invalid(format!("ask for 1 to {MAX_READ} events, not {limit}")));
        }
        let view = View::new(&self.shared, filter)?;
        let mut reader = self.shared.readers.take()?;
        let places = view.places(&mut reader, Direction::Older, None, limit)?;
        let oldest = view.places(&mut reader, Direction::Newer, None, 1)?;
        let time = |micros: i64| Timestamp::from_microsecond(micros).ok();
        let mut counted: Vec<HashMap<Vec<String>, (u64, i64, i64)>> = vec![HashMap::new(); groups.len()];
        for place in &places {
            let source = reader.source(place.row)?;
            reader.doc.clear();
            let root = reader.doc.parse_str(&source).map_err(|error| {
                StoreError::Damaged(format!("the document of row {} is no JSON: {error}", place.row))
            })?;
            for (group, counted) in groups.iter().zip(&mut counted) {
                let values: Vec<String> =
                    group.iter().map(|paths| first_of(&reader.doc, root, paths)).collect();
                if values.iter().any(|value| !value.is_empty()) {
                    let count = counted.entry(values).or_insert((0, place.time, place.time));
                    // Newest first, so each is older than those before it.
                    *count = (count.0 + 1, place.time, count.2);
                }
            }
        }
        self.shared.readers.give(reader);
        let tally = |(values, (events, first, last))| {
            Some(Tally { values, events, first: time(first)?, last: time(last)? })
        };
        let sorted = |counted: HashMap<_, _>| {
            let mut tallies: Vec<Tally> = counted.into_iter().filter_map(tally).collect();
            tallies.sort_by(|a, b| {
                (Reverse(a.events), Reverse(a.last), &a.values).cmp(&(
                    Reverse(b.events),
                    Reverse(b.last),
                    &b.values,
                ))
            });
            tallies
        };
        Ok(History {
            first: oldest.first().and_then(|place| time(place.time)),
            last: places.first().and_then(|place| time(place.time)),
            read: places.len(),
            tallies: counted.into_iter().map(sorted).collect(),
        })
    }
}
