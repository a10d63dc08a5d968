//! `GET /api/organizations/{slug}/audit-logs`, as the one that Cencori's dashboard asks.
//!
//! The store keeps one log for all, so the slug chooses nothing; whatever stands there has to be one.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use store::{DerivedFilter, Event, Filter};

use super::fields::{
    ACTOR, ACTOR_IP, ACTOR_TYPE, CATEGORIES, CATEGORY, Entry, RESOURCE_TYPE, SHORT_ACTION, TARGET, TARGET_ID,
    TEAM,
};
use super::parameters::Parameters;
use super::{ApiError, Pairs, cencori_export, store};
use crate::access::Caller;
use crate::page::PageError;
use crate::question::{PRESETS, encode};
use crate::{App, ask};

/// What may be asked.
pub(super) const PARAMETERS: [&str; 7] =
    ["category", "time_range", "search", "project_id", "page", "per_page", "format"];

/// The longest slug.
const MAX_SLUG: usize = 100;
/// Entries on a page, where nobody says.
const PER_PAGE: u64 = 50;
/// The most entries on a page.
const MAX_PER_PAGE: u64 = 100;
/// The last page that can be asked for; no store has as many events as there are before it.
const MAX_PAGE: u64 = u32::MAX as u64;

/// A page of the log.
#[derive(Serialize)]
pub(super) struct Answer {
    logs: Vec<Log>,
    pagination: Pagination,
}

/// Where the page is.
#[derive(Serialize)]
struct Pagination {
    page: u64,
    per_page: u64,
    total: u64,
    total_pages: u64,
}

/// An entry. Texts that an event does not have are empty; `project_id` is null and `metadata` an empty object.
#[derive(Serialize)]
pub(super) struct Log {
    id: String,
    created_at: String,
    category: String,
    action: String,
    description: String,
    actor_email: String,
    actor_ip: String,
    actor_type: String,
    resource_type: String,
    resource_id: String,
    project_id: Option<String>,
    #[serde(serialize_with = "or_empty")]
    metadata: Option<Box<RawValue>>,
}

/// What the fields are called.
pub(super) const COLUMNS: [&str; 12] = [
    "id",
    "created_at",
    "category",
    "action",
    "description",
    "actor_email",
    "actor_ip",
    "actor_type",
    "resource_type",
    "resource_id",
    "project_id",
    "metadata",
];

/// An object, be it empty.
fn or_empty<S: Serializer>(object: &Option<Box<RawValue>>, serializer: S) -> Result<S::Ok, S::Error> {
    match object {
        Some(object) => object.serialize(serializer),
        None => serializer.serialize_map(Some(0))?.end(),
    }
}

impl Log {
    /// Reads the fields of an event.
    pub(super) fn of(event: &Event) -> Self {
        let entry = Entry::new(event);
        Self {
            id: entry.id(),
            created_at: entry.time(),
            category: entry.text(CATEGORY),
            action: entry.text(SHORT_ACTION),
            description: entry.description(),
            actor_email: entry.text(ACTOR),
            actor_ip: entry.text(ACTOR_IP),
            actor_type: entry.text(ACTOR_TYPE),
            resource_type: entry.optional(RESOURCE_TYPE).unwrap_or_else(|| entry.text(TARGET).to_lowercase()),
            resource_id: entry.text(TARGET_ID),
            project_id: entry.optional(TEAM),
            metadata: entry.metadata(),
        }
    }
}

impl Log {
    /// Its fields as texts, in the order of [`COLUMNS`]; `metadata` as JSON.
    pub(super) fn cells(&self) -> [&str; 12] {
        [
            &self.id,
            &self.created_at,
            &self.category,
            &self.action,
            &self.description,
            &self.actor_email,
            &self.actor_ip,
            &self.actor_type,
            &self.resource_type,
            &self.resource_id,
            self.project_id.as_deref().unwrap_or_default(),
            self.metadata.as_ref().map_or("{}", |metadata| metadata.get()),
        ]
    }
}

/// Answers a request.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    slug: Result<Path<String>, PathRejection>,
    pairs: Pairs,
) -> Result<Response, ApiError> {
    let Path(slug) = slug?;
    check_slug(&slug)?;
    let Query(pairs) = pairs?;
    let parameters = Parameters::read(&pairs, &PARAMETERS)?;
    let page = parameters.number("page", 1..=MAX_PAGE, 1)?;
    let per_page = parameters.number("per_page", 1..=MAX_PER_PAGE, PER_PAGE)?;
    let format = parameters.choice("format", &["csv", "json"])?;
    let filter = filter(&parameters, Timestamp::now())?;
    let store = store(&app)?;
    if let Some(format) = format {
        return cencori_export::download(store, caller, &slug, filter, format, written(&pairs)).await;
    }
    let answer = ask(store, move |store| {
        let slice = store.slice(caller.access(), &filter, (page - 1) * per_page, per_page as usize)?;
        let total = slice.total;
        let pagination = Pagination { page, per_page, total, total_pages: total.div_ceil(per_page) };
        Ok(Answer { logs: slice.events.iter().map(Log::of).collect(), pagination })
    });
    Ok(Json(answer.await?).into_response())
}

/// The query again, for the journal.
fn written(pairs: &[(String, String)]) -> String {
    let parts: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    parts.join("&")
}

fn check_slug(slug: &str) -> Result<(), PageError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if slug.len() <= MAX_SLUG && slug.bytes().all(fits) {
        return Ok(());
    }
    Err(PageError::Missing(format!(
        "There is no such organization: a slug has letters, digits, '-', '_' and '.', at most {MAX_SLUG}."
    )))
}

fn filter(parameters: &Parameters<'_>, now: Timestamp) -> Result<Filter, PageError> {
    let owned = |text: &str| vec![text.to_owned()];
    let mut derived = Vec::new();
    if let Some(category) = parameters.choice("category", &CATEGORIES)? {
        derived.push(DerivedFilter { rules: CATEGORY, values: owned(category) });
    }
    if let Some(project) = parameters.text("project_id") {
        derived.push(DerivedFilter { rules: TEAM, values: owned(project) });
    }
    let ranges: Vec<&str> = PRESETS.iter().map(|(name, ..)| *name).chain(["all"]).collect();
    let range = parameters.choice("time_range", &ranges)?;
    let hours = PRESETS.iter().find(|(name, ..)| Some(*name) == range).map(|(.., hours)| *hours);
    Ok(Filter {
        derived,
        from: hours.and_then(|hours| now.checked_sub(SignedDuration::from_hours(hours)).ok()),
        text: parameters.text("search").unwrap_or_default().to_owned(),
        ..Filter::default()
    })
}
