//! The full-text index: FTS5 tables that keep, for each word, the rows that have it and nothing else.
//!
//! The words come from [`crate::words`], separated by spaces, so FTS5's own tokenizer only splits at those. A table
//! holds the rows of one partition; old ones can be dropped whole. Rows are added many at a time: each commit of a few
//! would leave a small piece to be merged.

use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;

use crate::StoreError;
use crate::bitmap::Bitmap;
use crate::columns::Geometry;

/// Bytes of found rows that are kept to be found again.
const CACHE_BYTES: usize = 8 << 20;

/// The first row that the index does not have.
pub(crate) fn end(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.query_row("SELECT row FROM indexed", [], |row| row.get(0))?)
}

/// Adds rows, which follow those that it has.
pub(crate) fn add<'a>(
    connection: &Connection,
    geometry: Geometry,
    rows: impl Iterator<Item = (u32, &'a str)>,
) -> Result<(), StoreError> {
    let mut end = None;
    let mut insert = None;
    for (row, words) in rows {
        let partition = row as usize / geometry.partition;
        let statement = match &mut insert {
            Some((open, statement)) if *open == partition => statement,
            _ => {
                make(connection, partition)?;
                let sql = format!("INSERT INTO words_{partition} (rowid, words) VALUES (?1, ?2)");
                &mut insert.insert((partition, connection.prepare(&sql)?)).1
            }
        };
        statement.execute((row, words))?;
        end = Some(row + 1);
    }
    if let Some(end) = end {
        connection.execute("UPDATE indexed SET row = ?1", [end])?;
    }
    Ok(())
}

/// Makes the table of a partition when it is not there.
fn make(connection: &Connection, partition: usize) -> Result<(), StoreError> {
    let table = format!("words_{partition}");
    if connection.table_exists(None, table.as_str())? {
        return Ok(());
    }
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE {table} USING fts5(
             words, content = '', detail = none, columnsize = 0,
             tokenize = \"ascii tokenchars '@.-_:/\\+#%~$'\"
         );
         INSERT INTO {table} ({table}, rank) VALUES ('pgsz', 8050);
         INSERT INTO {table} ({table}, rank) VALUES ('hashsize', 16777216);
         INSERT INTO {table} ({table}, rank) VALUES ('automerge', 8);"
    ))?;
    Ok(())
}

/// A partition, the number of its rows that were indexed, and what was searched there.
type Key = (usize, usize, Arc<str>);

/// Rows found lately, the latest last.
#[derive(Default)]
pub(crate) struct Found(Mutex<Vec<(Key, Arc<Bitmap>)>>);

impl Found {
    fn get(&self, key: &Key) -> Option<Arc<Bitmap>> {
        let mut found = self.0.lock();
        let at = found.iter().position(|(own, _)| own == key)?;
        let entry = found.remove(at);
        let rows = Arc::clone(&entry.1);
        found.push(entry);
        Some(rows)
    }

    fn put(&self, key: Key, rows: &Arc<Bitmap>) {
        let mut found = self.0.lock();
        found.push((key, Arc::clone(rows)));
        let mut bytes: usize = found.iter().map(|(_, rows)| rows.size()).sum();
        let mut old = 0;
        while bytes > CACHE_BYTES && old < found.len() {
            bytes -= found[old].1.size();
            old += 1;
        }
        found.drain(..old);
    }
}

/// Those of the first `rows` rows of a partition, which begins with row `first`, that an FTS5 query finds.
pub(crate) fn search(
    connection: &Connection,
    partition: usize,
    first: usize,
    rows: usize,
    query: &Arc<str>,
    found: &Found,
) -> Result<Arc<Bitmap>, StoreError> {
    let key = (partition, rows, Arc::clone(query));
    if let Some(rows) = found.get(&key) {
        return Ok(rows);
    }
    let rows = Arc::new(search_partition(connection, partition, first, rows, query)?);
    found.put(key, &rows);
    Ok(rows)
}

fn search_partition(
    connection: &Connection,
    partition: usize,
    first: usize,
    rows: usize,
    query: &str,
) -> Result<Bitmap, StoreError> {
    let mut found = Bitmap::new(rows);
    let sql = format!("SELECT rowid FROM words_{partition} WHERE words_{partition} MATCH ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut cursor = statement.query([query])?;
    while let Some(row) = cursor.next()? {
        found.set(row.get::<_, usize>(0)?.wrapping_sub(first));
    }
    Ok(found)
}
