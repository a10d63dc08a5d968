//! The embedded event store: documents, full-text search and facets in one SQLite file.

pub mod access;
pub mod filter;
pub mod page;
pub mod row;
pub mod summary;

use std::path::Path;

pub use access::{Access, Forbidden, Role};
pub use filter::{FieldFilter, Filter};
pub use page::{Cursor, CursorError, Page};
pub use row::{Event, Row};
pub use summary::{Count, Facets, Histogram, Shape, Summary};

/// Why the store can not be opened, written or read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(String);

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// 403.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// 400: the question can not be asked so; the text says what to change.
    #[error("{0}")]
    Invalid(String),
    /// 500: the store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a store is opened.
#[derive(Clone, Debug, Default)]
pub struct Options {}

/// The store. Cheap to clone; every clone is the same store. It is also an `event::Destination`.
///
/// Queries are synchronous and may take up to some hundred milliseconds: call them in `spawn_blocking`.
#[derive(Clone)]
pub struct Store(());

/// The events of a filter, newest first, read as they are asked for; memory stays flat.
pub struct Export(());

impl Iterator for Export {
    type Item = Result<Event, StoreError>;
    fn next(&mut self) -> Option<Self::Item> {
        unimplemented!()
    }
}

impl Event {
    /// The columns of a table, read from the document.
    pub fn row(&self) -> Row {
        unimplemented!()
    }
}

#[allow(unused_variables, missing_docs)]
impl Store {
    /// Opens or makes the store in `path`.
    pub fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
        unimplemented!()
    }
    /// Up to `limit` (1 to 1,000) events of a filter from a cursor on, newest first; the newest ones without a cursor.
    pub fn page(
        &self,
        access: &Access,
        filter: &Filter,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, QueryError> {
        unimplemented!()
    }
    /// One event.
    pub fn event(&self, access: &Access, stream: &str, id: &str) -> Result<Option<Event>, QueryError> {
        unimplemented!()
    }
    /// Total, facets and histogram of what a filter finds, in one pass.
    pub fn summary(&self, access: &Access, filter: &Filter, shape: Shape) -> Result<Summary, QueryError> {
        unimplemented!()
    }
    /// Events of each dataset, by name.
    pub fn datasets(&self, access: &Access) -> Result<Vec<Count>, QueryError> {
        unimplemented!()
    }
    /// Every event of a filter as it is now, newest first, as a stream.
    pub fn export(&self, access: &Access, filter: &Filter) -> Result<Export, QueryError> {
        unimplemented!()
    }
    /// How many events are stored (for metrics: no access needed).
    pub fn events(&self) -> u64 {
        unimplemented!()
    }
}
