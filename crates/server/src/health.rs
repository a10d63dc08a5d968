//! `/healthz` and `/readyz`, as container platforms ask them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deliver::Health;

use crate::App;

/// 200 while the process can answer at all.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// 200 while events get through; else 503 with a line for everything that does not work. A failure that may pass by
/// itself counts as well: nothing gets through meanwhile.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    let failing = failing(&app);
    if failing.is_empty() {
        return "ok\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, failing.join("\n") + "\n").into_response()
}

/// What does not work, a line each.
pub(crate) fn failing(app: &App) -> Vec<String> {
    let Some(status) = &app.status else { return Vec::new() };
    let snapshot = status.snapshot();
    let mut lines: Vec<String> = Vec::new();
    let named = [(app.destination, &snapshot.destination), ("ledger", &snapshot.ledger)];
    for (what, health) in named {
        lines.extend(failure(health).map(|reason| format!("{what}: {reason}")));
    }
    for source in &snapshot.sources {
        lines.extend(failure(&source.health).map(|reason| format!("source {}: {reason}", source.source.id)));
    }
    lines
}

/// Why something does not work, with the time since when.
pub(crate) fn failure(health: &Health) -> Option<String> {
    match health {
        Health::Healthy => None,
        Health::Retrying { since, reason } | Health::Unhealthy { since, reason } => {
            Some(format!("{} (since {since:.0})", one_line(reason)))
        }
    }
}

/// Control characters can come from far away; they do not reach terminals and logs.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
