//! Cencori's entries and pages.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Entry, USERS, Words, id, number, slice};

/// An action of every category.
const ACTIONS: [(&str, &str); 18] = [
    ("prompt", "updated"),
    ("api_key", "created"),
    ("provider", "connected"),
    ("security", "configured"),
    ("billing", "updated"),
    ("budget", "changed"),
    ("end_user", "blocked"),
    ("rate_plan", "created"),
    ("member", "invited"),
    ("sso", "activated"),
    ("settings", "changed"),
    ("cache", "deleted"),
    ("webhook", "added"),
    ("integration", "disconnected"),
    ("agent", "deployed"),
    ("project", "created"),
    ("export", "exported"),
    ("memory", "viewed"),
];

pub(super) fn entry(number: u64, time: Timestamp) -> Value {
    let (category, action) = ACTIONS[number as usize % ACTIONS.len()];
    let user = USERS[number as usize % USERS.len()];
    let shown = category.replace('_', " ");
    let metadata = match action {
        "updated" | "changed" | "configured" => {
            json!({"before": {"limit": number % 90}, "after": {"limit": number % 90 + 10}})
        }
        _ => json!({}),
    };
    json!({
        "id": id(number), "created_at": format!("{time:.3}"), "category": category, "action": action,
        "description": format!("{user}@example.com {action} {shown} {category}_{}", number % 40),
        "actor_email": format!("{user}@example.com"), "actor_ip": format!("203.0.113.{}", number % 250 + 1),
        "actor_type": "user", "resource_type": category, "resource_id": format!("{category}_{}", number % 40),
        "project_id": (!number.is_multiple_of(3)).then(|| format!("proj_{}", number % 3)), "metadata": metadata,
    })
}

/// The page that is asked for.
///
/// # Errors
/// The message of a 400.
pub(super) fn page(entries: &[Entry], words: &Words, now: Timestamp) -> Result<Value, String> {
    let page = number(words, "page", 1, 1..=u64::MAX)?;
    let size = number(words, "per_page", 50, 1..=100)?;
    let hours = match words.get("time_range").map(String::as_str) {
        Some("1h") => 1,
        None | Some("24h") => 24,
        Some("7d") => 7 * 24,
        Some("30d") => 30 * 24,
        Some("90d") => 90 * 24,
        Some("all") => 1_000_000,
        Some(other) => return Err(format!("invalid time_range {other}")),
    };
    let from = now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN);
    let has = |body: &Value, name: &str| words.get(name).is_none_or(|word| body[name] == **word);
    let found: Vec<&Value> = entries
        .iter()
        .rev()
        .filter(|entry| entry.time >= from)
        .map(|entry| &entry.body)
        .filter(|body| has(body, "category") && has(body, "project_id"))
        .filter(|body| words.get("search").is_none_or(|part| body.to_string().contains(part.as_str())))
        .collect();
    let logs = slice(&found, (page - 1).saturating_mul(size), size);
    let pages = (found.len() as u64).div_ceil(size);
    Ok(json!({
        "logs": logs,
        "pagination": {"page": page, "per_page": size, "total": found.len(), "total_pages": pages},
    }))
}
