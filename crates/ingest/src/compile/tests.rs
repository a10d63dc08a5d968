//! What definitions are compiled to, and what is said of those that are not.

use event::Doc;

use super::*;

/// Runs pipelines, of which the first calls the others; the source, or what is wrong.
fn run(pipelines: &[&str], before: &str) -> Result<String, String> {
    let definitions: Vec<Definition> = pipelines
        .iter()
        .enumerate()
        .map(|(at, text)| Definition::parse(&format!("p{at}"), "p", text).unwrap())
        .collect();
    let pipelines = compile(&definitions, &Lookups::default()).map_err(|errors| errors[0].message())?;
    let mut doc = Doc::new();
    let root = doc.parse_str(before).unwrap();
    doc.set_data(Doc::SOURCE, doc.data(root));
    pipelines.run("p0", &mut doc, "2026-01-02T03:04:05.678Z").map_err(|failure| failure.reason.clone())?;
    Ok(doc.json(Doc::SOURCE))
}

/// elastic.co/docs/manage-data/ingest/transform-enrich/ingest-pipelines, "Flexible field access pattern": its example,
/// then what processors make of its rule.
#[test]
fn all_processors_of_a_flexible_pipeline_reach_names_with_dots() {
    let copy = "set: {copy_from: foo.bar, field: a.b.c.d, ignore_empty_value: true}";
    for (processor, before, after) in [
        (copy, r#"{"foo":{"bar":"baz"},"a":{}}"#, r#"{"foo":{"bar":"baz"},"a":{"b.c.d":"baz"}}"#),
        (copy, r#"{"foo.bar":"baz"}"#, r#"{"foo.bar":"baz","a.b.c.d":"baz"}"#),
        ("rename: {field: a.b, target_field: c.d}", r#"{"a.b":1}"#, r#"{"c.d":1}"#),
        (
            "rename: {field: a.b, target_field: c, ignore_missing: true}",
            r#"{"a":{"x.b":1}}"#,
            r#"{"a":{"x.b":1}}"#,
        ),
        (
            "remove: {keep: [a.b, c.d.e]}",
            r#"{"a.b":1,"a":{"x":1},"c.d":{"e":1,"f":2}}"#,
            r#"{"a.b":1,"a":{},"c.d":{"e":1}}"#,
        ),
        ("remove: {field: '{{name}}'}", r#"{"name":"a.b","a.b":1}"#, r#"{"name":"a.b"}"#),
        ("append: {field: a.b, value: y}", r#"{"a.b":"x"}"#, r#"{"a.b":["x","y"]}"#),
        ("convert: {field: a.b, type: integer}", r#"{"a.b":"5"}"#, r#"{"a.b":5}"#),
        (
            "kv: {field: m, target_field: t.u, field_split: ' ', value_split: =}",
            r#"{"m":"k=1"}"#,
            r#"{"m":"k=1","t.u.k":"1"}"#,
        ),
        (
            "kv: {field: m, target_field: t.u, field_split: ' ', value_split: =}",
            r#"{"m":"k=1","t.u":{}}"#,
            r#"{"m":"k=1","t.u":{"k":"1"}}"#,
        ),
        ("dissect: {field: m, pattern: '%{a.b} %{c}'}", r#"{"m":"x y"}"#, r#"{"m":"x y","a.b":"x","c":"y"}"#),
        (
            "foreach: {field: a.l, processor: {uppercase: {field: _ingest._value}}}",
            r#"{"a.l":["x"]}"#,
            r#"{"a.l":["X"]}"#,
        ),
        ("set: {field: x, value: '{{a.b}}'}", r#"{"a.b":1}"#, r#"{"a.b":1,"x":"1"}"#),
    ] {
        let text = format!("field_access_pattern: flexible\nprocessors: [{{{processor}}}]");
        assert_eq!(run(&[&text], before).as_deref(), Ok(after), "{processor}");
    }
}

#[test]
fn a_pipeline_that_is_called_has_its_own_access_pattern() {
    let outer = "{field_access_pattern: flexible, processors: [{pipeline: {name: p1}}, {set: {field: a.b, value: 1}}]}";
    let inner = "{field_access_pattern: classic, processors: [{set: {field: c.d, value: 2}}]}";
    assert_eq!(run(&[outer, inner], "{}").as_deref(), Ok(r#"{"c":{"d":2},"a.b":1}"#));
}

#[test]
fn other_access_patterns_are_refused() {
    for (pattern, error) in [
        (
            "FLEXIBLE",
            "pipeline [p0] doesn't support value of [FLEXIBLE] for parameter [field_access_pattern]",
        ),
        ("5", "[field_access_pattern] property isn't a string, but of type [java.lang.Integer]"),
    ] {
        let text = format!("{{field_access_pattern: {pattern}, processors: []}}");
        assert_eq!(run(&[&text], "{}").unwrap_err(), error);
    }
}

/// Every mistake of a definition is told, with its place, its option and what would be right.
#[test]
fn all_mistakes_are_told_at_once_with_place_and_cure() {
    let text = r#"
processors:
- set: {field: a, valeu: 1, tag: one}
- sett: {field: a, value: 1}
- rename: {field: a, tag: three}
- convert: {field: a, type: integr}
- script: {source: 'ctx.a = ', tag: five}
- grok: {field: message, patterns: ['%{NOPE:x}']}
- date: {field: t, formats: [ISO8601], timezon: UTC, zebra: 1}
- set: {field: a, value: 1, if: 'ctx.a ==', tag: eight}
- circle: {field: x}
- foreach: {field: l, processor: {uppercase: {fild: _ingest._value}}}
- append: {field: x, value: 1, ignore_failure: 'yes'}
- user_agent: {field: a, regex_file: none.yml}
- script: {id: unknown}
- 7
on_failure:
- set: {field: error.message}
field_acces_pattern: flexible
"#;
    let definition = Definition::parse("a.b", "a.b/default.yml", text).unwrap();
    let errors = compile(&[definition], &Lookups::default()).err().unwrap();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let place = "pipeline [a.b/default.yml]";
    let missing = "required property is missing";
    let value = "value: value to set, unless copy_from is given; its strings may be templates";
    let unexpected = "unexpected end of script, expected";
    let wanted = [
        format!("{place}, processors[1].set (tag one): [value] {missing} ({value})"),
        format!(
            "{place}, processors[1].set (tag one): processor [set] doesn't support one or more provided configuration parameters [valeu] (valeu: did you mean [value]?)"
        ),
        format!("{place}, processors[2]: No processor type exists with name [sett] (did you mean [set]?)"),
        format!("{place}, processors[3].rename (tag three): [target_field] {missing} (target_field: "),
        format!(
            "{place}, processors[4].convert: [type] type [integr] not supported, cannot convert field. (type: "
        ),
        format!(
            "{place}, processors[5].script (tag five): [source] compile error at line 1, column 9: {unexpected} a value"
        ),
        format!(
            "{place}, processors[6].grok: [patterns] Invalid regex pattern found in: [%{{NOPE:x}}]. Unable to find pattern [NOPE] in Grok's pattern dictionary (patterns: "
        ),
        format!(
            "{place}, processors[7].date: processor [date] doesn't support one or more provided configuration parameters [timezon, zebra] (timezon: did you mean [timezone]?; zebra: known are field, "
        ),
        format!(
            "{place}, processors[8].set (tag eight): [if] compile error at line 1, column 9: {unexpected} a value"
        ),
        format!(
            "{place}, processors[9]: the processor [circle] is not run here (instead, let a default_pipeline"
        ),
        format!("{place}, processors[10].foreach.processor.uppercase: [field] {missing} (field: "),
        format!(
            "{place}, processors[10].foreach.processor.uppercase: processor [uppercase] doesn't support one or more provided configuration parameters [fild] (fild: did you mean [field]?)"
        ),
        format!(
            "{place}, processors[11].append: [ignore_failure] property isn't a boolean, but of type [java.lang.String] (ignore_failure: whether"
        ),
        format!(
            "{place}, processors[12].user_agent: [regex_file] regex file [none.yml] doesn't exist (has to exist at node startup) (put the file into user_agent.directory: there are none)"
        ),
        format!(
            "{place}, processors[13].script: unable to find script [unknown] in cluster state (stored scripts are in the folder _scripts beside the pipelines: there are none)"
        ),
        format!("{place}, processors[14]: a processor is an object with one field: its type"),
        format!("{place}, on_failure[1].set: [value] {missing} ({value})"),
        format!(
            "{place}: pipeline [a.b] doesn't support one or more provided configuration parameters [field_acces_pattern] (field_acces_pattern: did you mean [field_access_pattern]?)"
        ),
    ];
    for (told, wanted) in told.iter().zip(&wanted) {
        assert!(told.starts_with(wanted.as_str()), "{told}\n{wanted}");
    }
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
}
