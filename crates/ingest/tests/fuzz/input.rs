//! Inputs: texts of any bytes, soups of what a target has a meaning for, definitions with any options.

use ingest::processors;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any bytes, as the text that they are read as.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u8>(), 0..120).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Some of these words, in any order, and now and then a character of any kind; sometimes all of it many times.
pub(crate) fn soup(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    let word = prop_oneof![12 => prop::sample::select(words).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    (prop::collection::vec(word, 0..most), prop_oneof![15 => Just(1_usize), 1 => 2..300_usize])
        .prop_map(|(words, times)| words.concat().repeat(times))
}

/// A definition that loads, with a few places replaced.
pub(crate) fn edited() -> impl Strategy<Value = String> {
    const WHOLE: &[&str] = &[
        "processors:\n  - set: {field: a, value: '{{b}}', if: ctx.a == 1}\n  - foreach: {field: l, processor: {trim: {field: _ingest._value}}}\n",
        "{\"processors\":[{\"grok\":{\"field\":\"m\",\"patterns\":[\"%{IP:ip}\"],\"on_failure\":[{\"drop\":{}}]}}],\"on_failure\":[{\"fail\":{\"message\":\"x\"}}]}",
        "description: x\nprocessors:\n- script:\n    lang: painless\n    source: |\n      ctx.a = ctx.b?.c ?: 1;\n- date:\n    field: m\n    formats: [ISO8601]\n    ignore_failure: true\n",
    ];
    let edits =
        prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, prop::sample::select(YAML)), 0..4);
    (prop::sample::select(WHOLE), edits).prop_map(|(whole, edits)| {
        let mut text: Vec<char> = whole.chars().collect();
        for (at, removed, word) in edits {
            let at = at.index(text.len() + 1);
            let end = text.len().min(at + removed);
            text.splice(at..end, word.chars());
        }
        text.into_iter().collect()
    })
}

