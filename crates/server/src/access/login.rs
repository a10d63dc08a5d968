//! The page to log in, and logging out.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, middleware};
use journal::{Entry, Outcome, Who};
use percent_encoding::percent_decode_str;
use users::{Name, User};

use super::credentials::{self, Credentials};
use super::door::{Door, agent};
use super::refusal::Refusal;
use super::sessions::LIFETIME;
use super::{account, pass};
use crate::guard::Exposure;

/// The form is no longer than this.
const MAX_FORM: usize = 8 << 10;
/// The longest address to go back to.
const MAX_NEXT: usize = 4 << 10;
/// One sentence for a wrong name, a wrong token, and a user who may come in no more.
const WRONG: &str = "Name and token do not belong together, or the user is disabled. An owner can give a new token: trailcar user rotate.";

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    next: String,
    name: String,
    wrong: Option<String>,
    /// Whether a browser would throw the cookie away, and what to do.
    is_insecure: bool,
}

/// The routes that stand before the door, and `/access` behind it.
pub(crate) fn routes(door: Arc<Door>) -> Router {
    let behind = Router::new()
        .route("/access", get(account::show))
        .layer(middleware::from_fn_with_state(Arc::clone(&door), pass));
    Router::new()
        .route("/login", get(show).post(log_in))
        .route("/logout", axum::routing::post(log_out))
        .merge(behind)
        .with_state(door)
}

/// Answers `GET /login`.
async fn show(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    query: Result<Query<BTreeMap<String, String>>, QueryRejection>,
) -> Response {
    let next = query.ok().and_then(|Query(query)| query.get("next").cloned()).unwrap_or_default();
    match door.users().exist() {
        Ok(true) => page(&door, &headers, &next, "", None),
        Ok(false) if door.exposure() == Exposure::Local => Redirect::to(within(&next)).into_response(),
        Ok(false) => Refusal::Closed(door.exposure().words(false)).page(),
        Err(error) => Refusal::Broken(error.to_string()).page(),
    }
}

fn page(door: &Door, headers: &HeaderMap, next: &str, name: &str, refusal: Option<&Refusal>) -> Response {
    let is_tls = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let page = LoginPage {
        next: within(next).to_owned(),
        name: name.to_owned(),
        wrong: refusal.map(|refusal| match refusal {
            Refusal::Unknown => WRONG.to_owned(),
            other => other.reason(),
        }),
        is_insecure: door.cookie(headers).0 && !is_tls,
    };
    let response = page
        .render()
        .map_or_else(|error| Refusal::Broken(error.to_string()).page(), |html| Html(html).into_response());
    match refusal {
        Some(refusal) => refusal.with_headers(response),
        None => response,
    }
}

/// Answers `POST /login`.
async fn log_in(State(door): State<Arc<Door>>, request: Request) -> Response {
    let address = door.address(&request);
    let headers = request.headers().clone();
    let Ok(body) = axum::body::to_bytes(request.into_body(), MAX_FORM).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "The form is too long.\n").into_response();
    };
    let form = form(&body);
    let field = |name: &str| form.get(name).map_or("", |value| value.trim());
    let (name, token, next) = (field("name"), field("token"), field("next"));
    let mut who = Who { by: Some("page"), address, agent: agent(&headers), ..Who::default() };
    let attempt = match is_from_here(&headers) {
        false => Err(Refusal::Elsewhere),
        true => attempt(&door, address, name, token),
    };
    let user = match attempt {
        Ok(user) => user,
        Err(refusal) => {
            let name = tellable(&door, name).unwrap_or_default();
            who.name = Some(name.clone()).filter(|name| !name.is_empty());
            let each = matches!(refusal, Refusal::Unknown);
            let entry = Entry {
                action: "login",
                outcome: Outcome::Failure,
                who,
                status: Some(refusal.status().as_u16()),
                reason: Some(if each { "wrong name or token".to_owned() } else { refusal.reason() }),
                ..Entry::default()
            };
            let refusal = door.record(entry, each).await.err().unwrap_or(refusal);
            return page(&door, &headers, next, &name, Some(&refusal));
        }
    };
    who = Who { name: Some(user.name.to_string()), role: Some(user.role.as_str()), ..who };
    if let Err(broken) = door.record(Entry { action: "login", who, ..Entry::default() }, true).await {
        return page(&door, &headers, next, name, Some(&broken));
    }
    begin(&door, &headers, &user, next)
}

/// The user of a name and a token.
fn attempt(door: &Door, address: Option<std::net::IpAddr>, name: &str, token: &str) -> Result<User, Refusal> {
    let counted = Name::new(name).ok();
    let counted = counted.as_ref().map(Name::as_str);
    if let Some(left) = door.throttle.wait(address, counted) {
        return Err(Refusal::Wait(left));
    }
    let found = door.users().by_token(token).map_err(|error| Refusal::Broken(error.to_string()))?;
    found.filter(|user| user.name.as_str() == name).ok_or_else(|| {
        door.throttle.failed(address, counted);
        Refusal::Unknown
    })
}

