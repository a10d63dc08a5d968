//! The full-text index: FTS5 tables that keep, for each word, the rows that have it and nothing else; for words that
//! many rows have, bits and lists ([`crate::frequent`]).
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
use crate::frequent::{Block, Blocks, Pair, Row};
use crate::text::{Clause, Query};

/// Bytes of found rows that are kept to be found again.
const CACHE_BYTES: usize = 8 << 20;

/// The first row that the index does not have.
pub(crate) fn end(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.query_row("SELECT row FROM indexed", [], |row| row.get(0))?)
}

/// Takes everything out of it.
pub(crate) fn clear(connection: &Connection) -> Result<(), StoreError> {
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'words\\_%' ESCAPE '\\' AND sql LIKE 'CREATE VIRTUAL TABLE%'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for table in tables {
        connection.execute_batch(&format!("DROP TABLE {table}"))?;
    }
    connection.execute_batch("DELETE FROM block; DELETE FROM frequent; UPDATE indexed SET row = 0")?;
    Ok(())
}

/// Adds rows, which follow those that it has.
pub(crate) fn add<'a>(
    connection: &Connection,
    geometry: Geometry,
    rows: impl Iterator<Item = Row<'a>>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.collect();
    let partition = |row: &Row<'_>| row.0 as usize / geometry.partition;
    for rows in rows.chunk_by(|before, after| partition(before) == partition(after)) {
        for rows in rows.chunks(geometry.tail) {
            add_block(connection, partition(&rows[0]), rows)?;
        }
    }
    if let Some((last, _)) = rows.last() {
        connection.execute("UPDATE indexed SET row = ?1", [last + 1])?;
    }
    Ok(())
}

