//! The embedded event store: documents, full-text search and facets in one SQLite file.
