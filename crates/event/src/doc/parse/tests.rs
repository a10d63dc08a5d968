//! What is read, against tables and against `serde_json`.

use proptest::prelude::*;

use super::super::{Data, MAX_DEPTH};
use super::*;

fn json(text: &str) -> Result<String, String> {
    let mut doc = Doc::new();
    doc.parse_str(text).map(|id| doc.json(id)).map_err(|error| error.to_string())
}

#[test]
fn values_come_out_as_they_went_in() {
    for text in [
        "null",
        "[]",
        "{}",
        "[[],{}]",
        r#"{"a":[1,-2,3.50,1e3,123456789012345678901234567890]}"#,
        r#"{"":"","é":"ü \" \\ / \n\u0001"}"#,
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
    ] {
        assert_eq!(json(text).as_deref(), Ok(text));
    }
    // Java's integers have no negative zero.
    assert_eq!(json("[-0,-0.0]").unwrap(), "[0,-0.0]");
    assert_eq!(
        json(r#" { "a" : [ 1 , "\u0041\ud83d\ude00\ud800x\/" ] } "#).unwrap(),
        "{\"a\":[1,\"A😀\u{fffd}x/\"]}"
    );
}

#[test]
fn what_is_not_json_is_named_with_its_place() {
    for (text, error) in [
        ("", "the text ends where a JSON value should be at byte 0"),
        ("{", "an object is not closed at byte 1"),
        ("[1", "an array is not closed at byte 2"),
        ("{\"a\" 1}", "expected : after a field name at byte 5"),
        ("{a:1}", "expected a field name in double quotes at byte 1"),
        ("[1,]", "expected a JSON value at byte 3"),
        ("{\"a\":1,}", "expected a field name in double quotes at byte 7"),
        ("[1 2]", "expected , or ] at byte 3"),
        ("01", "a number is malformed at byte 2"),
        ("1.", "a number is malformed at byte 2"),
        ("-", "a number is malformed at byte 1"),
        ("tru", "expected a JSON value at byte 0"),
        ("\"a", "a string is not closed at byte 2"),
        ("\"a\nb\"", "a control character stands unescaped in a string at byte 2"),
        ("\"\\x\"", "an escape in a string is malformed at byte 1"),
        ("\"\\u12g4\"", "\\u in a string lacks its four hexadecimal digits at byte 1"),
        ("1 2", "there is more text behind the end of the JSON value at byte 2"),
        ("{\"a\":1,\"b\":2,\"a\":3}", "Duplicate field 'a' at byte 13"),
        ("]", "expected a JSON value at byte 0"),
        ("[1}", "expected , or ] at byte 2"),
    ] {
        assert_eq!(json(text), Err(error.to_owned()), "{text}");
    }
}

#[test]
fn nesting_has_a_limit_and_no_stack() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(json(&deep(MAX_DEPTH)).is_ok());
    assert!(json(&deep(MAX_DEPTH + 1)).unwrap_err().contains("nested deeper"));
    assert!(json(&"[".repeat(1_000_000)).is_err());
}

#[test]
fn duplicates_are_found_in_wide_objects_and_can_be_allowed() {
    let fields: Vec<String> = (0..5000).map(|i| format!("\"k\\u0041{i}\":{i}")).collect();
    assert!(json(&format!("{{{}}}", fields.join(","))).is_ok());
    assert!(
        json(&format!("{{{},\"kA77\":0}}", fields.join(",")))
            .unwrap_err()
            .starts_with("Duplicate field 'kA77'")
    );
    let nested: Vec<String> = (0..5000).map(|i| format!("\"k{i}\":{{\"x\":[{i}]}}")).collect();
    assert!(
        json(&format!("{{{},\"k7\":0}}", nested.join(","))).unwrap_err().starts_with("Duplicate field 'k7'")
    );
    let mut doc = Doc::new();
    let text = doc.add_text(r#"{"a":1,"b":2,"a":3}"#);
    let id = doc.parse(text, ParseOptions { allow_duplicate_keys: true, ..Default::default() }).unwrap();
    assert_eq!(doc.json(id), r#"{"a":3,"b":2}"#);
}

#[test]
fn trailing_text_can_be_ignored() {
    let mut doc = Doc::new();
    let text = doc.add_text("12 \"foo");
    let id = doc.parse(text, ParseOptions { ignore_trailing: true, ..Default::default() }).unwrap();
    assert_eq!(doc.data(id), Data::int(12));
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[^\u{0}]{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::hash_map("[a-c\"\\\\\n]{0,3}", inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_and_writes_as_serde_does(value in any_json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert_eq!(json(&text).unwrap(), value.to_string());
        }
    }

    #[test]
    fn agrees_with_serde_on_what_is_json(text in r#"[\[\]{}",:0-9a-cetrufalsn\\ .+-]{0,24}"#) {
        let read = serde_json::from_str::<serde_json::Value>(&text);
        match json(&text) {
            Ok(_) => prop_assert!(read.is_ok(), "{} is refused by serde", text),
            // serde lets the last duplicate win and refuses numbers beyond a double.
            Err(error) => prop_assert!(read.is_err() || error.contains("Duplicate"), "{} {}", text, error),
        }
    }
}
