//! The interfaces for programs: the sidecar's own (`events`, `export`), and those of promptfoo and Cencori over everything
//! that is stored.
//!
//! What is given out under which name is in `fields`; what may be asked, in `parameters`; `error` is what a wrong question
//! gets. Everything is described in `openapi.json`, which tests hold to the routes.

mod cencori;
mod cencori_export;
mod error;
mod events;
mod export;
mod fields;
mod openapi;
mod parameters;
mod promptfoo;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::routing::{MethodRouter, any, get};
use store::Store;

use crate::App;
use crate::page::PageError;
use error::ApiError;
pub(crate) use events::split;
pub(crate) use export::query as export_query;
pub(crate) use parameters::Parameters;

/// Names and values, in their order.
type Given = Vec<(String, String)>;
/// Those of a URL's query.
type Pairs = Result<Query<Given>, QueryRejection>;

/// Every route.
fn table() -> [(&'static str, MethodRouter<Arc<App>>); 6] {
    [
        ("/api/v1/audit-logs", get(promptfoo::show)),
        ("/api/organizations/{slug}/audit-logs", get(cencori::show)),
        ("/api/events", get(events::show)),
        ("/api/events/export", get(export::show)),
        ("/api/events/export/manifest", get(export::manifest)),
        ("/api/openapi.json", get(openapi::show)),
    ]
}

/// The routes, and an answer for everything else under `/api`.
pub(crate) fn routes() -> Router<Arc<App>> {
    let missing = ["/api", "/api/", "/api/{*path}"].map(|path| (path, any(missing)));
    table().into_iter().chain(missing).fold(Router::new(), |router, (path, route)| router.route(path, route))
}

async fn missing() -> ApiError {
    PageError::Missing(
        "There is no such interface here; /api/openapi.json describes those that there are.".to_owned(),
    )
    .into()
}

/// The store, when events are kept here.
fn store(app: &App) -> Result<&Store, PageError> {
    app.store.as_ref().ok_or_else(|| {
        PageError::Missing(format!(
            "No event is kept here: the output of this sidecar is {}, so ask there.",
            app.destination
        ))
    })
}
