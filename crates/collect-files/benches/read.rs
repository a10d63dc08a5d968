//! From file to batches: MB and events a second for each form, 200 MB of generated lines (`cargo bench -p
//! collect-files`).

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "it is run by hand and prints what it measured")]

use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use collect_files::FilesConfig;
use collect_files::reader::{Reader, Step};
use event::{Dataset, Source};
use flate2::{Compression, write::GzEncoder};

const EVENTS: u64 = 450_000;

/// One event of some 450 bytes, with parts that do not repeat.
fn event(number: u64) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{{\"metadata\":{{\"id\":\"{mixed:016x}-{number:08}\",\"timestamp\":\"2026-01-{:02}T{:02}:{:02}:{:02}.{:03}Z\",\
         \"context\":{{\"request_id\":\"{:016x}\",\"auth_id\":\"user_{:08x}\",\"ghost_mode\":false,\
         \"privacy_mode\":\"{{\\\"privacyMode\\\":\\\"NO_STORAGE\\\"}}\"}}}},\"team_id\":\"{}\",\"ip_address\":\
         \"203.0.113.{}\",\"user_email\":\"person{}@example.com\",\"application_type\":\"cursor\",\"team_settings\":\
         {{\"setting_name\":\"allowed models\",\"old_value\":\"{:012x}\",\"new_value\":\"all of them, {} in number\"}}}}",
        number % 28 + 1,
        number % 24,
        mixed % 60,
        mixed % 59,
        mixed % 1000,
        mixed.rotate_left(17),
        mixed >> 32,
        number % 977,
        mixed % 254,
        mixed % 5_003,
        mixed.rotate_left(33) >> 16,
        number % 91,
    )
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let events: Vec<String> = (0..EVENTS).map(event).collect();
    let lines = events.join("\n") + "\n";
    let array = format!("[{}]", events.join(","));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
    gzip.write_all(lines.as_bytes()).unwrap();
    let forms = [
        ("lines", lines.clone().into_bytes()),
        ("array", array.into_bytes()),
        ("gzip", gzip.finish().unwrap()),
    ];
    for (name, bytes) in forms {
        let path = folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let best = (0..5).map(|_| read(path.to_str().unwrap(), EVENTS)).min_by(f64::total_cmp).unwrap();
        println!(
            "{name}: {:.0} MB/s, {:.1} million events/s ({} MB on disk)",
            lines.len() as f64 / best / 1e6,
            EVENTS as f64 / best / 1e6,
            bytes.len() / 1_000_000,
        );
    }
    // The checkpoint of every batch names every file.
    let small = folder.path().join("small");
    fs::create_dir(&small).unwrap();
    for files in [1_000, 10_000] {
        for number in 0..files {
            fs::write(
                small.join(format!("{number}.ndjson")),
                events[number * 10..number * 10 + 10].join("\n"),
            )
            .unwrap();
        }
        let seconds = read(small.join("*").to_str().unwrap(), files as u64 * 10);
        println!("{files} files of 10 events: {seconds:.2} s");
    }
}

/// Seconds that reading takes, checked by the number of events.
fn read(path: &str, events: u64) -> f64 {
    let source = Source::new("bench", Dataset::new("cursor.audit").unwrap());
    let mut reader = Reader::new(FilesConfig::new(Arc::new(source), vec![path.to_owned()]), None).unwrap();
    let start = Instant::now();
    let mut read = 0;
    while let Step::Batch(batch) = reader.step().unwrap() {
        read += batch.events.len() as u64;
    }
    assert_eq!(read, events);
    start.elapsed().as_secs_f64()
}
