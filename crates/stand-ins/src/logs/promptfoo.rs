//! promptfoo's entries and pages.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Entry, USERS, Words, id, number, slice};

/// Every action with what it is called, what it is about, and how a sentence says it.
const ACTIONS: [(&str, &str, &str, &str); 15] = [
    ("login", "Login", "USER", "logged in"),
    ("user_added", "User Added", "USER", "added a user"),
    ("role_created", "Role Created", "ROLE", "created a role"),
    ("team_created", "Team Created", "TEAM", "created a team"),
    ("user_added_to_team", "User Added to Team", "USER", "added a user to a team"),
    ("service_account_created", "Service Account Created", "SERVICE_ACCOUNT", "created a service account"),
    ("user_role_changed_in_team", "User Role Changed in Team", "USER", "changed a user's role in a team"),
    ("role_updated", "Role Updated", "ROLE", "updated a role"),
    ("org_admin_added", "Organization Admin Added", "USER", "made a user an administrator"),
    ("user_removed_from_team", "User Removed from Team", "USER", "removed a user from a team"),
    ("service_account_deleted", "Service Account Deleted", "SERVICE_ACCOUNT", "deleted a service account"),
    ("team_deleted", "Team Deleted", "TEAM", "deleted a team"),
    ("role_deleted", "Role Deleted", "ROLE", "deleted a role"),
    ("org_admin_removed", "Organization Admin Removed", "USER", "took a user's administration away"),
    ("user_removed", "User Removed", "USER", "removed a user"),
];

pub(super) fn entry(number: u64, time: Timestamp) -> Value {
    let (action, shown, target, said) = ACTIONS[number as usize % ACTIONS.len()];
    let user = USERS[number as usize % USERS.len()];
    let team = action.contains("team").then(|| format!("team_{}", 1 + number % 3));
    let about = match (action, target) {
        ("login", _) => user.to_owned(),
        (_, "TEAM") => team.clone().unwrap_or_default(),
        (_, target) => format!("{}_{}", target.to_lowercase(), number % 40),
    };
    let metadata = match action {
        "user_role_changed_in_team" => json!({"previousRole": "viewer", "newRole": "editor"}),
        "role_updated" => json!({"permissions": ["evals:read", "evals:run"]}),
        _ => Value::Null,
    };
    json!({
        "id": id(number), "description": format!("{user}@example.com {said}"), "actorId": user, "actorName": user,
        "actorEmail": format!("{user}@example.com"), "action": action, "actionDisplayName": shown,
        "target": target, "targetId": about, "metadata": metadata, "organizationId": "org", "teamId": team,
        "createdAt": format!("{time:.3}"),
    })
}

/// The page that is asked for.
///
/// # Errors
/// The message of a 400.
pub(super) fn page(entries: &[Entry], reversed: bool, words: &Words) -> Result<Value, String> {
    let limit = number(words, "limit", 20, 1..=100)?;
    let offset = number(words, "offset", 0, 0..=u64::MAX)?;
    let time = |name: &str, default| match words.get(name) {
        None => Ok(default),
        Some(text) => text.parse::<Timestamp>().map_err(|_| format!("invalid {name}")),
    };
    let range = time("createdAtGte", Timestamp::MIN)?..=time("createdAtLte", Timestamp::MAX)?;
    let has = |body: &Value, name: &str| words.get(name).is_none_or(|word| body[name] == **word);
    let mut found: Vec<&Value> = entries
        .iter()
        .filter(|entry| range.contains(&entry.time))
        .map(|entry| &entry.body)
        .filter(|body| ["action", "target", "actorId"].into_iter().all(|name| has(body, name)))
        .collect();
    if reversed {
        found.reverse();
    }
    let logs = slice(&found, offset, limit);
    Ok(json!({"total": found.len(), "limit": limit, "offset": offset, "logs": logs}))
}
