//! Elasticsearch's interface for ingest pipelines.
