//! What a put costs where there are many definitions: `cargo bench -p ingest-api --bench put`.
//!
//! The definitions are the shipped pipelines under other ids, so each is as long as pipelines are. Told is the median of 21 puts of
//! one that is changed each time, and of 21 simulations of a pipeline that stands in the request.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench, whose output is what it is for")]

use std::path::Path;
use std::time::{Duration, Instant};

use enrich::Networks;
use ingest::Lookups;
use ingest_api::{Base, Library, Method, Place, Request, answer};
use jiff::Timestamp;
use ledger::definitions::{Change, Kept, Kind};
use ledger::{DataDir, Ledger};
use serde_json::{Value, json};

const TIMES: usize = 21;

fn main() {
    for count in [0, 200, 990] {
        let directory = tempfile::tempdir().unwrap();
        let started = Instant::now();
        let library = library(directory.path(), count);
        let opened = started.elapsed();
        let put = median(|turn| {
            let body = json!({"processors": [{"set": {"field": format!("f{turn}"), "value": turn}}]});
            ask(&library, Method::Put, "/_ingest/pipeline/changed", &body);
        });
        let simulation = median(|turn| {
            let pipeline = json!({"processors": [{"set": {"field": "f", "value": turn}}]});
            let body = json!({"pipeline": pipeline, "docs": [{"_source": {}}]});
            ask(&library, Method::Post, "/_ingest/pipeline/_simulate", &body);
        });
        println!(
            "{count:>4} definitions: opened in {opened:.1?}, a put {put:.1?}, a simulation {simulation:.1?}"
        );
    }
}

fn median(mut work: impl FnMut(usize)) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|turn| {
            let started = Instant::now();
            work(turn);
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[TIMES / 2]
}

fn ask(library: &Library, method: Method, path: &str, body: &Value) {
    let body = body.to_string();
    let request = Request {
        method,
        path,
        query: "",
        accept: None,
        content_type: Some("application/json"),
        body: body.as_bytes(),
    };
    let answer = answer(library, &request, &|_| Ok(()));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// The shipped pipelines, and so many copies of them that were put.
fn library(directory: &Path, count: usize) -> Library {
    let shipped = normalize::shipped().unwrap();
    let ledger = Ledger::open(&DataDir::lock(directory).unwrap()).unwrap();
    let now = Timestamp::now();
    let copies = (0..count).map(|at| {
        let (id, body) = (format!("copy-{at}"), Value::from(shipped[at % shipped.len()].body.clone()));
        Change::Keep(Kept { id, body: body.to_string(), created: now, modified: now })
    });
    let copies: Vec<Change> = copies.collect();
    ledger.change_definitions(Kind::Pipeline, &copies, || Ok::<_, ledger::LedgerError>(())).unwrap();
    let base = shipped
        .into_iter()
        .map(|definition| Base { definition: definition.into(), place: Place::Shipped })
        .collect();
    Library::open(base, Lookups::default(), ledger, Networks::default()).unwrap()
}
