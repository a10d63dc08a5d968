//! The lifecycle policy in the form of OpenSearch's Index State Management.

use elasticsearch::http::Method;
use event::DeliverError;
use serde_json::{Value, json};

use super::plan::Plan;
use super::step::{Action, Change, Step};
use super::{SetupError, refused};
use crate::client::{Client, Request, segment};
use crate::mappings::{Object, digest};

/// Plans the policy of an Elasticsearch lifecycle for the data streams of `patterns`. A server without the plugin gets
/// a note.
pub(super) async fn plan_policy(
    client: &Client,
    lifecycle: &Object,
    patterns: &[&str],
    plan: &mut Plan,
) -> Result<(), SetupError> {
    let path = format!("/_plugins/_ism/policies/{}", segment(&lifecycle.name));
    let answer = client.send(&Request::new(Method::Get, &path)).await;
    let answer = answer.map_err(|error| DeliverError::Retry(error.to_string()))?;
    let object = format!("ISM policy {}", lifecycle.name);
    let body = policy(lifecycle, patterns);
    let (change, path) = match answer.status {
        404 => (Change::Create, path),
        200..=299 => {
            let there: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
            let same = there["policy"]["description"] == body["policy"]["description"];
            // an update names the version that it replaces
            let version =
                format!("if_seq_no={}&if_primary_term={}", there["_seq_no"], there["_primary_term"]);
            (if same { Change::Unchanged } else { Change::Update }, format!("{path}?{version}"))
        }
        400 => {
            plan.notes.push(
                "this OpenSearch has no Index State Management: roll the data streams over yourself"
                    .to_owned(),
            );
            return Ok(());
        }
        _ => return Err(refused(&object, &answer)),
    };
    plan.steps.push(Step { object, change, action: Action::Put { path, body } });
    Ok(())
}

/// The same rules in OpenSearch's words. The digest in the description tells whether it is installed.
fn policy(lifecycle: &Object, patterns: &[&str]) -> Value {
    let phases = &lifecycle.body["policy"]["phases"];
    let rollover = &phases["hot"]["actions"]["rollover"];
    let rollover = json!({"rollover": {
        "min_primary_shard_size": rollover["max_primary_shard_size"],
        "min_index_age": rollover["max_age"],
    }});
    let mut states = vec![json!({"name": "hot", "actions": [rollover], "transitions": []})];
    if let Some(age) = phases["delete"]["min_age"].as_str() {
        states[0]["transitions"] = json!([{"state_name": "delete", "conditions": {"min_rollover_age": age}}]);
        states.push(json!({"name": "delete", "actions": [{"delete": {}}], "transitions": []}));
    }
    let mut policy = json!({"policy": {
        "default_state": "hot",
        "states": states,
        "ism_template": [{"index_patterns": patterns, "priority": 250}],
    }});
    let description = format!(
        "{} (trailcar, {})",
        lifecycle.body["policy"]["_meta"]["description"].as_str().unwrap_or_default(),
        digest(&policy)
    );
    policy["policy"]["description"] = json!(description);
    policy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mappings::{Kind, objects};

    fn lifecycle() -> Object {
        objects().into_iter().find(|object| object.kind == Kind::LifecyclePolicy).unwrap()
    }

    #[test]
    fn nothing_is_deleted_unless_a_retention_is_configured() {
        let mut lifecycle = lifecycle();
        let plain = policy(&lifecycle, &["logs-cursor.audit-*"]);
        assert_eq!(
            plain["policy"]["states"],
            json!([{"name": "hot", "transitions": [],
                    "actions": [{"rollover": {"min_primary_shard_size": "50gb", "min_index_age": "30d"}}]}])
        );
        lifecycle.body["policy"]["phases"]["delete"] = json!({"min_age": "365d", "actions": {"delete": {}}});
        let kept = policy(&lifecycle, &["logs-cursor.audit-*"]);
        assert_eq!(
            kept["policy"]["states"][0]["transitions"][0]["conditions"],
            json!({"min_rollover_age": "365d"})
        );
        assert_eq!(kept["policy"]["states"][1]["actions"], json!([{"delete": {}}]));
        assert_ne!(plain["policy"]["description"], kept["policy"]["description"]);
    }
}
