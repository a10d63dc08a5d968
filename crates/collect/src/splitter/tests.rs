//! Streams of every form against independent oracles, in chunks of every size.

use proptest::prelude::*;

use super::*;

/// All that comes out: events with their offsets, problems, the pieces' ends.
#[derive(Debug, Default, PartialEq)]
struct Found {
    events: Vec<(u64, Vec<u8>)>,
    problems: Vec<SplitProblem>,
    ends: Vec<(u64, Framing)>,
    longest: usize,
}

impl Found {
    fn take(&mut self, splitter: &mut Splitter) {
        self.longest = self.longest.max(splitter.buffer.len());
        let piece = splitter.take();
        for event in &piece.events {
            self.events.push((event.offset, piece.buffer[event.span.clone()].to_vec()));
            assert_eq!(event.offset, piece.start + event.span.start as u64);
        }
        self.problems.extend(piece.problems);
        self.ends.push((piece.position, piece.framing));
    }

    fn texts(&self) -> Vec<String> {
        self.events.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

fn split_from(
    stream: &[u8],
    limits: SplitLimits,
    size: usize,
    from: (u64, Framing),
    ending: Ending,
) -> Found {
    let mut splitter = Splitter::new(limits, from.0, from.1);
    let mut found = Found::default();
    for chunk in stream[from.0 as usize..].chunks(size) {
        splitter.push(chunk);
        while splitter.scan() {
            found.take(&mut splitter);
        }
    }
    splitter.finish(ending);
    found.take(&mut splitter);
    found
}

fn split(stream: &[u8]) -> Found {
    split_from(stream, SplitLimits::default(), 7, (0, Framing::Start), Ending::Complete)
}

#[test]
fn streams_and_their_events() {
    for (stream, events) in [
        ("", &[][..]),
        ("\n\r\n  \n", &[]),
        ("{\"a\":1}\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
        ("{\"a\":1}\r\n\r\n{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]),
        ("\u{feff}{\"a\":1}\n\u{feff}{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
        ("not json\n{\"b\":2}\n", &["not json", "{\"b\":2}"]),
        ("{\"torn\n{\"b\":[\n{}\n", &["{\"torn", "{\"b\":[", "{}"]),
        ("{\"a\":1}\n[2]\n", &["{\"a\":1}", "[2]"]),
        ("[]", &[]),
        (
            "\u{feff} [ {\"a\":\"]\"} , [1,[2]], \"x,\\\"y\", 3 ,null]\n",
            &["{\"a\":\"]\"}", "[1,[2]]", "\"x,\\\"y\"", "3", "null"],
        ),
        ("[1][2]\n[3]\n{\"a\":4}\n", &["1", "2", "3", "{\"a\":4}"]),
        ("[{}{}]", &["{}", "{}"]),
        ("{\n  \"a\": {\n \"b\": 1 }\n}\n{\n}\n", &["{\n  \"a\": {\n \"b\": 1 }\n}", "{\n}"]),
        ("a\0b\n", &["a\0b"]),
    ] {
        let found = split(stream.as_bytes());
        assert_eq!(found.texts(), events, "{stream:?}");
        assert_eq!(found.problems, [], "{stream:?}");
    }
    let bad = split(b"{\"a\":\"\xff\xfe\"}\n\xc3\n");
    assert_eq!(bad.events, [(0, b"{\"a\":\"\xff\xfe\"}".to_vec()), (11, b"\xc3".to_vec())]);
}

#[test]
fn pages_are_taken_apart_wherever_an_object_may_begin() {
    let page = |events: &[&str]| {
        let pagination = r#""pagination":{"page":1,"note":"]}\""},"params":{"teamId":null}"#;
        format!(r#"{{"events":[{}],{pagination}}}"#, events.join(","))
    };
    let pretty = |compact: &str| {
        let value: serde_json::Value = serde_json::from_str(compact).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let (one, two) = (r#"{"event_id":"1","event_data":{"a":["]}"]}}"#, r#"{"event_id":"2"}"#);
    let both = page(&[one, two]);
    let line = r#"{"event_id":"3","events":[{}]}"#;
    for (stream, events) in [
        (both.clone(), &[one, two][..]),
        (format!("\u{feff}{}\n", pretty(&both)), &[one, two]),
        (format!("{both}\n{both}\r\n{both}"), &[one, two, one, two, one, two]),
        (format!("{}\n{}\n", pretty(&both), pretty(&page(&[one]))), &[one, two, one]),
        (format!("{line}\n{both}\n\n{line}\n{both}\n{line}\n"), &[line, one, two, line, one, two, line]),
        (format!("{}\n{}\n", pretty(two), pretty(&both)), &[two, one, two]),
        (page(&[]), &[]),
        (format!("{}\n{}{two}\n", page(&[]), pretty(&page(&[]))), &[two]),
        (format!(r#"{{"pagination":{{}},"events":[{one}]}}"#), &[one]),
        (format!(r#"{{"events":[{one}]}}"#), &[one]),
        // These are events.
        (r#"{"events":[1]}"#.to_owned(), &[r#"{"events":[1]}"#]),
        (r#"{"events":[]}"#.to_owned(), &[r#"{"events":[]}"#]),
        // A line that is cut takes no other with it.
        (format!("{two}\n{{\"events\":\n{two}\n"), &[two, r#"{"events":"#, two]),
        (format!("{two}\n{{\"ev"), &[two, "{\"ev"]),
        ("{\"events\" : ".to_owned(), &["{\"events\" : "]),
    ] {
        let found = split(stream.as_bytes());
        let same = |text: &String| match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) => value.to_string(),
            Err(_) => text.clone(),
        };
        let read: Vec<String> = found.texts().iter().map(same).collect();
        assert_eq!(read, events, "{stream}");
        assert_eq!(found.problems, [], "{stream}");
    }
}

#[test]
fn a_page_that_is_wrong_is_reported() {
    let cut = split(b"{\"events\":[{},{\"a\":1}");
    assert_eq!(cut.texts(), ["{}", "{\"a\":1}"]);
    assert_eq!(cut.problems, [SplitProblem::Unclosed { offset: 21 }]);
    assert_eq!(cut.ends.last(), Some(&(21, Framing::PageElement)));

    let rest = split(b"{\"events\":[{}],\"pagination\":{");
    assert_eq!((rest.texts().len(), rest.problems), (1, vec![SplitProblem::Unclosed { offset: 14 }]));

    let head = split(b"{\n\"events\" ");
    assert_eq!((head.texts().len(), head.problems), (0, vec![SplitProblem::Unclosed { offset: 0 }]));

    let stray = split(b"{\"events\":[{},,{},]}");
    assert_eq!((stray.texts().len(), stray.problems), (2, vec![SplitProblem::StrayComma { offset: 14 }]));
}

#[test]
fn a_page_has_bounded_memory() {
    let limits = SplitLimits { max_event_bytes: 1 << 20, ..SplitLimits::default() };
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(5 << 20));
    let stream = format!("{{\"events\":[{{}},{long},{{}}],\"params\":{long}}}\n{{\"b\":1}}\n");
    let found = split_from(stream.as_bytes(), limits, 100_000, (0, Framing::Start), Ending::Complete);
    assert_eq!(found.texts(), ["{}", "{}", "{\"b\":1}"]);
    let length = long.len() as u64;
    assert_eq!(found.problems, [SplitProblem::TooLong { offset: 14, length, limit: 1 << 20 }]);
    assert!(found.longest < 4 << 20, "{}", found.longest);
}

#[test]
fn arrays_and_objects_that_are_wrong_are_reported_once() {
    let stray = split(b"[,1,,2,]");
    assert_eq!(stray.texts(), ["1", "2"]);
    assert_eq!(stray.problems, [SplitProblem::StrayComma { offset: 1 }]);

    let cut = split(b"[{\"a\":1},{\"b\":");
    assert_eq!(cut.texts(), ["{\"a\":1}"]);
    assert_eq!(cut.problems, [SplitProblem::Unclosed { offset: 9 }]);
    assert_eq!(cut.ends.last(), Some(&(9, Framing::ArrayComma)));

    let open = split(b"[{\"a\":1}");
    assert_eq!((open.texts().len(), open.problems), (1, vec![SplitProblem::Unclosed { offset: 8 }]));

    let pretty = split(b"{\n\"a\":1\n}\n{\n\"b\"");
    assert_eq!((pretty.texts().len(), pretty.problems), (1, vec![SplitProblem::Unclosed { offset: 10 }]));
}

#[test]
fn a_long_event_is_skipped_in_bounded_memory() {
    let limits = SplitLimits { max_event_bytes: 1 << 20, ..SplitLimits::default() };
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(5 << 20));
    let length = long.len() as u64;
    for (stream, offset, length) in [
        (format!("1\n{long}\n2\n"), 2, length),
        (format!("1\n{long}\n2"), 2, length),
        (format!("[1,{long},2]"), 3, length),
        (format!("1\n2\n{long}"), 4, length),
    ] {
        let found = split_from(stream.as_bytes(), limits, 100_000, (0, Framing::Start), Ending::Complete);
        assert_eq!(found.texts(), ["1", "2"]);
        assert_eq!(found.problems, [SplitProblem::TooLong { offset, length, limit: 1 << 20 }]);
        assert!(found.longest < 4 << 20, "{}", found.longest);
    }
    let blank = vec![b'\n'; 5 << 20];
    let found = split_from(&blank, limits, 100_000, (0, Framing::Start), Ending::Complete);
    assert!(found.events.is_empty() && found.longest < 4 << 20);
}

#[test]
fn a_stream_that_may_grow_keeps_half_a_line_back() {
    for (stream, events, end) in [
        ("1\n{\"a\":1", &["1"][..], 2),
        ("1\n2", &["1"], 2),
        ("1\n{\"a\":\"}\"}", &["1", "{\"a\":\"}\"}"], 11),
        ("[1,{\"a\":", &["1"], 3),
        ("[1,22", &["1"], 3),
        ("{", &[], 0),
    ] {
        let found =
            split_from(stream.as_bytes(), SplitLimits::default(), 3, (0, Framing::Start), Ending::MayGrow);
        assert_eq!(found.texts(), events, "{stream}");
        assert_eq!(found.ends.last().map(|end| end.0), Some(end), "{stream}");
        assert!(found.problems.is_empty(), "{stream}");
    }
}

#[test]
fn garbled_lines_before_damage_are_taken_back() {
    let stream = b"no json\n{\"a\":1}\n{\"b\":\"\xff\"}\n{{\"c\nd";
    let found = split_from(stream, SplitLimits::default(), 9, (0, Framing::Start), Ending::Damaged);
    assert_eq!(found.texts(), ["no json", "{\"a\":1}"]);
    assert_eq!(found.ends, [(16, Framing::Lines)]);
    let whole = split_from(&stream[..15], SplitLimits::default(), 9, (0, Framing::Start), Ending::Damaged);
    assert_eq!(whole.texts(), ["no json", "{\"a\":1}"]);
}

/// Streams of lines, written by other means than they are read by.
fn lines() -> impl Strategy<Value = (Vec<u8>, Vec<(u64, Vec<u8>)>)> {
    let content = prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(any::<u8>().prop_filter("a line", |b| *b != b'\n'), 0..40),
        "[{]\"a\":[0-9]{1,20}[}]".prop_map(String::into_bytes),
    ];
    prop::collection::vec((content, prop::bool::ANY), 0..40).prop_map(|lines| {
        let mut stream = b"{\"first\":1}\n".to_vec();
        let mut events = vec![(0, b"{\"first\":1}".to_vec())];
        for (content, windows) in lines {
            let offset = stream.len();
            stream.extend(&content);
            stream.extend(if windows { &b"\r\n"[..] } else { b"\n" });
            let end = content.iter().rposition(|b| *b != b'\r').map_or(0, |at| at + 1);
            let mark = if content.starts_with(b"\xef\xbb\xbf") { 3.min(end) } else { 0 };
            let bytes = content[mark..end].to_vec();
            if bytes.iter().any(|b| !b" \t\r\n\x0c".contains(b)) {
                events.push(((offset + mark) as u64, bytes));
            }
        }
        (stream, events)
    })
}

proptest! {
    #[test]
    fn lines_are_those_of_the_oracle((stream, events) in lines(), size in 1usize..200, piece in 1usize..9) {
        let limits = SplitLimits { piece_events: piece, ..SplitLimits::default() };
        let found = split_from(&stream, limits, size, (0, Framing::Start), Ending::Complete);
        prop_assert_eq!(&found.events, &events);
        prop_assert!(found.problems.is_empty());
    }

    #[test]
    fn elements_are_those_of_a_json_parser(
        texts in prop::collection::vec("(\\PC|[\"\\\\{}\\[\\],\n]){0,20}", 0..12),
        pretty in prop::bool::ANY,
        size in 1usize..60,
    ) {
        let values: Vec<serde_json::Value> = texts.iter().enumerate().map(|(i, text)| match i % 4 {
            0 => serde_json::json!({ text.as_str(): [text, {"x": null}] }),
            1 => serde_json::json!(text),
            2 => serde_json::json!(i as f64 * 1.5),
            _ => serde_json::json!([[], {}, true]),
        }).collect();
        let stream = if pretty { serde_json::to_vec_pretty(&values) } else { serde_json::to_vec(&values) };
        let found = split_from(&stream.unwrap(), SplitLimits::default(), size, (0, Framing::Start), Ending::Complete);
        let read: Vec<serde_json::Value> =
            found.events.iter().map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect();
        prop_assert_eq!(read, values);
        prop_assert!(found.problems.is_empty());
    }

    #[test]
    fn any_bytes_split_the_same_in_any_chunks_and_from_any_piece_on(
        tokens in prop::collection::vec(prop_oneof![
            "[\\[\\]{}\"\\\\, 1\n]".prop_map(String::into_bytes),
            any::<u8>().prop_map(|byte| vec![byte]),
            "\n?[{]\n?\"events\"[ \n]?:\\[[{}]{0,2}".prop_map(String::into_bytes),
            "\\],\"pagination\":[{}]{0,3}\n?".prop_map(String::into_bytes),
        ], 0..200),
        size in 1usize..50,
        ending in prop_oneof![Just(Ending::Complete), Just(Ending::MayGrow)],
    ) {
        let stream = tokens.concat();
        let limits = SplitLimits { max_event_bytes: 40, piece_events: 1, ..SplitLimits::default() };
        let whole = split_from(&stream, limits, stream.len().max(1), (0, Framing::Start), ending);
        let parts = split_from(&stream, limits, size, (0, Framing::Start), ending);
        prop_assert_eq!(&whole.events, &parts.events);
        prop_assert_eq!(&whole.problems, &parts.problems);
        for (taken, end) in whole.ends.iter().enumerate() {
            let rest = split_from(&stream, limits, size, *end, ending);
            let before: usize = whole.events.iter().filter(|(offset, _)| *offset < end.0).count();
            prop_assert_eq!(&whole.events[before..], &rest.events, "after piece {} at {:?}", taken, end);
        }
    }
}

#[test]
fn a_table_is_split_into_rows() {
    let stream = "id,created_at,note\r\n1,x,\"two\nlines, \"\"quoted\"\"\"\r\n\r\n2,y,z\n3,,\"last\"";
    let rows = [
        r#"{"id":"1","created_at":"x","note":"two\nlines, \"quoted\""}"#,
        r#"{"id":"2","created_at":"y","note":"z"}"#,
        r#"{"id":"3","created_at":"","note":"last"}"#,
    ];
    for size in 1..=stream.len() {
        for piece_events in [1, 2, 100] {
            let limits = SplitLimits { piece_events, ..SplitLimits::default() };
            let mut splitter = Splitter::new(limits, 0, Framing::Start);
            let (mut found, mut ends) = (Vec::new(), vec![(0, Framing::Start)]);
            let mut take = |splitter: &mut Splitter| {
                let piece = splitter.take();
                found.extend(
                    piece
                        .events
                        .iter()
                        .map(|event| String::from_utf8(piece.buffer[event.span.clone()].to_vec()).unwrap()),
                );
                assert!(stream.as_bytes()[piece.start as usize..].starts_with(&piece.stream));
                ends.push((piece.position, piece.framing));
            };
            for chunk in stream.as_bytes().chunks(size) {
                splitter.push(chunk);
                while splitter.scan() {
                    take(&mut splitter);
                }
            }
            splitter.finish(Ending::Complete);
            take(&mut splitter);
            assert_eq!(found, rows, "{size} {piece_events}");
            assert_eq!(ends.last(), Some(&(stream.len() as u64, Framing::Rows)));
        }
    }
}

#[test]
fn a_row_that_may_go_on_waits_and_one_that_can_not_end_is_told() {
    let stream = b"a,b,c\n1,2,3\n4,5,\"6";
    for (ending, problems) in [(Ending::MayGrow, 0), (Ending::Complete, 1)] {
        let mut splitter = Splitter::new(SplitLimits::default(), 0, Framing::Start);
        splitter.push(stream);
        splitter.scan();
        splitter.finish(ending);
        let piece = splitter.take();
        assert_eq!((piece.events.len(), piece.problems.len()), (1, problems));
        assert_eq!(piece.position, 12);
    }
}
