//! What an event changed: values before and after, wherever its source puts them.
//!
//! Sources say it in these ways, at any depth: two fields of an object (`before` and `after`, `old_value` and `new_value`),
//! two fields that begin alike (`old_role` and `new_role`, `oldRole` and `newRole`), and a list or an object called
//! `changes`. Values may be objects or lists, also as JSON in a text; then what differs inside is told.

use std::collections::BTreeSet;

use event::{Data, Doc, NodeId};

use super::visible::cut;

/// More changes than this are not told.
const MAX_CHANGES: usize = 200;
/// Longer values are cut, in characters.
const MAX_VALUE: usize = 1_000;
const DEEPEST: usize = 20;

/// Names for what was before and what is after.
const PAIRS: [(&str, &str); 8] = [
    ("before", "after"),
    ("old_value", "new_value"),
    ("oldValue", "newValue"),
    ("old_values", "new_values"),
    ("previous_value", "new_value"),
    ("previous", "current"),
    ("old", "new"),
    ("from", "to"),
];
/// Of those, the ones that mean a change anywhere; `from` and `to` only do inside of `changes`.
const ANYWHERE: usize = 7;
/// What a change is called by, beside its values.
const NAMES: [&str; 9] =
    ["setting_name", "setting", "field", "name", "key", "path", "attribute", "property", "secret_name"];

/// Fields that only repeat what others say: `event.original`, `related`.
const REPEATS: [&str; 2] = ["original", "related"];

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) name: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl Change {
    /// In a word.
    pub(crate) fn kind(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        }
    }
}

/// A value, taken out of its document.
#[derive(Clone, Debug, PartialEq)]
enum Side {
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

/// Everything that a document says was changed.
pub(crate) fn changes(doc: &Doc, root: NodeId) -> Vec<Change> {
    let mut found = Vec::new();
    look(&Side::of(doc, root, 0), false, &mut found);
    found.truncate(MAX_CHANGES);
    found.iter_mut().for_each(|change| change.name = cut(&change.name, MAX_VALUE));
    found
}

/// Finds changes in a value and all that is in it.
fn look(side: &Side, is_change: bool, found: &mut Vec<Change>) {
    if found.len() > MAX_CHANGES {
        return;
    }
    match side {
        Side::Text(_) => {}
        Side::List(list) => list.iter().for_each(|own| look(own, is_change, found)),
        Side::Map(fields) => {
            let mut told = pairs(fields, is_change, found);
            told.extend(alike(fields, found));
            for (key, own) in fields {
                if key == "changes" {
                    named_changes(own, found);
                } else if !told.contains(key.as_str()) && !REPEATS.contains(&key.as_str()) {
                    look(own, is_change, found);
                }
            }
        }
    }
}

type Told<'a> = BTreeSet<&'a str>;

/// `before` and `after` and their like; gives the keys that it has told of.
fn pairs<'a>(fields: &'a [(String, Side)], is_change: bool, found: &mut Vec<Change>) -> Told<'a> {
    let most = if is_change { PAIRS.len() } else { ANYWHERE };
    let get = |name: &str| fields.iter().find(|(key, _)| key == name);
    for (old, new) in &PAIRS[..most] {
        let (before, after) = (get(old), get(new));
        // One alone may be anything, but for names that are of no other use.
        if before.is_some() && after.is_some() || (old.contains("alue") && (before.or(after)).is_some()) {
            let named = NAMES.iter().find_map(|name| match get(name) {
                Some((_, Side::Text(text))) => Some(text.as_str()),
                _ => None,
            });
            compare(named.unwrap_or_default(), before.map(|own| &own.1), after.map(|own| &own.1), found);
            return before.into_iter().chain(after).map(|(key, _)| key.as_str()).collect();
        }
    }
    Told::new()
}

/// `old_role` and `new_role` and their like; gives the keys that it has told of.
fn alike<'a>(fields: &'a [(String, Side)], found: &mut Vec<Change>) -> Told<'a> {
    let mut told = Told::new();
    for (key, before) in fields {
        let Some((new, name)) = counterpart(key) else { continue };
        if let Some((other, after)) = fields.iter().find(|(own, _)| *own == new) {
            compare(&name, Some(before), Some(after), found);
            told.extend([key.as_str(), other.as_str()]);
        }
    }
    told
}

