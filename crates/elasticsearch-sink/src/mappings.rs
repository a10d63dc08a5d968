//! The templates and policies of `mappings/`, compiled in.
//!
//! What is installed is named `trailcar-…`, so it never replaces an object of the Elastic Stack or of an Elastic
//! integration. Users change things in `logs@custom` and `logs-<dataset>@custom`, which an update leaves alone.

use rust_embed::RustEmbed;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "../../mappings"]
struct Files;

/// What kind of object a file holds; in the order in which they are installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    LifecyclePolicy,
    ComponentTemplate,
    IndexTemplate,
}

impl Kind {
    const ALL: [Self; 3] = [Self::LifecyclePolicy, Self::ComponentTemplate, Self::IndexTemplate];

    fn folder(self) -> &'static str {
        match self {
            Self::LifecyclePolicy => "lifecycle_policies/",
            Self::ComponentTemplate => "component_templates/",
            Self::IndexTemplate => "index_templates/",
        }
    }

    /// The part of an object's path before its name.
    pub(crate) fn api(self) -> &'static str {
        match self {
            Self::LifecyclePolicy => "/_ilm/policy/",
            Self::ComponentTemplate => "/_component_template/",
            Self::IndexTemplate => "/_index_template/",
        }
    }

    /// What a user calls it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::LifecyclePolicy => "lifecycle policy",
            Self::ComponentTemplate => "component template",
            Self::IndexTemplate => "index template",
        }
    }
}

/// One object to install.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) body: Value,
}

impl Object {
    /// Where the object keeps its `_meta`.
    pub(crate) fn meta_mut(&mut self) -> &mut Value {
        match self.kind {
            Kind::LifecyclePolicy => &mut self.body["policy"]["_meta"],
            Kind::ComponentTemplate | Kind::IndexTemplate => &mut self.body["_meta"],
        }
    }

    /// The patterns of an index template.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.body["index_patterns"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }
}

/// All objects, as Elasticsearch takes them, in the order in which they are installed.
#[expect(clippy::expect_used, reason = "the files are compiled in, and a test reads every one")]
pub(crate) fn objects() -> Vec<Object> {
    let mut objects: Vec<Object> = Files::iter()
        .filter_map(|path| {
            let kind = Kind::ALL.into_iter().find(|kind| path.starts_with(kind.folder()))?;
            let name = path.strip_prefix(kind.folder())?.strip_suffix(".json")?.to_owned();
            let file = Files::get(&path)?;
            Some(Object { kind, name, body: serde_json::from_slice(&file.data).expect("mappings hold JSON") })
        })
        .collect();
    objects.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    objects
}

/// The mapping of a data stream that its templates add up to.
pub(crate) fn composed(template: &Object, objects: &[Object]) -> Value {
    let parts = template.body["composed_of"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let parts = parts.filter_map(|name| {
        objects.iter().find(|object| object.kind == Kind::ComponentTemplate && object.name == name)
    });
    let mut whole = json!({});
    for part in parts.chain([template]) {
        merge(&mut whole, &part.body["template"]["mappings"]);
    }
    whole
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (into, from) => *into = from.clone(),
    }
}

/// A short digest of a value; the same for the same content.
pub(crate) fn digest(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    let hash = Sha256::digest(sorted.to_string().as_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_every_part_is_there() {
        let objects = objects();
        assert_eq!(objects.len(), Files::iter().filter(|path| path.ends_with(".json")).count());
        for template in objects.iter().filter(|object| object.kind == Kind::IndexTemplate) {
            let parts = template.body["composed_of"].as_array().unwrap();
            for part in parts.iter().map(|part| part.as_str().unwrap()) {
                let ours = objects.iter().any(|object| object.name == part);
                let hook = part.ends_with("@custom");
                assert!(ours != hook, "{part}");
            }
            assert!(objects.iter().all(|object| object.name.starts_with("trailcar-")));
            assert_eq!(template.patterns().count(), 1);
        }
    }

    #[test]
    fn no_typed_field_can_get_a_document_refused_for_its_value() {
        fn check(path: &str, mapping: &Value) {
            let parameter = |name: &str| mapping.get(name);
            match mapping["type"].as_str() {
                None => {
                    for (name, field) in mapping["properties"].as_object().unwrap() {
                        check(&format!("{path}.{name}"), field);
                    }
                }
                Some("keyword") if parameter("doc_values") == Some(&json!(false)) => {
                    assert_eq!(parameter("index"), Some(&json!(false)), "{path}");
                }
                Some("keyword") => assert_eq!(parameter("ignore_above"), Some(&json!(1024)), "{path}"),
                Some("wildcard") => assert_eq!(parameter("ignore_above"), Some(&json!(8191)), "{path}"),
                Some("long" | "boolean" | "ip" | "date" | "geo_point") => {
                    assert_eq!(parameter("ignore_malformed"), Some(&json!(path != ".@timestamp")), "{path}");
                }
                Some("flattened") => {
                    assert_eq!(parameter("ignore_above"), Some(&json!(1024)), "{path}");
                    assert_eq!(parameter("depth_limit"), Some(&json!(100)), "{path}");
                }
                Some("match_only_text" | "constant_keyword") => {}
                other => panic!("{path}: {other:?}"),
            }
        }
        let objects = objects();
        for template in objects.iter().filter(|object| object.kind == Kind::IndexTemplate) {
            check("", &composed(template, &objects));
        }
    }

    /// Fields of a document that have no mapping; what is below a flattened one needs none.
    fn unmapped(path: &str, value: &Value, mapping: &Value, found: &mut Vec<String>) {
        match (value, mapping["properties"].as_object()) {
            (Value::Object(fields), Some(properties)) => {
                for (name, value) in fields {
                    let path = format!("{path}.{name}");
                    match properties.get(name) {
                        Some(mapping) => unmapped(&path, value, mapping, found),
                        None => found.push(path),
                    }
                }
            }
            (Value::Object(_), None) if mapping["type"] != "flattened" && mapping["type"] != "geo_point" => {
                found.push(path.to_owned());
            }
            _ => {}
        }
    }

    #[test]
    fn every_field_of_the_fixtures_documents_is_mapped() {
        let objects = objects();
        let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
        let mut seen = 0;
        for template in objects.iter().filter(|object| object.kind == Kind::IndexTemplate) {
            let dataset = template.name.strip_prefix("trailcar-logs-").unwrap();
            let mapping = composed(template, &objects);
            for entry in std::fs::read_dir(fixtures.join(dataset)).unwrap() {
                let path = entry.unwrap().path();
                if !path.to_string_lossy().ends_with("-expected.json") {
                    continue;
                }
                let documents: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                for document in documents.iter().filter(|document| document.get("_source").is_some()) {
                    let mut found = Vec::new();
                    unmapped("", &document["_source"], &mapping, &mut found);
                    assert!(found.is_empty(), "{}: {found:?} in {document}", path.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 150, "only {seen} documents were found");
    }

    #[test]
    fn a_digest_depends_on_content_alone() {
        assert_eq!(
            digest(&json!({"a": 1, "b": {"c": 2, "d": 3}})),
            digest(&json!({"b": {"d": 3, "c": 2}, "a": 1}))
        );
        assert_ne!(digest(&json!({"a": 1})), digest(&json!({"a": 2})));
    }
}
