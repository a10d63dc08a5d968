//! The engine against `vrl`, the crate of Vector's remap language, on one thread.
//!
//! `against-vrl DIR [PROCESSOR]`, DIR with `events.ndjson` as `cargo bench -p normalize --bench cursor -- EVENTS --write DIR` writes
//! it: first the shipped pipeline for Cursor's events against `cursor.vrl`, then processors against functions, or only those of a name. Geo look-ups
//! are left out of both: in Vector they are tables of the program around the language, which the crate has not.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark ends when its ground is not there, and prints"
)]

#[path = "../../../../crates/normalize/benches/cursor/engine.rs"]
mod engine;
mod language;
mod mapping;
mod processors;

use std::path::PathBuf;

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let directory = PathBuf::from(std::env::args().nth(1).context("the directory of the input is missing")?);
    let only = std::env::args().nth(2);
    if only.is_none() {
        mapping::measure(&std::fs::read(directory.join("events.ndjson"))?)?;
    }
    processors::measure(only.as_deref())?;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load of the machine at the end: {}", load.trim());
    Ok(())
}