/// What the value after is called, when this is called as the value before, and the name of both.
fn counterpart(key: &str) -> Option<(String, String)> {
    for old in ["old_", "previous_"] {
        if let Some(name) = key.strip_prefix(old).filter(|name| !name.starts_with("value")) {
            return Some((format!("new_{name}"), name.to_owned()));
        }
    }
    let name = key.strip_prefix("old").or_else(|| key.strip_prefix("previous"))?;
    let is_camel = name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.starts_with("Value");
    is_camel.then(|| {
        let (first, rest) = name.split_at(1);
        (format!("new{name}"), first.to_lowercase() + rest)
    })
}

/// The value of `changes`: a list of named pairs, or an object of them.
fn named_changes(side: &Side, found: &mut Vec<Change>) {
    match side {
        Side::Map(fields) => {
            for (key, own) in fields {
                let already = found.len();
                look(own, true, found);
                for change in &mut found[already..] {
                    change.name = joined(key, &change.name);
                }
            }
        }
        other => look(other, true, found),
    }
}

/// Tells in what two values differ.
fn compare(name: &str, before: Option<&Side>, after: Option<&Side>, found: &mut Vec<Change>) {
    if found.len() > MAX_CHANGES {
        return;
    }
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Side::Map(before)), Some(Side::Map(after))) => {
            let get = |fields: &'_ [(String, Side)], key: &str| {
                fields.iter().find(|(own, _)| own == key).map(|(_, side)| side.clone())
            };
            for (key, own) in before {
                compare(&joined(name, key), Some(own), get(after, key).as_ref(), found);
            }
            for (key, own) in after.iter().filter(|(key, _)| get(before, key).is_none()) {
                compare(&joined(name, key), None, Some(own), found);
            }
        }
        (Some(Side::List(before)), Some(Side::List(after))) => {
            let change = |before: Option<&Side>, after: Option<&Side>| Change {
                name: name.to_owned(),
                before: before.map(Side::shown),
                after: after.map(Side::shown),
            };
            let gone = before.iter().filter(|own| !after.contains(own));
            found.extend(gone.take(MAX_CHANGES).map(|own| change(Some(own), None)));
            let come = after.iter().filter(|own| !before.contains(own));
            found.extend(come.take(MAX_CHANGES).map(|own| change(None, Some(own))));
        }
        (before, after) => found.push(Change {
            name: name.to_owned(),
            before: before.map(Side::shown),
            after: after.map(Side::shown),
        }),
    }
}

fn joined(above: &str, name: &str) -> String {
    match (above, name) {
        ("", name) | (name, "") => name.to_owned(),
        _ => format!("{above}.{name}"),
    }
}

impl Side {
    fn of(doc: &Doc, id: NodeId, depth: usize) -> Self {
        match doc.data(id) {
            _ if depth > DEEPEST => Self::Text(doc.json(id)),
            Data::Object(_) => Self::Map(
                doc.children(id)
                    .map(|child| (doc.key(child).to_owned(), Self::of(doc, child, depth + 1)))
                    .collect(),
            ),
            Data::Array(_) => {
                Self::List(doc.children(id).map(|child| Self::of(doc, child, depth + 1)).collect())
            }
            Data::Str(text) => Self::of_text(doc.text(text), depth),
            _ => Self::Text(doc.scalar_text(id).unwrap_or_else(|| "null".to_owned())),
        }
    }

    /// A text, or what is in it when it is JSON.
    fn of_text(text: &str, depth: usize) -> Self {
        if text.starts_with(['{', '[']) {
            let mut inner = Doc::new();
            if let Ok(root) = inner.parse_str(text) {
                return Self::of(&inner, root, depth + 1);
            }
        }
        Self::Text(text.to_owned())
    }

    fn shown(&self) -> String {
        let mut out = String::new();
        self.append(&mut out);
        cut(&out, MAX_VALUE)
    }

