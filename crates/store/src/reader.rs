//! Connections that read, taken and given back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::Doc;
use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;

use crate::codec::Decoder;
use crate::terms::{DIMENSIONS, Dictionary, Dimension};
use crate::{Event, StoreError, schema};

/// More idle connections than this are closed.
const MAX_IDLE: usize = 4;

/// A connection that reads, with what it needs to read documents.
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    decoder: Decoder,
    pub(crate) doc: Doc,
}

/// Idle readers of one file.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
}

impl Readers {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    /// A reader for as long as it is needed.
    pub(crate) fn take(&self) -> Result<Reader, StoreError> {
        if let Some(reader) = self.idle.lock().pop() {
            return Ok(reader);
        }
        Ok(Reader { connection: schema::reader(&self.path)?, decoder: Decoder::default(), doc: Doc::new() })
    }

    /// Takes a reader back.
    pub(crate) fn give(&self, reader: Reader) {
        let mut idle = self.idle.lock();
        if idle.len() < MAX_IDLE {
            idle.push(reader);
        }
    }
}

impl Reader {
    /// The source of a row.
    pub(crate) fn source(&mut self, row: u32) -> Result<String, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT dictionary, source FROM body WHERE row = ?1")?;
        let mut rows = statement.query([row])?;
        let found = rows
            .next()?
            .ok_or_else(|| StoreError::Damaged(format!("the document of row {row} is missing")))?;
        let dictionary = found.get(0)?;
        let body = found.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        self.decoder.decode(&self.connection, dictionary, body)
    }

    /// The event of a row.
    pub(crate) fn event(
        &mut self,
        row: u32,
        dictionaries: &RwLock<[Dictionary; DIMENSIONS]>,
    ) -> Result<Event, StoreError> {
        let (time, stream, id): (i64, u32, String) = self
            .connection
            .prepare_cached("SELECT time, stream, id FROM event WHERE row = ?1")?
            .query_row([row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let stream = Arc::from(dictionaries.read()[Dimension::Stream as usize].value(stream));
        let time = Timestamp::from_microsecond(time)
            .map_err(|_| StoreError::Damaged(format!("row {row} has no time that there is")))?;
        Ok(Event { stream, id, time, source: self.source(row)? })
    }
}
