//! Storing the events of a file, from where the store's checkpoint says on.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use event::{Checkpoint, Dataset, Destination, DocumentBatch, RawBatch, RawEvent, Source, SourceId, Tally};
use jiff::Timestamp;
use store::{Access, Shape, Store};

use crate::machine::{load, memory, percentile, processor_time, say};
use crate::questions;

/// Events of a window whose speed is told.
const WINDOW: u64 = 500_000;

/// The source that the events come from.
const SOURCE: &str = "bench";

/// How many events of the file are stored, as the checkpoint says.
pub(crate) fn checkpoint(store: &Store) -> anyhow::Result<u64> {
    let ledger = store.ledger().context("the store is open for reading only")?;
    let checkpoint = ledger.checkpoint(&SourceId::new(SOURCE))?;
    Ok(checkpoint.and_then(|checkpoint| checkpoint.0.as_u64()).unwrap_or(0))
}

/// The events of a file, in batches.
struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
    at: u64,
}

impl Lines {
    fn open(path: &Path, first: u64) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("{} can not be read", path.display()))?;
        let mut lines = Self { reader: BufReader::with_capacity(1 << 20, file), line: Vec::new(), at: 0 };
        while lines.at < first {
            lines.next()?;
        }
        Ok(lines)
    }

    fn next(&mut self) -> anyhow::Result<()> {
        self.line.clear();
        anyhow::ensure!(
            self.reader.read_until(b'\n', &mut self.line)? > 0,
            "the file has only {} events",
            self.at
        );
        self.at += 1;
        Ok(())
    }

    fn batch(&mut self, size: u64) -> anyhow::Result<DocumentBatch> {
        let raw = RawBatch {
            source: Arc::new(Source::new(SOURCE, Dataset::new("cursor.audit")?)),
            sequence: self.at,
            location: None,
            buffer: Default::default(),
            events: (0..size).map(|offset| RawEvent { span: 0..0, offset }).collect(),
            collected: Timestamp::UNIX_EPOCH,
            checkpoint: Checkpoint((self.at + size).into()),
            notices: Vec::new(),
            set_aside: Vec::new(),
            settled: None,
        };
        let mut batch = DocumentBatch::new(Arc::new(raw));
        let stream = Arc::from("logs-cursor.audit-default");
        for at in 0..size {
            self.next()?;
            let (id, source) =
                std::str::from_utf8(&self.line)?.trim_end().split_once('\t').context("no tab")?;
            batch.push(at as u32, &stream, id, false, |out| out.extend_from_slice(source.as_bytes()));
        }
        Ok(batch)
    }
}

/// Stores events until there are `until`; prints the speed of each window.
pub(crate) fn fill(store: &Store, file: &Path, until: u64, size: u64) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?;
    let first = checkpoint(store)?;
    // What a source sends again is recognised.
    let mut lines = Lines::open(file, first.saturating_sub(size))?;
    let mut commits = Vec::new();
    let (start, processor_start) = (Instant::now(), processor_time());
    let (mut window, mut window_processor, mut window_first) = (start, processor_start, first);
    let mut tally = Tally::default();
    while lines.at < until {
        let batch = lines.batch(size.min(until - lines.at))?;
        let started = Instant::now();
        let receipt = runtime.block_on(store.deliver(&batch))?;
        commits.push(started.elapsed());
        let settled = receipt.settled.unwrap_or_default();
        tally.stored += settled.stored;
        tally.duplicate += settled.duplicate;
        if lines.at.is_multiple_of(WINDOW) || lines.at == until {
            let events = (lines.at - window_first) as f64;
            say(&format!(
                "{:>9} events: {:>6.0} events/s, {:>4.1} µs of processor time each, memory {}, load {}",
                lines.at,
                events / window.elapsed().as_secs_f64(),
                (processor_time() - window_processor) * 1e6 / events,
                memory(),
                load(),
            ));
            (window, window_processor, window_first) = (Instant::now(), processor_time(), lines.at);
        }
    }
    let events = (tally.stored + tally.duplicate) as f64;
    say(&format!(
        "stored {} events, knew {}: {:.0} events/s, {:.1} µs of processor time each, file and batches included; a batch of {size}: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        tally.stored,
        tally.duplicate,
        events / start.elapsed().as_secs_f64(),
        (processor_time() - processor_start) * 1e6 / events,
        percentile(&mut commits, 50),
        percentile(&mut commits, 99),
        percentile(&mut commits, 100),
    ));
    Ok(())
}

/// As [`fill`], while another thread asks for first pages with facets and histogram.
pub(crate) fn fill_and_ask(store: &Store, file: &Path, until: u64, size: u64) -> anyhow::Result<()> {
    let stop = AtomicBool::new(false);
    let mut times = std::thread::scope(|scope| {
        let asking = scope.spawn(|| ask_until(store, &stop));
        let filled = fill(store, file, until, size);
        stop.store(true, Ordering::Relaxed);
        filled.map(|()| asking.join().unwrap_or_default())
    })?;
    say(&format!(
        "asked {} times meanwhile: p50 {:.1} ms, p95 {:.1} ms, max {:.1} ms",
        times.len(),
        percentile(&mut times, 50),
        percentile(&mut times, 95),
        percentile(&mut times, 100),
    ));
    Ok(())
}

fn ask_until(store: &Store, stop: &AtomicBool) -> Vec<Duration> {
    let mut times = Vec::new();
    for k in (0..).take_while(|_| !stop.load(Ordering::Relaxed)) {
        let filter = questions::usual(k);
        let start = Instant::now();
        let done = store.page(&Access::local(), &filter, None, 50).is_ok()
            && store.summary(&Access::local(), &filter, Shape { top: 10, buckets: 366 }).is_ok();
        if done {
            times.push(start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    times
}
