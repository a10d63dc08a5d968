//! The store itself: opened, delivered to, asked.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use event::{Created, DeliverError, Destination, DocumentBatch, Receipt};
use ledger::{DataDir, Ledger};
use tokio::sync::oneshot;

use crate::columns::Geometry;
use crate::export::Export;
use crate::page::{Cursor, Direction, Page, Slice};
use crate::reader::Readers;
use crate::shared::Shared;
use crate::view::View;
use crate::writer::Writer;
use crate::{Access, Count, Event, Filter, QueryError, Shape, StoreError, Summary, schema};

/// Pages are no longer than this.
pub const MAX_PAGE: usize = 1_000;

/// The store. Every clone is the same one.
///
/// It is an [`event::Destination`], and it answers questions. Answers may take up to some hundred milliseconds of work:
/// from asynchronous code, ask in `spawn_blocking`.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    pub(crate) writer: Option<Arc<Writer>>,
    ledger: Option<Ledger>,
}

impl Store {
    /// Opens the store in a data directory that this process holds; makes it when it is not there.
    ///
    /// Reads the columns of all events into memory: about half a second for a million.
    ///
    /// # Errors
    /// [`StoreError::File`] and [`StoreError::Damaged`] for a file that can not be used.
    pub fn open(directory: &DataDir) -> Result<Self, StoreError> {
        Self::open_with(directory, Geometry::default())
    }

    pub(crate) fn open_with(directory: &DataDir, geometry: Geometry) -> Result<Self, StoreError> {
        let path = directory.path().join(schema::FILE);
        let writer = Writer::new(schema::writer(&path, geometry)?)?;
        let ledger = Ledger::on(Arc::clone(&writer.connection))?;
        let shared = Arc::new(Shared::load(Readers::new(&path), geometry)?);
        Ok(Self { shared, writer: Some(Arc::new(writer)), ledger: Some(ledger) })
    }

    /// Opens the store in a data directory for reading, whoever holds it. It shows what is stored now; what is stored
    /// later appears when it is opened again.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`StoreError::File`] when there is none.
    pub fn view(directory: &Path) -> Result<Self, StoreError> {
        let readers = Readers::new(&directory.join(schema::FILE));
        let shared = Arc::new(Shared::load(readers, Geometry::default())?);
        Ok(Self { shared, writer: None, ledger: None })
    }

    /// Opens the ledger of the store in a data directory for reading, whoever holds it.
    ///
    /// # Errors
    /// As [`Ledger::view`].
    pub fn view_ledger(directory: &Path) -> Result<Ledger, StoreError> {
        Ok(Ledger::view_file(&directory.join(schema::FILE))?)
    }

    /// The ledger in the same file: checkpoints, counts and quarantine, written with the events. `None` when the store was
    /// opened for reading.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// How many events are stored; a number for metrics, which anybody may know.
    pub fn len(&self) -> usize {
        self.shared.snapshot.read().rows()
    }

    /// Whether no event is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Up to `limit` (1 to 1,000) events of a filter, newest first: the newest ones, or those next to a cursor.
    ///
    /// # Errors
    /// [`QueryError::Forbidden`]; [`QueryError::Invalid`] for a limit out of its range or a text with too many words.
    pub fn page(
        &self,
        access: &Access,
        filter: &Filter,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, QueryError> {
        self.page_of(access, filter, from, limit, |event| event.row())
    }

    /// As [`page`](Self::page), with whole events.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub fn events(
        &self,
        access: &Access,
        filter: &Filter,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Event>, QueryError> {
        self.page_of(access, filter, from, limit, |event| event)
    }

    fn page_of<T>(
        &self,
        access: &Access,
        filter: &Filter,
        from: Option<Cursor>,
        limit: usize,
        show: impl Fn(Event) -> T,
    ) -> Result<Page<T>, QueryError> {
        access.check()?;
        check_limit(limit)?;
        let view = View::new(&self.shared, filter)?;
        let mut reader = self.shared.readers.take()?;
        let direction = from.map_or(Direction::Older, |cursor| cursor.direction);
        let mut places = view.places(&mut reader, direction, from.map(|cursor| cursor.place), limit + 1)?;
        let more = places.len() > limit;
        places.truncate(limit);
        if direction == Direction::Newer {
            places.reverse();
        }
        let (first, last) = (places.first().copied(), places.last().copied());
        let cursor = |direction| move |place| Cursor { direction, place };
        let newer = match (direction, first) {
            (Direction::Newer, _) => more,
            (Direction::Older, None) => false,
            (Direction::Older, first) => {
                from.is_some() && !view.places(&mut reader, Direction::Newer, first, 1)?.is_empty()
            }
        };
        let older = match direction {
            Direction::Older => more,
            Direction::Newer => {
                last.is_some() && !view.places(&mut reader, Direction::Older, last, 1)?.is_empty()
            }
        };
        let mut rows = Vec::with_capacity(places.len());
        for place in &places {
            rows.push(show(reader.event(place.row, &self.shared.dictionaries)?));
        }
        self.shared.readers.give(reader);
        Ok(Page {
            rows,
            next: last.filter(|_| older).map(cursor(Direction::Older)),
            previous: first.filter(|_| newer).map(cursor(Direction::Newer)),
        })
    }

    /// How many events a filter finds, and up to `limit` (1 to 1,000) of them after the `offset` newest, newest first. Any
    /// offset costs about as much: those before it are counted and not read.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub fn slice(
        &self,
        access: &Access,
        filter: &Filter,
        offset: u64,
        limit: usize,
    ) -> Result<Slice, QueryError> {
        access.check()?;
        check_limit(limit)?;
        let view = View::new(&self.shared, filter)?;
        let mut reader = self.shared.readers.take()?;
        let (total, places) = view.slice(&mut reader, offset, limit)?;
        let mut events = Vec::with_capacity(places.len());
        for place in &places {
            events.push(reader.event(place.row, &self.shared.dictionaries)?);
        }
        self.shared.readers.give(reader);
        Ok(Slice { total, events })
    }

