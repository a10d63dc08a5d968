//! The binary as it is used: arguments, exit status, what stands on which stream.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, with their helper functions"
)]

mod access;
mod check;
mod cursor;
mod demo;
mod export;
mod files;
mod help;
mod ingest_api;
mod init;
mod logs;
mod normalize;
mod pipeline;
mod place;
mod quarantine;
mod run;
mod secrets;
