//! What SQL alone can not do when a store of an older version is opened: reading terms and words from documents.

use event::Doc;
use rusqlite::{Connection, TransactionBehavior};

use crate::codec::Decoder;
use crate::columns::Geometry;
use crate::shared::number;
use crate::terms::{DIMENSIONS, Dictionary, Dimension};
use crate::words::Words;
use crate::writer::insert_event;
use crate::{StoreError, document, index};

/// Whether a store waits for [`upgrade`].
pub(crate) fn is_outstanding(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.table_exists(None, "event_1")? || connection.table_exists(None, "index_again")?)
}

/// Brings a store of an older version to the form of this one.
pub(crate) fn upgrade(connection: &mut Connection, geometry: Geometry) -> Result<(), StoreError> {
    upgrade_events(connection)?;
    index_again(connection, geometry)
}

/// Makes the full-text index anew, some 40,000 events a second. One that was broken off goes on where it was.
fn index_again(connection: &mut Connection, geometry: Geometry) -> Result<(), StoreError> {
    if !connection.table_exists(None, "index_again")? {
        return Ok(());
    }
    let rows: u32 =
        connection.query_row("SELECT coalesce(max(row) + 1, 0) FROM body", [], |row| row.get(0))?;
    let (mut decoder, mut doc, mut words) = (Decoder::default(), Doc::new(), Words::default());
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let first = index::end(&transaction)?;
        if first == 0 {
            index::clear(&transaction)?;
        }
        let end = rows.min(first + geometry.tail as u32);
        let mut texts = Vec::new();
        {
            let mut statement = transaction.prepare_cached(
                "SELECT row, dictionary, source FROM body WHERE row >= ?1 AND row < ?2 ORDER BY row",
            )?;
            let mut found = statement.query([first, end])?;
            while let Some(found) = found.next()? {
                let row = found.get(0)?;
                let body = found.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
                let source = decoder.decode(&transaction, found.get(1)?, body)?;
                doc.clear();
                let root = doc.parse_str(&source).map_err(|error| StoreError::no_json(row, &error))?;
                document::words(&doc, root, &mut words);
                texts.push((row, words.as_str().to_owned()));
            }
        }
        index::add(&transaction, geometry, texts.iter().map(|(row, text)| (*row, text.as_str())))?;
        if end == rows {
            transaction.execute_batch("DROP TABLE index_again")?;
        }
        transaction.commit()?;
        if end == rows {
            if rows > 0 {
                tracing::info!(events = rows, "the full-text index is in the form of this version now");
            }
            return Ok(());
        }
        if first == 0 {
            tracing::info!(events = rows, "the full-text index is made anew, in the form of this version");
        }
    }
}

/// Moves the events of version 1 over, in one transaction: some 100,000 a second.
fn upgrade_events(connection: &mut Connection) -> Result<(), StoreError> {
    if !connection.table_exists(None, "event_1")? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let rows = move_events(&transaction)?;
    transaction.execute_batch("DROP TABLE event_1; DROP TABLE term_1;")?;
    transaction.commit()?;
    if rows > 0 {
        tracing::info!(events = rows, "the store is in the form of this version now");
    }
    Ok(())
}

fn move_events(connection: &Connection) -> Result<u64, StoreError> {
    let mut dictionaries: [Dictionary; DIMENSIONS] = std::array::from_fn(|_| Dictionary::default());
    let (mut decoder, mut doc, mut count) = (Decoder::default(), Doc::new(), 0);
    let mut statement = connection.prepare(
        "SELECT row, time, id, dictionary, source,
                (SELECT value FROM term_1 WHERE term_1.dimension = 5 AND code = stream) ->> 0
         FROM event_1 JOIN body USING (row) ORDER BY row",
    )?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        let row: u32 = found.get(0)?;
        let body = found.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
        let source = decoder.decode(connection, found.get(3)?, body)?;
        let id = found.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        let stream: Option<String> = found.get(5)?;
        let stream = stream.ok_or_else(|| StoreError::Damaged(format!("event {row} has no data stream")))?;
        doc.clear();
        let root = doc.parse_str(&source).map_err(|error| StoreError::no_json(row, &error))?;
        let mut codes = [0; DIMENSIONS];
        for (dimension, text) in Dimension::ALL.into_iter().zip(document::terms(&doc, root, &stream)) {
            let dictionary = &mut dictionaries[dimension as usize];
            codes[dimension as usize] = number(dictionary, connection, dimension, &text)?;
        }
        let [kind, user, scope, stream] = codes;
        insert_event(connection, row, found.get(1)?, [kind, user, scope], stream, id)?;
        count += 1;
    }
    Ok(count)
}
