//! Conditions: expression, document, and the answer or the exception.
//!
//! The answers were compared with a real server's `_simulate`, but for the wording of a null reference, which is
//! Elasticsearch's here.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

use event::Doc;
use event::doc::Places;
use painless::Condition;

fn doc(json: &str) -> Doc {
    let mut doc = Doc::new();
    let root = doc.parse_str(json).unwrap();
    doc.set_data(Doc::SOURCE, doc.data(root));
    doc
}

/// The answer, or the exception's kind and message.
fn test(source: &str, json: &str) -> Result<bool, String> {
    let params = serde_json::json!({"known": ["a", "b"], "n": 5});
    let mut places = Places::default();
    let condition =
        Condition::compile(source, &params, &mut places).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut doc = doc(json);
    doc.adopt(&places.into());
    let before = doc.json(Doc::SOURCE);
    let answer = condition.test(&mut doc).map_err(|error| format!("{}: {error}", error.kind));
    assert_eq!(doc.json(Doc::SOURCE), before, "{source} changed the document");
    answer
}

fn check(table: &[(&str, &str, Result<bool, &str>)]) {
    for (source, json, answer) in table {
        assert_eq!(test(source, json), answer.map_err(str::to_owned), "{source} on {json}");
    }
}

#[test]
fn members_of_null_throw_unless_they_are_read_null_safe() {
    check(&[
        ("ctx.a?.b == 1", "{}", Ok(false)),
        ("ctx?.a?.b == null", "{}", Ok(true)),
        ("ctx.a.b == 1", r#"{"a":{"b":1}}"#, Ok(true)),
        ("ctx['a']['b'] == 1", r#"{"a":{"b":1}}"#, Ok(true)),
        (
            "ctx.a.b == 1",
            "{}",
            Err("null_pointer_exception: cannot access method/field [b] from a null def reference"),
        ),
        (
            "ctx.a.b == 1",
            r#"{"a":null}"#,
            Err("null_pointer_exception: cannot access method/field [b] from a null def reference"),
        ),
        (
            "ctx.x?.y.z != null",
            "{}",
            Err("null_pointer_exception: cannot access method/field [z] from a null def reference"),
        ),
        (
            "ctx.a.contains('x')",
            "{}",
            Err("null_pointer_exception: cannot access method/field [contains] from a null def reference"),
        ),
        (
            "ctx.a?.b == 1",
            r#"{"a":"x"}"#,
            Err("illegal_argument_exception: dynamic getter [java.lang.String, b] not found"),
        ),
        ("ctx.a.b == 1", r#"{"a":[1]}"#, Err("illegal_argument_exception: Illegal list shortcut value [b].")),
        ("ctx.a == null && ctx.b?.c == null", "{}", Ok(true)),
    ]);
}

#[test]
fn a_condition_must_give_a_boolean() {
    let null = Err("null_pointer_exception: Cannot invoke \"Object.getClass()\" because \"value\" is null");
    check(&[
        ("ctx.a", r#"{"a":true}"#, Ok(true)),
        ("ctx.a", r#"{"a":1}"#, Err("class_cast_exception: cannot cast def [int] to boolean")),
        ("ctx.a", "{}", null),
        ("ctx.a?.contains('x')", "{}", null),
        ("!ctx.a?.contains('x')", "{}", null),
        ("ctx.a?.contains('x') == true", "{}", Ok(false)),
        (
            "ctx.a && ctx.b",
            r#"{"a":true,"b":"x"}"#,
            Err("class_cast_exception: cannot cast def [java.lang.String] to boolean"),
        ),
        ("if (ctx.a == 1) { return true }", r#"{"a":2}"#, Ok(false)),
        ("if (ctx.a == 1) { return true } return false", r#"{"a":1}"#, Ok(true)),
        ("def x = ctx.a; x == 1", r#"{"a":1}"#, Ok(true)),
        ("return ctx.a == 1;", r#"{"a":1}"#, Ok(true)),
    ]);
}

#[test]
fn numbers_are_compared_by_value_and_everything_else_by_equals() {
    check(&[
        ("ctx.a == 1", r#"{"a":1.0}"#, Ok(true)),
        ("ctx.a == 1L", r#"{"a":1}"#, Ok(true)),
        ("ctx.a == 5000000000L", r#"{"a":5000000000}"#, Ok(true)),
        ("ctx.a == true", r#"{"a":"true"}"#, Ok(false)),
        ("ctx.a == 'x'", r#"{"a":"\u0078"}"#, Ok(true)),
        ("ctx.a != 'x'", "{}", Ok(true)),
        ("ctx.a == ['x', 1]", r#"{"a":["x",1]}"#, Ok(true)),
        ("ctx.a == ['k': 1]", r#"{"a":{"k":1}}"#, Ok(true)),
        ("ctx.a === null", "{}", Ok(true)),
        ("ctx.a > 1", r#"{"a":2.5}"#, Ok(true)),
        ("ctx.a >= 2 && ctx.a <= 2", r#"{"a":2}"#, Ok(true)),
        (
            "ctx.a > 1",
            r#"{"a":"2"}"#,
            Err(
                "class_cast_exception: Cannot apply [>] operation to types [java.lang.String] and [java.lang.Integer].",
            ),
        ),
        (
            "ctx.a > 1",
            "{}",
            Err("null_pointer_exception: Cannot invoke \"Object.getClass()\" because \"left\" is null"),
        ),
        ("ctx.a + ctx.b == 3", r#"{"a":1,"b":2}"#, Ok(true)),
        ("'x' + ctx.a == 'x1.5'", r#"{"a":1.5}"#, Ok(true)),
        ("'x' + ctx.a == 'xnull'", "{}", Ok(true)),
        ("ctx.a / 0 == 3", r#"{"a":1}"#, Err("arithmetic_exception: / by zero")),
        ("2147483647 + 1 == -2147483648", "{}", Ok(true)),
        ("7 / 2 == 3 && -7 % 3 == -1 && 7 / 2.0 == 3.5", "{}", Ok(true)),
    ]);
}

#[test]
fn methods_of_texts_lists_and_maps() {
    check(&[
        ("ctx.a.contains('x')", r#"{"a":"axb"}"#, Ok(true)),
        ("ctx.a.startsWith('ax') && ctx.a.endsWith('xb')", r#"{"a":"axb"}"#, Ok(true)),
        ("ctx.a.equalsIgnoreCase('AXB')", r#"{"a":"axb"}"#, Ok(true)),
        ("ctx.a.length() == 4", r#"{"a":"é€😀"}"#, Ok(true)),
        ("ctx.a.substring(2, 4) == '😀'", r#"{"a":"é€😀"}"#, Ok(true)),
        ("ctx.a.indexOf('c') == 2 && ctx.a.indexOf('z') == -1", r#"{"a":"abc"}"#, Ok(true)),
        ("ctx.a.toUpperCase().trim() == 'B'", r#"{"a":" b "}"#, Ok(true)),
        ("ctx.a.isEmpty()", r#"{"a":[]}"#, Ok(true)),
        ("ctx.a.isEmpty()", r#"{"a":""}"#, Ok(true)),
        ("ctx.a.length > 1", r#"{"a":[1,2]}"#, Ok(true)),
        ("ctx.a.size() == 1 && ctx.a.containsKey('k')", r#"{"a":{"k":null}}"#, Ok(true)),
        ("ctx.a.keySet().contains('k') && ctx.a.values().contains(1)", r#"{"a":{"k":1}}"#, Ok(true)),
        ("ctx.a.getOrDefault('x', 7) == 7", r#"{"a":{"k":1}}"#, Ok(true)),
        ("['a','b'].contains(ctx.a)", r#"{"a":"b"}"#, Ok(true)),
        ("['a','b'].contains(ctx.a)", "{}", Ok(false)),
        ("params.known.contains(ctx.a)", r#"{"a":"b"}"#, Ok(true)),
        ("['a': 1, 'b': 2][ctx.a] == 2", r#"{"a":"b"}"#, Ok(true)),
        ("ctx.a[-1] == 3 && ctx.a.0 == 1", r#"{"a":[1,2,3]}"#, Ok(true)),
        (
            "ctx.a[5] == 1",
            r#"{"a":[1]}"#,
            Err("index_out_of_bounds_exception: Index 5 out of bounds for length 1"),
        ),
        (
            "ctx.a.add(1)",
            r#"{"a":"x"}"#,
            Err("illegal_argument_exception: dynamic method [java.lang.String, add/1] not found"),
        ),
        ("ctx.a =~ /x/ && !(ctx.a ==~ /x/)", r#"{"a":"axb"}"#, Ok(true)),
        (r"ctx.a ==~ /A.\d/i", r#"{"a":"ab1"}"#, Ok(true)),
        ("(ctx.a ?: 'z') == 'z'", "{}", Ok(true)),
        ("ctx.a == 'x' ? true : false", r#"{"a":"x"}"#, Ok(true)),
        ("ctx.a instanceof Map && ctx.b instanceof List", r#"{"a":{},"b":[]}"#, Ok(true)),
        ("ctx.a instanceof Number && !(ctx.a instanceof Long)", r#"{"a":1}"#, Ok(true)),
        ("ctx.a.stream == null", r#"{"a":{}}"#, Ok(true)),
        (
            "ctx.a.values().stream().anyMatch(v -> v instanceof Map || v instanceof List)",
            r#"{"a":{}}"#,
            Ok(false),
        ),
        (
            "ctx.a.values().stream().anyMatch(v -> v instanceof Map || v instanceof List)",
            r#"{"a":{"k":[]}}"#,
            Ok(true),
        ),
        ("ctx.a.values().stream().anyMatch(v -> v instanceof Map)", r#"{"a":{"k":[{}],"l":"x"}}"#, Ok(false)),
        ("ctx.a.stream().anyMatch(v -> v instanceof String)", r#"{"a":[1,null,"x"]}"#, Ok(true)),
        ("ctx.a.stream().anyMatch(v -> v instanceof Number || v == 'x')", r#"{"a":[null,"x"]}"#, Ok(true)),
        ("ctx.a.b.stream().anyMatch((String v) -> v instanceof String)", r#"{"a":{"b":["x"]}}"#, Ok(true)),
        (
            "ctx.a.stream().anyMatch(v -> v instanceof Map)",
            r#"{"a":{"k":{}}}"#,
            Err("illegal_argument_exception: dynamic method [java.util.HashMap, stream/0] not found"),
        ),
        (
            "ctx.a.values().stream().anyMatch(v -> v instanceof Map)",
            "{}",
            Err("null_pointer_exception: cannot access method/field [values] from a null def reference"),
        ),
    ]);
}

#[test]
fn conditions_do_not_write() {
    let refused =
        "unsupported_operation_exception: Mutating ingest documents in conditionals is not supported";
    check(&[
        ("ctx.a = 3; true", "{}", Err(refused)),
        ("ctx.a.b = 3; true", r#"{"a":{}}"#, Err(refused)),
        ("ctx.a.add(1)", r#"{"a":[]}"#, Err(refused)),
        ("ctx.remove('a') == 1", r#"{"a":1}"#, Err(refused)),
        ("ctx.l.removeIf(x -> true)", r#"{"l":[1]}"#, Err(refused)),
        ("ctx.l.sort(null); true", r#"{"l":[1]}"#, Err(refused)),
        ("def l = []; l.add(ctx.a); l.add(2); l.size() == 2", r#"{"a":{"x":1}}"#, Ok(true)),
    ]);
}

#[test]
fn mistakes_are_told_with_place_and_cure() {
    for (source, message) in [
        ("1", "column 1: Cannot cast from [int] to [boolean]."),
        ("null", "column 1: Cannot cast from [java.lang.Object] to [boolean]."),
        ("ctx.a.b = 1", "column 1: Cannot cast from [int] to [boolean]."),
        ("ctx.a == 1 || ", "column 15: unexpected end of script, expected a value"),
        ("foo == 1", "column 1: cannot resolve symbol [foo]: declare it with [def foo], or write [ctx.foo]"),
        ("ctx.a == 'x", "column 10: this string is not closed"),
        ("ctx.a == (1", "column 12: unexpected end of script, expected [)] to close the bracket"),
        ("ctx.a instanceof Foo", "column 18: Not a type [Foo]"),
        ("ctx.a.foo()", "column 7: Unknown method [foo]"),
        ("ctx.a.contains()", "column 7: [contains] takes 1 arguments, not 0"),
        ("ctx.a b", "column 7: unexpected [b], expected [;] behind the statement, or an operator"),
        ("ctx.a\n  == (1 +)", "line 2, column 10: unexpected [)], expected a value"),
        ("while (true) {}", "column 1: no paths escape from while loop"),
        ("ctx.a =~ /(/", "column 10: regular expression: "),
        ("", "column 1: the script is empty"),
    ] {
        let error = Condition::compile(source, &serde_json::Value::Null, &mut Places::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{source}: {error}");
    }
}
