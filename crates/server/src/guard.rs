//! What every request passes on its way in, and every response on its way out.

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// Who can reach the address that a server listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Whoever uses this machine: without users, everything is shown to them.
    Local,
    /// Others: without users, there is nothing but health and metrics.
    Remote,
}

impl Exposure {
    /// By the address that is listened on.
    pub fn of(address: SocketAddr) -> Self {
        if address.ip().to_canonical().is_loopback() { Self::Local } else { Self::Remote }
    }

    /// Whether viewer and interfaces are open, why, and what to do.
    pub fn words(self, users_exist: bool) -> String {
        let words = match (self, users_exist) {
            (Self::Local, false) => {
                "Viewer and interfaces are open to everybody on this machine, since there are no users. With users they ask for a login: \
                 trailcar user add NAME --role owner."
            }
            (Self::Remote, false) => {
                "Viewer and interfaces are closed, since other machines can reach the address and there are no users; /healthz, /readyz \
                 and /metrics are served. Add a user (trailcar user add NAME --role owner), or let server.listen be a loopback address, \
                 127.0.0.1:8686 for instance."
            }
            (Self::Local, true) => {
                "Viewer and interfaces ask for a login, since there are users: trailcar user list."
            }
            (Self::Remote, true) => {
                "Viewer and interfaces ask for a login, since there are users: trailcar user list. Other machines can reach the address, \
                 so let a proxy in front of it speak TLS."
            }
        };
        words.to_owned()
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
    // Not no-referrer: then a browser would not say either that a form comes from here.
    (header::REFERRER_POLICY, "same-origin"),
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

/// Whether a `Host` header names this machine.
pub(crate) fn is_loopback_host(host: &str) -> bool {
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
            ("0.0.0.0:1", Exposure::Remote),
            ("[::]:1", Exposure::Remote),
            ("10.0.0.1:1", Exposure::Remote),
        ] {
            assert_eq!(Exposure::of(address.parse().unwrap()), exposure, "{address}");
        }
    }
}
