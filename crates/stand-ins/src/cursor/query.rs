//! What a request of the Admin API asks for.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use super::event::Event;
use crate::Request;

/// The user name of Basic authentication with an empty password.
pub(super) fn key(request: &Request) -> Option<String> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    pair.strip_suffix(':').map(str::to_owned)
}

/// The parameters of a request.
pub(super) struct Query {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) page: usize,
    pub(super) page_size: usize,
    words: HashMap<String, String>,
}

impl Query {
    /// # Errors
    /// The message of a 400.
    pub(super) fn read(text: &str, now: Timestamp) -> Result<Self, String> {
        let words: HashMap<String, String> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let time = |name: &str, default: Timestamp| match words.get(name) {
            None => Ok(default),
            Some(text) => {
                let from_number = |ms| Timestamp::from_millisecond(ms).ok();
                let read = text.parse().ok().or_else(|| text.parse::<i64>().ok().and_then(from_number));
                read.ok_or_else(|| format!("Invalid {name}"))
            }
        };
        let end = time("endTime", now)?;
        let week = SignedDuration::from_hours(7 * 24);
        let start = time("startTime", now.saturating_sub(week).unwrap_or(now))?;
        if start > end || end.duration_since(start) > SignedDuration::from_hours(30 * 24) {
            return Err("Date range must be 30 days or less".to_owned());
        }
        let number = |name: &str, default: usize, most: usize| match words.get(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if (1..=most).contains(&number) => Ok(number),
                _ => Err(format!("Invalid {name}")),
            },
        };
        let (page, page_size) = (number("page", 1, usize::MAX)?, number("pageSize", 100, 500)?);
        Ok(Self { start, end, page, page_size, words })
    }

    /// Whether an event is asked for.
    pub(super) fn wants(&self, event: &Event) -> bool {
        let is_one_of = |name: &str, value: &str| {
            self.words.get(name).is_none_or(|list| list.split(',').any(|word| word == value))
        };
        (self.start..=self.end).contains(&event.time)
            && is_one_of("eventTypes", event.text("event_type"))
            && is_one_of("users", event.text("user_email"))
            && is_one_of("teamId", event.text("team_id"))
            && self.words.get("search").is_none_or(|part| event.body.to_string().contains(part.as_str()))
    }
}
