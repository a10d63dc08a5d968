//! Why somebody does not get what they asked for, as a page or as `{"error": …}`.

use std::time::Duration;

use askama::Template;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use store::Role;
use users::Name;

/// A sentence with a status.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// Others can reach the address, and nobody can prove who they are: 403.
    Closed(String),
    /// Nobody said who they are: 401.
    Nobody,
    /// What they said is not true, or not any more: 401.
    Unknown,
    /// It came from a page of another site: 403.
    Elsewhere,
    /// Too many wrong tokens: 429.
    Wait(Duration),
    /// The role does not allow it: 403.
    Role { name: String, role: Role, owners: Vec<Name> },
    /// Users can not be read, or nothing can be written down: 503.
    Broken(String),
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    title: &'static str,
    reason: String,
}

impl Refusal {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Closed(_) | Self::Elsewhere | Self::Role { .. } => StatusCode::FORBIDDEN,
            Self::Nobody | Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What is wrong, and what to do.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Closed(words) | Self::Broken(words) => words.clone(),
            Self::Nobody => "Say who you are: log in at /login, or send a token, Authorization: Bearer tc_….".to_owned(),
            Self::Unknown => "That is no token of an active user: ask an owner for one. Send it as Authorization: Bearer tc_….".to_owned(),
            Self::Elsewhere => "This came from a page of another site: open the page here and send it again.".to_owned(),
            Self::Wait(left) => {
                format!("Too many wrong tokens: try again in {} s.", left.as_secs().max(1))
            }
            Self::Role { name, role, owners } => {
                let owners: Vec<&str> = owners.iter().take(5).map(Name::as_str).collect();
                let whom = if owners.is_empty() { String::new() } else { format!(": {}", owners.join(", ")) };
                format!(
                    "You are {name}, with the role {role}, which neither sees nor exports audit events. Ask an owner of this sidecar \
                     for another role{whom}."
                )
            }
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Closed(_) => "Closed",
            Self::Nobody | Self::Unknown => "Log in",
            Self::Elsewhere => "From another site",
            Self::Wait(_) => "Too many attempts",
            Self::Role { .. } => "Not for your role",
            Self::Broken(_) => "Not now",
        }
    }

    /// For people.
    pub(crate) fn page(&self) -> Response {
        let (title, reason) = (self.title(), self.reason());
        let page = RefusedPage { title, reason: reason.clone() }.render();
        self.with_headers(page.map_or_else(|_| reason.into_response(), |html| Html(html).into_response()))
    }

    /// For programs.
    pub(crate) fn json(&self) -> Response {
        self.with_headers(Json(json!({ "error": self.reason() })).into_response())
    }

    /// Puts the status on a response, and what programs have to know.
    pub(crate) fn with_headers(&self, mut response: Response) -> Response {
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        match self {
            Self::Nobody => {
                headers
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"trailcar\""));
            }
            Self::Unknown => {
                let value = "Bearer realm=\"trailcar\", error=\"invalid_token\"";
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(value));
            }
            Self::Wait(left) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(left.as_secs().max(1)));
            }
            Self::Closed(_) | Self::Elsewhere | Self::Role { .. } | Self::Broken(_) => {}
        }
        response
    }
}