    fn append(&self, out: &mut String) {
        let comma = |at: usize, out: &mut String| out.push_str(if at > 0 { ", " } else { "" });
        match self {
            Self::Text(text) => out.push_str(text),
            Self::List(list) => {
                for (at, own) in list.iter().enumerate() {
                    comma(at, out);
                    own.append(out);
                }
            }
            Self::Map(fields) => {
                for (at, (key, own)) in fields.iter().enumerate() {
                    comma(at, out);
                    out.push_str(key);
                    out.push_str(": ");
                    own.append(out);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, kind, before, after.
    type Row = (&'static str, &'static str, &'static str, &'static str);

    fn told(json: &str) -> Vec<(String, &'static str, String, String)> {
        let mut doc = Doc::new();
        let root = doc.parse_str(json).unwrap();
        let one = |own: Change| {
            let kind = own.kind();
            (own.name, kind, own.before.unwrap_or_default(), own.after.unwrap_or_default())
        };
        changes(&doc, root).into_iter().map(one).collect()
    }

    #[test]
    fn every_source_s_way_is_understood() {
        let cases: &[(&str, &[Row])] = &[
            (
                r#"{"cencori":{"audit":{"metadata":{"before":{"model":"small","x":1},"after":{"model":"large","x":1}}}}}"#,
                &[("model", "changed", "small", "large")],
            ),
            (
                r#"{"promptfoo":{"audit":{"metadata":{"before":{"permissions":["r"]},"after":{"permissions":["r","w"]}}}}}"#,
                &[("permissions", "added", "", "w")],
            ),
            (
                r#"{"metadata":{"oldRole":"viewer","newRole":"admin"}}"#,
                &[("role", "changed", "viewer", "admin")],
            ),
            (
                r#"{"cursor":{"audit":{"old_limit_cents":20000,"new_limit_cents":12}}}"#,
                &[("limit_cents", "changed", "20000", "12")],
            ),
            (
                r#"{"cursor":{"audit":{"setting_name":"sso","old_value":"a","new_value":"b"}}}"#,
                &[("sso", "changed", "a", "b")],
            ),
            (
                r#"{"audit":{"old_value":"{\"a\":1,\"b\":2}","new_value":"{\"a\":1,\"c\":3}"}}"#,
                &[("b", "removed", "2", ""), ("c", "added", "", "3")],
            ),
            (r#"{"audit":{"new_value":"b"}}"#, &[("", "added", "", "b")]),
            (
                r#"{"changes":[{"field":"role","from":"a","to":"b"},{"field":"kept","old":"x","new":"x"}]}"#,
                &[("role", "changed", "a", "b")],
            ),
            (r#"{"changes":{"role":{"old":"a","new":"b"}}}"#, &[("role", "changed", "a", "b")]),
            (
                r#"{"before":123456789012345678901234567890,"after":1}"#,
                &[("", "changed", "123456789012345678901234567890", "1")],
            ),
            (r#"{"from":"a","to":"b","newsletter":1,"old":"alone","event":{"action":"x"}}"#, &[]),
            (r#"{"before":null,"after":{"a":[{"b":1}]}}"#, &[("", "changed", "null", "a: b: 1")]),
        ];
        for (json, expected) in cases {
            let told = told(json);
            let told: Vec<_> =
                told.iter().map(|(n, k, b, a)| (n.as_str(), *k, b.as_str(), a.as_str())).collect();
            assert_eq!(told, *expected, "{json}");
        }
    }

    #[test]
    fn what_is_told_is_bounded() {
        let many: Vec<String> = (0..5_000).map(|at| format!("\"k{at}\":{at}")).collect();
        let json = format!("{{\"before\":{{}},\"after\":{{{}}}}}", many.join(","));
        assert_eq!(told(&json).len(), MAX_CHANGES);
        let long = format!("{{\"before\":\"{}\",\"after\":\"b\"}}", "x".repeat(100_000));
        assert_eq!(told(&long)[0].2.chars().count(), MAX_VALUE + 1);
        let deep = format!("{{\"before\":{}1{},\"after\":2}}", "[".repeat(100), "]".repeat(100));
        assert_eq!(told(&deep).len(), 1);
    }
}