/// Adds consecutive rows of a partition.
fn add_block(connection: &Connection, partition: usize, rows: &[Row<'_>]) -> Result<(), StoreError> {
    make(connection, partition)?;
    let sql = format!("INSERT INTO words_{partition} (rowid, words) VALUES (?1, ?2)");
    let mut statement = connection.prepare(&sql)?;
    let mut block = Block::new(rows);
    let mut rest = String::new();
    for row in rows {
        block.take(*row, &mut rest);
        if !rest.is_empty() {
            statement.execute((row.0, &rest))?;
        }
    }
    block.write(connection)
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

/// Rows that a query finds.
#[derive(Clone, Default)]
pub(crate) struct Hits {
    pub(crate) rows: Arc<Bitmap>,
    /// Those of them whose documents have to tell.
    pub(crate) unsure: Bitmap,
}

impl Hits {
    /// Leaves the rows where a phrase is, or may be: by its pairs, by what makes them ambiguous, and by words that may be parts.
    fn narrow(&mut self, pairs: Vec<Pair>, again: Vec<Pair>, parts: Vec<Pair>) {
        let mut sure = Bitmap::clone(&self.rows);
        let mut perhaps = Bitmap::clone(&self.rows);
        for mut pair in pairs {
            sure.and(&pair.sure);
            pair.perhaps.or(&pair.sure);
            perhaps.and(&pair.perhaps);
        }
        for doubt in again {
            sure.and_not(&doubt.perhaps);
        }
        let mut rows = Bitmap::clone(&self.rows);
        let mut elsewhere = Bitmap::new(rows.size() * 8);
        parts.iter().for_each(|part| elsewhere.or(&part.perhaps));
        elsewhere.or(&perhaps);
        rows.and(&elsewhere);
        let mut unsure = rows.clone();
        unsure.and_not(&sure);
        self.unsure.grow(rows.size() * 8);
        self.unsure.or(&unsure);
        self.unsure.and(&rows);
        self.rows = Arc::new(rows);
    }

    /// Adds a row.
    pub(crate) fn set(&mut self, row: usize, is_sure: bool) {
        Arc::make_mut(&mut self.rows).set(row);
        if !is_sure {
            self.unsure.grow(row + 1);
            self.unsure.set(row);
        }
    }
}

/// The rows of a partition that are in the index and are asked about.
pub(crate) struct Part {
    pub(crate) partition: usize,
    /// Its first row.
    pub(crate) first: usize,
    /// How many of its rows count.
    pub(crate) rows: usize,
    /// So many are looked into rather than asked of the blocks.
    pub(crate) few: usize,
}

impl Part {
    /// Those rows that a query finds.
    pub(crate) fn search(
        &self,
        connection: &Connection,
        query: &Query,
        found: &Found,
    ) -> Result<Hits, StoreError> {
        let blocks = Blocks::read(connection, self.first, self.rows)?;
        let mut hits = Hits {
            rows: self.words(connection, &blocks, query, found)?.unwrap_or_default(),
            ..Hits::default()
        };
        for phrase in query.phrases() {
            if hits.rows.is_empty() {
                break;
            }
            if hits.rows.len() <= self.few {
                hits.unsure = Bitmap::clone(&hits.rows);
                break;
            }
            let terms = phrase.pairs.iter().chain(&phrase.again).chain(&phrase.parts);
            let mut pairs = blocks.pairs(connection, self.first, self.rows, terms)?;
            let parts = pairs.split_off(phrase.pairs.len() + phrase.again.len());
            let again = pairs.split_off(phrase.pairs.len());
            hits.narrow(pairs, again, parts);
        }
        Ok(hits)
    }

    /// The rows that have the words of a query; `None` when it asks for none.
    fn words(
        &self,
        connection: &Connection,
        blocks: &Blocks,
        query: &Query,
        found: &Found,
    ) -> Result<Option<Arc<Bitmap>>, StoreError> {
        let is_apart =
            |clause: &&Clause| clause.words().any(|word| word.prefix || blocks.have(&word.text, word.prefix));
        let (apart, others): (Vec<_>, Vec<_>) = query.clauses().iter().partition(is_apart);
        let mut rows = None;
        let expressions: Vec<String> = others.into_iter().map(Clause::fts).collect();
        if !expressions.is_empty() {
            let all = expressions.join(" AND ");
            rows = Some(self.cached(found, all, |all| self.ask(connection, all))?);
        }
        for clause in apart {
            if rows.as_ref().is_some_and(|rows| rows.is_empty()) {
                break;
            }
            let own = self.cached(found, clause.fts(), |_| self.clause(connection, blocks, clause))?;
            match &mut rows {
                Some(rows) => Arc::make_mut(rows).and(&own),
                None => rows = Some(own),
            }
        }
        Ok(rows)
    }

    /// What was found lately for an expression, or is found now.
    fn cached(
        &self,
        found: &Found,
        expression: String,
        search: impl FnOnce(&str) -> Result<Bitmap, StoreError>,
    ) -> Result<Arc<Bitmap>, StoreError> {
        let key = (self.partition, self.rows, Arc::from(expression));
        if let Some(rows) = found.get(&key) {
            return Ok(rows);
        }
        let rows = Arc::new(search(&key.2)?);
        found.put(key, &rows);
        Ok(rows)
    }

    /// The rows of a clause that has frequent words or beginnings of words, word by word.
    fn clause(
        &self,
        connection: &Connection,
        blocks: &Blocks,
        clause: &Clause,
    ) -> Result<Bitmap, StoreError> {
        let mut found = Bitmap::new(self.rows);
        for way in &clause.0 {
            let mut rows: Option<Bitmap> = None;
            for word in way {
                let mut own = match word.prefix {
                    true => self.beginning(connection, &word.text)?,
                    false => self.ask(connection, &word.fts())?,
                };
                blocks.add(connection, self.first, &word.text, word.prefix, &mut own)?;
                match &mut rows {
                    Some(rows) => rows.and(&own),
                    None => rows = Some(own),
                }
            }
            found.or(&rows.unwrap_or_default());
        }
        Ok(found)
    }

    /// The rows with words that begin like this: what the index has of each such word, one after the other. FTS5 itself would
    /// merge them into one order, which takes several times as long.
    fn beginning(&self, connection: &Connection, text: &str) -> Result<Bitmap, StoreError> {
        let mut found = Bitmap::new(self.rows);
        let table = format!("vocabulary_{}", self.partition);
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.{table} USING fts5vocab('main', 'words_{}', 'instance')",
            self.partition
        ))?;
        let sql = format!("SELECT doc FROM temp.{table} WHERE term BETWEEN ?1 AND ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut cursor = statement.query([text, &format!("{text}{}", char::MAX)])?;
        while let Some(row) = cursor.next()? {
            found.set(row.get::<_, usize>(0)?.wrapping_sub(self.first));
        }
        Ok(found)
    }

    /// The rows that an FTS5 query finds.
    fn ask(&self, connection: &Connection, expression: &str) -> Result<Bitmap, StoreError> {
        let mut found = Bitmap::new(self.rows);
        let table = format!("words_{}", self.partition);
        let sql = format!("SELECT rowid FROM {table} WHERE {table} MATCH ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut cursor = statement.query([expression])?;
        while let Some(row) = cursor.next()? {
            found.set(row.get::<_, usize>(0)?.wrapping_sub(self.first));
        }
        Ok(found)
    }
}
