//! [`Condition::requires`] against plain evaluation: in a document with nothing at one of the places, the condition is false.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

use event::doc::{Place, Places};
use event::{Doc, FieldPath};
use painless::Condition;
use proptest::prelude::*;
use serde_json::Value;

fn doc(json: &str) -> Doc {
    let mut doc = Doc::new();
    let root = doc.parse_str(json).unwrap();
    doc.set_data(Doc::SOURCE, doc.data(root));
    doc
}

#[test]
fn what_is_required_is_found() {
    for (source, keys) in [
        ("ctx.a == 'x'", vec!["a"]),
        ("ctx.a?.b == 'x'", vec!["a"]),
        ("ctx.a.b == 'x'", vec![]),
        ("ctx.a?.b != null", vec!["a"]),
        ("ctx.a?.b == null", vec![]),
        ("ctx.a != 'x'", vec![]),
        ("ctx.a instanceof Map && ctx.b != null", vec!["a", "b"]),
        ("ctx.a?.b != null && ctx.c != null", vec!["a"]),
        ("ctx.a.b == 1 && ctx.c == 1", vec![]),
        ("['x', 'y'].contains(ctx.a)", vec!["a"]),
        ("['x', null].contains(ctx.a)", vec![]),
        ("ctx.a == null || ctx.b == 1", vec![]),
        ("ctx._index == 'x'", vec!["_index"]),
        ("ctx.a == 'x' && ctx.b.contains('y')", vec!["a"]),
    ] {
        let mut places = Places::default();
        let condition = Condition::compile(source, &Value::Null, &mut places).unwrap();
        let place = |key| FieldPath::known(key, &mut places).unwrap().place();
        assert_eq!(condition.requires(), keys.into_iter().map(place).collect::<Vec<Place>>(), "{source}");
    }
}

/// Expressions of the shapes that pipelines use, and some that throw.
fn expression() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c"]);
    let path = prop::collection::vec((name, any::<bool>()), 1..4).prop_map(|steps| {
        let mut path = "ctx".to_owned();
        for (name, safe) in steps {
            path.push_str(if safe { "?." } else { "." });
            path.push_str(name);
        }
        path
    });
    let constant = prop::sample::select(vec!["null", "1", "'x'", "true", "1.0", "2L"]);
    let leaf = (path, constant, 0..8u8).prop_map(|(path, constant, shape)| match shape {
        0 => format!("{path} == {constant}"),
        1 => format!("{path} != {constant}"),
        2 => format!("{constant} == {path}"),
        3 => format!("{path} instanceof Map"),
        4 => format!("[{constant}, 'x'].contains({path})"),
        5 => format!("{path}.isEmpty()"),
        6 => path,
        _ => format!("{path} > 0"),
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts.clone().prop_map(|parts| format!("({})", parts.join(" && "))),
            parts.prop_map(|parts| format!("({})", parts.join(" || "))),
            inner.prop_map(|part| format!("!({part})")),
        ]
    })
}

fn json() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(vec!["null", "1", "\"x\"", "true", "[]", "2", "1.0", "\"\""]);
    let value = scalar.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        let name = prop::sample::select(vec!["a", "b", "c"]);
        prop::collection::btree_map(name, inner, 0..4).prop_map(|fields| object(&fields))
    });
    prop::collection::btree_map(prop::sample::select(vec!["a", "b", "c"]), value, 0..4)
        .prop_map(|fields| object(&fields))
}

fn object(fields: &std::collections::BTreeMap<&str, String>) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, ..ProptestConfig::default() })]

    #[test]
    fn without_a_required_name_the_answer_is_false(source in expression(), json in json()) {
        let mut places = Places::default();
        let Ok(condition) = Condition::compile(&source, &Value::Null, &mut places) else { return Ok(()) };
        let mut doc = doc(&json);
        doc.adopt(&places.into());
        let missing = condition.requires().iter().any(|place| doc.at_place(*place).is_none());
        if missing {
            prop_assert_eq!(condition.test(&mut doc), Ok(false), "{} on {}", source, json);
        }
    }

    /// What is proved of documents that have nothing at a place holds.
    #[test]
    fn what_is_said_of_documents_without_a_field_is_true(source in expression(), json in json()) {
        let mut places = Places::default();
        let Ok(condition) = Condition::compile(&source, &Value::Null, &mut places) else { return Ok(()) };
        let mut doc = doc(&json);
        doc.adopt(&places.into());
        for place in condition.asks() {
            let Some(without) = condition.without(place) else { continue };
            if doc.at_place(place).is_none() && without.objects.iter().all(|place| doc.object_at(*place).is_some()) {
                let answer = condition.test(&mut doc);
                let expected = without.answer.or(answer.clone().ok());
                prop_assert_eq!(answer.ok(), expected, "{} on {}", source, json);
                prop_assert!(expected.is_some(), "{} throws on {}", source, json);
            }
        }
    }

    /// The short way through [`Condition::test`] against a form of the same condition that can not take it.
    #[test]
    fn looking_at_fields_gives_what_evaluation_gives(source in expression(), json in json()) {
        let mut places = Places::default();
        let Ok(condition) = Condition::compile(&source, &Value::Null, &mut places) else { return Ok(()) };
        let slow = format!("def answer = {source}; return answer;");
        let slow = Condition::compile(&slow, &Value::Null, &mut places).unwrap();
        let mut doc = doc(&json);
        doc.adopt(&places.into());
        let answers = (condition.test(&mut doc), slow.test(&mut doc));
        let kinds = |answer: &Result<bool, Box<painless::RuntimeError>>| answer.clone().map_err(|error| error.message);
        prop_assert_eq!(kinds(&answers.0), kinds(&answers.1), "{} on {}", source, json);
    }
}
