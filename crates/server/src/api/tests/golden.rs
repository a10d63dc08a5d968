//! Documents as the shipped pipelines make them, and what becomes of them: an entry of promptfoo's or Cencori's own log
//! comes out as it once came in.

use std::path::Path;

use serde_json::{Value, json};
use store::Event;

use super::super::{cencori, promptfoo};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The documents of a golden file.
fn documents(name: &str) -> Vec<Event> {
    let documents: Vec<Value> = serde_json::from_str(&fixture(name)).unwrap();
    documents.iter().map(|document| event(&document["_id"], &document["_source"])).collect()
}

fn event(id: &Value, source: &Value) -> Event {
    Event {
        stream: "logs-x-default".into(),
        id: id.as_str().unwrap().to_owned(),
        time: source["@timestamp"].as_str().unwrap().parse().unwrap(),
        source: source.to_string(),
    }
}

fn raw(name: &str) -> Vec<Value> {
    fixture(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn promptfoo(event: &Event) -> Value {
    serde_json::to_value(promptfoo::Log::of(event)).unwrap()
}

fn cencori(event: &Event) -> Value {
    serde_json::to_value(cencori::Log::of(event)).unwrap()
}

#[test]
fn promptfoo_entries_come_out_as_they_came_in() {
    let (events, raw) =
        (documents("promptfoo.audit/actions-expected.json"), raw("promptfoo.audit/actions.ndjson"));
    assert!(events.len() >= 15 && events.len() == raw.len());
    for (event, raw) in events.iter().zip(&raw) {
        let mut raw = raw.clone();
        if raw["metadata"] == json!({}) {
            // Documents hold no empty objects.
            raw["metadata"] = Value::Null;
        }
        assert_eq!(promptfoo(event), raw);
    }
}

#[test]
fn cencori_entries_come_out_as_they_came_in() {
    let (events, raw) =
        (documents("cencori.audit/categories-expected.json"), raw("cencori.audit/categories.ndjson"));
    assert!(events.len() >= 36 && events.len() == raw.len());
    for (event, raw) in events.iter().zip(&raw) {
        assert_eq!(cencori(event), *raw);
    }
}

/// A document of Cursor's log as its pipeline makes it, for an action.
fn cursor(action: &str) -> Event {
    let documents: Vec<Value> =
        serde_json::from_str(&fixture("cursor.audit/event-types-api-expected.json")).unwrap();
    let found = documents.iter().find(|document| document["_source"]["event"]["action"] == action);
    let document = found.unwrap_or_else(|| panic!("no document of {action}"));
    event(&document["_id"], &document["_source"])
}

#[test]
fn cursor_events_fill_the_fields_of_promptfoo() {
    for (action, name, target, target_id) in [
        ("login", "Login", "USER", ""),
        ("add_user", "Add User", "USER", "@"),
        ("create_directory_group", "Create Directory Group", "TEAM", ""),
        ("team_api_key", "Team Api Key", "SERVICE_ACCOUNT", ""),
        ("team_settings", "Team Settings", "ORGANIZATION", ""),
    ] {
        let event = cursor(action);
        let log = promptfoo(&event);
        let source: Value = serde_json::from_str(&event.source).unwrap();
        let keys: Vec<&String> = log.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "id",
                "description",
                "actorId",
                "actorName",
                "actorEmail",
                "action",
                "actionDisplayName",
                "target",
                "targetId",
                "metadata",
                "organizationId",
                "teamId",
                "createdAt"
            ]
        );
        assert_eq!((&log["id"], &log["createdAt"]), (&source["event"]["id"], &source["@timestamp"]));
        assert_eq!(
            (&log["action"], &log["actionDisplayName"], &log["target"]),
            (&json!(action), &json!(name), &json!(target))
        );
        assert_eq!(
            (&log["actorId"], &log["actorEmail"], &log["actorName"]),
            (&source["user"]["email"], &source["user"]["email"], &source["user"]["name"])
        );
        assert_eq!((&log["metadata"], &log["teamId"]), (&source["cursor"]["audit"], &json!("team_17")));
        assert!(log["targetId"].as_str().unwrap().contains(target_id));
        let description = log["description"].as_str().unwrap();
        let sentence =
            format!("{} performed {}", source["user"]["name"].as_str().unwrap(), action.replace('_', " "));
        assert!(description.starts_with(&sentence), "{description}");
        assert_eq!(description.contains(" on "), log["targetId"] != "", "{description}");
    }
}

#[test]
fn cursor_events_fill_the_fields_of_cencori() {
    for (action, category, resource) in [
        ("login", "security", "user"),
        ("add_user", "member", "user"),
        ("create_directory_group", "member", "team"),
        ("team_api_key", "api_key", "service_account"),
        ("user_spend_limit", "budget", "organization"),
        ("team_hook", "webhook", "organization"),
        ("team_settings", "settings", "organization"),
    ] {
        let event = cursor(action);
        let log = cencori(&event);
        let source: Value = serde_json::from_str(&event.source).unwrap();
        assert_eq!(
            (&log["category"], &log["action"], &log["resource_type"], &log["actor_type"]),
            (&json!(category), &json!(action), &json!(resource), &json!("user"))
        );
        assert_eq!(
            (&log["actor_email"], &log["actor_ip"], &log["created_at"]),
            (&source["user"]["email"], &source["source"]["ip"], &source["@timestamp"])
        );
        assert_eq!((&log["project_id"], &log["metadata"]), (&json!("team_17"), &source["cursor"]["audit"]));
    }
}

#[test]
fn an_event_without_anything_still_is_an_entry() {
    let event = event(
        &json!("x1"),
        &json!({ "@timestamp": "2026-05-04T11:14:58.9229Z", "event": { "kind": "pipeline_error" } }),
    );
    let log = promptfoo(&event);
    assert_eq!(
        log,
        json!({
            "id": "x1", "description": "somebody performed something", "actorId": "", "actorName": "", "actorEmail": "",
            "action": "", "actionDisplayName": "", "target": "ORGANIZATION", "targetId": "", "metadata": null,
            "organizationId": "", "teamId": null, "createdAt": "2026-05-04T11:14:58.922Z"
        })
    );
    let log = cencori(&event);
    assert_eq!(
        (&log["category"], &log["actor_type"], &log["metadata"]),
        (&json!("settings"), &json!("system"), &json!({}))
    );
}
