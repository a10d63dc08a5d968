//! Events as the Admin API has them.

use jiff::Timestamp;
use serde_json::{Value, json};

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its time, by which windows are filled.
    pub time: Timestamp,
    /// As it is sent.
    pub body: Value,
}

impl Event {
    /// Its id.
    pub fn id(&self) -> &str {
        self.text("event_id")
    }

    pub(super) fn text(&self, key: &str) -> &str {
        self.body[key].as_str().unwrap_or_default()
    }
}

/// The `number`th of an endless row of events. Every other one has the newer shape, with `application_type` and
/// `team_id`. Addresses are those of the documentation.
pub fn sample(number: u64, time: Timestamp) -> Event {
    let user = ["ada", "grace", "edsger", "barbara"][number as usize % 4];
    let (kind, data) = match number % 7 {
        0 => ("login", json!({"login_type": "sso"})),
        1 => ("add_user", json!({"email": format!("new-{number}@example.com"), "role": "Member"})),
        2 => ("team_settings", json!({"setting": "allow_usage", "previous": false, "new": true})),
        3 => ("user_spend_limit", json!({"userEmail": "ada@example.com", "spendLimitDollars": "50"})),
        4 => (
            "update_user_role",
            json!({"email": "grace@example.com", "previous_role": "member", "new_role": "owner"}),
        ),
        5 => ("mcp_server_config", json!({"action": "update", "server_name": "docs", "server_type": "http"})),
        _ => ("logout", json!({})),
    };
    let mut body = json!({
        "event_id": format!("00000000-0000-4000-8000-{number:012x}"),
        "timestamp": format!("{time:.3}"),
        "ip_address": format!("203.0.113.{}", number % 250 + 1),
        "user_email": format!("{user}@example.com"),
        "event_type": kind,
        "event_data": data,
    });
    if number % 2 == 1 {
        body["application_type"] = "cursor".into();
        body["team_id"] = format!("{}", 1 + number % 3).into();
    }
    Event { time, body }
}
