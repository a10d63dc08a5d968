//! A page of the service's answer: where its events stand, and no more of them than an id and a time.

use std::ops::Range;

use bytes::Bytes;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::seen::Id;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The answer as it came.
    pub(crate) body: Bytes,
    /// Its events, in their order.
    pub(crate) items: Vec<Item>,
    /// Events in the whole window.
    pub(crate) total: Option<u64>,
    /// Pages in the whole window.
    pub(crate) pages: Option<u64>,
    /// Whether the service says that another page follows; nothing when it does not say.
    pub(crate) has_next: Option<bool>,
}

/// An event of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// Its bytes in the body.
    pub(crate) span: Range<usize>,
    pub(crate) id: Id,
    pub(crate) time: Option<Timestamp>,
}

/// What tells one event from another. Values of any kind: what they should be is not this room's to judge.
#[derive(Debug, Default)]
pub struct Ident {
    /// Its id.
    pub id: Option<Value>,
    /// When it happened.
    pub time: Option<Value>,
}

impl Page {
    /// A page with these events, which stand in its body. `I` is the form in which an event says its id and time.
    ///
    /// # Panics
    /// When an event does not stand in the body.
    pub fn of<I: DeserializeOwned + Into<Ident>>(body: &Bytes, events: &[&RawValue]) -> Self {
        let items = events.iter().map(|event| {
            let ident = serde_json::from_str::<I>(event.get()).map(Into::into).unwrap_or_default();
            Item::of(event.get(), body, &ident)
        });
        Self { items: items.collect(), total: None, pages: None, has_next: None, body: body.clone() }
    }

    /// Says how many events the whole window has.
    #[must_use]
    pub fn with_total(self, total: Option<u64>) -> Self {
        Self { total, ..self }
    }

    /// Says how many pages it has.
    #[must_use]
    pub fn with_pages(self, pages: Option<u64>) -> Self {
        Self { pages, ..self }
    }

    /// Says whether another page follows.
    #[must_use]
    pub fn with_next(self, has_next: Option<bool>) -> Self {
        Self { has_next, ..self }
    }

    /// Without the events before a time, of a service that takes no start and shows the newest first: once there is
    /// one, no page that follows matters.
    #[must_use]
    pub fn since(mut self, start: Timestamp) -> Self {
        let all = self.items.len();
        self.items.retain(|item| item.time.is_none_or(|time| time >= start));
        if self.items.len() < all {
            self.has_next = Some(false);
        }
        self
    }

    /// Its events, as they came.
    pub fn events(&self) -> impl Iterator<Item = &[u8]> {
        self.items.iter().map(|item| &self.body[item.span.clone()])
    }

    /// When its events happened, where they say so.
    pub fn times(&self) -> impl Iterator<Item = Option<Timestamp>> {
        self.items.iter().map(|item| item.time)
    }

    /// Events in the whole window, as the service counts them.
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

impl Item {
    fn of(event: &str, body: &Bytes, ident: &Ident) -> Self {
        let start = event.as_ptr() as usize - body.as_ptr() as usize;
        let id = match &ident.id {
            Some(Value::String(text)) if !text.is_empty() => Id::of(text.as_bytes()),
            Some(Value::Number(number)) => Id::of(number.to_string().as_bytes()),
            _ => Id::of(event.as_bytes()),
        };
        let time = match &ident.time {
            Some(Value::String(text)) => text.parse().ok(),
            Some(Value::Number(ms)) => ms.as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            _ => None,
        };
        Self { span: start..start + event.len(), id, time }
    }
}
