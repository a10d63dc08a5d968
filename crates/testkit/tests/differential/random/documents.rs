//! Documents, and the fields that the chain for them reckons with.

use serde_json::{Map, Value};

use super::dice::Dice;
use super::values::{self, Kind};

/// Names that fields have: paths, and one that only looks like a path.
const NAMES: &[&[&str]] = &[
    &["a"],
    &["b"],
    &["c"],
    &["m"],
    &["t"],
    &["ip"],
    &["n"],
    &["l"],
    &["o"],
    &["p", "q"],
    &["p", "r", "s"],
    &["u", "v"],
    &["d.e"],
    &["ü"],
    &["@timestamp"],
    &["tags"],
    &["x y"],
    &["message"],
    &["w", "0"],
    &["z"],
];

/// Names of what is not there.
const MISSING: &[&str] = &["nope", "a.nope", "p.nope.deeper", "l.9", "nope.x", "p.q.z"];

/// Names that are odd, or none.
const ODD: &[&str] = &[
    "",
    "a.",
    ".a",
    "a..b",
    "l.0",
    "l.-1",
    "l.x",
    "l.0.a",
    "_source.a",
    "_ingest._value",
    "_ingest.x",
    "{{n}}",
    "p.{{b}}",
    "d.e",
    "ctx.a",
    " a",
];

/// The fields that documents of one chain have, most of the time.
pub(super) struct Schema {
    fields: Vec<(&'static [&'static str], Kind)>,
}

impl Schema {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let mut fields: Vec<(&'static [&'static str], Kind)> = Vec::new();
        for _ in 0..4 + dice.below(6) {
            let (name, kind) = (dice.pick(NAMES), dice.pick(&Kind::ALL));
            if fields.iter().all(|(other, _)| other[0] != name[0]) {
                fields.push((name, kind));
            }
        }
        Self { fields }
    }

    /// A document.
    pub(super) fn document(&self, dice: &mut Dice) -> Value {
        let mut document = Map::new();
        for (path, kind) in &self.fields {
            let value = match dice.below(100) {
                0..10 => continue,
                10..22 => values::any(dice),
                _ => values::value(*kind, dice),
            };
            put(&mut document, path, value);
        }
        Value::Object(document)
    }

    /// Where a value of this kind stands, most of the time; else another field, a missing one, or no path at all.
    pub(super) fn field(&self, kinds: &[Kind], dice: &mut Dice) -> String {
        let fitting: Vec<&[&str]> =
            self.fields.iter().filter(|(_, kind)| kinds.contains(kind)).map(|(path, _)| *path).collect();
        match dice.below(100) {
            0..72 if !fitting.is_empty() => dice.pick(&fitting).join("."),
            0..88 => dice.pick(&self.fields).0.join("."),
            88..97 => dice.text(MISSING),
            _ => dice.text(ODD),
        }
    }

    /// A field of any kind.
    pub(super) fn any_field(&self, dice: &mut Dice) -> String {
        self.field(&[], dice)
    }

    /// Where something may be written to.
    pub(super) fn target(&self, dice: &mut Dice) -> String {
        match dice.below(10) {
            0..3 => self.any_field(dice),
            3 => dice.text(&[
                "_ingest.x",
                "a.b.c",
                "n.x",
                "l.0",
                "p",
                "@timestamp",
                "p.q",
                "_index",
                "_id",
                "_routing",
            ]),
            _ => dice.text(&["out", "out.x", "o2.deep.er", "ü2", "r", "out.y"]),
        }
    }
}

fn put(document: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [name] => drop(document.insert((*name).to_owned(), value)),
        [name, rest @ ..] => {
            let inner = document.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
        [] => {}
    }
}
