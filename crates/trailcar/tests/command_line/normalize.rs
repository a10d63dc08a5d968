//! `trailcar normalize`.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::json;

use crate::place::{Place, events, geoip, gzip};

/// Takes `n` over, drops on `drop`, fails on `fail` and on what is no JSON.
const PIPELINE: &str = r#"
processors:
  - json: { field: message, target_field: body, tag: read }
  - drop: { if: "ctx.body.drop != null" }
  - fail: { if: "ctx.body.fail != null", message: "no good: {{body.fail}}" }
  - set: { field: _id, value: "id-{{body.n}}" }
  - set: { field: n, copy_from: body.n }
  - remove: { field: [body, message, event, data_stream, "@timestamp"] }
"#;

fn place() -> Place {
    let place = Place::new();
    place.write("p/default.yml", PIPELINE);
    place
}

const OWN: [&str; 4] = ["normalize", "--dataset=own.audit", "--pipelines=p", "--namespace=test"];

#[test]
fn there_is_a_line_for_every_event_in_its_order() {
    let input = "{\"n\":1}\n\n{\"n\":2,\"drop\":1}\n  {\"n\":3}\r\n{\"fail\":\"x\"}\nnonsense\n{\"n\":5}";
    let said = place().feed(&OWN, input);
    assert_eq!(said.status, 0, "{}", said.err);
    let documents = said.documents();
    let good =
        |n: u64| json!({"_index": "logs-own.audit-test", "_id": format!("id-{n}"), "_source": {"n": n}});
    assert_eq!(documents.len(), 6);
    assert_eq!(documents[0], good(1));
    assert_eq!(documents[1], json!({"dropped": true}));
    assert_eq!(documents[2], good(3));
    assert_eq!(documents[5], good(5));
    for (at, original, reason) in [
        (
            3,
            "{\"fail\":\"x\"}",
            "processor [conditional] with tag [] in pipeline [own.audit] failed: no good: x",
        ),
        (4, "nonsense", "processor [json] with tag [read] in pipeline [own.audit] failed: "),
    ] {
        let source = &documents[at]["_source"];
        assert_eq!(source["event"]["kind"], "pipeline_error");
        assert_eq!(source["event"]["original"], original);
        assert_eq!(source["tags"], json!(["preserve_original_event"]));
        assert!(source["error"]["message"].to_string().contains(reason), "{source}");
        assert_eq!(documents[at]["_index"], "logs-own.audit-test");
    }
}

