//! Delivers documents to Elasticsearch and OpenSearch, and sets their templates up.
