//! Events that nobody would write by hand: fixtures with values replaced, lost, doubled and put elsewhere.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

/// As many mutations of the fixtures as asked for, always the same ones for a seed.
pub(crate) fn mutations(fixtures: &[String], count: usize, seed: u64) -> Vec<String> {
    let mut random = StdRng::seed_from_u64(seed);
    let parsed: Vec<Value> = fixtures.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(!parsed.is_empty(), "no fixture is JSON");
    let values: Vec<Value> = parsed.iter().flat_map(leaves).collect();
    (0..count)
        .map(|_| {
            let mut event = parsed.choose(&mut random).cloned().unwrap_or_default();
            for _ in 0..random.random_range(1..4) {
                mutate(&mut event, &values, &mut random);
            }
            event.to_string()
        })
        .collect()
}

fn leaves(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => fields.values().flat_map(leaves).collect(),
        Value::Array(elements) => elements.iter().flat_map(leaves).collect(),
        leaf => vec![leaf.clone()],
    }
}

/// Changes one place: goes down at random and stops at random.
fn mutate(value: &mut Value, values: &[Value], random: &mut StdRng) {
    let deeper = random.random_bool(0.7);
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let at = random.random_range(0..fields.len());
            if let Some(child) = fields.values_mut().nth(at) {
                mutate(child, values, random);
            }
        }
        Value::Array(elements) if deeper && !elements.is_empty() => {
            let at = random.random_range(0..elements.len());
            mutate(&mut elements[at], values, random);
        }
        Value::Object(fields) if !fields.is_empty() && random.random_bool(0.7) => {
            shuffle(fields, values, random);
        }
        Value::Object(fields) if fields.is_empty() => {
            drop(fields.insert("v".to_owned(), any(values, random)));
        }
        other => *other = any(values, random),
    }
}

/// Loses a field, gives one the value of another, or adds one.
fn shuffle(fields: &mut Map<String, Value>, values: &[Value], random: &mut StdRng) {
    let keys: Vec<String> = fields.keys().cloned().collect();
    let (one, other) = (keys.choose(random).cloned(), keys.choose(random).cloned());
    let (Some(one), Some(other)) = (one, other) else { return };
    match random.random_range(0..4) {
        0 => drop(fields.shift_remove(&one)),
        1 => {
            let value = fields[&one].clone();
            fields.insert(other, value);
        }
        2 => drop(fields.insert(format!("{one}_{other}"), any(values, random))),
        _ => {
            let value = fields.shift_remove(&one).unwrap_or_default();
            fields.insert(format!("x_{one}"), value);
        }
    }
}

/// A value of any type, a likely or an odd one.
fn any(values: &[Value], random: &mut StdRng) -> Value {
    let likely = values.choose(random).cloned().unwrap_or_default();
    match random.random_range(0..12) {
        0 => Value::Null,
        1 => json!(random.random_bool(0.5)),
        2 => json!(random.random_range(-3..4)),
        3 => json!(random.random::<i64>()),
        4 => json!(f64::from(random.random_range(-2000..2000)) / 8.0),
        5 => json!(
            ["", " ", "unknown", "@", "a@b", "a@b@c", "Bot: x@y.z", "{}", "ü\u{1F600}", "0x1F"]
                [random.random_range(0..10)]
        ),
        6 => json!([]),
        7 => json!({}),
        8 => json!([likely, 1]),
        9 => json!({"inner": likely}),
        _ => likely,
    }
}