    /// One event by its data stream and `_id`; `None` when it is not stored.
    ///
    /// # Errors
    /// [`QueryError::Forbidden`].
    pub fn event(&self, access: &Access, stream: &str, id: &str) -> Result<Option<Event>, QueryError> {
        access.check()?;
        let mut reader = self.shared.readers.take()?;
        let hash = self.shared.seen.read().hash(stream, id);
        let row = self.shared.row_of(&reader.connection, hash, stream, id)?;
        let event = row.map(|row| reader.event(row, &self.shared.dictionaries)).transpose()?;
        self.shared.readers.give(reader);
        Ok(event)
    }

    /// Total, facets and histogram of what a filter finds.
    ///
    /// # Errors
    /// [`QueryError::Forbidden`]; [`QueryError::Invalid`] for more than 10,000 buckets or too many words.
    pub fn summary(&self, access: &Access, filter: &Filter, shape: Shape) -> Result<Summary, QueryError> {
        access.check()?;
        View::new(&self.shared, filter)?.summary(shape)
    }

    /// All datasets with the number of their events, the greatest first.
    ///
    /// # Errors
    /// [`QueryError::Forbidden`].
    pub fn datasets(&self, access: &Access) -> Result<Vec<Count>, QueryError> {
        let shape = Shape { top: usize::MAX, buckets: 0 };
        Ok(self.summary(access, &Filter::default(), shape)?.facets.datasets)
    }

    /// Every event of a filter as it is now, newest first.
    ///
    /// # Errors
    /// [`QueryError::Forbidden`]; [`QueryError::Invalid`] for too many words.
    pub fn export(&self, access: &Access, filter: &Filter) -> Result<Export, QueryError> {
        access.check()?;
        Export::new(View::new(&self.shared, filter)?)
    }
}

fn check_limit(limit: usize) -> Result<(), QueryError> {
    if (1..=MAX_PAGE).contains(&limit) {
        return Ok(());
    }
    Err(QueryError::Invalid(format!("ask for 1 to {MAX_PAGE} events, not {limit}")))
}

#[async_trait]
impl Destination for Store {
    /// Stores the documents of a batch, its checkpoint, counts and refused documents in one transaction.
    async fn deliver(&self, batch: &DocumentBatch) -> Result<Receipt, DeliverError> {
        let writer = self.writer.clone().ok_or(StoreError::ReadOnly)?;
        let shared = Arc::clone(&self.shared);
        // Copied, since the work must not stop when the caller's future is dropped; it is a thousandth of the work.
        let batch = batch.clone();
        let (send, answer) = oneshot::channel();
        let work = tokio::task::spawn_blocking(move || {
            writer.write(&shared, &batch, |answer| {
                // Nobody waits for it when the caller's future was dropped.
                let _unheard = send.send(answer);
            })
        });
        let (verdicts, tally) = match answer.await {
            Ok(answer) => answer,
            Err(_) => match work.await.map_err(|error| DeliverError::Fatal(error.to_string()))? {
                Ok(()) => return Err(DeliverError::Fatal("a batch was stored without an answer".to_owned())),
                Err(error) => return Err(error.into()),
            },
        };
        Ok(Receipt { verdicts, settled: Some(tally) })
    }

    /// Batches are written one after the other, so that a checkpoint never passes events that are not stored.
    fn in_flight(&self) -> usize {
        1
    }

    fn created(&self) -> Created {
        Created::Stored
    }

    fn name(&self) -> &'static str {
        "store"
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("events", &self.len()).finish_non_exhaustive()
    }
}
