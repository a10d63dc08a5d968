//! Files that are read to their end, once and again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

mod support;

use std::collections::HashSet;

use collect_files::reader::Reader;
use collect_files::{FilesError, check_paths};
use event::Checkpoint;
use support::{Folder, Given, gzip, lines, read, try_drain};

#[test]
fn all_forms_are_read_in_the_order_of_their_paths() {
    let folder = Folder::new();
    folder.write("a.ndjson", lines(0..3));
    folder.write("b.json", "[{\"n\":3,\"x\":[1]},\n {\"n\":4,\"x\":{}}]");
    folder.write("c.gz", gzip(lines(5..7)));
    folder.write("d.log", [gzip(lines(7..9)), gzip(lines(9..11)), vec![0; 600]].concat());
    folder.write("e.gz", lines(11..12));
    folder.write("f.empty", "");
    folder.write("g", format!("\u{feff}{}", lines(12..14).replace('\n', "\r\n").trim_end()));
    let given = read(&folder.config(&["*"], false), None);
    assert_eq!(given.numbers(), (0..14).collect::<Vec<_>>());
    assert_eq!(given.messages(), "");
    let locations: Vec<_> = given.batches.iter().filter_map(|b| b.location.clone()).collect();
    assert_eq!(locations.len(), 6);
    assert!(
        locations
            .iter()
            .zip(["a.ndjson", "b.json", "c.gz", "d.log", "e.gz", "g"])
            .all(|(l, n)| l.ends_with(n))
    );
    assert_eq!(
        given.batches.iter().map(|b| b.sequence).collect::<Vec<_>>(),
        (0..given.batches.len() as u64).collect::<Vec<_>>()
    );
    let c = &given.batches[2];
    assert_eq!(c.events[1].offset, lines(5..6).len() as u64, "the offset is one in the inflated file");
}

/// Exports of a log: a table and a list, of any number of entries.
fn exports(entries: usize) -> (String, String) {
    let mut table = String::from("n,Created At,note\r\n");
    let mut list = String::from("{\"organization\":\"acme\",\"exported_at\":\"2026-10-01\",\"logs\":[");
    for n in 0..entries {
        table += &format!("{n},2026-10-01,\"entry \"\"{n}\"\",\nof many\"\r\n");
        list += &format!("{}\n{{\"n\":{n}}}", if n > 0 { "," } else { "" });
    }
    (table, list + "]}\n")
}

