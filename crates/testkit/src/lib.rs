//! For tests only: real search servers, a faulty Elasticsearch, an oracle.
