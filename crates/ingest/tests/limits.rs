//! What a pipeline may not make of a document, and that whatever it does ends in an answer on that document: no panic, no
//! overflow of the stack, no memory or time without end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

use event::Doc;
use ingest::{Definition, Lookups, compile};
use serde_json::{Value, json};

/// Runs the first of some pipelines on a document; the length of the result, or the reason of the failure, its beginning at
/// least.
fn run(pipelines: &[Value], before: &Value) -> Result<usize, String> {
    let definitions: Vec<Definition> = pipelines
        .iter()
        .enumerate()
        .map(|(at, processors)| Definition {
            id: format!("p{at}"),
            origin: format!("p{at}"),
            body: json!({"processors": processors}).as_object().unwrap().clone(),
        })
        .collect();
    let short = |text: String| text.chars().take(200).collect::<String>();
    let pipelines =
        compile(&definitions, &Lookups::default()).map_err(|errors| short(errors[0].message()))?;
    let mut doc = Doc::new();
    let root = doc.parse_str(&before.to_string()).unwrap();
    doc.set_data(Doc::SOURCE, doc.data(root));
    let outcome = pipelines.run("p0", &mut doc, "2026-01-02T03:04:05.678Z");
    // A document that failed is written, too.
    let length = doc.json(Doc::SOURCE).len();
    outcome.map(|_| length).map_err(|failure| short(failure.root_message().to_owned()))
}

#[test]
fn depth_is_bounded() {
    let name = format!("{}b", "a.".repeat(100_000));
    let too_long = "a path of 100001 parts is not followed: 250 are the most";
    for (processor, before, wanted) in [
        // Names that no path can be made of stay.
        (json!({"dot_expander": {"field": "*"}}), json!({name.as_str(): 1}), Ok(name.len() + 6)),
        (
            json!({"kv": {"field": "m", "field_split": " ", "value_split": "="}}),
            json!({"m": format!("{name}=1")}),
            Err(too_long),
        ),
        (
            json!({"dissect": {"field": "m", "pattern": "%{*k}=%{&k}"}}),
            json!({"m": format!("{name}=1")}),
            Err(too_long),
        ),
        (json!({"set": {"field": "{{m}}", "value": 1}}), json!({"m": name}), Err(too_long)),
        (
            json!({"set": {"field": name, "value": 1}}),
            json!({}),
            Err("[field] a path of 100001 parts is not followed: 250 are the most"),
        ),
        (
            json!({"json": {"field": "m"}}),
            json!({"m": "[".repeat(100_000)}),
            Err("objects and arrays are nested deeper"),
        ),
    ] {
        let outcome = run(&[json!([processor])], &before);
        let same = match (&outcome, wanted) {
            (Ok(length), Ok(wanted)) => *length == wanted,
            (Err(told), Err(wanted)) => told.contains(wanted),
            _ => false,
        };
        assert!(same, "{outcome:?} {wanted:?}");
    }
}

#[test]
fn moves_that_deepen_a_document_overflow_no_stack() {
    let path = "a.".repeat(240);
    let deepen = [
        json!({"rename": {"field": "a", "target_field": "b"}}),
        json!({"rename": {"field": "b", "target_field": format!("{path}b")}}),
    ];
    let read = [
        json!({"set": {"field": "copy", "copy_from": "a"}}),
        json!({"set": {"field": "text", "value": "{{a}}"}}),
        json!({"append": {"field": "list", "copy_from": "a"}}),
        json!({"append": {"field": "list", "copy_from": "a", "allow_duplicates": false}}),
        json!({"fingerprint": {"fields": ["a"]}}),
        json!({"script": {"source": "ctx.c = ctx.a.toString(); ctx.d = ctx.a == ctx.copy"}}),
        json!({"json": {"field": "text", "target_field": "parsed", "ignore_failure": true}}),
    ];
    let deep = "lists and maps are nested deeper than 1000 levels";
    for read in read {
        let mut steps: Vec<Value> = Vec::new();
        for _ in 0..12 {
            steps.extend(deepen.clone());
        }
        steps.extend([json!({"set": {"field": "copy", "copy_from": "a"}}), read]);
        match run(&[Value::Array(steps)], &json!({"a": 1})) {
            Ok(length) => assert!(length > 20_000, "{length}"),
            Err(told) => assert_eq!(told, deep),
        }
    }
}

