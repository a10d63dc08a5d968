//! The viewer: pages made on the server, that work without JavaScript.

mod assets;
mod detail;
mod facets;
mod histogram;
mod json;
mod list;
mod status;

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
        .route("/status", get(status::show))
        .fallback(missing)
}

/// Style and script, which the page to log in has as well.
pub(crate) fn assets() -> Router<Arc<App>> {
    Router::new().route("/assets/{name}", get(assets::show))
}

async fn missing() -> PageError {
    PageError::Missing("There is no such page here. The events are at the top page.".to_owned())
}
