//! `trailcar pipeline`.

use serde_json::json;

use crate::place::Place;

const STREAM: &str = "web/data_stream/access";

const ENTRY: &str = r#"
processors:
  - rename: {field: message, target_field: event.original}
  - drop: {if: ctx.event.original == 'drop'}
  - pipeline: {name: '{{ IngestPipeline "inner" }}'}
  - fail: {message: 'no good', if: ctx.event.original == 'bad', tag: judge, on_failure: [{set: {field: failed, value: true}}]}
"#;

const INNER: &str = "processors: [{split: {field: event.original, separator: ' ', target_field: parts}}]";

fn package() -> Place {
    let place = Place::new();
    place.write("web/manifest.yml", "{name: web, version: 1.0.0}");
    place.write(&format!("{STREAM}/elasticsearch/ingest_pipeline/default.yml"), ENTRY);
    place.write(&format!("{STREAM}/elasticsearch/ingest_pipeline/inner.yml"), INNER);
    place.write(&format!("{STREAM}/_dev/test/pipeline/test-a.log"), "a b\ndrop\nbad\n");
    place
}

#[test]
fn a_package_is_tested_and_its_differences_are_shown() {
    let place = package();
    let first = place.run(&["pipeline", "test", "web"]);
    assert_eq!(first.status, 1, "{}", first.err);
    assert!(first.out.contains("--generate"), "{}", first.out);
    let written = place.run(&["pipeline", "test", "web", "--generate"]);
    assert_eq!((written.status, written.out.lines().last()), (0, Some("1 passed, 0 failed, 0 skipped")));
    assert_eq!(place.run(&["pipeline", "test", STREAM]).status, 0);
    place.write(
        &format!("{STREAM}/_dev/test/pipeline/test-a.log-expected.json"),
        r#"{"expected": [{"event": {"original": "a c"}, "parts": ["a", "b"]}, null, null]}"#,
    );
    let wrong = place.run(&["pipeline", "test", "web"]);
    assert_eq!(wrong.status, 1);
    let told = "    event 1: - is expected, + came out
      - event.original: \"a c\"
      + event.original: \"a b\"
    event 3: - is expected, + came out
      - the document: null
      + the document: {";
    assert!(wrong.out.contains(told), "{}", wrong.out);
    place.write(
        &format!("{STREAM}/_dev/test/pipeline/test-a.log-config.yml"),
        "skip: {reason: 'not yet', link: 'https://example.com/1'}",
    );
    let skipped = place.run(&["pipeline", "test", "web"]);
    assert_eq!((skipped.status, skipped.out.lines().last()), (0, Some("0 passed, 0 failed, 1 skipped")));
}

#[test]
fn a_run_is_traced_for_people_and_for_programs() {
    let place = package();
    let said = place.feed(&["pipeline", "simulate", "--pipelines", STREAM, "--raw"], "bad\n");
    assert_eq!(said.status, 0, "{}", said.err);
    let told = r#"document 1
  rename (logs-web.access-1.0.0 processors[1].rename)
    - message: "bad"
    + event: {"original":"bad"}
    split (logs-web.access-1.0.0-inner processors[1].split)
      + parts: ["bad"]
  fail (logs-web.access-1.0.0 processors[4].fail) [judge]: FAILED: fail_processor_exception: no good
  set (logs-web.access-1.0.0 processors[4].fail.on_failure[1].set)
    + failed: true
  = {"event":{"original":"bad"},"parts":["bad"],"failed":true}
"#;
    assert_eq!(said.out, told);
    let said = place.feed(
        &["pipeline", "simulate", "--pipelines", STREAM, "--json"],
        r#"{"docs":[{"_id":"7","_source":{"message":"drop"}},{"_source":{}}]}"#,
    );
    assert_eq!(said.status, 1);
    let documents = said.documents();
    assert_eq!(documents[0]["dropped"], true);
    assert_eq!(documents[0]["processors"][1]["status"], "dropped");
    assert_eq!(
        documents[1]["error"],
        json!({"type": "illegal_argument_exception", "reason": "field [message] doesn't exist"})
    );
}

#[test]
fn a_pipeline_is_explained_with_and_without_documents() {
    let place = package();
    let said = place.run(&["pipeline", "explain", "--pipelines", STREAM]);
    assert!(said.out.contains("drop \n  if ctx.event.original == 'drop'"), "{}", said.out);
    assert!(said.out.contains("\n  split field: event.original"), "{}", said.out);
    place.write("a.log", "a b");
    let said = place.run(&["pipeline", "explain", "--pipelines", STREAM, "--raw", "a.log"]);
    assert!(
        said.out.contains(
            "skipped processors[2].drop logs-web.access-1.0.0  false: ctx.event.original == 'drop'"
        ),
        "{}",
        said.out
    );
}

#[test]
fn time_is_told_by_processor() {
    let place = package();
    place.write("a.log", "a b\ndrop\n");
    let said = place.run(&["pipeline", "bench", "--pipelines", STREAM, "--raw", "--seconds", "1", "a.log"]);
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(said.out.contains(" a second on one thread"), "{}", said.out);
    assert!(said.out.contains("logs-web.access-1.0.0-inner processors[1].split"), "{}", said.out);
}

#[test]
fn mistakes_name_the_place_and_the_cure() {
    let place = package();
    place.write("p.yml", "processors: [{sat: {}}]");
    place.write("empty/x.txt", "");
    place.write("a.log", "not json");
    for (arguments, said) in [
        (&["pipeline", "test", "empty"][..], "elasticsearch/ingest_pipeline/default.yml"),
        (&["pipeline", "explain", "--pipelines", "p.yml"], "No processor type exists with name [sat]"),
        (&["pipeline", "explain", "--pipeline", "x"], "there is no such pipeline; there are "),
        (&["pipeline", "explain"], "name one by --pipeline"),
        (&["pipeline", "simulate", "--pipelines", STREAM, "a.log"], "lines of a log are taken with --raw"),
        (&["pipeline", "simulate", "--pipelines", STREAM, "none"], "none can not be read"),
    ] {
        let result = place.run(arguments);
        assert_eq!(result.status, 1, "{arguments:?}: {}", result.out);
        assert!(result.err.contains(said), "{arguments:?}: {}", result.err);
    }
}