pub(crate) const YAML: &[&str] = &[
    "processors:",
    "\n",
    "- ",
    "  ",
    "set: ",
    "{field: a, value: 1}",
    "{",
    "}",
    "[",
    "]",
    "on_failure: ",
    "if: ",
    "ctx.a == 1",
    "foreach:",
    "processor:",
    ": ",
    "'",
    "\"",
    "|",
    ">",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    "#",
    "---",
    "a",
    ", ",
    "{{a}}",
    "{{#a}}",
    "{{/a}}",
    "null",
    "1e999",
    "0x",
    "\t",
    "drop: {}",
    "{\"processors\":[",
    "]}",
    "description: x",
];
pub(crate) const EXPRESSION: &[&str] = &[
    "%{WORD:a}",
    "%{IP:b}",
    "%{NUMBER:n:int}",
    "%{A}",
    "%{B}",
    "%{C:c}",
    "%{",
    "}",
    ":",
    "(",
    ")",
    "(?<x>",
    "(?:",
    "(?=",
    "(?!",
    "(?<=",
    "(?>",
    "(?i)",
    "(?<>",
    "|",
    "*",
    "+",
    "?",
    "{2,3}",
    "{9999}",
    "{,2}",
    "[",
    "]",
    "[^",
    "[[:alpha:]]",
    "&&",
    "-",
    "\\",
    "\\d",
    "\\h",
    "\\k<x>",
    "\\1",
    "\\p{L}",
    "\\p{",
    "\\b",
    "\\Q",
    "\\E",
    "^",
    "$",
    ".",
    "a",
    "é",
    "x+",
    "(x+x+)+y",
    "%{COMBINEDAPACHELOG}",
    "%{GREEDYDATA}",
    "\\u{1F600}",
    "#",
    " ",
];
pub(crate) const LOG: &[&str] = &[
    "a",
    "b",
    "x",
    "xxxxxxxx",
    "é",
    "😀",
    " ",
    "=",
    "&",
    ":",
    ";",
    ",",
    "\n",
    "\t",
    "1.2.3.4",
    "12",
    "-",
    "[",
    "]",
    "\"",
    "'",
    "(",
    ")",
    "GET /x HTTP/1.1",
    "10/Oct/2000:13:55:36 -0700",
    "\u{0}",
    "\\",
    "%",
    "aaaaaaaaaaaaaaaaaaaaaaaa",
];
pub(crate) const DISSECT: &[&str] = &[
    "%{a}",
    "%{b}",
    "%{+a}",
    "%{+a/2}",
    "%{*k}",
    "%{&k}",
    "%{?x}",
    "%{}",
    "%{a->}",
    "->",
    "/99999999999",
    "%{",
    "}",
    " ",
    ",",
    "é",
    "%",
    "a.b",
    "%{a.b}",
    "%{+",
    "->}",
    "😀",
];
pub(crate) const FORMAT: &[&str] = &[
    "yyyy",
    "uuuu",
    "yy",
    "y",
    "MM",
    "MMM",
    "MMMM",
    "M",
    "dd",
    "d",
    "D",
    "DDD",
    "HH",
    "H",
    "hh",
    "K",
    "k",
    "mm",
    "ss",
    "SSS",
    "S",
    "SSSSSSSSSSSS",
    "n",
    "a",
    "EEE",
    "E",
    "Z",
    "ZZZZZ",
    "X",
    "XXX",
    "x",
    "VV",
    "z",
    "O",
    "[",
    "]",
    "'",
    "''",
    "T",
    "'T'",
    "-",
    "/",
    ":",
    ".",
    " ",
    "{",
    "#",
    "yyyyyyyyyyyyyyyyyyyyyyyyy",
    "é",
    "ISO8601",
    "UNIX",
];
pub(crate) const DATE: &[&str] = &[
    "2024",
    "0",
    "9",
    "99999999999999999999",
    "-",
    "+",
    "/",
    ":",
    ".",
    " ",
    "T",
    "Z",
    "12",
    "31",
    "Jan",
    "January",
    "Mon",
    "AM",
    "pm",
    "+01:00",
    "-9999",
    "Europe/Berlin",
    "W",
    "@4000000050d506482dbdf024",
    "é",
    "e308",
    "1e400",
    "NaN",
    "2024-02-30",
];
pub(crate) const ZONE: &[&str] =
    &["Europe/Berlin", "UTC", "+", "-", "01", ":", "30", "99", "Z", "GMT", "é", "/", "..", "\u{0}"];
pub(crate) const URI: &[&str] = &[
    "http",
    "https",
    ":",
    "//",
    "/",
    "@",
    "?",
    "#",
    "[",
    "]",
    "::1",
    "1.2.3.4",
    "example",
    ".",
    "com",
    "co.uk",
    "%",
    "%41",
    "%zz",
    "é",
    "xn--",
    "80",
    "99999999",
    " ",
    "a=b",
    "&",
    "\\",
    "..",
    "<",
    ">",
    "<p>",
    "&amp;",
    "&#x110000;",
    "<!--",
    "-->",
    "<script>",
    "1",
    "kb",
    "Mozilla/5.0",
    "(Windows NT 10.0)",
];
pub(crate) const CSV: &[&str] =
    &["a", "b", ",", ";", "\"", "\"\"", "'", " ", "\t", "\n", "\r\n", "é", "😀", "\u{a0}"];
pub(crate) const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"a\"",
    "\"a\":",
    "1",
    "-",
    "0",
    ".",
    "e",
    "1e999",
    "null",
    "true",
    "\\",
    "\\u",
    "\\ud83d",
    "d83d",
    " ",
    "\n",
    "é",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
];

const FIELDS: &[&str] = &[
    "a",
    "b",
    "l",
    "o",
    "o.p",
    "l.0",
    "l.-1",
    "a.b.c",
    "",
    ".",
    "a.",
    "_ingest._value",
    "_id",
    "_index",
    "_source.a",
    "{{a}}",
    "{{#l}}{{.}}{{/l}}",
    "*",
    "d.e",
];

