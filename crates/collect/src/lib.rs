//! What collectors share: bounded decompression and splitting of a stream into events.
