//! Elasticsearch ingest pipelines, compiled once and run without I/O.