/// A value of an option: what most options take, and what none does.
fn option() -> impl Strategy<Value = Value> {
    let texts = prop_oneof![
        4 => prop::sample::select(FIELDS).prop_map(str::to_owned),
        2 => soup(EXPRESSION, 8),
        1 => soup(FORMAT, 6),
        1 => soup(DISSECT, 8),
        1 => any_text(),
    ];
    let leaf = prop_oneof![
        8 => texts.prop_map(Value::String),
        2 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
        2 => prop::sample::select(vec!["integer", "auto", "long", "ip", "desc", "MD5", "MurmurHash3", "SHA-512", "merge", "v1", "painless", "test", "GeoLite2-City.mmdb", "text/plain"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(FIELDS), inner), 0..3).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

/// A processor of any type: one of its examples, on any field, with up to two options replaced or added.
fn processor() -> impl Strategy<Value = Value> {
    let number = 0..processors::ALL.len();
    let script = prop::sample::select(vec![
        "ctx.a = ctx.l",
        "ctx.o.x = [ctx.a, ctx.o]",
        "for (def e : ctx.l) { ctx.l.add(e) }",
        "ctx.a += ctx.a",
        "ctx.l = [ctx.l, ctx.l]",
        "ctx.remove('a')",
        "while (true) { }",
        "ctx.a.b.c = 1",
        "return",
    ]);
    let condition = prop::sample::select(vec![
        "ctx.a == 'x'",
        "ctx.a.b",
        "true",
        "ctx.l.contains(1)",
        "ctx.a > 1",
        "ctx.a ==~ /(x+x+)+y/",
        "return",
    ]);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), option()), 0..3);
    let changes = prop_oneof![2 => Just(Vec::new()), 1 => changes];
    let field = prop::sample::select(FIELDS);
    (number, any::<prop::sample::Index>(), changes, field, script, prop::option::weighted(0.2, condition))
        .prop_map(|(number, example, changes, field, script, condition)| {
            let info = processors::ALL[number];
            let example: Value =
                serde_saphyr::from_str(info.examples[example.index(info.examples.len())].processor).unwrap();
            let mut options = example[info.name].as_object().unwrap().clone();
            if info.name == "script" {
                options = Map::from_iter([("source".to_owned(), script.into())]);
            }
            if options.contains_key("field") && field != "*" {
                options.insert("field".to_owned(), field.into());
            }
            for (at, value) in changes {
                if !info.options.is_empty() {
                    options.insert(info.options[at.index(info.options.len())].0.to_owned(), value);
                }
            }
            if let Some(condition) = condition {
                options.insert("if".to_owned(), condition.into());
            }
            options.entry("ignore_failure").or_insert(json!(true));
            json!({info.name: options})
        })
}

/// A pipeline of any processors, with handlers and loops.
pub(crate) fn pipeline() -> impl Strategy<Value = Value> {
    let nested = processor().prop_recursive(3, 12, 2, |inner| {
        (inner.clone(), inner, any::<bool>()).prop_map(|(mut outer, inner, each)| {
            if each {
                return json!({"foreach": {"field": "l", "processor": inner}});
            }
            if let Some(options) = outer.as_object_mut().and_then(|it| it.values_mut().next()) {
                options["on_failure"] = json!([inner]);
            }
            outer
        })
    });
    // Each alone, so that one mistake does not keep the others from running.
    prop::collection::vec(nested, 1..3).prop_map(|processors| json!({"processors": processors}))
}

/// A document: what the fields of the options lead to, with values of all kinds.
pub(crate) fn document() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any_text().prop_map(Value::String),
        soup(LOG, 12).prop_map(Value::String),
        soup(DATE, 6).prop_map(Value::String),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(
                prop::sample::select(vec!["a", "b", "p", "d.e", "", "0"]),
                inner,
                0..4
            )
            .prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    });
    prop::collection::btree_map(prop::sample::select(vec!["a", "b", "l", "o", "d.e", ""]), value, 0..6)
        .prop_map(|fields| json!(fields).to_string())
}
