//! Files that are followed: every look is a step of the test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

mod support;

use std::fs;

use collect_files::reader::Reader;
use event::Checkpoint;
use support::{Folder, Given, drain, gzip, lines};

/// A reader that follows, and is replaced by one that knows no more than the last checkpoint when `restarts`.
struct Tail<'a> {
    folder: &'a Folder,
    patterns: &'a [&'a str],
    reader: Reader,
    checkpoint: Option<Checkpoint>,
    restarts: bool,
    numbers: Vec<usize>,
}

impl<'a> Tail<'a> {
    fn new(folder: &'a Folder, patterns: &'a [&'a str], restarts: bool) -> Self {
        let reader = Reader::new(folder.config(patterns, true), None).unwrap();
        Self { folder, patterns, reader, checkpoint: None, restarts, numbers: Vec::new() }
    }

    fn look(&mut self) -> Given {
        let given = drain(&mut self.reader);
        self.numbers.extend(given.numbers());
        self.checkpoint = given.checkpoint().or(self.checkpoint.take());
        if self.restarts {
            self.reader =
                Reader::new(self.folder.config(self.patterns, true), self.checkpoint.clone()).unwrap();
        }
        given
    }

    /// Looks until nothing comes any more, files that wait to be quiet included.
    fn end(mut self) -> Vec<usize> {
        for _ in 0..4 {
            self.look();
        }
        self.numbers.sort_unstable();
        self.numbers
    }
}

fn all(count: usize) -> Vec<usize> {
    (0..count).collect()
}

#[test]
fn half_a_line_waits_for_its_end() {
    let folder = Folder::new();
    folder.write("a", "{\"n\":0,\"x\":");
    let mut tail = Tail::new(&folder, &["a"], false);
    assert_eq!(tail.look().events.len(), 0);
    folder.append("a", "1}");
    assert_eq!(tail.look().numbers(), [0], "a whole object needs no line break");
    folder.append("a", "\n{\"n\":1,\"x\"");
    assert_eq!(tail.look().events.len(), 0);
    folder.append("a", ":1}\n{\"n\":2,\"x\":1}\n");
    assert_eq!(tail.look().numbers(), [1, 2]);
}

#[test]
fn a_tables_last_row_waits_until_the_file_is_still() {
    for restarts in [false, true] {
        let folder = Folder::new();
        folder.write("a.csv", "n,x,y\n0,\"a\nb\",1\n1,a");
        let mut tail = Tail::new(&folder, &["*.csv"], restarts);
        assert_eq!(tail.look().events, [r#"{"n":"0","x":"a\nb","y":"1"}"#]);
        folder.append("a.csv", ",b\n2,c,d");
        assert_eq!(tail.look().events, [r#"{"n":"1","x":"a","y":"b"}"#]);
        if restarts {
            continue;
        }
        assert_eq!(tail.look().events.len(), 0);
        assert_eq!(tail.look().events, [r#"{"n":"2","x":"c","y":"d"}"#]);
        assert_eq!(tail.look().events.len() + tail.look().events.len(), 0);
        folder.append("a.csv", "\n3,e,f\n");
        assert_eq!(tail.look().events, [r#"{"n":"3","x":"e","y":"f"}"#]);
        folder.write("b.csv", "n,x,y\n4,g,h\n");
        assert_eq!(tail.look().events, [r#"{"n":"4","x":"g","y":"h"}"#]);
    }
}

#[test]
fn a_renamed_file_is_read_to_its_end_before_the_new_one() {
    for (patterns, restarts) in [(&["app.log"][..], false), (&["app.log*"], false), (&["app.log*"], true)] {
        let folder = Folder::new();
        folder.write("app.log", lines(0..100));
        let mut tail = Tail::new(&folder, patterns, restarts);
        tail.look();
        folder.append("app.log", lines(100..120));
        folder.rename("app.log", "app.log.1");
        folder.append("app.log.1", lines(120..130).trim_end());
        folder.write("app.log", lines(130..150));
        let numbers = tail.look().numbers();
        assert_eq!(numbers, (100..150).collect::<Vec<_>>(), "{patterns:?}");
        folder.append("app.log", lines(150..160));
        assert_eq!(tail.end(), all(160), "{patterns:?} {restarts}");
    }
}

#[test]
fn rotation_through_several_names_and_compression_is_exact() {
    for restarts in [false, true] {
        let folder = Folder::new();
        let mut tail = Tail::new(&folder, &["app.log*"], restarts);
        let mut next = 0;
        let mut more = |count: usize| {
            next += count;
            lines(next - count..next)
        };
        for round in 0..5 {
            folder.append("app.log", more(50));
            if round % 2 == 0 {
                tail.look();
            }
            folder.append("app.log", more(7));
            if folder.path("app.log.1").exists() {
                let old = fs::read(folder.path("app.log.1")).unwrap();
                folder.write(&format!("app.log.{}.gz", 10 - round), gzip(old));
                fs::remove_file(folder.path("app.log.1")).unwrap();
            }
            folder.rename("app.log", "app.log.1");
            if round % 3 == 0 {
                tail.look();
            }
        }
        assert_eq!(tail.end(), all(5 * 57), "restarts: {restarts}");
    }
}

#[test]
fn a_copied_and_truncated_file_is_exact() {
    for (patterns, restarts) in [(&["app.log"][..], false), (&["app.log*"], false), (&["app.log*"], true)] {
        let folder = Folder::new();
        folder.write("app.log", lines(0..300));
        let mut tail = Tail::new(&folder, patterns, restarts);
        tail.look();
        if patterns[0].ends_with('*') {
            // What was written since the last look is in the copy alone.
            folder.append("app.log", lines(300..310));
        }
        fs::copy(folder.path("app.log"), folder.path("app.log.1")).unwrap();
        let from = if patterns[0].ends_with('*') { 310 } else { 300 };
        folder.truncate("app.log", lines(from..320));
        tail.look();
        folder.append("app.log", lines(320..1_000));
        tail.look();
        // Emptied and filled beyond the old end between two looks.
        folder.truncate("app.log", lines(1_000..3_000));
        assert_eq!(tail.end(), all(3_000), "{patterns:?} {restarts}");
    }
}

#[test]
fn a_look_in_the_middle_of_copying_reads_nothing_twice() {
    let folder = Folder::new();
    folder.write("app.log", lines(0..3_000));
    let mut tail = Tail::new(&folder, &["app.log*"], false);
    tail.look();
    let copy = fs::read(folder.path("app.log")).unwrap();
    for part in copy.chunks(50_000) {
        folder.append("app.log.1", part);
        assert_eq!(tail.look().events.len(), 0);
    }
    folder.truncate("app.log", lines(3_000..3_010));
    assert_eq!(tail.end(), all(3_010));
}

#[test]
fn a_copy_that_stays_is_a_file_of_its_own() {
    let folder = Folder::new();
    folder.write("a", lines(0..10));
    let mut tail = Tail::new(&folder, &["*"], false);
    tail.look();
    fs::copy(folder.path("a"), folder.path("b")).unwrap();
    let mut expected: Vec<usize> = (0..10).chain(0..10).collect();
    expected.sort_unstable();
    assert_eq!(tail.end(), expected);
}

#[test]
fn removed_files_are_read_to_their_end_and_let_go() {
    let folder = Folder::new();
    folder.write("a", lines(0..10));
    let mut tail = Tail::new(&folder, &["*"], false);
    tail.look();
    folder.append("a", lines(10..20).trim_end());
    fs::remove_file(folder.path("a")).unwrap();
    assert_eq!(tail.look().numbers(), (10..20).collect::<Vec<_>>());
    // The name, and often the inode, is used again.
    folder.write("a", lines(20..25));
    assert_eq!(tail.end(), all(25));
}

#[test]
fn an_inode_that_is_used_again_is_another_file() {
    let folder = Folder::new();
    folder.write("a", lines(0..10));
    let mut tail = Tail::new(&folder, &["*"], true);
    tail.look();
    // The inode stays, name and content do not: as a removed file and a new one look after a restart.
    folder.rename("a", "b");
    folder.truncate("b", lines(10..60));
    tail.look();
    folder.truncate("b", lines(60..62));
    assert_eq!(tail.end(), all(62));
}

#[test]
fn a_gzip_that_is_being_written_is_not_blamed() {
    for restarts in [false, true] {
        let folder = Folder::new();
        let whole = [gzip(lines(0..2_000)), gzip(lines(2_000..4_000))].concat();
        let mut tail = Tail::new(&folder, &["*.gz"], restarts);
        for part in whole.chunks(1_000) {
            folder.append("a.gz", part);
            let given = tail.look();
            assert_eq!(given.messages(), "");
        }
        assert_eq!(tail.end(), all(4_000));
    }
    let folder = Folder::new();
    folder.write("a.gz", &gzip(lines(0..2_000))[..3_000]);
    let mut tail = Tail::new(&folder, &["*.gz"], false);
    assert_eq!(tail.look().messages(), "");
    assert!(tail.look().messages().contains("ends too early, at byte 3000"));
    assert_eq!(tail.look().messages(), "", "said once");
}

#[test]
fn a_gzip_written_anew_in_place_goes_on_where_it_was() {
    let folder = Folder::new();
    let whole = gzip(lines(0..3_000));
    folder.write("a.gz", &whole[..whole.len() / 2]);
    let mut tail = Tail::new(&folder, &["*.gz"], false);
    tail.look();
    folder.truncate("a.gz", "");
    tail.look();
    folder.append("a.gz", &whole[..whole.len() / 4]);
    tail.look();
    folder.append("a.gz", &whole[whole.len() / 4..]);
    assert_eq!(tail.end(), all(3_000));
}

#[test]
fn what_is_missing_is_said_once_and_read_when_it_comes() {
    let folder = Folder::new();
    let mut tail = Tail::new(&folder, &["a", "b*"], false);
    let first = tail.look();
    assert_eq!(first.notices.len(), 2, "{}", first.messages());
    assert_eq!(tail.look().messages(), "");
    folder.write("a", lines(0..1));
    folder.write("b1", lines(1..2));
    assert_eq!(tail.look().numbers(), [0, 1]);
    fs::remove_file(folder.path("a")).unwrap();
    assert!(tail.look().messages().contains("a@0: can not be read"), "said again when it is missing again");
}