#[test]
fn size_is_bounded() {
    let too_large = "the document takes more than 256 MiB of text or 8388608 values in its pipelines";
    let text = "x".repeat(1 << 20);
    let double = json!({"set": {"field": "a", "value": "{{a}}{{a}}"}});
    let nest = json!({"set": {"field": "a.a", "copy_from": "a"}});
    let of_many = |processor: Value| json!([{"foreach": {"field": "l", "processor": processor}}]);
    let many: Vec<u32> = (0..2000).collect();
    for (processors, before, wanted) in [
        (Value::Array(vec![double; 60]), json!({"a": text}), too_large),
        (json!([{"set": {"field": "a", "value": "{{a}}".repeat(1000)}}]), json!({"a": text}), too_large),
        (Value::Array(vec![nest; 200]), json!({"a": {"l": many}}), too_large),
        (
            json!([{"gsub": {"field": "a", "pattern": "x", "replacement": "y".repeat(1000)}}]),
            json!({"a": text}),
            "the replaced text is longer than 256 MiB",
        ),
        (
            of_many(json!({"set": {"field": "_ingest._value", "value": "{{a}}{{a}}"}})),
            json!({"l": many, "a": text}),
            too_large,
        ),
        (
            of_many(json!({"append": {"field": "b", "copy_from": "l"}})),
            json!({"l": (0..5000).collect::<Vec<u32>>()}),
            too_large,
        ),
    ] {
        let told = run(&[processors], &before).unwrap_err();
        assert!(told.contains(wanted), "{told}");
    }
}

#[test]
fn calls_and_turns_are_bounded() {
    let turns = "pipelines were called and elements taken more than 1000000 times";
    // Each calls the next one twice.
    let twice = |at: usize| {
        let call = json!({"pipeline": {"name": format!("p{at}"), "ignore_missing_pipeline": true}});
        json!([call, call])
    };
    let doubling: Vec<Value> = (1..60).map(twice).collect();
    assert_eq!(run(&doubling, &json!({})).unwrap_err(), turns);

    let row: Vec<Value> = (1..200).map(|at| json!([{"pipeline": {"name": format!("p{at}")}}])).collect();
    let nested = run(&row, &json!({})).unwrap_err();
    assert!(nested.starts_with("Too many nested pipelines: more than 100, at [p100]"), "{nested}");

    let mut each = json!({"set": {"field": "x", "value": 1}});
    for _ in 0..8 {
        each = json!({"foreach": {"field": "l", "processor": each}});
    }
    assert_eq!(run(&[json!([each])], &json!({"l": vec![1; 50]})).unwrap_err(), turns);

    let sections = format!("{}{}", "{{#l}}".repeat(60), "{{/l}}".repeat(60));
    let template = json!([{"set": {"field": "x", "value": sections}}]);
    assert!(run(&[template], &json!({"l": [1, 2, 3]})).is_ok());
}

#[test]
fn patterns_that_backtrack_are_given_up() {
    let text = "x".repeat(200);
    let pattern = r"(?=x)(x+x+)+y\1";
    let given_up = ["takes too many steps", "Max limit for backtracking count exceeded"];
    let [field, value] = ["field_split", "value_split"].map(|split| {
        let mut kv = json!({"field": "m", "field_split": " ", "value_split": "="});
        kv[split] = json!(pattern);
        json!({"kv": kv})
    });
    for processor in [
        json!({"grok": {"field": "m", "patterns": [pattern]}}),
        json!({"gsub": {"field": "m", "pattern": pattern, "replacement": ""}}),
        json!({"split": {"field": "m", "separator": pattern}}),
        json!({"redact": {"field": "m", "patterns": ["%{X:x}"], "pattern_definitions": {"X": r"(?=x)(?<q>x+x+)+y\k<q>"}}}),
        field,
        value,
    ] {
        let told = run(&[json!([processor])], &json!({"m": text})).unwrap_err();
        assert!(given_up.iter().any(|reason| told.contains(reason)), "{processor}: {told}");
    }
}

#[test]
fn definitions_are_not_nested_without_end() {
    let mut nested = json!({"set": {"field": "x", "value": 1}});
    for _ in 0..100 {
        nested = json!({"foreach": {"field": "l", "processor": nested}});
    }
    let told = run(&[json!([nested])], &json!({})).unwrap_err();
    assert_eq!(told, "processors are nested deeper than 32 levels");
    let mut handlers = json!([{"set": {"field": "x", "value": 1}}]);
    for _ in 0..100 {
        handlers = json!([{"fail": {"message": "x", "on_failure": handlers}}]);
    }
    let told = run(&[handlers], &json!({})).unwrap_err();
    assert_eq!(told, "processors are nested deeper than 32 levels");
}
