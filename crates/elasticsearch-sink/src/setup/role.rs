//! The least privileges that the sidecar and its setup need.

use serde_json::{Value, json};

use crate::mappings::{Kind, objects};

/// Two request bodies for `POST /_security/api_key`, by who uses the key: `run` for the sidecar, `setup` for
/// `trailcar setup`. Their `role_descriptors` are roles for `PUT /_security/role/<name>` as they stand.
///
/// The sidecar may create documents, let the data stream be made, and look whether an event is there already, which
/// a server does not tell itself behind a rollover. It can neither change nor delete an event.
pub fn roles() -> Value {
    let objects = objects();
    let templates = objects.iter().filter(|object| object.kind == Kind::IndexTemplate);
    let streams: Vec<&str> = templates.flat_map(|template| template.patterns()).collect();
    json!({
        "run": {
            "name": "trailcar",
            "role_descriptors": {
                "trailcar_run": {
                    "cluster": ["monitor"],
                    "indices": [{
                        "names": streams,
                        "privileges": ["auto_configure", "create_doc", "read", "view_index_metadata"],
                    }],
                },
            },
        },
        "setup": {
            "name": "trailcar-setup",
            "expiration": "1d",
            "role_descriptors": {
                "trailcar_setup": {
                    "cluster": ["monitor", "manage_index_templates", "manage_ilm", "manage_ingest_pipelines"],
                    "indices": [{"names": streams, "privileges": ["manage"]}],
                    "applications": [{
                        "application": "kibana-.kibana",
                        "privileges": ["feature_savedObjectsManagement.all", "feature_dashboard.all", "feature_indexPatterns.all", "feature_discover.all", "feature_visualize.all"],
                        "resources": ["*"],
                    }],
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sidecar_may_create_and_look_and_no_more() {
        let run = &roles()["run"]["role_descriptors"]["trailcar_run"];
        let streams = [
            "logs-cencori.audit-*",
            "logs-cursor.audit-*",
            "logs-promptfoo.audit-*",
            "logs-trailcar.audit-*",
        ];
        assert_eq!(run["indices"][0]["names"], json!(streams));
        for privilege in ["delete", "write", "index", "manage", "all"] {
            assert!(!run["indices"][0]["privileges"].as_array().unwrap().contains(&json!(privilege)));
        }
    }

    #[test]
    fn the_role_of_the_compose_file_is_no_less() {
        let compose: Value = serde_json::from_str(include_str!("../../../../docker/role.json")).unwrap();
        let run = &roles()["run"]["role_descriptors"]["trailcar_run"];
        assert_eq!(compose["cluster"], run["cluster"]);
        assert_eq!(compose["indices"][0]["privileges"], run["indices"][0]["privileges"]);
    }
}
