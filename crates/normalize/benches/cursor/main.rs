//! CPU time of the shipped Cursor pipeline, from the raw line to the finished bulk line, geo look-ups included, against
//! the same mapping written by hand, in one run on one thread.
//!
//! `cargo bench -p normalize --bench cursor [-- EVENTS [PASSES [DIR]]]`, DIR being other pipelines to time alone. Time is
//! this thread's time on a processor, as the kernel counts it; the best pass counts, since whatever else runs only adds.
//! Every document of the first batch is compared between the two before anything is timed.
//!
//! `… -- EVENTS --write DIR` writes the input and its databases into DIR instead, for the benchmark of the whole path.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark ends when its ground is not there, and prints"
)]

mod engine;
mod handwritten;
mod input;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use engine::{COLLECTED, batches, cpu};
use event::RawBatch;
use handwritten::Mapping;
use maxminddb::Reader;
use normalize::Worker;
use serde_json::Value;

fn by_hand(mapping: &mut Mapping, raw: &RawBatch, ingested: &str, out: &mut Vec<u8>) {
    out.clear();
    for event in &raw.events {
        let line = std::str::from_utf8(raw.bytes(event)).expect("the input is text");
        mapping.map(line, COLLECTED, ingested, out);
    }
}

/// Both give the same documents.
fn compare(worker: &mut Worker, mapping: &mut Mapping, raw: &Arc<RawBatch>) {
    let batch = worker.normalize(Arc::clone(raw));
    let parse = |line: &[u8]| serde_json::from_slice::<Value>(line).expect("a JSON line");
    for (document, event) in batch.documents.iter().zip(&raw.events) {
        let ours = parse(batch.source(document));
        let ingested = ours["event"]["ingested"].as_str().expect("event.ingested");
        let mut out = Vec::new();
        let line = std::str::from_utf8(raw.bytes(event)).expect("the input is text");
        mapping.map(line, COLLECTED, ingested, &mut out);
        let lines: Vec<&[u8]> = out.split(|byte| *byte == b'\n').collect();
        assert_eq!(parse(lines[0])["create"]["_id"], batch.id(document));
        assert_eq!(ours, parse(lines[1]), "{line}");
    }
}

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let count = numbers.first().copied().unwrap_or(400_000);
    if let Some(directory) = std::env::args().skip_while(|argument| argument != "--write").nth(1) {
        let directory = PathBuf::from(directory);
        input::databases(&directory);
        std::fs::write(directory.join("events.ndjson"), input::events(count, 17))
            .expect("room for the input");
        return;
    }
    let passes = numbers.get(1).copied().unwrap_or(4);
    let directory = tempfile::tempdir().expect("a temporary directory");
    input::databases(directory.path());
    let ndjson = input::events(count, 17);
    let raw = batches(&ndjson);
    describe(&ndjson, count);

    let geo = Arc::new(enrich::GeoLookup::open(directory.path()).expect("a thread"));
    let other = std::env::args()
        .find_map(|argument| PathBuf::from(argument).canonicalize().ok().filter(|path| path.is_dir()));
    let definitions = match &other {
        Some(directory) => normalize::definitions::directory(directory, None),
        None => normalize::shipped(),
    };
    let lookups = ingest::Lookups { geo, ..ingest::Lookups::default() };
    let mut worker = engine::worker(&definitions.expect("pipelines"), &lookups);
    let reader = |name: &str| Reader::open_readfile(directory.path().join(name)).expect("a database");
    let mut mapping = Mapping::new(reader("GeoLite2-City.mmdb"), reader("GeoLite2-ASN.mmdb"));
    if other.is_none() {
        compare(&mut worker, &mut mapping, &raw[0]);
    }

    let (mut best_engine, mut best_hand, mut bytes) = (u64::MAX, u64::MAX, 0);
    let mut out = Vec::new();
    for _ in 0..passes {
        let (taken, written) = engine::run(&mut worker, &raw);
        (best_engine, bytes) = (best_engine.min(taken), written);
        let start = cpu();
        for raw in &raw {
            by_hand(&mut mapping, raw, COLLECTED, &mut out);
            std::hint::black_box(&out);
        }
        best_hand = best_hand.min(cpu() - start);
    }
    let each = |nanoseconds: u64| nanoseconds as f64 / count as f64 / 1000.0;
    println!("output                      {:>8.0} bytes an event", bytes as f64 / count as f64);
    println!("engine                      {:>8.2} µs CPU an event", each(best_engine));
    println!("written by hand             {:>8.2} µs CPU an event", each(best_hand));
    println!("ratio engine / by hand      {:>8.2}", best_engine as f64 / best_hand as f64);
}

fn describe(ndjson: &[u8], count: usize) {
    let marker = br#""ip_address":""#;
    let mut addresses = HashSet::new();
    for line in ndjson.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let at = line.windows(marker.len()).position(|window| window == marker).expect("an address")
            + marker.len();
        let end = line[at..].iter().position(|byte| *byte == b'"').expect("its end");
        addresses.insert(&line[at..at + end]);
    }
    println!("events                      {count:>8}");
    println!("mean line                   {:>8.0} bytes", ndjson.len() as f64 / count as f64 - 1.0);
    println!("distinct addresses          {:>8}", addresses.len());
}
