//! `trailcar export`.

use serde_json::{Value, json};

use crate::place::{Place, events, geoip};

/// A folder with a store of six events, and two of their import.
fn place() -> Place {
    let place = Place::with(&format!("geoip: {{directory: {}}}\n", geoip()));
    place.write("a.jsonl", events(0..6));
    let said = place.run(&["import", "a.jsonl"]);
    assert_eq!((said.status, said.count("created")), (0, 6), "{}", said.err);
    place
}

fn manifest(place: &Place, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(place.path(name)).unwrap()).unwrap()
}

#[test]
fn a_file_has_its_manifest_beside_it() {
    let place = place();
    let said = place.run(&["export", "--action", "login", "--from", "2000-01-01"]);
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(said.out.starts_with("./events-as-of-8.ndjson: 6 events, SHA-256 "), "{}", said.out);
    let text = std::fs::read_to_string(place.path("events-as-of-8.ndjson")).unwrap();
    assert_eq!(text.lines().count(), 6);
    let told = manifest(&place, "events-as-of-8.ndjson.manifest.json");
    assert_eq!(told["filter"], json!({ "action": ["login"], "from": ["2000-01-01T00:00:00Z"] }));
    assert_eq!((&told["file"], &told["events"]), (&json!("events-as-of-8.ndjson"), &json!(6)));
    assert!(said.out.trim_end().ends_with(told["sha256"].as_str().unwrap()));

    let said = place.run(&["export", "--as-of", "2", "--format", "csv", "--output", "two.csv"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let text = std::fs::read_to_string(place.path("two.csv")).unwrap();
    assert_eq!(
        (text.lines().count(), &manifest(&place, "two.csv.manifest.json")["file"]),
        (3, &json!("two.csv"))
    );

    let said = place.run(&["export", "--action", "login", "--from", "2000-01-01", "--output", "-"]);
    assert_eq!((said.status, said.documents().len()), (0, 6), "{}", said.err);
    let again: Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!(again["sha256"], told["sha256"]);
}

#[test]
fn what_can_not_be_exported_is_said_and_nothing_is_left() {
    let place = place();
    place.write("there.csv", "mine");
    for (arguments, status, words) in [
        (&["--format", "xlsx"][..], 2, "csv, json or ndjson"),
        (&["--range", "1y"], 1, "range is 1h"),
        (&["--from", "yesterday"], 1, "is not a time"),
        (&["--range", "7d", "--from", "2026-01-01"], 2, "cannot be used with"),
        (&["--as-of", "9"], 1, "at most 8"),
        (&["--output", "there.csv"], 1, "take this one away"),
        (&["--output", "no/such.csv"], 1, "make its directory"),
    ] {
        let said = place.run(&[&["export"], arguments].concat());
        assert_eq!(said.status, status, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
    }
    assert_eq!(std::fs::read_to_string(place.path("there.csv")).unwrap(), "mine");
    let files = std::fs::read_dir(place.path("")).unwrap();
    let names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.contains("manifest")), "{names:?}");

    let other = Place::with("output: {file: {path: out.ndjson}}\n");
    assert!(other.run(&["export"]).err.contains("no events are kept"));
    let none = Place::with("data_dir: nowhere\n");
    assert!(none.run(&["export"]).err.contains("start `trailcar run` once"));
}
