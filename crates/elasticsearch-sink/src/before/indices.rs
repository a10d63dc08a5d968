//! The indices behind a data stream, and which of them may have an event.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use elasticsearch::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::time::Instant;

use super::Trouble;
use super::ask::answer;
use crate::client::{Client, Request, segment};

/// How long an answer holds.
const HOLDS: Duration = Duration::from_secs(1);

/// How far the clocks of sources and server may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// The indices behind a data stream, in its order: the last one is written to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Indices {
    all: Vec<Index>,
    /// The next document makes the stream roll over.
    rolls_over: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Index {
    name: Arc<str>,
    /// When it was made, and the one before it written to no more.
    made: Timestamp,
}

impl Indices {
    /// Whether there is, or will be with the next document, an index that is not written to any more.
    pub(super) fn rolled_over(&self) -> bool {
        self.rolls_over || self.all.len() > 1
    }

    /// The indices that may have an event of this time, the newest first. The one that is written to only where
    /// `written` asks for it.
    pub(super) fn may_have(&self, time: Option<Timestamp>, written: bool) -> impl Iterator<Item = &Arc<str>> {
        let ends = self.all.iter().skip(1).map(|next| Some(next.made)).chain([None]);
        let may_have = move |end: Option<Timestamp>| match (end, time) {
            (None, _) => written || self.rolls_over,
            (Some(_), None) => true,
            (Some(end), Some(time)) => time.saturating_sub(SKEW).is_ok_and(|time| time < end),
        };
        let with_end: Vec<_> = self.all.iter().zip(ends).collect();
        with_end.into_iter().rev().filter(move |(_, end)| may_have(*end)).map(|(index, _)| &index.name)
    }
}

/// What is known of data streams.
#[derive(Debug, Default)]
pub(super) struct Streams(Mutex<HashMap<String, (Instant, Arc<Indices>)>>);

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    data_streams: Vec<FoundStream>,
}

#[derive(Deserialize)]
struct FoundStream {
    #[serde(default)]
    indices: Vec<FoundIndex>,
    #[serde(default)]
    rollover_on_write: bool,
}

#[derive(Deserialize)]
struct FoundIndex {
    index_name: String,
}

#[derive(Deserialize)]
struct FoundSettings {
    settings: IndexSettings,
}

#[derive(Deserialize)]
struct IndexSettings {
    index: IndexDate,
}

#[derive(Deserialize)]
struct IndexDate {
    creation_date: String,
}

impl Streams {
    /// The indices of a stream, as they were within the last second, or as they are `now`.
    pub(super) async fn indices(
        &self,
        client: &Client,
        stream: &str,
        now: bool,
    ) -> Result<Arc<Indices>, Trouble> {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(stream).cloned();
        if let Some((asked, indices)) = &before
            && !now
            && asked.elapsed() < HOLDS
        {
            return Ok(Arc::clone(indices));
        }
        let asked = Instant::now();
        let indices = ask(client, stream, before.map(|(_, indices)| indices)).await?;
        let known = (asked, Arc::clone(&indices));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(stream.to_owned(), known);
        Ok(indices)
    }
}

async fn ask(client: &Client, stream: &str, before: Option<Arc<Indices>>) -> Result<Arc<Indices>, Trouble> {
    let path = format!("/_data_stream/{}", segment(stream));
    let only = [("filter_path", "data_streams.indices.index_name,data_streams.rollover_on_write")];
    let Some(found) =
        answer::<Found>(client, &Request { query: &only, ..Request::new(Method::Get, &path) }).await?
    else {
        return Ok(Arc::default());
    };
    let Some(FoundStream { indices, rollover_on_write: rolls_over }) = found.data_streams.into_iter().next()
    else {
        return Ok(Arc::default());
    };
    if let Some(before) = before
        && before.rolls_over == rolls_over
        && before.all.iter().map(|index| &*index.name).eq(indices.iter().map(|index| &*index.index_name))
    {
        return Ok(before);
    }
    let dates = if indices.len() > 1 { dates(client, stream).await? } else { HashMap::new() };
    let all = indices.into_iter().map(|FoundIndex { index_name: name }| {
        // Of one whose age is not known, any event may be in the one before it.
        let made = dates.get(&*name).copied().unwrap_or(Timestamp::MAX);
        Index { name: name.into(), made }
    });
    Ok(Arc::new(Indices { all: all.collect(), rolls_over }))
}

/// When the indices were made, as far as the server tells it.
async fn dates(client: &Client, stream: &str) -> Result<HashMap<String, Timestamp>, Trouble> {
    let path = format!("/{}/_settings/index.creation_date", segment(stream));
    let found =
        match answer::<HashMap<String, FoundSettings>>(client, &Request::new(Method::Get, &path)).await {
            Err(Trouble::Never(_)) => None,
            found => found?,
        };
    let dates = found.unwrap_or_default().into_iter().filter_map(|(name, found)| {
        let milliseconds = found.settings.index.creation_date.parse().ok()?;
        Some((name, Timestamp::from_millisecond(milliseconds).ok()?))
    });
    Ok(dates.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn names(indices: &Indices, at: Option<&str>, written: bool) -> String {
        indices.may_have(at.map(time), written).map(|name| &**name).collect()
    }

    #[test]
    fn an_event_is_in_no_index_that_ended_before_it_happened() {
        let index = |name: &str, made| Index { name: name.into(), made: time(made) };
        let all = || {
            vec![
                index("a", "2026-01-01T00:00:00Z"),
                index("b", "2026-02-01T00:00:00Z"),
                index("c", "2026-03-01T00:00:00Z"),
            ]
        };
        let indices = Indices { all: all(), rolls_over: false };
        for (at, older) in [
            (Some("2025-01-01T00:00:00Z"), "ba"),
            (Some("2026-02-01T00:09:00Z"), "ba"),
            (Some("2026-02-01T00:11:00Z"), "b"),
            (Some("2026-03-01T00:09:00Z"), "b"),
            (Some("2026-03-01T00:11:00Z"), ""),
            (None, "ba"),
        ] {
            assert_eq!(names(&indices, at, false), older, "{at:?}");
            assert_eq!(names(&indices, at, true), format!("c{older}"), "{at:?}");
        }
        let about_to = Indices { all: all(), rolls_over: true };
        assert_eq!(names(&about_to, Some("2026-03-01T00:11:00Z"), false), "c");
        assert!(!Indices::default().rolled_over() && names(&Indices::default(), None, true).is_empty());
    }
}
