//! The viewer: pages made on the server, that work without JavaScript.
//!
//! `list` and `detail` show events, `history` what somebody did or what was done to something, `sources`, `balance` and
//! `quarantine` what is under way; `elsewhere` asks another destination for the same, or says who can tell. The rest is what pages
//! are made of: rows (`line`), fields (`fields`), differences (`changes`), facets, bars, times, and the parts of a question (`chips`).

mod assets;
mod balance;
mod changes;
mod chips;
mod detail;
mod elsewhere;
mod facets;
mod fields;
mod histogram;
mod history;
mod json;
mod line;
mod list;
mod quarantine;
mod sources;
mod times;
mod visible;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::App;
use crate::page::PageError;

/// The viewer's routes.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(list::show))
        .route("/events/{stream}/{id}", get(detail::show))
        .route("/documents/{stream}/{id}", get(detail::raw))
        .route("/actors/{name}", get(history::actor))
        .route("/resources/{name}", get(history::resource))
        .route("/failed-logins", get(history::failed_logins))
        .route("/quarantine", get(quarantine::show))
        .route("/quarantine/{number}", get(quarantine::held))
        .route("/sources", get(sources::show))
        .route("/balance", get(balance::show))
        .fallback(missing)
}

/// Style and script, which the page to log in has as well.
pub(crate) fn assets() -> Router<Arc<App>> {
    Router::new().route("/assets/{name}", get(assets::show))
}

async fn missing() -> PageError {
    PageError::Missing("There is no such page here. The pages that there are stand above.".to_owned())
}