#[test]
fn files_are_read_in_the_order_given() {
    let place = place();
    place.write("b.json", "[{\"n\":1},{\"n\":2}]");
    place.write("a.gz", [gzip("{\"n\":3}\n"), gzip("{\"n\":4}\n")].concat());
    let said = place.feed(&[&OWN[..], &["b.json", "-", "a.gz"]].concat(), "{\"n\":9}");
    let ids: Vec<String> =
        said.documents().iter().map(|line| line["_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((said.status, ids), (0, ["id-1", "id-2", "id-9", "id-3", "id-4"].map(str::to_owned).to_vec()));
}

#[test]
fn an_input_that_can_not_be_read_is_named_and_the_others_are_read() {
    let place = place();
    let cut = &gzip(&(0..2_000).map(|n| format!("{{\"n\":{n}}}\n")).collect::<String>());
    place.write("cut.gz", &cut[..cut.len() / 2]);
    place.write("good.json", "{\"n\":7}");
    let said = place.run(&[&OWN[..], &["cut.gz", "none.json", "p", "good.json"]].concat());
    assert_eq!(said.status, 1);
    let documents = said.documents();
    let (last, cut) = documents.split_last().unwrap();
    assert_eq!(last["_id"], "id-7");
    assert!((1..2_000).contains(&cut.len()));
    assert!(cut.iter().enumerate().all(|(n, line)| line["_id"] == format!("id-{n}")));
    for part in ["cut.gz: the gzip stream ends too early", "none.json: can not be read", "p: is a directory"]
    {
        assert!(said.err.contains(part), "{part} is not in {}", said.err);
    }
}

#[test]
fn shipped_pipelines_need_nothing_but_a_dataset() {
    let arguments = ["normalize", "-d", "cursor.audit", "--geoip", &geoip(), "--tag", "a", "-t", "b"];
    let said = Place::new().feed(&[&arguments[..], &["--preserve-original"]].concat(), events(0..1));
    assert_eq!((said.status, &*said.err), (0, ""));
    let document = &said.documents()[0];
    assert_eq!(document["_index"], "logs-cursor.audit-default");
    assert_eq!(document["_id"], "event-0");
    let source = &document["_source"];
    assert_eq!(source["event"]["action"], "login");
    assert_eq!(source["event"]["original"], events(0..1).trim_end());
    assert_eq!(source["source"]["geo"]["city_name"], "Las Vegas");
    assert!(
        ["a", "b"].iter().all(|tag| source["tags"].as_array().unwrap().contains(&json!(tag))),
        "{source}"
    );
}

#[test]
fn what_can_not_work_is_told_before_anything_is_read() {
    let place = place();
    place.write("bad/default.yml", "processors: [{sett: {}}]");
    place.write("empty/x.txt", "");
    for (arguments, part) in [
        (&["-d", "cursor.audt"][..], "[cursor.audt] is an unknown dataset"),
        (&["-d", "cursor.audt"], "did you mean [cursor.audit]?"),
        (&["-d", "cursor.audit", "--namespace", "A"], "the namespace [A] can not be part"),
        (&["-d", "x", "--pipelines", "bad"], "sett"),
        (&["-d", "x", "--pipelines", "empty"], "there is no pipeline in empty"),
        (
            &["-d", "x", "--pipelines", "none"],
            "the pipelines in none can not be read: No such file or directory (os error 2): name a directory that is there",
        ),
        (&["-d", "cursor.audit", "--geoip", "none"], "--geoip none: there is no such directory"),
    ] {
        let said = place.feed(&[&["normalize"], arguments].concat(), "");
        assert_eq!((said.status, &*said.out), (1, ""), "{arguments:?}");
        assert!(said.err.contains(part), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let place = place();
    let mut child = place.command(&OWN).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        // The command ends before it has read everything.
        for n in 0..1_000_000 {
            if writeln!(input, "{{\"n\":{n}}}").is_err() {
                return;
            }
        }
    });
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("id-0"), "{first}");
    writer.join().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn a_saved_page_is_its_events() {
    let page = json!({"events": [{"n": 1}, {"n": 2}], "pagination": {"page": 1}, "params": {"teamId": 1}});
    let place = place();
    place.write("pretty.json", serde_json::to_string_pretty(&page).unwrap());
    place.write("lines.ndjson", format!("{page}\n{page}\n"));
    for (file, ids) in
        [("pretty.json", &["id-1", "id-2"][..]), ("lines.ndjson", &["id-1", "id-2", "id-1", "id-2"])]
    {
        let said = place.run(&[&OWN[..], &[file]].concat());
        assert_eq!((said.status, &*said.err), (0, ""), "{file}");
        let documents = said.documents();
        assert_eq!(documents.iter().map(|document| &document["_id"]).collect::<Vec<_>>(), ids, "{file}");
    }
}

#[test]
fn a_copy_of_shipped_pipelines_calls_the_parts_that_they_share() {
    let place = Place::new();
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/cencori.audit");
    for entry in std::fs::read_dir(shipped).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        place.write(&format!("own/{name}"), std::fs::read(&path).unwrap());
    }
    let arguments = ["normalize", "-d", "cencori.audit", "--pipelines", "own", "--geoip", &geoip()];
    let said =
        place.feed(&arguments, r#"{"id":"a","category":"sso","action":"viewed","actor_ip":"192.0.2.1"}"#);
    assert_eq!((said.status, &*said.err), (0, ""));
    assert_eq!(said.documents()[0]["_source"]["source"]["ip"], "192.0.2.1");
}
