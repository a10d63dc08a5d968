//! The journal as its files hold it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use crate::{Entry, Journal, JournalError, Outcome, Recorder, Who};

fn entry(action: &'static str, name: &str) -> Entry {
    Entry { action, who: Who { name: Some(name.to_owned()), ..Who::default() }, ..Entry::default() }
}

fn files(directory: &Path) -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(directory.join("audit"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".ndjson"))
        .collect();
    found.sort();
    found
}

fn lines(directory: &Path) -> Vec<Value> {
    let texts = files(directory)
        .into_iter()
        .map(|name| fs::read_to_string(directory.join("audit").join(name)).unwrap());
    texts.collect::<String>().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

#[test]
fn processes_append_side_by_side_and_every_entry_is_there_once() {
    let directory = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for at in 0..4 {
            // Each with files of its own, as processes have them.
            let journal = Journal::open(directory.path()).unwrap().limited(2_000, 64);
            scope.spawn(move || {
                for number in 0..25 {
                    journal.append(&entry("login", &format!("{at}-{number}"))).unwrap();
                }
            });
        }
    });
    let lines = lines(directory.path());
    let mut names: Vec<&str> = lines.iter().map(|line| line["who"]["name"].as_str().unwrap()).collect();
    let mut ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((lines.len(), names.len(), ids.len()), (100, 100, 100));
    assert!(files(directory.path()).len() > 3);
    for name in ["audit", "audit/current.ndjson", "audit/lock"] {
        let mode = directory.path().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn what_is_not_collected_stops_those_who_would_look() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap().limited(100, 3);
    let full = (0..).find_map(|_| journal.append(&entry("login", "ada")).err()).unwrap();
    assert!(matches!(full, JournalError::Full(_)) && full.to_string().contains("is full"), "{full}");
    assert_eq!(files(directory.path()).len(), 3);
    let oldest = directory.path().join("audit").join(&files(directory.path())[0]);
    assert_eq!(journal.tidy(|path| path == oldest).unwrap(), 1);
    journal.append(&entry("login", "ada")).unwrap();
    assert_eq!(journal.tidy(|_| true).unwrap(), 2);
    assert_eq!(files(directory.path()), ["current.ndjson"]);
}

#[test]
fn a_line_that_a_crash_cut_spoils_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    let path = directory.path().join("audit/current.ndjson");
    fs::write(&path, "{\"id\":\"x\",\"ti").unwrap();
    journal.append(&entry("login", "ada")).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "{\"id\":\"x\",\"ti"));
    assert_eq!(serde_json::from_str::<Value>(lines[1]).unwrap()["action"], "login");
    // A file that is done with ends with a whole line as well, so that it is read to its end.
    fs::write(&path, "{\"id\":\"x\",\"ti").unwrap();
    journal.limited(5, 64).append(&entry("login", "ada")).unwrap();
    let done = directory.path().join("audit").join(&files(directory.path())[0]);
    assert_eq!(fs::read_to_string(done).unwrap(), "{\"id\":\"x\",\"ti\n");
}

#[test]
fn what_can_not_be_written_is_an_error_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    fs::remove_dir_all(directory.path().join("audit")).unwrap();
    let error = journal.append(&entry("login", "ada")).unwrap_err().to_string();
    assert!(error.contains("can not be written") && error.contains("audit"), "{error}");
}

#[test]
fn what_comes_from_outside_is_cut_and_stays_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    let hostile = format!("a\nb\u{0}\"{}", "ü".repeat(10_000));
    let entry = Entry { query: Some(hostile.clone()), outcome: Outcome::Failure, ..entry("login", &hostile) };
    journal.append(&entry).unwrap();
    let lines = lines(directory.path());
    assert_eq!((lines.len(), &lines[0]["outcome"]), (1, &Value::from("failure")));
    let query = lines[0]["query"].as_str().unwrap();
    assert!(hostile.starts_with(query) && query.len() <= 4_096);
}

#[test]
fn repetitions_are_one_entry_with_a_count() {
    let directory = tempfile::tempdir().unwrap();
    let recorder = Recorder::new(Journal::open(directory.path()).unwrap());
    let told = || -> Vec<(String, Value)> {
        let lines = lines(directory.path());
        lines
            .iter()
            .map(|line| (line["who"]["name"].as_str().unwrap().to_owned(), line["repeated"].clone()))
            .collect()
    };
    for second in 0..50 {
        recorder.look_at(entry("search_events", "ada"), time(second)).unwrap();
    }
    recorder.look_at(entry("search_events", "bob"), time(50)).unwrap();
    assert_eq!(told(), [("ada".to_owned(), Value::Null), ("bob".to_owned(), Value::Null)]);
    // A minute later the same is something new.
    recorder.look_at(entry("search_events", "ada"), time(60)).unwrap();
    assert_eq!(told()[2..], [("ada".to_owned(), Value::from(49)), ("ada".to_owned(), Value::Null)]);
    let line = &lines(directory.path())[2];
    assert_eq!(line["time"], time(0).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
    assert_eq!(line["until"], time(49).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
    recorder.look_at(entry("search_events", "ada"), time(61)).unwrap();
    recorder.flush().unwrap();
    recorder.flush().unwrap();
    assert_eq!(told()[4..], [("ada".to_owned(), Value::from(1))]);
}

#[test]
fn what_could_not_be_written_is_no_repetition_next_time() {
    let directory = tempfile::tempdir().unwrap();
    let recorder = Recorder::new(Journal::open(directory.path()).unwrap());
    fs::remove_dir_all(directory.path().join("audit")).unwrap();
    for second in 0..3 {
        recorder.look_at(entry("search_events", "ada"), time(second)).unwrap_err();
    }
    let recorder = recorder.moved_to(Journal::open(directory.path()).unwrap());
    recorder.look_at(entry("search_events", "ada"), time(3)).unwrap();
    assert_eq!(lines(directory.path()).len(), 1);
}
