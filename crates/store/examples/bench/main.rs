//! Fills a store with made-up audit events and asks it questions; prints rates, sizes, memory and times.
//!
//! ```text
//! bench make FILE EVENTS               writes events to a file, from a fixed seed
//! bench fill FOLDER FILE EVENTS [BATCH]  stores them until there are EVENTS, from where the store is on
//! bench meet FOLDER FILE EVENTS [BATCH]  the same while another thread asks
//! bench ask FOLDER [TEXT]              asks questions, all or those whose name holds a text
//! bench deep FOLDER                    asks for pages far from the newest event
//! bench export FOLDER                  exports
//! bench check FOLDER                   whether what is stored fits together
//! ```
//!
//! Events go over a year: 2,000 actors, 130,000 addresses, three sources, 1.4 KB a document. `tests/bench/run store`
//! does all of it in order.

mod ask;
mod events;
mod fill;
mod machine;
mod questions;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use ledger::DataDir;
use machine::{memory, say, size};
use store::Store;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().with_context(|| format!("{text} is no number"));
    let (command, folder, rest) = match arguments.as_slice() {
        ["make", file, events] => {
            return Ok(events::write(number(events)?, &mut BufWriter::new(File::create(file)?))?);
        }
        [command, folder, rest @ ..] => (*command, Path::new(folder), rest),
        _ => bail!("say what to do; the head of this program's source has the list"),
    };
    let held = DataDir::lock(folder)?;
    let start = Instant::now();
    let store = Store::open(&held)?;
    say(&format!(
        "opened with {} events in {:.2} s, memory {}",
        store.len(),
        start.elapsed().as_secs_f64(),
        memory()
    ));
    match (command, rest) {
        ("fill" | "meet", [file, events, batch @ ..]) => {
            let batch = batch.first().map_or(Ok(1_000), |batch| number(batch))?.max(1);
            let fill = if command == "fill" { fill::fill } else { fill::fill_and_ask };
            fill(&store, Path::new(file), number(events)?, batch)?;
            say(&format!("{} bytes an event on disk", size(folder) / (store.len().max(1) as u64)));
        }
        ("ask", only) => ask::ask(&store, only.first().copied().unwrap_or_default())?,
        ("deep", []) => ask::page_deep(&store)?,
        ("export", []) => ask::export(&store)?,
        ("check", []) => ask::check(&store, fill::checkpoint(&store)?)?,
        _ => bail!("{command} is not among what this program does; the head of its source has the list"),
    }
    say(&format!("memory {}", memory()));
    Ok(())
}
