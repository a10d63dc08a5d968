//! Exports with what a reviewer needs to trust them: which events were asked for, how many there are, and a hash.
//!
//! Documents never change and rows are numbered as they arrive, so a filter over the first so many events that were stored
//! gives the same bytes every time: an export can be made again, and its manifest at any time.

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::format::{ExportError, Format};
use super::hashed::Hashed;
use crate::{Access, Filter, QueryError, Role, Shape, Store};

/// An export that can be written.
#[derive(Clone, Debug)]
pub struct Order {
    /// What it is written as.
    pub format: Format,
    /// Which events.
    pub filter: Filter,
    /// The filter as it was asked, names and values, for people.
    pub asked: Vec<(&'static str, String)>,
    /// Of the first so many events that were stored.
    pub as_of: u64,
}

/// An export that was looked up: its events are known, and nothing is written yet.
#[derive(Debug)]
pub struct Prepared {
    order: Order,
    who: Access,
    events: super::Export,
    /// How many events the filter finds, where they may be more than the format holds.
    total: Option<u64>,
}

/// What a reviewer needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The name of the file.
    pub file: String,
    /// How many events it has.
    pub events: u64,
    /// How many events the filter finds: more, when the export was cut.
    pub total: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    order: (Format, Value, u64),
    who: Access,
    made: Timestamp,
}

impl Order {
    /// Looks the events up.
    ///
    /// # Errors
    /// [`QueryError::Forbidden`]; [`QueryError::Invalid`] for a filter that can not be, or for more events than are stored.
    pub fn prepare(self, store: &Store, access: &Access) -> Result<Prepared, QueryError> {
        let filter = Filter { as_of: Some(self.as_of), ..self.filter.clone() };
        let events = store.export(access, &filter)?;
        let stored = store.len() as u64;
        if self.as_of > stored {
            return Err(QueryError::Invalid(format!(
                "as_of is the number of events that were stored, so at most {stored}, and not {}",
                self.as_of
            )));
        }
        let count = || store.summary(access, &filter, Shape { top: 0, buckets: 0 });
        let total = match self.format {
            Format::Csv => Some(count()?.total),
            Format::Json | Format::Ndjson => None,
        };
        Ok(Prepared { order: self, who: access.clone(), events, total })
    }

    fn filter_json(&self) -> Value {
        let mut filter = Map::new();
        for (name, value) in &self.asked {
            if let Some(values) = filter.entry(*name).or_insert_with(|| json!([])).as_array_mut() {
                values.push(json!(value));
            }
        }
        Value::Object(filter)
    }
}

impl Prepared {
    /// What it is written as.
    pub fn format(&self) -> Format {
        self.order.format
    }

    /// Events that the filter finds and the export does not hold.
    pub fn cut(&self) -> Option<(u64, u64)> {
        let limit = self.order.format.limit();
        self.total.filter(|total| *total > limit).map(|total| (limit, total))
    }

    /// A name for its file, which says when it is cut.
    pub fn file_name(&self) -> String {
        let (as_of, ending) = (self.order.as_of, self.order.format.name());
        match self.cut() {
            Some((limit, total)) => format!("events-as-of-{as_of}-newest-{limit}-of-{total}.{ending}"),
            None => format!("events-as-of-{as_of}.{ending}"),
        }
    }

    /// Writes it, and says what was written.
    ///
    /// # Errors
    /// [`ExportError`]; what is written by then is no export.
    pub fn write(self, out: impl Write) -> Result<Manifest, ExportError> {
        let file = self.file_name();
        let filter = self.order.filter_json();
        let head = format!("\"filter\":{filter},\"as_of\":{}", self.order.as_of);
        let mut out = Hashed::new(out);
        let events = self.order.format.write(&mut out, &head, self.events)?;
        out.flush()?;
        let (bytes, sha256) = out.finish();
        Ok(Manifest {
            file,
            events,
            total: self.total.unwrap_or(events),
            bytes,
            sha256,
            order: (self.order.format, filter, self.order.as_of),
            who: self.who,
            made: Timestamp::now(),
        })
    }
}

impl Manifest {
    /// What it was written as.
    pub fn format(&self) -> Format {
        self.order.0
    }

    /// As JSON, to be kept beside the export.
    pub fn json(&self) -> Value {
        let (format, filter, as_of) = &self.order;
        json!({
            "file": self.file,
            "format": format.name(),
            "filter": filter,
            "as_of": as_of,
            "events": self.events,
            "total": self.total,
            "cut": self.events < self.total,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "made": self.made.to_string(),
            "by": { "user": self.who.name(), "role": self.who.role().map(Role::as_str) },
        })
    }
}
