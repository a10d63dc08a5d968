//! What every request passes on its way in, and every response on its way out.

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What a server on some address shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Everything, to whoever uses this machine.
    Local,
    /// Health and metrics, since others can reach the address and nobody can prove who they are.
    HealthOnly,
}

impl Exposure {
    /// By the address that is listened on.
    pub fn of(address: SocketAddr) -> Self {
        if address.ip().to_canonical().is_loopback() { Self::Local } else { Self::HealthOnly }
    }
}

/// Pages load nothing but the server's own style and script, and stand in nobody's frame.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Adds the security headers to every response.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Refuses requests that were meant for another host: on loopback a foreign name is somebody's page that had its own
/// name resolve to this machine.
pub async fn local_host(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_loopback_host) {
        return next.run(request).await;
    }
    let text =
        "This server answers on loopback only: ask for http://127.0.0.1 or http://localhost with its port.\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_let_in() {
        for (host, fits) in [
            ("127.0.0.1:8686", true),
            ("localhost", true),
            ("LOCALHOST:1", true),
            ("[::1]:8686", true),
            ("127.9.9.9", true),
            ("example.com:8686", false),
            ("localhost.example.com", false),
            ("192.0.2.1:8686", false),
            ("127.0.0.1.example.com", false),
            ("", false),
        ] {
            assert_eq!(is_loopback_host(host), fits, "{host}");
        }
    }

    #[test]
    fn only_loopback_shows_everything() {
        for (address, exposure) in [
            ("127.0.0.1:1", Exposure::Local),
            ("[::1]:1", Exposure::Local),
            ("[::ffff:127.0.0.1]:1", Exposure::Local),
            ("0.0.0.0:1", Exposure::HealthOnly),
            ("[::]:1", Exposure::HealthOnly),
            ("10.0.0.1:1", Exposure::HealthOnly),
        ] {
            assert_eq!(Exposure::of(address.parse().unwrap()), exposure, "{address}");
        }
    }
}
