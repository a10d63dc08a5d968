//! Storing a batch: documents, full-text index, checkpoint and counts in one transaction.

use std::sync::Arc;

use event::{Created, DocumentBatch, Settlement, Tally, Verdict};
use parking_lot::{Mutex, RwLock};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::codec::{self, Encoder};
use crate::columns::Cells;
use crate::prepare::{Prepared, prepare};
use crate::shared::Shared;
use crate::tail::Tail;
use crate::terms::{COLUMNS, DIMENSIONS, Dictionary, Dimension};
use crate::{StoreError, index};

/// With so many times the rows that usually wait for the full-text index, something is wrong with it.
const BEHIND: usize = 4;

/// The one who writes.
pub(crate) struct Writer {
    pub(crate) connection: Arc<Mutex<Connection>>,
    encoder: RwLock<Arc<Encoder>>,
}

/// What is said of a batch once it is stored.
pub(crate) type Answer = (Vec<Verdict>, Tally);

/// What a transaction has written, to be shown to readers once it is committed.
#[derive(Default)]
struct Written {
    verdicts: Vec<Verdict>,
    cells: Vec<Cells>,
    words: Vec<String>,
    /// Whether the full-text index has all rows now.
    indexed: bool,
}

impl Writer {
    pub(crate) fn new(connection: Connection) -> Result<Self, StoreError> {
        let encoder = RwLock::new(Arc::new(Encoder::newest(&connection)?));
        Ok(Self { connection: Arc::new(Mutex::new(connection)), encoder })
    }

    /// Stores a batch with its settlement, or nothing of it, and calls `answer` as soon as that is done. After it the
    /// full-text index is brought up to date when enough rows wait, while the next batch is being prepared.
    ///
    /// # Errors
    /// [`StoreError`], before any answer.
    pub(crate) fn write(
        &self,
        shared: &Shared,
        batch: &DocumentBatch,
        answer: impl FnOnce(Answer),
    ) -> Result<(), StoreError> {
        let encoder = Arc::clone(&self.encoder.read());
        let mut connection = self.connection.lock();
        let mut undo = Undo::new(shared);
        let (mut written, tally) = transact(&mut connection, shared, batch, &encoder)?;
        undo.committed = true;
        let before = undo.rows;
        shared.seen.write().pack();
        let after = before + written.cells.len();
        let verdicts = std::mem::take(&mut written.verdicts);
        publish(shared, written);
        answer((verdicts, tally));
        self.train(&mut connection, before, after);
        if let Err(error) = catch_up(&mut connection, shared) {
            tracing::warn!(%error, "the full-text index could not be written; it is tried again with later events");
        }
        Ok(())
    }

    /// Makes a compression dictionary when it is time to. The events are stored all the same if that fails.
    fn train(&self, connection: &mut Connection, before: usize, after: usize) {
        if !codec::is_time_to_train(before, after) {
            return;
        }
        match codec::train(connection, after).and_then(|()| Encoder::newest(connection)) {
            Ok(encoder) => *self.encoder.write() = Arc::new(encoder),
            Err(error) => tracing::warn!(%error, "no dictionary to compress events with could be made"),
        }
    }
}

/// What a transaction has added to the state in memory is taken back when it ends without being committed, be it by
/// an error or a panic.
struct Undo<'a> {
    shared: &'a Shared,
    rows: usize,
    terms: [usize; DIMENSIONS],
    committed: bool,
}

impl<'a> Undo<'a> {
    fn new(shared: &'a Shared) -> Self {
        let rows = shared.snapshot.read().rows();
        let terms = shared.dictionaries.read().each_ref().map(Dictionary::len);
        Self { shared, rows, terms, committed: false }
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if self.committed {
            return;
        }
        self.shared.seen.write().truncate(self.rows);
        for (dictionary, len) in self.shared.dictionaries.write().iter_mut().zip(self.terms) {
            dictionary.truncate(len);
        }
    }
}

