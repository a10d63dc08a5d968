//! The sidecar's HTTP side.
//!
//! `/healthz` says that the process lives, `/readyz` whether events get through, `/metrics` how many; the viewer
//! shows what the embedded store holds, or says where to look when there is none.
//!
//! # Who may come in
//! With users, who proves to be one: see `access`. Without, the viewer is open on a loopback address, to whoever uses the
//! machine, and nowhere else: on any other address the server has health and metrics only. While it is open, the `Host`
//! header must name loopback too, so that a page from elsewhere can not reach the viewer by having its own name resolve to it.
//!
//! Reading order: [`listener`] (routes), `access` (the door before them), `health`, `metrics`, [`question`] (what is asked), then
//! `viewer`: the list of events (`list`), one event (`detail`), what somebody did (`history`), what is under way (`sources`,
//! `balance`, `quarantine`); `api`, the same for programs; and `elasticsearch`, its calls for pipelines. Where events are kept elsewhere, [`Elsewhere`] is asked for the
//! last of them.

mod access;
mod api;
mod ask;
mod elasticsearch;
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

pub use access::exported;
use ask::ask;
pub use elsewhere::Elsewhere;
pub use listener::{App, Server};
pub use question::{Question, QuestionError, query_text};
