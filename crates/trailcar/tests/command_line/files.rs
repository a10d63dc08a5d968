//! Files that are read: by `import`, and by `run --once`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::place::{Place, events, geoip, gzip};

/// Delivers to a file.
fn place() -> Place {
    Place::with(&format!("output: {{file: {{path: out.ndjson}}}}\ngeoip: {{directory: {}}}\n", geoip()))
}

fn delivered(place: &Place) -> Vec<String> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["_id"].as_str().unwrap().to_owned();
    place.delivered("out.ndjson").iter().map(|line| id(line)).collect()
}

#[test]
fn an_import_again_adds_nothing() {
    // The store knows every event that it holds, a file those that stood in it before.
    for (output, known) in [("store: {}", 100), ("file: {path: out.ndjson}", 0)] {
        let place = Place::with(&format!("output: {{{output}}}\ngeoip: {{directory: {}}}", geoip()));
        place.write("a.jsonl", events(0..500));
        place.write("b.jsonl.gz", gzip(&events(400..900)));
        let said = place.run(&["import", "*.jsonl*"]);
        assert_eq!((said.status, &*said.err), (0, ""), "{}", said.out);
        let counts = (said.count("accepted"), said.count("created"), said.count("duplicate"));
        assert_eq!(counts, (1_000, 1_000 - known, known), "{output}");
        let said = place.run(&["import", "*.jsonl*"]);
        assert_eq!((said.status, said.count("accepted")), (0, 0));
        place.write("a.jsonl", events(0..510));
        let said = place.run(&["import", "a.jsonl"]);
        assert_eq!((said.count("accepted"), said.count("duplicate")), (10, 10));
        let said = place.run(&["import", "--again", "*.jsonl*"]);
        assert_eq!(
            (said.count("accepted"), said.count("created"), said.count("duplicate")),
            (1_010, 0, 1_010)
        );
        let said = place.run(&["doctor"]);
        assert_eq!((said.status, said.count("accepted")), (0, 2_020), "{}", said.out);
        // The four imports are events too: that they began, and that they ended.
        assert!(said.out.ends_with("The balance holds: 2028 accepted, 2028 answered for.\n"), "{}", said.out);
        let waiting = std::fs::read_dir(place.path("data/audit")).unwrap().count();
        assert_eq!(waiting, 2, "the lock, and the file that is written to");
    }
}

#[test]
fn what_is_unreadable_is_named_and_the_rest_is_delivered() {
    let place = place();
    let whole = gzip(&events(0..1_000));
    place.write("cut.gz", &whole[..whole.len() / 2]);
    place.write("good.jsonl", events(5_000..5_003) + "nonsense\n");
    let said = place.run(&["import", "cut.gz", "none.jsonl", "good.jsonl"]);
    assert_eq!(said.status, 1, "{}", said.out);
    let accepted = said.count("accepted");
    assert!((5..1_000).contains(&accepted), "{}", said.out);
    assert_eq!((said.count("created"), said.count("failed"), said.count("notices")), (accepted, 1, 2));
    assert_eq!(delivered(&place).len() as u64, accepted);
    for part in ["cut.gz", "ends too early", "none.jsonl", "can not be read", "good.jsonl", "offset="] {
        assert!(said.err.contains(part), "{part} is not in {}", said.err);
    }
    assert_eq!(said.err.matches("none.jsonl").count(), 1, "{}", said.err);
}

#[test]
fn a_table_is_not_taken_for_events_of_cursor() {
    let place = place();
    place.write("Audit.CSV", "id,action\n1,login\n");
    let said = place.run(&["import", "Audit.CSV"]);
    assert_eq!(said.status, 1, "{}", said.out);
    assert!(said.err.contains("Audit.CSV is a table") && said.err.contains("--dataset"), "{}", said.err);
    assert!(!place.run(&["import", "--dataset", "cencori.audit", "Audit.CSV"]).err.contains("is a table"));
}

#[test]
fn a_file_that_is_not_asked_for_again_is_not_missed() {
    let place = place();
    let whole = gzip(&events(0..1_000));
    place.write("cut.gz", &whole[..whole.len() / 2]);
    place.write("good.jsonl", events(5_000..5_003));
    assert_eq!(place.run(&["import", "cut.gz"]).status, 1);
    let said = place.run(&["import", "good.jsonl"]);
    assert_eq!((said.status, said.count("accepted"), &*said.err), (0, 3, ""), "{}", said.out);
    place.write("cut.gz", &whole);
    assert_eq!(place.run(&["import", "cut.gz"]).status, 0);
    assert_eq!(delivered(&place).len(), 1_003);
}

#[test]
fn the_file_holds_each_document_once_after_a_crash() {
    let place = place();
    place.write("a.jsonl", events(0..50));
    assert_eq!(place.run(&["import", "a.jsonl"]).status, 0);
    // As if the process had died after it wrote, in the middle of a line and before it settled.
    let whole = place.delivered("out.ndjson").join("\n") + "\n";
    let cut = whole.len() - 20;
    place.write("out.ndjson", &whole[..cut]);
    std::fs::remove_dir_all(place.path("data")).unwrap();
    let said = place.run(&["import", "a.jsonl"]);
    assert_eq!((said.count("created"), said.count("duplicate")), (1, 49), "{}", said.out);
    assert!(said.err.contains("the last line is not whole"), "{}", said.err);
    let ids = delivered(&place);
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (50, 50));
}

#[test]
fn standard_input_and_output_make_a_pipe() {
    let place = Place::with("output: {file: {path: '-'}}");
    let said = place.feed(&["import", "--namespace", "pipe", "--tag", "x", "-"], events(0..3));
    assert_eq!(said.status, 0, "{}", said.err);
    let (documents, summary) = said.out.split_at(said.out.rfind("accepted ").unwrap());
    let of = |stream: &str| documents.lines().filter(|line| line.contains(stream)).count();
    assert_eq!((of("\"logs-cursor.audit-pipe\""), of("\"logs-trailcar.audit-")), (3, 2), "{documents}");
    assert!(summary.starts_with("accepted                3"), "{summary}");
}

#[test]
fn a_dataset_without_a_pipeline_is_refused() {
    let said = place().run(&["import", "--dataset", "cursor.audits", "x"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("[cursor.audits] is an unknown dataset"), "{}", said.err);
    assert!(said.err.contains("did you mean [cursor.audit]?"), "{}", said.err);
}
