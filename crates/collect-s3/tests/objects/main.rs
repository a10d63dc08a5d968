//! Objects of a bucket against a service that fails on demand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can not go on has failed")]

mod access;
mod listed;
mod queued;
mod world;
