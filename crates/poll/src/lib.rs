//! Asks an HTTP service for its audit log, page by page, so that every event comes once.
//!
//! The service is asked for one *window* of time after the other, the oldest first, each page by page. What is asked
//! next and what is new in an answer is decided by `walk`, which knows neither network nor clock; [`Poller`] gives it
//! both. A page becomes a batch, and with the last page of a window the collected time, the *mark*, moves. What is
//! particular to a service (its address, parameters, form of pages, limits, and the advice for its failures) it says
//! by [`Service`].
//!
//! # Nothing is lost, nothing is doubled
//! - A window's two ends are fixed while its pages are read. Items that come or go meanwhile shift the others between
//!   pages; that shows in the total and in repeated ids, and then the window is read again. Of a service that takes no
//!   ends and shows the newest first ([`Order::NewestFirst`]), new items push the others to later pages, which are read
//!   all the same.
//! - Windows reach back over the mark by `overlap`, and ids that were seen there are skipped. So an event that the
//!   service shows late, by no more than that, is found; an empty answer never moves the mark.
//! - An error moves nothing.
//!
//! What is kept between runs is in `checkpoint`: the mark, the ids seen near it, and how far the window under way is.

mod answer;
mod check;
mod checkpoint;
mod client;
mod config;
mod exchange;
mod key;
mod pass;
mod poller;
mod progress;
mod retry_after;
mod seen;
mod service;
mod trace;
mod trouble;
mod walk;

pub use answer::{Ident, Page};
pub use check::{Reply, ask};
pub use checkpoint::CheckpointError;
pub use client::Client;
pub use config::{Begin, Config, Tls, Until};
pub use key::{Key, fault_in_header};
pub use poller::{Clock, Pages, Poller};
pub use progress::Progress;
pub use service::{Address, Advice, KeyRules, Order, Rules, Service, allowances};
pub use trace::TraceConfig;
pub use trouble::Trouble;
pub use walk::Query;
