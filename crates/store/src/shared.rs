//! What the writer and the readers have in common: the state in memory, made from the file when it is opened.

use event::Doc;
use parking_lot::RwLock;
use rusqlite::Connection;

use crate::columns::{Cells, Geometry, Snapshot};
use crate::index::{self, Found};
use crate::reader::{Reader, Readers};
use crate::seen::Seen;
use crate::tail::Tail;
use crate::terms::{COLUMNS, DIMENSIONS, Dictionary, Dimension};
use crate::verify::Verified;
use crate::words::Words;
use crate::{StoreError, document};

/// The state in memory.
pub(crate) struct Shared {
    pub(crate) readers: Readers,
    /// Every term that a snapshot speaks of is here.
    pub(crate) dictionaries: RwLock<[Dictionary; DIMENSIONS]>,
    /// May be ahead of the snapshot, by the rows of a transaction.
    pub(crate) seen: RwLock<Seen>,
    /// What is committed.
    pub(crate) snapshot: RwLock<Snapshot>,
    pub(crate) found: Found,
    pub(crate) verified: Verified,
}

impl Shared {
    /// Reads the state from the file.
    pub(crate) fn load(readers: Readers, geometry: Geometry) -> Result<Self, StoreError> {
        let mut reader = readers.take()?;
        // One transaction, so that a writer in another process changes nothing in between.
        reader.connection.execute_batch("BEGIN")?;
        let dictionaries = load_terms(&reader.connection)?;
        let (mut snapshot, seen) = load_events(&reader.connection, geometry, &dictionaries)?;
        snapshot.tail = load_tail(&mut reader, snapshot.rows() as u32)?;
        reader.connection.execute_batch("COMMIT")?;
        readers.give(reader);
        Ok(Self {
            readers,
            dictionaries: RwLock::new(dictionaries),
            seen: RwLock::new(seen),
            snapshot: RwLock::new(snapshot),
            found: Found::default(),
            verified: Verified::default(),
        })
    }

    /// The row of a document, with the hash of its key.
    pub(crate) fn row_of(
        &self,
        connection: &Connection,
        hash: u32,
        stream: &str,
        id: &str,
    ) -> Result<Option<u32>, StoreError> {
        for row in self.seen.read().candidates(hash) {
            let mut statement =
                connection.prepare_cached("SELECT stream, id = ?2 FROM event WHERE row = ?1")?;
            let mut rows = statement.query((row, id))?;
            let Some(found) = rows.next()? else { continue };
            let (code, same): (u32, bool) = (found.get(0)?, found.get(1)?);
            if same && self.dictionaries.read()[Dimension::Stream as usize].value(code) == stream {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// The number of a term, which is added when it is new.
    pub(crate) fn code(
        &self,
        connection: &Connection,
        dimension: Dimension,
        text: &str,
    ) -> Result<u32, StoreError> {
        if let Some(code) = self.dictionaries.read()[dimension as usize].find(text) {
            return Ok(code);
        }
        number(&mut self.dictionaries.write()[dimension as usize], connection, dimension, text)
    }
}

/// The number of a term, which is added to the dictionary of its dimension and to the file when it is new.
pub(crate) fn number(
    dictionary: &mut Dictionary,
    connection: &Connection,
    dimension: Dimension,
    text: &str,
) -> Result<u32, StoreError> {
    if let Some(code) = dictionary.find(text) {
        return Ok(code);
    }
    let code = dictionary.add(text);
    let mut statement = connection.prepare_cached("INSERT INTO term VALUES (?1, ?2, ?3)")?;
    statement.execute((dimension as usize, code, text))?;
    Ok(code)
}

fn load_terms(connection: &Connection) -> Result<[Dictionary; DIMENSIONS], StoreError> {
    let mut dictionaries: [Dictionary; DIMENSIONS] = std::array::from_fn(|_| Dictionary::default());
    let mut statement =
        connection.prepare("SELECT dimension, code, value FROM term ORDER BY dimension, code")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (dimension, code, text): (usize, u32, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let added = dictionaries.get_mut(dimension).map(|dictionary| dictionary.add(&text));
        if added != Some(code) {
            return Err(StoreError::Damaged(format!("term {code} of {dimension} is out of order")));
        }
    }
    Ok(dictionaries)
}

fn load_events(
    connection: &Connection,
    geometry: Geometry,
    dictionaries: &[Dictionary; DIMENSIONS],
) -> Result<(Snapshot, Seen), StoreError> {
    let streams = &dictionaries[Dimension::Stream as usize];
    let (mut snapshot, mut seen) = (Snapshot::new(geometry), Seen::new(geometry.partition));
    let last = |table| format!("SELECT coalesce(max(row) + 1, 0) FROM {table}");
    let count: usize = connection.query_row(&last("event"), [], |row| row.get(0))?;
    let bodies: usize = connection.query_row(&last("body"), [], |row| row.get(0))?;
    let mut statement =
        connection.prepare("SELECT row, time, kind, user, scope, stream, id FROM event ORDER BY row")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if row.get::<_, usize>(0)? != seen.len() {
            return Err(StoreError::Damaged(format!("event {} is missing", seen.len())));
        }
        let mut codes = [0; COLUMNS];
        for (at, code) in codes.iter_mut().enumerate() {
            *code = row.get(2 + at)?;
        }
        snapshot.push(&Cells { time: row.get(1)?, codes });
        let stream = streams.value(row.get(5)?);
        let id = row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?;
        let hash = seen.hash(stream, id);
        seen.push(hash);
        seen.pack();
    }
    if bodies != count {
        return Err(StoreError::Damaged(format!("there are {count} events and {bodies} documents")));
    }
    Ok((snapshot, seen))
}

/// The words of the rows that the index does not have, read from their documents.
fn load_tail(reader: &mut Reader, rows: u32) -> Result<Tail, StoreError> {
    let first = index::end(&reader.connection)?;
    if first > rows {
        return Err(StoreError::Damaged(format!("{first} of {rows} events are indexed")));
    }
    let mut tail = Tail::starting(first);
    let mut doc = Doc::new();
    let mut words = Words::default();
    for row in first..rows {
        let source = reader.source(row)?;
        doc.clear();
        let root = doc.parse_str(&source).map_err(|error| StoreError::no_json(row, &error))?;
        document::words(&doc, root, &mut words);
        tail.push(words.as_str().to_owned());
    }
    Ok(tail)
}
