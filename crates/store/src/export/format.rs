//! What an export is written as.

use std::io::{self, Write};

use super::csv;
use crate::{Event, StoreError};

/// A CSV export has at most so many events; spreadsheets take no more than some.
pub const MAX_CSV_EVENTS: u64 = 50_000;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table of what a row of the viewer shows, of at most [`MAX_CSV_EVENTS`] events; made for spreadsheets.
    Csv,
    /// One JSON object with the filter and all documents.
    Json,
    /// All documents, one a line.
    Ndjson,
}

/// Why an export ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be written where it was to go.
    #[error("the export can not be written: {0}")]
    Output(#[from] io::Error),
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Ndjson];

    /// Its name, which is the ending of its files as well.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// How many events it holds at most.
    pub(super) fn limit(self) -> u64 {
        match self {
            Self::Csv => MAX_CSV_EVENTS,
            Self::Json | Self::Ndjson => u64::MAX,
        }
    }

    /// Writes events one by one, at most as many as the format holds; says how many there were. `head` is what a JSON export
    /// begins with: fields of an object, without its braces.
    pub(super) fn write(
        self,
        out: &mut impl Write,
        head: &str,
        events: impl Iterator<Item = Result<Event, StoreError>>,
    ) -> Result<u64, ExportError> {
        match self {
            Self::Csv => {
                let mut table = csv::Table::new(out);
                table.row(COLUMNS)?;
                let count = each(self, events, |_, event| Ok(table.row(cells(event))?))?;
                table.finish()?;
                Ok(count)
            }
            Self::Json => {
                write!(out, "{{{head},\"events\":[")?;
                let count = each(self, events, |at, event| {
                    out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
                    Ok(out.write_all(&line(event))?)
                })?;
                out.write_all(b"\n]}\n")?;
                Ok(count)
            }
            Self::Ndjson => each(self, events, |_, event| {
                out.write_all(&line(event))?;
                Ok(out.write_all(b"\n")?)
            }),
        }
    }
}

/// Calls `write` with the number of each event and itself; says how many there were.
fn each(
    format: Format,
    events: impl Iterator<Item = Result<Event, StoreError>>,
    mut write: impl FnMut(u64, &Event) -> Result<(), ExportError>,
) -> Result<u64, ExportError> {
    let mut count = 0;
    for event in events {
        if count == format.limit() {
            break;
        }
        write(count, &event?)?;
        count += 1;
    }
    Ok(count)
}

/// A document with its place, as other outputs write it.
fn line(event: &Event) -> Vec<u8> {
    let mut out = Vec::with_capacity(event.source.len() + 128);
    event.write(&mut out);
    out
}

const COLUMNS: [&str; 12] = [
    "time",
    "data_stream.dataset",
    "event.action",
    "event.category",
    "event.outcome",
    "user",
    "source.ip",
    "country",
    "target",
    "message",
    "_index",
    "_id",
];

fn cells(event: &Event) -> [String; 12] {
    let row = event.row();
    [
        row.time.to_string(),
        row.dataset,
        row.action,
        row.categories.join(", "),
        row.outcome,
        row.user,
        row.source_ip,
        row.country,
        row.target,
        row.message,
        row.stream.to_string(),
        row.id,
    ]
}
