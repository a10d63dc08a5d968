//! What the fake cluster does with a request and what it says of it.

use std::time::Duration;

/// One step of the script.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What is done with the items.
    pub apply: Apply,
    /// What the client hears.
    pub say: Say,
}

/// What the cluster does with a request's items.
#[derive(Clone, Debug)]
pub enum Apply {
    /// Takes all of them that are not there yet.
    All,
    /// Does not look at them.
    Nothing,
    /// Treats the first items so, and takes the others.
    Each(Vec<Fate>),
}

/// What becomes of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// 201, or 409 where its id is in the write index.
    Taken,
    /// 201 with `failure_store: used`: kept there, not in the stream.
    Diverted,
    /// This status with an error of this type and reason.
    Refused(u16, &'static str, &'static str),
}

/// What the client hears of what was done.
#[derive(Clone, Debug)]
pub enum Say {
    /// The truth.
    Truth,
    /// The truth, this much later.
    Late(Duration),
    /// Another status, with headers and a body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// The first bytes of the truth under its full `content-length`, then the end of the connection.
    Cut(usize),
    /// A 200 that is this text.
    Garbled(String),
    /// The truth without its last items.
    Fewer(usize),
    /// The truth with its items in another order.
    Shuffled,
    /// Never anything; the connection stays open.
    Silence,
}

impl Reply {
    /// As a healthy cluster.
    pub fn truth() -> Self {
        Self { apply: Apply::All, say: Say::Truth }
    }

    /// Each item by its own fate; those beyond the list are taken.
    pub fn each(fates: impl IntoIterator<Item = Fate>) -> Self {
        Self { apply: Apply::Each(fates.into_iter().collect()), say: Say::Truth }
    }

    /// Nothing is done; a status with an error body in Elasticsearch's form.
    pub fn status(status: u16) -> Self {
        let body = format!(
            r#"{{"error":{{"type":"scripted_exception","reason":"scripted {status}"}},"status":{status}}}"#
        );
        Self { apply: Apply::Nothing, say: Say::Status(status, Vec::new(), body) }
    }

    /// Adds a header to a [`status`](Self::status): `retry-after`, say.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Say::Status(_, headers, _) = &mut self.say {
            headers.push((name, value.to_owned()));
        }
        self
    }

    /// All is taken, and the client hears something else.
    pub fn taken_but(say: Say) -> Self {
        Self { apply: Apply::All, say }
    }
}
