//! What goes wrong on demand.

use crate::event::Event;

/// What the next answer is in place of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status, with a message as the service gives it.
    Status(u16),
    /// 429, with this `Retry-After`.
    TooMany(Option<String>),
    /// A redirection.
    Redirect(String),
    /// A web page with the status 200, as a proxy sends it.
    WebPage,
    /// The page, cut in its middle.
    Cut,
    /// The page, with so many blanks behind it.
    Padded(usize),
    /// No answer at all (only over HTTP).
    Silence,
    /// An empty page that says that another one follows.
    EmptyWithNext,
    /// The page before the one that was asked for.
    PageBefore,
}

/// What happens to the events between two answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Nothing.
    None,
    /// These show up.
    Add(Vec<Event>),
    /// The one with this id goes.
    Remove(String),
}
