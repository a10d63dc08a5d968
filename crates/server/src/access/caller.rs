//! Who a request is from. A handler that asks the store takes a [`Caller`], and there is none unless the door put it there.

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use store::Access;

use crate::page::PageError;

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    access: Access,
}

impl Caller {
    /// For queries of the store.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, PageError> {
        let nobody = || PageError::Internal("this page does not stand behind the door".to_owned());
        parts.extensions.get::<Self>().cloned().ok_or_else(nobody)
    }
}

/// Lets everybody in, as the person at the machine.
pub(crate) async fn open(mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Caller { access: Access::local() });
    next.run(request).await
}