fn transact(
    connection: &mut Connection,
    shared: &Shared,
    batch: &DocumentBatch,
    encoder: &Encoder,
) -> Result<(Written, Tally), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut written = Written::default();
    let dictionary = encoder.dictionary;
    prepare(batch, encoder, |document, outcome| {
        let verdict = match outcome {
            Ok(prepared) => {
                insert(&transaction, shared, &document.stream, prepared, dictionary, &mut written)?
            }
            Err(verdict) => verdict,
        };
        written.verdicts.push(verdict);
        Ok(())
    })?;
    written.indexed = index_before_commit(&transaction, shared, &written)?;
    let settlement = Settlement::of(batch, &written.verdicts, Created::Stored)?;
    let tally = ledger::tables::settle(&transaction, &settlement)?;
    transaction.commit()?;
    Ok((written, tally))
}

/// Writes a document, unless it is there.
fn insert(
    transaction: &Transaction<'_>,
    shared: &Shared,
    stream: &str,
    prepared: Prepared,
    dictionary: u32,
    written: &mut Written,
) -> Result<Verdict, StoreError> {
    let hash = shared.seen.read().hash(stream, &prepared.id);
    if shared.row_of(transaction, hash, stream, &prepared.id)?.is_some() {
        return Ok(Verdict::AlreadyThere);
    }
    let row = u32::try_from(shared.seen.read().len()).map_err(|_| StoreError::Full)?;
    let mut codes = [0; COLUMNS];
    for (dimension, code) in Dimension::COLUMNS.into_iter().zip(&mut codes) {
        *code = shared.code(transaction, dimension, &prepared.terms[dimension as usize])?;
    }
    let stream = shared.code(transaction, Dimension::Stream, &prepared.terms[Dimension::Stream as usize])?;
    insert_event(transaction, row, prepared.time, codes, stream, &prepared.id)?;
    transaction.prepare_cached("INSERT INTO body VALUES (?1, ?2, ?3)")?.execute((
        row,
        dictionary,
        &prepared.body,
    ))?;
    shared.seen.write().push(hash);
    written.cells.push(Cells { time: prepared.time, codes });
    written.words.push(prepared.words);
    Ok(Verdict::Created)
}

/// Writes the row of an event: all but its document.
pub(crate) fn insert_event(
    connection: &Connection,
    row: u32,
    time: i64,
    codes: [u32; COLUMNS],
    stream: u32,
    id: &str,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    let [kind, user, scope] = codes;
    statement.execute((row, time, kind, user, scope, stream, id))?;
    Ok(())
}

/// Brings the full-text index up to date, in a transaction of its own, when enough rows wait.
fn catch_up(connection: &mut Connection, shared: &Shared) -> Result<(), StoreError> {
    let (tail, geometry, rows) = {
        let snapshot = shared.snapshot.read();
        (snapshot.tail.clone(), snapshot.geometry(), snapshot.rows())
    };
    if tail.len() < geometry.tail {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    index::add(&transaction, geometry, tail.iter())?;
    transaction.commit()?;
    shared.snapshot.write().tail = Tail::starting(rows as u32);
    Ok(())
}

/// Writes the words of all rows that wait, when they are so many that the index was not written for some time: then a
/// batch is not stored unless the index is; says whether it did.
fn index_before_commit(
    transaction: &Transaction<'_>,
    shared: &Shared,
    written: &Written,
) -> Result<bool, StoreError> {
    let (tail, geometry) = {
        let snapshot = shared.snapshot.read();
        (snapshot.tail.clone(), snapshot.geometry())
    };
    if tail.len() < BEHIND * geometry.tail {
        return Ok(false);
    }
    let first = tail.first() + tail.len() as u32;
    let new = (first..).zip(written.words.iter().map(String::as_str));
    index::add(transaction, geometry, tail.iter().chain(new))?;
    Ok(true)
}

fn publish(shared: &Shared, written: Written) {
    let mut snapshot = shared.snapshot.write();
    for cells in &written.cells {
        snapshot.push(cells);
    }
    if written.indexed {
        snapshot.tail = Tail::starting(snapshot.rows() as u32);
    } else {
        for words in written.words {
            snapshot.tail.push(words);
        }
    }
}
