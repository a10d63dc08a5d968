//! Where two documents differ.

use serde_json::Value;

/// A place where they do, as paths in pipelines name it; elements of lists by their place from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where.
    pub path: String,
    /// What stands there on the left; nothing where there is no such field.
    pub left: Option<Value>,
    /// What stands there on the right.
    pub right: Option<Value>,
}

/// All differences, in the order of the left document; what only the right one has comes behind. Numbers are equal when
/// their values are, and fields may stand in any order.
pub fn differences(left: &Value, right: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(String::new(), Some(left), Some(right), &mut found);
    found
}

fn compare(path: String, left: Option<&Value>, right: Option<&Value>, found: &mut Vec<Difference>) {
    match (left, right) {
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            for (key, value) in left {
                compare(below(key), Some(value), right.get(key), found);
            }
            for (key, value) in right.iter().filter(|(key, _)| !left.contains_key(*key)) {
                compare(below(key), None, Some(value), found);
            }
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) if left.len() == right.len() => {
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                compare(format!("{path}.{at}"), Some(left), Some(right), found);
            }
        }
        (Some(left), Some(right)) if is_same(left, right) => {}
        _ => found.push(Difference { path, left: left.cloned(), right: right.cloned() }),
    }
}

fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || a.as_f64() == b.as_f64() && a.is_f64() != b.is_f64()
        }
        _ => left == right,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_difference_is_named_once_at_its_place() {
        let left = json!({"a": {"b": 1, "c": [1, {"d": "x"}]}, "only": true, "same": 2.0});
        let right = json!({"same": 2, "a": {"c": [1, {"d": "y"}], "b": 1}, "new": [1]});
        let told: Vec<String> = differences(&left, &right)
            .iter()
            .map(|it| {
                let [left, right] = [&it.left, &it.right].map(|side| side.clone().unwrap_or_default());
                format!("{} {left} {right}", it.path)
            })
            .collect();
        assert_eq!(told, ["a.c.1.d \"x\" \"y\"", "only true null", "new null [1]"]);
    }

    #[test]
    fn a_list_of_another_length_differs_as_a_whole() {
        let found = differences(&json!({"tags": ["a"]}), &json!({"tags": ["a", "b"]}));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "tags");
    }
}