/// The name that was tried, for the journal and the page; not when it could be a token in the wrong field.
fn tellable(door: &Door, name: &str) -> Option<String> {
    let name = Name::new(name).ok()?;
    let is_known = || door.users().list().is_ok_and(|users| users.iter().any(|user| user.name == name));
    let is_short = name.as_str().len() < 40 && !name.as_str().starts_with("tc_");
    (is_short || is_known()).then(|| name.to_string())
}

/// Begins a session and goes back to where somebody came from.
fn begin(door: &Door, headers: &HeaderMap, user: &User, next: &str) -> Response {
    let Some(token) = user.hash else { return Refusal::Unknown.page() };
    let cookie = match door.sessions.begin(&user.name, token) {
        Ok(cookie) => cookie,
        Err(error) => return Refusal::Broken(error.to_string()).page(),
    };
    let (is_secure, name) = door.cookie(headers);
    let value = set_cookie(&name, cookie.expose(), LIFETIME.as_secs(), is_secure);
    ([(header::SET_COOKIE, value)], Redirect::to(within(next))).into_response()
}

fn set_cookie(name: &str, value: &str, seconds: u64, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// Answers `POST /logout`.
async fn log_out(State(door): State<Arc<Door>>, request: Request) -> Response {
    let headers = request.headers();
    if !is_from_here(headers) {
        return Refusal::Elsewhere.page();
    }
    let (is_secure, name) = door.cookie(headers);
    let Credentials::Cookie(cookie) = credentials::read(headers, &name) else {
        return Redirect::to("/login").into_response();
    };
    if let Some((user, _)) = door.sessions.find(cookie) {
        door.sessions.end(cookie);
        let who = Who {
            name: Some(user.to_string()),
            by: Some("page"),
            address: door.address(&request),
            agent: agent(headers),
            ..Who::default()
        };
        if let Err(broken) = door.record(Entry { action: "logout", who, ..Entry::default() }, true).await {
            return broken.page();
        }
    }
    let gone = set_cookie(&name, "", 0, is_secure);
    ([(header::SET_COOKIE, gone)], Redirect::to("/login")).into_response()
}

/// Whether a form was sent from a page of this server, as browsers tell; a program that is no browser tells nothing.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let authority = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
    authority.is_some() && authority == text(header::HOST)
}

/// Where to go after the login: a page of this server, whatever was asked.
fn within(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_door = ["/login", "/logout"].iter().any(|door| next.starts_with(door));
    if is_path && is_plain && !is_door && next.len() <= MAX_NEXT { next } else { "/" }
}

/// The fields of a form; of several with one name the last.
fn form(body: &Bytes) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(body);
    let decoded = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let fields = text.split('&').filter_map(|field| field.split_once('='));
    fields.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for next in ["/", "/?action=login&q=a%20b", "/events/a/b", "/sources"] {
            assert_eq!(within(next), next);
        }
        let long = format!("/{}", "x".repeat(MAX_NEXT));
        for next in [
            "",
            "//evil.example.com",
            "/\\evil.example.com",
            "https://evil.example.com",
            "evil",
            "/a\\b",
            "/a b",
            "/a\r\nx: y",
            "javascript:alert(1)",
            "/\t/evil.example.com",
            "/login?next=/",
            "/logout",
            "/ü",
            &long,
        ] {
            assert_eq!(within(next), "/", "{next:?}");
        }
    }

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        for (headers, is_own) in [
            (&[("host", "127.0.0.1:8686")][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "http://127.0.0.1:8686"),
                    ("host", "127.0.0.1:8686"),
                ],
                false,
            ),
            (&[("origin", "http://127.0.0.1:8686"), ("host", "127.0.0.1:8686")], true),
            (&[("origin", "https://audit.example.com"), ("host", "audit.example.com")], true),
            (&[("origin", "https://evil.example.com"), ("host", "audit.example.com")], false),
            (&[("origin", "null"), ("host", "audit.example.com")], false),
            (&[("origin", "https://audit.example.com")], false),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            assert_eq!(is_from_here(&map), is_own, "{headers:?}");
        }
    }

    #[test]
    fn forms_are_read_as_browsers_send_them() {
        let form = form(&Bytes::from_static(b"name=ada%40example.com&token=tc_a%2Bb&next=%2F%3Fq%3Da+b&x"));
        assert_eq!((form["name"].as_str(), form["token"].as_str()), ("ada@example.com", "tc_a+b"));
        assert_eq!(form["next"], "/?q=a b");
    }
}
