//! What comes from outside, of any kind: definitions of pipelines, patterns, formats and texts. Nothing may panic, overflow a
//! small stack, or run without end.
//!
//! A few hundred inputs for each target, many with `tests/run --long` (`TRAILCAR_TEST_FUZZ_CASES` says how many). An input that
//! breaks a target is made smaller and printed. One that overflows the stack ends the process: it is in
//! `tests/artefacts/fuzz-TARGET.txt`, as one that takes too long is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests, with their helper functions"
)]

mod input;
mod target;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use input::{any_text, soup};
use target::survive;

/// Runs a target on inputs.
fn fuzz<S: Strategy>(name: &'static str, inputs: S, of: impl Fn(S::Value) -> (Value, String))
where
    S::Value: Clone,
{
    let usual = if std::env::var_os("TRAILCAR_TEST_LONG").is_some() { 50_000 } else { 1_000 };
    let cases = std::env::var("TRAILCAR_TEST_FUZZ_CASES").map_or(usual, |cases| cases.parse().unwrap());
    let ran = std::cell::Cell::new(0);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&inputs, |input| {
        let (pipeline, document) = of(input);
        let now = survive(name, &pipeline.to_string(), &document).map_err(TestCaseError::fail)?;
        ran.set(ran.get() + u32::from(now));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{name}: {error}");
    }
    // What is refused when it is compiled says little of what runs.
    assert!(ran.get() * 50 >= cases, "{name}: only {} of {cases} pipelines ran", ran.get());
    println!("{name}: {cases} inputs, {} pipelines ran", ran.get());
}

/// A pipeline of one processor.
fn one(name: &str, options: &Value) -> Value {
    json!({"processors": [{name: options}]})
}

fn document(text: &str) -> String {
    json!({"m": text}).to_string()
}

#[test]
fn definitions_of_any_text() {
    let definitions = prop_oneof![any_text(), soup(input::YAML, 40), input::edited(), input::edited()];
    fuzz("definition", (definitions, input::document()), |(text, document)| (Value::String(text), document));
}

#[test]
fn pipelines_of_any_options() {
    fuzz("pipeline", (input::pipeline(), input::document()), |input| input);
}

#[test]
fn grok_of_any_expression() {
    let expressions = prop::collection::vec(
        prop_oneof![4 => soup(input::EXPRESSION, 4), 2 => soup(input::EXPRESSION, 16), 1 => any_text()],
        1..3,
    );
    let inputs = (expressions, soup(input::LOG, 30), any::<bool>(), prop::bool::weighted(0.1));
    fuzz("grok", inputs, |(patterns, text, ecs, circle)| {
        let mode = if ecs { "v1" } else { "disabled" };
        let own =
            json!({"A": "a+", "B": if circle { "%{A}|%{B}" } else { "%{A}|%{WORD:b}" }, "C": patterns[0]});
        let options = json!({"field": "m", "patterns": patterns, "pattern_definitions": own, "ecs_compatibility": mode});
        (one("grok", &options), document(&text))
    });
}

#[test]
fn patterns_of_any_text() {
    let patterns = prop_oneof![soup(input::EXPRESSION, 16), any_text()];
    let names = prop::sample::select(vec!["gsub", "split", "kv", "redact"]);
    fuzz("pattern", (names, patterns, soup(input::LOG, 30)), |(name, pattern, text)| {
        let options = match name {
            "gsub" => json!({"field": "m", "pattern": pattern, "replacement": "$1\\"}),
            "split" => json!({"field": "m", "separator": pattern}),
            "redact" => json!({"field": "m", "patterns": [pattern]}),
            _ => {
                json!({"field": "m", "field_split": pattern, "value_split": pattern, "trim_key": pattern, "trim_value": pattern})
            }
        };
        (one(name, &options), document(&text))
    });
}

#[test]
fn dissect_of_any_pattern() {
    let patterns = prop_oneof![soup(input::DISSECT, 20), any_text()];
    fuzz("dissect", (patterns, soup(input::LOG, 40)), |(pattern, text)| {
        (one("dissect", &json!({"field": "m", "pattern": pattern, "append_separator": "-"})), document(&text))
    });
}

#[test]
fn dates_of_any_format() {
    let formats = || prop_oneof![3 => soup(input::FORMAT, 12), 1 => any_text()];
    let zones = soup(input::ZONE, 4);
    fuzz("date", (formats(), formats(), soup(input::DATE, 12), zones), |(format, output, text, zone)| {
        let options = json!({"field": "m", "formats": ["ISO8601", "UNIX", "UNIX_MS", "TAI64N", format], "output_format": output});
        let mut pipeline = one("date", &options);
        // A template, so that a zone or format that is none does not refuse the pipeline.
        pipeline["processors"][0]["date"]["timezone"] = json!("{{{z}}}");
        let mut index = json!({"date_index_name": {"field": "m", "date_rounding": "d", "date_formats": ["ISO8601"], "index_name_format": "{{{f}}}"}});
        index["date_index_name"]["ignore_failure"] = json!(true);
        pipeline["processors"].as_array_mut().unwrap().insert(0, index);
        (pipeline, json!({"m": text, "z": zone, "f": output}).to_string())
    });
}

#[test]
fn uris_of_any_text() {
    let texts = prop_oneof![soup(input::URI, 20), any_text()];
    fuzz("uri", texts, |text| {
        let names = ["uri_parts", "registered_domain", "urldecode", "html_strip", "user_agent", "bytes"];
        let processors: Vec<Value> = names
            .into_iter()
            .map(|name| json!({name: {"field": "m", "target_field": name, "ignore_failure": true}}))
            .collect();
        (json!({"processors": processors}), document(&text))
    });
}

#[test]
fn csv_of_any_text() {
    let characters = || prop::sample::select(vec![",", ";", "\t", " ", "\"", "'", "a", "é", "\n"]);
    let texts = prop_oneof![soup(input::CSV, 40), any_text()];
    fuzz("csv", (texts, characters(), characters(), any::<bool>()), |(text, separator, quote, trim)| {
        let options = json!({"field": "m", "target_fields": ["a", "b", "m.c"], "separator": separator, "quote": quote, "trim": trim});
        (one("csv", &options), document(&text))
    });
}

#[test]
fn kv_of_any_text() {
    let texts = prop_oneof![soup(input::LOG, 40), any_text()];
    let splits = || prop::sample::select(vec![" ", "=", "", "[ &;]+", "\\s*", "(?=a)", "a|", "é"]);
    fuzz("kv", (texts, splits(), splits(), any::<bool>()), |(text, field, value, strip)| {
        let options = json!({"field": "m", "field_split": field, "value_split": value, "strip_brackets": strip, "target_field": "t", "trim_value": " '"});
        (one("kv", &options), document(&text))
    });
}

#[test]
fn json_of_any_text() {
    let texts =
        prop_oneof![soup(input::JSON, 60), any_text(), (0usize..50_000).prop_map(|deep| "[".repeat(deep))];
    fuzz("json", (texts, any::<bool>()), |(text, root)| {
        let mut options = Map::from_iter([
            ("field".to_owned(), json!("m")),
            ("allow_duplicate_keys".to_owned(), json!(root)),
        ]);
        if root {
            options.insert("add_to_root".to_owned(), json!(true));
        }
        (one("json", &Value::Object(options)), document(&text))
    });
}
