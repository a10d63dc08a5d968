//! The sidecar's HTTP side.
//!
//! `/healthz` says that the process lives, `/readyz` whether events get through, `/metrics` how many; the viewer
//! shows what the embedded store holds, or says where to look when there is none.
//!
//! # Who may come in
//! There are no users yet. So the viewer is open on a loopback address, to whoever uses the machine, and nowhere else:
//! on any other address the server has health and metrics only. On loopback the `Host` header must name loopback too,
//! so that a page from elsewhere can not reach the viewer by having its own name resolve to it ([`guard`]).
//!
//! Reading order: [`listener`] (routes and their guard), `health`, `metrics`, [`question`] (what is asked), then `viewer`: the
//! list of events (`list`), one event (`detail`), what somebody did (`history`), what is under way (`sources`, `balance`,
//! `quarantine`); and `api`, the same for programs. Where events are kept elsewhere, [`Elsewhere`] is asked for the last of them.

mod access;
mod api;
mod ask;
mod elsewhere;
pub mod guard;
mod health;
pub mod listener;
mod metrics;
mod page;
pub mod question;
mod stream;
#[cfg(test)]
mod tests;
mod viewer;

use ask::ask;
pub use elsewhere::Elsewhere;
pub use listener::{App, Server};
pub use question::{Question, QuestionError};