#[test]
fn exports_are_read_in_pieces_and_gone_on_with() {
    let folder = Folder::new();
    let (table, list) = exports(9000);
    folder.write("a.csv", &table);
    folder.write("b.csv.gz", gzip(table.replace("entry", "other")));
    folder.write("c.json", list);
    let config = folder.config(&["*"], false);
    let whole = read(&config, None);
    assert_eq!((whole.events.len(), whole.messages().as_str()), (27_000, ""));
    assert!(whole.batches.len() > 9);
    assert_eq!(whole.events[1], r#"{"n":"1","created_at":"2026-10-01","note":"entry \"1\",\nof many"}"#);
    assert_eq!(whole.batches[0].events[1].offset as usize, table.find("1,2026").unwrap());
    let texts = &whole.events;
    // A run that was broken off behind any batch goes on there.
    let mut before = 0;
    for batch in &whole.batches {
        before += batch.events.len();
        let rest = read(&config, Some(batch.checkpoint.clone()));
        assert_eq!(rest.events, texts[before..], "behind {before}");
    }
}

#[test]
fn a_second_run_reads_nothing_and_what_was_added_later() {
    let folder = Folder::new();
    folder.write("a.ndjson", lines(0..100));
    folder.write("b.gz", gzip(lines(100..200)));
    folder.write("c.json", "[{\"n\":200,");
    let config = folder.config(&["*"], false);
    let first = read(&config, None);
    assert_eq!(first.numbers(), (0..200).collect::<Vec<_>>());
    assert!(first.messages().contains("c.json@1: the JSON ends too early"), "{}", first.messages());
    let again = read(&config, first.checkpoint());
    assert_eq!(again.events.len(), 0);

    folder.append("a.ndjson", lines(200..203));
    folder.append("b.gz", gzip(lines(203..206)));
    folder.append("c.json", "\"x\":1},{\"n\":206,\"x\":2}]\n");
    folder.write("d", lines(207..208));
    let grown = read(&config, first.checkpoint());
    assert_eq!(grown.numbers(), [200, 201, 202, 203, 204, 205, 200, 206, 207]);
    assert_eq!(grown.messages(), "");
    assert_eq!(read(&config, grown.checkpoint()).events.len(), 0);
}

#[test]
fn going_on_from_any_checkpoint_gives_every_event_once() {
    let folder = Folder::new();
    folder.write("a.ndjson", lines(0..500));
    folder.write("b.gz", [gzip(lines(500..700)), gzip(lines(700..1000))].concat());
    let array = format!("[{}]", lines(1000..1300).trim_end().replace('\n', ", "));
    folder.write("c.json", &array);
    folder.write("d.json.gz", gzip(array.replace("\"n\":1", "\"n\":2")));
    let mut config = folder.config(&["*"], false);
    config.split.piece_events = 37;
    let whole = read(&config, None);
    assert_eq!(whole.events.len(), 1600);
    let mut before = Given::default();
    let mut batches = whole.batches.clone().into_iter();
    loop {
        let rest = read(&config, before.checkpoint());
        let all = [before.events.clone(), rest.events].concat();
        assert_eq!(all, whole.events, "after {} batches", before.batches.len());
        match batches.next() {
            Some(batch) => before.add(batch),
            None => break,
        }
    }
    assert!(before.batches.len() > 40);
}

#[test]
fn a_broken_gzip_gives_its_good_lines_once_and_the_rest_when_it_is_whole() {
    let folder = Folder::new();
    let whole = gzip(lines(0..5_000));
    for cut in [1, 2, 3, 12, whole.len() / 3, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        folder.write("a.gz", &whole[..cut]);
        folder.write("b.gz", gzip(lines(5_000..5_001)));
        let config = folder.config(&["*.gz"], false);
        let first = read(&config, None);
        let numbers = first.numbers();
        let (good, other) = numbers.split_at(numbers.len() - 1);
        assert_eq!(good, (0..good.len()).collect::<Vec<_>>());
        assert_eq!(other, [5_000], "the other file is read all the same");
        assert_eq!(first.notices.len(), 1);
        assert_eq!(first.notices[0].offset, cut as u64);
        assert!(first.notices[0].message.contains("ends too early"), "{}", first.messages());

        let again = read(&config, first.checkpoint());
        assert_eq!((again.events.len(), again.notices.len()), (0, 1));

        // Written to the end, in place or as another file.
        folder.write("new", &whole);
        folder.rename("new", "a.gz");
        let rest = read(&config, first.checkpoint());
        assert_eq!(rest.numbers(), (good.len()..5_000).collect::<Vec<_>>());
        assert_eq!(rest.messages(), "");
    }
}

#[test]
fn a_corrupt_gzip_is_reported_with_its_offset() {
    let folder = Folder::new();
    let whole = [gzip(lines(0..3_000)), gzip(lines(3_000..9_000))].concat();
    let end = gzip(lines(0..3_000)).len();
    let config = folder.config(&["a.gz"], false);
    // The second member's method, and bytes in its middle, which inflate to rubbish before they are found out.
    for (damaged, garbles) in [(end + 2..end + 3, false), (end + 4_000..end + 4_060, true)] {
        let mut bytes = whole.clone();
        bytes[damaged.clone()].fill(0xff);
        folder.write("a.gz", &bytes);
        let first = read(&config, None);
        let good = first.events.len();
        assert_eq!(first.events[..3_000].concat(), lines(0..3_000).replace('\n', ""));
        assert!(if garbles { good > 3_000 } else { good == 3_000 }, "{good}");
        assert!(first.messages().contains("corrupt at byte"), "{}", first.messages());
        let offset = first.notices[0].offset as usize;
        assert!((damaged.start..whole.len()).contains(&offset), "{offset} for {damaged:?}");
        let again = read(&config, first.checkpoint());
        assert_eq!((again.events.len(), again.notices.len()), (0, 1));

        folder.write("a.gz", &whole);
        let rest = read(&config, first.checkpoint());
        let all: HashSet<String> = first.events.into_iter().chain(rest.events.clone()).collect();
        assert!(lines(0..9_000).lines().all(|line| all.contains(line)));
        if !garbles {
            assert_eq!(rest.numbers(), (3_000..9_000).collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_can_not_be_read_is_named_and_the_others_go_on() {
    let folder = Folder::new();
    folder.write("good.ndjson", lines(0..2));
    folder.write("bomb.gz", gzip(vec![b'x'; 3 << 20]));
    folder.write("inner.gz", gzip(gzip(lines(0..9))));
    folder.write("wide.txt", b"\xff\xfe{\0}\0");
    folder.write("long.ndjson", format!("{{\"a\":\"{}\"}}\n{}", "x".repeat(70_000), lines(2..3)));
    std::fs::create_dir(folder.path("directory")).unwrap();
    let names =
        ["missing", "directory", "none*", "good.ndjson", "bomb.gz", "inner.gz", "wide.txt", "long.ndjson"];
    let mut config = folder.config(&names, false);
    config.inflate.max_inflated_bytes = 1 << 20;
    config.split.max_event_bytes = 60_000;
    let given = read(&config, None);
    assert_eq!(given.numbers(), [0, 1, 2]);
    let messages = given.messages();
    for message in [
        "missing@0: can not be read: No such file or directory (os error 2): check the path",
        "directory@0: is a directory: name the files in it, [",
        "none*@0: no file matches this glob: check it",
        "raise max_inflated_bytes",
        "inner.gz@0: holds another gzip inside the gzip, which is not read: unpack it first",
        "wide.txt@0: holds UTF-16 text, which is not read: convert it to UTF-8 first",
        "long.ndjson@0: the event at byte 0 has 70008 bytes and was skipped: raise max_event_bytes (60000)",
    ] {
        assert!(messages.contains(message), "{message} is not in\n{messages}");
    }
    assert_eq!(check_paths(&config.paths).len(), 3);
}

#[test]
fn a_source_that_leads_nowhere_fails() {
    let folder = Folder::new();
    let config = folder.config(&["a", "b"], false);
    let error = try_drain(&mut Reader::new(config, None).unwrap()).unwrap_err().to_string();
    assert!(error.contains("/a: can not be read") && error.contains("/b: can not be read"), "{error}");

    let none = folder.config(&["*.ndjson"], false);
    let given = read(&none, None);
    assert!(given.events.is_empty() && given.messages().contains("no file matches"));

    assert!(matches!(Reader::new(folder.config(&[], false), None), Err(FilesError::NoPaths)));
    assert!(matches!(Reader::new(folder.config(&["a["], false), None), Err(FilesError::Pattern { .. })));
    let newer = Checkpoint(serde_json::json!({"version": 9}));
    let Err(error) = Reader::new(none, Some(newer)) else { panic!("taken") };
    assert!(error.to_string().contains("has version 9, this program knows version 1"), "{error}");
}

#[test]
fn a_file_with_several_names_is_read_once() {
    let folder = Folder::new();
    folder.write("b.ndjson", lines(0..5));
    std::os::unix::fs::symlink(folder.path("b.ndjson"), folder.path("a.ndjson")).unwrap();
    std::fs::hard_link(folder.path("b.ndjson"), folder.path("c.ndjson")).unwrap();
    let config = folder.config(&["*.ndjson", "b*", "c.ndjson"], false);
    let given = read(&config, None);
    assert_eq!(given.numbers(), [0, 1, 2, 3, 4]);
    assert_eq!(read(&config, given.checkpoint()).events.len(), 0);
}

#[test]
fn a_name_with_brackets_is_a_name_when_it_is_there() {
    let folder = Folder::new();
    folder.write("a[1].ndjson", lines(0..1));
    folder.write("a1.ndjson", lines(1..2));
    assert_eq!(read(&folder.config(&["a[1].ndjson"], false), None).numbers(), [0]);
}

#[test]
fn an_emptied_or_replaced_file_is_read_anew() {
    let folder = Folder::new();
    for fill in [10, 200] {
        folder.write("a", lines(0..fill));
        folder.write("b", lines(1000..1000 + fill));
        let config = folder.config(&["a", "b"], false);
        let first = read(&config, None);
        // Shorter, and longer than what was read.
        folder.truncate("a", lines(2000..2003));
        folder.truncate("b", lines(3000..3500));
        let second = read(&config, first.checkpoint());
        assert_eq!(second.numbers(), (2000..2003).chain(3000..3500).collect::<Vec<_>>());
    }
}

#[test]
fn the_position_of_files_that_are_gone_is_kept_for_a_while() {
    let folder = Folder::new();
    folder.write("a", lines(0..10));
    folder.write("b", lines(10..20));
    let first = read(&folder.config(&["a"], false), None);
    let second = read(&folder.config(&["b"], false), first.checkpoint());
    assert_eq!(second.numbers(), (10..20).collect::<Vec<_>>());
    // Renamed and compressed in the meantime.
    folder.write("c.gz", gzip(lines(0..12)));
    std::fs::remove_file(folder.path("a")).unwrap();
    let third = read(&folder.config(&["*"], false), second.checkpoint());
    assert_eq!(third.numbers(), [10, 11]);

    let mut checkpoint = third.checkpoint();
    for number in 0..1_200 {
        let name = format!("f{number}");
        folder.write(&name, format!("{{\"n\":{number},\"only\":true}}\n"));
        if number % 300 == 299 {
            let given = read(&folder.config(&["f*"], false), checkpoint);
            assert_eq!(given.events.len(), 300);
            checkpoint = given.checkpoint();
            for gone in number - 299..=number {
                std::fs::remove_file(folder.path(&format!("f{gone}"))).unwrap();
            }
        }
    }
    let kept = checkpoint.unwrap().0["files"].as_array().unwrap().len();
    assert!(kept <= 1_300, "{kept}");
}

#[test]
fn progress_ends_at_the_total() {
    let folder = Folder::new();
    folder.write("a", lines(0..1_000));
    folder.write("b.gz", gzip(lines(0..1_000)));
    folder.write("c.gz", &gzip(lines(1..1_000))[..500]);
    folder.write("d.txt", "PK\x03\x04rest");
    let mut reader = Reader::new(folder.config(&["*"], false), None).unwrap();
    let progress = reader.progress();
    support::drain(&mut reader);
    let bytes: u64 =
        ["a", "b.gz", "c.gz", "d.txt"].map(|n| folder.path(n).metadata().unwrap().len()).iter().sum();
    assert_eq!((progress.total_bytes(), progress.read_bytes()), (bytes, bytes));
}
