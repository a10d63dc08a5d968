//! `GET /api/v1/audit-logs`, as promptfoo's: a client written for promptfoo works unchanged.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{DerivedFilter, Event, Filter, Values};

use super::fields::{
    ACTION, ACTOR_EMAIL, ACTOR_ID, ACTOR_NAME, Entry, ORGANIZATION, TARGET, TARGET_ID, TARGETS, TEAM,
};
use super::parameters::Parameters;
use super::{ApiError, Pairs, store};
use crate::access::Caller;
use crate::page::PageError;
use crate::{App, ask};

/// What may be asked.
pub(super) const PARAMETERS: [&str; 7] =
    ["limit", "offset", "createdAtGte", "createdAtLte", "action", "target", "actorId"];

/// A page of the log.
#[derive(Serialize)]
pub(super) struct Logs {
    total: u64,
    limit: usize,
    offset: u64,
    logs: Vec<Log>,
}

/// An entry. Texts that an event does not have are empty; `metadata` and `teamId` are null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Log {
    id: String,
    description: String,
    actor_id: String,
    actor_name: String,
    actor_email: String,
    action: String,
    action_display_name: String,
    target: String,
    target_id: String,
    metadata: Option<Box<RawValue>>,
    organization_id: String,
    team_id: Option<String>,
    created_at: String,
}

impl Log {
    /// Reads the fields of an event.
    pub(super) fn of(event: &Event) -> Self {
        let entry = Entry::new(event);
        Self {
            id: entry.id(),
            description: entry.description(),
            actor_id: entry.text(ACTOR_ID),
            actor_name: entry.text(ACTOR_NAME),
            actor_email: entry.text(ACTOR_EMAIL),
            action: entry.text(ACTION),
            action_display_name: entry.display_name(),
            target: entry.text(TARGET),
            target_id: entry.text(TARGET_ID),
            metadata: entry.metadata(),
            organization_id: entry.text(ORGANIZATION),
            team_id: entry.optional(TEAM),
            created_at: entry.time(),
        }
    }
}

/// Answers a request.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    pairs: Pairs,
) -> Result<Json<Logs>, ApiError> {
    let Query(pairs) = pairs?;
    let parameters = Parameters::read(&pairs, &PARAMETERS)?;
    let limit = parameters.number("limit", 1..=100, 20)?;
    let offset = parameters.number("offset", 0..=u64::MAX, 0)?;
    let filter = filter(&parameters)?;
    let logs = ask(store(&app)?, move |store| {
        let slice = store.slice(caller.access(), &filter, offset, limit)?;
        Ok(Logs { total: slice.total, limit, offset, logs: slice.events.iter().map(Log::of).collect() })
    });
    Ok(Json(logs.await?))
}

fn filter(parameters: &Parameters<'_>) -> Result<Filter, PageError> {
    let owned = |text: &str| vec![text.to_owned()];
    let mut derived = Vec::new();
    if let Some(target) = parameters.choice("target", &TARGETS)? {
        derived.push(DerivedFilter { rules: TARGET, values: owned(target) });
    }
    if let Some(actor) = parameters.text("actorId") {
        derived.push(DerivedFilter { rules: ACTOR_ID, values: owned(actor) });
    }
    Ok(Filter {
        derived,
        from: parameters.time("createdAtGte")?.map(first_from),
        to: parameters.time("createdAtLte")?.map(first_behind),
        ..Filter::from(Values {
            actions: parameters.text("action").map(owned).unwrap_or_default(),
            ..Values::default()
        })
    })
}

/// Entries show milliseconds, so both ends count by what is shown: the first time that is shown as this one or later.
fn first_from(time: Timestamp) -> Timestamp {
    let cut = cut(time);
    if cut == time { time } else { first_behind(time) }
}

/// The first time that is shown as later than this one.
fn first_behind(time: Timestamp) -> Timestamp {
    cut(time).checked_add(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX)
}

fn cut(time: Timestamp) -> Timestamp {
    let over = time.as_nanosecond().rem_euclid(1_000_000);
    Timestamp::from_nanosecond(time.as_nanosecond() - over).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_count_by_the_milliseconds_that_are_shown() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        for (given, from, behind) in [
            ("2026-05-04T11:14:58.922Z", "2026-05-04T11:14:58.922Z", "2026-05-04T11:14:58.923Z"),
            ("2026-05-04T11:14:58.9225Z", "2026-05-04T11:14:58.923Z", "2026-05-04T11:14:58.923Z"),
            ("1960-01-01T00:00:00.0005Z", "1960-01-01T00:00:00.001Z", "1960-01-01T00:00:00.001Z"),
        ] {
            assert_eq!((first_from(time(given)), first_behind(time(given))), (time(from), time(behind)));
        }
        assert_eq!(first_behind(Timestamp::MAX), Timestamp::MAX);
    }
}
