//! Asking a store that is filled.

use std::collections::HashSet;
use std::io;
use std::time::{Duration, Instant};

use store::export::{Format, Order};
use store::{Access, Filter, Shape, Store, Values};

use crate::machine::{forget_peak, memory, percentile, processor_time, say};
use crate::questions;

/// How often each kind of question is asked.
const TIMES: u64 = 40;

/// Asks every kind of question, or those whose name holds a text.
pub(crate) fn ask(store: &Store, only: &str) -> anyhow::Result<()> {
    say(
        "ms, p50/p95/max: page of 50; with facets and histogram; the same where the filter was never asked before",
    );
    for (kind, (name, _)) in questions::all(0).into_iter().enumerate() {
        if name.contains(only) {
            ask_kind(store, kind, name)?;
        }
    }
    Ok(())
}

fn ask_kind(store: &Store, kind: usize, name: &str) -> anyhow::Result<()> {
    let access = Access::local();
    let (mut pages, mut both, mut fresh, mut found) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let mut asked = HashSet::new();
    let begun = Instant::now();
    for k in 0..TIMES {
        let (_, filter) = questions::all(k).swap_remove(kind);
        let start = Instant::now();
        store.page(&access, &filter, None, 50)?;
        pages.push(start.elapsed());
        let summary = store.summary(&access, &filter, Shape { top: 10, buckets: 366 })?;
        both.push(start.elapsed());
        if asked.insert(filter) {
            fresh.push(start.elapsed());
        }
        found = found.max(summary.total);
        // What takes so long needs no better figure.
        if begun.elapsed() > Duration::from_secs(60) {
            break;
        }
    }
    let three = |times: &mut Vec<Duration>| {
        let of = |times: &mut Vec<Duration>, percent| percentile(times, percent);
        format!("{:>6.1} {:>6.1} {:>6.1}", of(times, 50), of(times, 95), of(times, 100))
    };
    say(&format!(
        "{name:<28} {found:>9} found: {} | {} | {}, {} times",
        three(&mut pages),
        three(&mut both),
        three(&mut fresh),
        fresh.len()
    ));
    Ok(())
}

/// Pages far from the newest event: by cursor, and by number.
pub(crate) fn page_deep(store: &Store) -> anyhow::Result<()> {
    let access = Access::local();
    for (name, filter) in [("no filter", Filter::default()), ("failures", questions::failures())] {
        let total = store.summary(&access, &filter, Shape { top: 0, buckets: 0 })?.total;
        for percent in [0, 50, 99] {
            let offset = total * percent / 100;
            let mut slices = Vec::new();
            for at in 0..20 {
                let start = Instant::now();
                store.slice(&access, &filter, offset + at * 7, 50)?;
                slices.push(start.elapsed());
            }
            say(&format!(
                "{name}, 50 events after {offset}: p50 {:.1} p95 {:.1} ms",
                percentile(&mut slices, 50),
                percentile(&mut slices, 95)
            ));
        }
        let (mut cursor, mut pages) = (None, Vec::new());
        for _ in 0..400 {
            let start = Instant::now();
            let page = store.page(&access, &filter, cursor, 1_000)?;
            pages.push(start.elapsed());
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let deep = pages.len();
        say(&format!(
            "{name}, {deep} pages of 1,000 by cursor: p50 {:.1} p95 {:.1} ms",
            percentile(&mut pages, 50),
            percentile(&mut pages, 95)
        ));
    }
    Ok(())
}

/// Exports as CSV and JSON.
pub(crate) fn export(store: &Store) -> anyhow::Result<()> {
    let access = Access::local();
    let logins = Filter::from(Values { actions: vec!["login".to_owned()], ..Values::default() });
    for (format, filter) in
        [(Format::Csv, Filter::default()), (Format::Csv, logins.clone()), (Format::Json, logins)]
    {
        forget_peak();
        let before = memory();
        let (start, processor) = (Instant::now(), processor_time());
        let order = Order { format, filter, asked: Vec::new(), as_of: store.len() as u64 };
        let manifest = order.prepare(store, &access)?.write(io::sink())?;
        say(&format!(
            "export of {} events as {}, {} MB: {:.0} ms, {:.2} s of processor time; memory before {before}, after {}",
            manifest.events,
            format.name(),
            manifest.bytes / 1_000_000,
            start.elapsed().as_secs_f64() * 1e3,
            processor_time() - processor,
            memory()
        ));
    }
    Ok(())
}

/// Whether events, checkpoint and full-text index of a store belong together and no event is there twice.
pub(crate) fn check(store: &Store, checkpoint: u64) -> anyhow::Result<()> {
    let access = Access::local();
    let events = store.len() as u64;
    let word = Filter { text: "forwarded".to_owned(), ..Filter::default() };
    let indexed = store.summary(&access, &word, Shape { top: 0, buckets: 0 })?.total;
    let mut ids = HashSet::new();
    for event in store.export(&access, &Filter::default())? {
        ids.insert(event?.id);
    }
    let distinct = ids.len() as u64;
    let figures =
        format!("{events} events, {distinct} distinct, {indexed} in the index, checkpoint {checkpoint}");
    anyhow::ensure!(
        events == checkpoint && events == indexed && events == distinct,
        "does not fit together: {figures}"
    );
    say(&format!("fits together: {figures}"));
    Ok(())
}
