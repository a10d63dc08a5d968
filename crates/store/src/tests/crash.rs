//! `kill -9` while events are stored: what is there after it must fit together.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use event::SourceId;
use serde_json::{Value, json};

use super::{STREAM, open, put};
use crate::{Access, Filter, Shape};

/// Set for the child alone: where its store is.
const DIRECTORY: &str = "STORE_CRASH_DIRECTORY";
const SIZE: u64 = 30;

/// A batch of which every fourth document was in the batch before.
fn documents(number: u64) -> Vec<(String, Value)> {
    let own = (0..SIZE).map(|at| number * SIZE + at);
    let before = (0..number.min(1) * SIZE / 4).map(|at| (number - 1) * SIZE + at);
    own.chain(before).map(|at| (format!("id{at}"), json!({ "message": format!("word{at} every") }))).collect()
}

/// Not a test of its own: the process that is killed.
#[test]
fn crash_child() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let store = open(Path::new(&directory));
    let mut number = next(&store);
    loop {
        let documents = documents(number);
        let stored: Vec<_> = documents.iter().map(|(id, source)| (STREAM, id.as_str(), source)).collect();
        put(&store, &stored, number + 1);
        number += 1;
        // The parent counts these lines.
        println!("committed {number}");
    }
}

/// The number of the next batch, as the checkpoint says.
fn next(store: &crate::Store) -> u64 {
    let checkpoint = store.ledger().unwrap().checkpoint(&SourceId::new("s")).unwrap();
    checkpoint.map_or(0, |checkpoint| checkpoint.0.as_u64().unwrap())
}

#[test]
fn after_kill_9_events_checkpoint_counts_and_index_agree() {
    let directory = tempfile::tempdir().unwrap();
    // A small generator: when to kill, in lines and microseconds; printed with every failure.
    let mut seed = 0x5eed_u64;
    for round in 0..25 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (lines, micros) = (seed >> 33 & 7, seed >> 40 & 0xfff);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::crash::crash_child", "--nocapture"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let committed = (0..=lines)
            .filter_map(|_| output.by_ref().map_while(Result::ok).find(|line| line.contains("committed")))
            .last()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_micros(micros));
        child.kill().unwrap();
        child.wait().unwrap();
        let committed: u64 = committed.rsplit(' ').next().unwrap().parse().unwrap();

        let store = open(directory.path());
        let number = next(&store);
        let case = format!("round {round}: killed {micros} µs after batch {committed}");
        assert!(number >= committed, "{case}: a batch that was committed is gone");
        assert_eq!(store.len() as u64, number * SIZE, "{case}");
        let tally = store.ledger().unwrap().balance().unwrap()[0].tally;
        assert_eq!((tally.stored, tally.duplicate), (number * SIZE, (number - 1) * (SIZE / 4)), "{case}");
        assert_eq!(tally.settled(), tally.accepted, "{case}");
        let access = Access::local();
        let total = |text: String| {
            store.summary(&access, &Filter { text, ..Filter::default() }, Shape::default()).unwrap().total
        };
        assert_eq!(total("every".into()), number * SIZE, "{case}");
        for at in [0, number * SIZE / 2, number * SIZE - 1] {
            assert_eq!(total(format!("word{at}")), 1, "{case}");
        }
        let events = store.export(&access, &Filter::default()).unwrap();
        assert_eq!(events.filter(|event| event.is_ok()).count() as u64, number * SIZE, "{case}");
    }
}
