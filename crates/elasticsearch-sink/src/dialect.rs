//! What OpenSearch and Elastic Cloud Serverless call otherwise, or do not have. The one place that knows.

use serde_json::{Map, Value};

use crate::Flavor;
use crate::mappings::{Kind, Object};

/// Field types of Elasticsearch and their nearest of OpenSearch.
const TYPES: [(&str, &str); 2] = [("flattened", "flat_object"), ("constant_keyword", "keyword")];

/// Parameters that OpenSearch refuses for a type; the type by its name in Elasticsearch.
const PARAMETERS: [(&str, &str); 4] = [
    ("flattened", "ignore_above"),
    ("flattened", "depth_limit"),
    ("constant_keyword", "value"),
    ("boolean", "ignore_malformed"),
];

/// Index settings that OpenSearch does not know.
const SETTINGS: [&str; 3] = [
    "index.lifecycle.name",
    "index.mapping.source.mode",
    "index.mapping.total_fields.ignore_dynamic_beyond_limit",
];

/// Parts of an index template that OpenSearch does not know.
const TEMPLATE: [&str; 1] = ["ignore_missing_component_templates"];

/// Index settings that Serverless keeps to itself.
const SERVERLESS_SETTINGS: [&str; 2] = ["index.lifecycle.name", "index.codec"];

/// Rewrites objects for a kind of server. What it has nothing like is left out.
pub(crate) fn rewrite(objects: Vec<Object>, flavor: Flavor) -> Vec<Object> {
    if flavor == Flavor::Elasticsearch {
        return objects;
    }
    let kept = objects.into_iter().filter(|object| object.kind != Kind::LifecyclePolicy);
    kept.map(|mut object| {
        if let Some(settings) = object.body["template"]["settings"].as_object_mut() {
            let unknown: &[&str] =
                if flavor == Flavor::OpenSearch { &SETTINGS } else { &SERVERLESS_SETTINGS };
            settings.retain(|name, _| !unknown.contains(&name.as_str()));
        }
        if flavor == Flavor::OpenSearch {
            if let Some(body) = object.body.as_object_mut() {
                body.retain(|name, _| !TEMPLATE.contains(&name.as_str()));
            }
            if let Some(mappings) = object.body["template"].get_mut("mappings") {
                rewrite_fields(mappings);
            }
        }
        without_nulls(&mut object.body);
        object
    })
    .collect()
}

/// Rewrites an object's properties, a field's sub-fields and a dynamic template's mapping alike.
fn rewrite_fields(value: &mut Value) {
    match value {
        Value::Object(map) => {
            rewrite_type(map);
            map.values_mut().for_each(rewrite_fields);
        }
        Value::Array(list) => list.iter_mut().for_each(rewrite_fields),
        _ => {}
    }
}

fn rewrite_type(mapping: &mut Map<String, Value>) {
    let Some(kind) = mapping.get("type").and_then(Value::as_str).map(ToOwned::to_owned) else { return };
    mapping.retain(|parameter, _| !PARAMETERS.contains(&(&kind, parameter)));
    if let Some((_, nearest)) = TYPES.iter().find(|(elastic, _)| *elastic == kind) {
        mapping.insert("type".to_owned(), Value::from(*nearest));
    }
    if kind == "constant_keyword" {
        mapping.insert("ignore_above".to_owned(), Value::from(1024));
    }
}

/// Looking a key up with `[]` leaves a null where it was not there.
fn without_nulls(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|_, value| !value.is_null());
        map.values_mut().for_each(without_nulls);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mappings::objects;

    #[test]
    fn opensearch_gets_nothing_that_it_does_not_know() {
        let text: String =
            rewrite(objects(), Flavor::OpenSearch).iter().map(|object| object.body.to_string()).collect();
        for unknown in ["flattened", "constant_keyword", "depth_limit", "lifecycle", "ignore_missing", "null"]
        {
            assert!(!text.contains(unknown), "{unknown}");
        }
    }

    #[test]
    fn types_and_their_parameters_are_rewritten_wherever_they_stand() {
        let mut mapping = json!({"dynamic_templates": [{"x": {"mapping": {"type": "boolean", "ignore_malformed": true}}}],
            "properties": {
                "type": {"type": "constant_keyword", "value": "logs"},
                "a": {"properties": {"type": {"type": "keyword"}, "b": {"type": "flattened", "depth_limit": 9}}}}});
        rewrite_fields(&mut mapping);
        assert_eq!(
            mapping,
            json!({"dynamic_templates": [{"x": {"mapping": {"type": "boolean"}}}],
            "properties": {
                "type": {"type": "keyword", "ignore_above": 1024},
                "a": {"properties": {"type": {"type": "keyword"}, "b": {"type": "flat_object"}}}}})
        );
    }

    #[test]
    fn elasticsearch_gets_the_files_as_they_are() {
        assert_eq!(rewrite(objects(), Flavor::Elasticsearch), objects());
        let serverless = rewrite(objects(), Flavor::Serverless);
        assert!(serverless.iter().all(|object| object.kind != Kind::LifecyclePolicy));
        assert!(!format!("{serverless:?}").contains("index.lifecycle.name"));
    }
}
