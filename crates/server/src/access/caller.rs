//! Who a request is from. A handler that asks the store takes a [`Caller`], and there is none unless the door put it there.

use std::future::Future;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use journal::{Entry, Exported, JournalError, Outcome, Recorder, Who};
use store::Access;
use store::export::{ExportError, Manifest};

use super::looks::told;
use crate::page::PageError;

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    access: Access,
    who: Who,
    recorder: Option<Recorder>,
    has_session: bool,
}

impl Caller {
    /// Somebody, with what the journal is told of them.
    pub(super) fn new(access: Access, who: Who, recorder: Option<Recorder>, has_session: bool) -> Self {
        Self { access, who, recorder, has_session }
    }

    /// For queries of the store.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// For the journal.
    pub(super) fn who(&self) -> &Who {
        &self.who
    }

    /// Runs something as this caller, so that its pages can say who is here.
    pub(super) async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Writes down what an export holds, or that it broke off, before its last bytes go out. Waits for the disk.
    ///
    /// # Errors
    /// That of the export; or nothing can be written down, and the export must not end well.
    pub(crate) fn exported(
        &self,
        query: &str,
        written: Result<Exported, ExportError>,
    ) -> Result<(), ExportError> {
        let Some(recorder) = &self.recorder else { return written.map(drop) };
        let (action, outcome) = match written {
            Ok(_) => ("export_completed", Outcome::Success),
            Err(_) => ("export_broken_off", Outcome::Failure),
        };
        let entry = Entry {
            action,
            outcome,
            who: self.who.clone(),
            query: Some(query.to_owned()),
            reason: written.as_ref().err().map(ToString::to_string),
            export: written.as_ref().ok().cloned(),
            ..Entry::default()
        };
        let recorded =
            recorder.record(&entry).map_err(|error| ExportError::Output(std::io::Error::other(error)));
        written.and(recorded)
    }

    /// Writes down that this caller changes something, before that is done. Waits for the disk.
    ///
    /// # Errors
    /// Nothing can be written down, and it must not be done.
    pub(crate) fn changes(&self, action: &'static str, id: &str, path: &str) -> Result<(), JournalError> {
        let Some(recorder) = &self.recorder else { return Ok(()) };
        recorder.record(&Entry {
            action,
            who: self.who.clone(),
            path: Some(told(path)),
            definition: Some(told(id)),
            ..Entry::default()
        })
    }
}

/// What the journal is told of an export.
pub fn exported(manifest: &Manifest) -> Exported {
    Exported {
        format: manifest.format().name(),
        events: manifest.events,
        bytes: manifest.bytes,
        sha256: manifest.sha256.clone(),
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, PageError> {
        let nobody = || PageError::Internal("this page does not stand behind the door".to_owned());
        parts.extensions.get::<Self>().cloned().ok_or_else(nobody)
    }
}

tokio::task_local! {
    static CURRENT: Caller;
}

/// Who a page is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nobody yet, as on the page to log in.
    Outside,
    /// Whoever uses this machine, since there are no users.
    Open,
    /// A user; with a session, which can be ended.
    User {
        /// Their name.
        name: String,
        /// Their role.
        role: String,
        /// Whether they logged in on a page.
        has_session: bool,
    },
}

/// Who the page is for that is made now: the header of every page says it.
pub(crate) fn standing() -> Standing {
    let standing = CURRENT.try_with(|caller| match (caller.access.name(), caller.access.role()) {
        (Some(name), Some(role)) => {
            Standing::User { name: name.to_owned(), role: role.to_string(), has_session: caller.has_session }
        }
        _ => Standing::Open,
    });
    standing.unwrap_or(Standing::Outside)
}
