//! The committed saved objects: current, complete in themselves, and only about fields that events have.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use dashboards::{Definition, Fields, Generator};
use serde_json::Value;

fn root() -> PathBuf {
    testkit::root()
}

fn fields() -> Fields {
    Fields::read(&root().join("mappings/component_templates")).unwrap()
}

/// The definitions: name, text, and the committed objects.
fn dashboards() -> Vec<(String, Definition, String)> {
    let directory = root().join("dashboards");
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "yml") {
            let definition = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let committed = fs::read_to_string(path.with_extension("ndjson")).unwrap();
            found.push((path.display().to_string(), definition, committed));
        }
    }
    assert!(!found.is_empty());
    found
}

fn objects(ndjson: &str) -> Vec<Value> {
    ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every value under a key of this name, also in the JSON that stands in strings called `…JSON`.
fn under(value: &Value, key: &str, found: &mut Vec<Value>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                if name == key {
                    found.push(value.clone());
                }
                match value {
                    Value::String(text) if name.ends_with("JSON") => {
                        under(&serde_json::from_str(text).unwrap(), key, found);
                    }
                    value => under(value, key, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| under(value, key, found)),
        _ => {}
    }
}

fn all(value: &Value, key: &str) -> Vec<Value> {
    let mut found = Vec::new();
    under(value, key, &mut found);
    found
}

fn strings(value: &Value, key: &str) -> Vec<String> {
    all(value, key).iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

fn parsed(value: &Value) -> Value {
    serde_json::from_str(value.as_str().unwrap()).unwrap()
}

#[test]
fn the_committed_objects_are_those_of_the_definitions() {
    let fields = fields();
    for (path, definition, committed) in dashboards() {
        let made = Generator { definition: &definition, fields: &fields }.ndjson().unwrap();
        assert!(made == committed, "{path} has changed: cargo run -p dashboards");
    }
}

#[test]
fn every_reference_leads_to_an_object_and_every_name_to_a_reference() {
    for (path, _, committed) in dashboards() {
        let objects = objects(&committed);
        let known: BTreeSet<(&str, &str)> = objects
            .iter()
            .map(|object| (object["type"].as_str().unwrap(), object["id"].as_str().unwrap()))
            .collect();
        assert_eq!(known.len(), objects.len(), "{path}: an id is there twice");
        let mut seen = BTreeSet::new();
        for object in &objects {
            let id = &object["id"];
            let mut names = BTreeSet::new();
            for reference in object["references"].as_array().unwrap() {
                let target = (reference["type"].as_str().unwrap(), reference["id"].as_str().unwrap());
                assert!(
                    seen.contains(&target),
                    "{path}: {id} refers to {target:?}, which does not come before it"
                );
                assert!(names.insert(reference["name"].as_str().unwrap()), "{path}: {id}: a name twice");
            }
            let attributes = &object["attributes"];
            let mut wanted: Vec<String> = strings(attributes, "indexRefName");
            wanted.extend(strings(attributes, "indexPatternRefName"));
            if object["type"] == "dashboard" {
                for panel in parsed(&attributes["panelsJSON"]).as_array().unwrap() {
                    let (index, name) =
                        (panel["panelIndex"].as_str().unwrap(), panel["panelRefName"].as_str().unwrap());
                    wanted.push(format!("{index}:{name}"));
                }
                for control in
                    parsed(&attributes["controlGroupInput"]["panelsJSON"]).as_object().unwrap().keys()
                {
                    wanted.push(format!("controlGroup_{control}:optionsListDataView"));
                }
            }
            if object["type"] == "lens" {
                let layers =
                    attributes["state"]["datasourceStates"]["formBased"]["layers"].as_object().unwrap();
                wanted.extend(layers.keys().map(|layer| format!("indexpattern-datasource-layer-{layer}")));
            }
            assert_eq!(names, wanted.iter().map(String::as_str).collect(), "{path}: {id}");
            seen.insert((object["type"].as_str().unwrap(), object["id"].as_str().unwrap()));
        }
    }
}

#[test]
fn every_field_is_mapped() {
    let fields = fields();
    for (path, _, committed) in dashboards() {
        let mut asked = 0;
        for object in objects(&committed) {
            let attributes = &object["attributes"];
            let mut named = Vec::new();
            for key in ["sourceField", "fieldName", "geoField", "timeFieldName"] {
                named.extend(strings(attributes, key));
            }
            if object["type"] == "search" {
                named.extend(
                    attributes["columns"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|name| name.as_str().unwrap().to_owned()),
                );
            }
            for query in strings(attributes, "query").iter().filter(|query| !query.is_empty()) {
                // field: (values) and not field: (values)
                named.extend(
                    query
                        .split(": (")
                        .filter_map(|part| part.split_whitespace().last())
                        .filter(|word| !word.ends_with(')'))
                        .map(str::to_owned),
                );
            }
            for field in named.iter().filter(|field| *field != "___records___") {
                assert!(fields.kind(field).is_ok(), "{path}: {} asks for {field}", object["id"]);
                asked += 1;
            }
        }
        assert!(asked > 50, "{path}: only {asked} fields were found");
    }
}

#[test]
fn charts_name_columns_that_they_have() {
    for (path, _, committed) in dashboards() {
        for object in objects(&committed).iter().filter(|object| object["type"] == "lens") {
            let (id, state) = (&object["id"], &object["attributes"]["state"]);
            let layers = state["datasourceStates"]["formBased"]["layers"].as_object().unwrap();
            let (_, layer) = layers.iter().next().unwrap();
            let columns = layer["columns"].as_object().unwrap();
            let order: Vec<&str> =
                layer["columnOrder"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
            assert_eq!(order, columns.keys().map(String::as_str).collect::<Vec<_>>(), "{path}: {id}");
            let buckets: Vec<bool> =
                order.iter().map(|id| columns[*id]["isBucketed"].as_bool().unwrap()).collect();
            assert!(
                buckets.is_sorted_by(|before, after| before >= after),
                "{path}: {id}: groups come before figures"
            );
            let mut named = strings(state, "columnId");
            for key in ["xAccessor", "splitAccessor", "metricAccessor"] {
                named.extend(strings(&state["visualization"], key));
            }
            for key in ["accessors", "primaryGroups", "metrics"] {
                for list in all(&state["visualization"], key) {
                    named.extend(list.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()));
                }
            }
            let named: BTreeSet<&str> = named.iter().map(String::as_str).collect();
            assert_eq!(named, order.iter().copied().collect(), "{path}: {id}");
        }
    }
}

#[test]
fn panels_fill_the_grid_without_overlap() {
    for (path, _, committed) in dashboards() {
        let mut covered: BTreeMap<(u64, u64), String> = BTreeMap::new();
        for object in objects(&committed).iter().filter(|object| object["type"] == "dashboard") {
            for panel in parsed(&object["attributes"]["panelsJSON"]).as_array().unwrap() {
                let at = |key: &str| panel["gridData"][key].as_u64().unwrap();
                for x in at("x")..at("x") + at("w") {
                    for y in at("y")..at("y") + at("h") {
                        assert!(x < 48, "{path}: {} is too wide", panel["panelIndex"]);
                        let before = covered.insert((x, y), panel["panelIndex"].to_string());
                        assert_eq!(before, None, "{path}: {} lies on another", panel["panelIndex"]);
                    }
                }
            }
        }
        let bottom = covered.keys().map(|(_, y)| y + 1).max().unwrap();
        assert_eq!(covered.len() as u64, bottom * 48, "{path}: there are holes");
    }
}

#[test]
fn mistakes_of_a_definition_are_named() {
    let whole = fs::read_to_string(root().join("dashboards/cursor-audit.yml")).unwrap();
    let fields = fields();
    for (from, to, message) in [
        ("distinct: user.email}}", "distinct: user.mail}}", "users: no mapping has the field user.mail"),
        (
            "{split: event.category}",
            "{split: error.message}",
            "events-over-time: error.message is a match_only_text, which can not be counted or grouped by",
        ),
        (
            "map: source.geo.location",
            "map: source.ip",
            "places: source.ip is a ip, which can not be shown on a map",
        ),
        ("width: 34", "width: 33", "the row of events-over-time is 47 columns wide; a row has 48"),
        (
            "where: {event.kind: [pipeline_error]}",
            "where: {event.knd: [x]}",
            "pipeline-errors: no mapping has the field event.knd",
        ),
        ("field: user.email}", "field: user.mail}", "controls: no mapping has the field user.mail"),
    ] {
        assert!(whole.contains(from), "{from}");
        let definition: Definition = serde_saphyr::from_str(&whole.replacen(from, to, 1)).unwrap();
        let error = Generator { definition: &definition, fields: &fields }.ndjson().unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    for (from, to) in
        [("metric: count}", "metrics: count}"), ("width: 34,", "wdith: 34,"), ("where:", "were:")]
    {
        assert!(serde_saphyr::from_str::<Definition>(&whole.replacen(from, to, 1)).is_err(), "{to}");
    }
}
