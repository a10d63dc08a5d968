//! What each role gets, on every route.

use axum::http::StatusCode;

use super::{Guarded, TOLD, guarded, name};
use crate::guard::Exposure;
use crate::tests::{document, site};

/// Every route that shows something; a new one is to be added here and is found by the tests of the description.
const PAGES: [&str; 13] = [
    "/",
    "/?q=ada",
    "/events/logs-cursor.audit-default/a",
    "/documents/logs-cursor.audit-default/a",
    "/actors/ada%40example.com",
    "/resources/new%40example.com",
    "/failed-logins",
    "/quarantine",
    "/quarantine/1",
    "/sources",
    "/balance",
    "/access",
    "/no/such/page",
];
const INTERFACES: [&str; 8] = [
    "/api/v1/audit-logs",
    "/api/organizations/acme/audit-logs",
    "/api/organizations/acme/audit-logs?format=csv",
    "/api/events",
    "/api/events/export?format=csv",
    "/api/events/export/manifest?format=csv",
    "/api/openapi.json",
    "/api/no/such",
];

fn shows_nothing(body: &str) -> bool {
    !body.contains("ada@example.com") && !body.contains("grace@example.com")
}

#[tokio::test]
async fn who_says_nothing_or_something_wrong_gets_nothing() {
    for exposure in [Exposure::Local, Exposure::Remote] {
        let guarded = guarded(exposure).await;
        for path in INTERFACES {
            let (status, headers, body) = guarded.get(path, &[]).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(headers["www-authenticate"], "Bearer realm=\"trailcar\"");
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert!(body["error"].as_str().unwrap().contains("Authorization: Bearer"), "{body}");
        }
        for path in PAGES {
            let (status, headers, body) = guarded.get(path, &[]).await;
            assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
            assert!(headers["location"].starts_with("/login") && shows_nothing(&body), "{path}");
        }
        for authorization in ["Bearer tc_wrong", "Basic b2xnYTp4", "Bearer", "x"] {
            let (status, headers, _) = guarded.get("/api/events", &[("authorization", authorization)]).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{authorization}");
            assert!(headers["www-authenticate"].contains("invalid_token"));
        }
        // What a script of a page asks for is no page to go to.
        let (status, ..) = guarded.get("/?q=x", &[("sec-fetch-mode", "cors")]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn members_come_in_and_see_whom_to_ask() {
    let guarded = guarded(Exposure::Local).await;
    let cookie = guarded.session("mia", &guarded.member).await;
    for path in PAGES {
        let (status, _, body) = guarded.get(path, &[("cookie", &cookie)]).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert!(body.contains("mia, with the role member") && body.contains(": olga."), "{path}: {body}");
        assert!(body.contains("Log out") && shows_nothing(&body));
    }
    for path in INTERFACES {
        let (status, _, body) = guarded.get_with(&guarded.member, path).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert!(body["error"].as_str().unwrap().contains("neither sees nor exports"), "{body}");
    }
}

#[tokio::test]
async fn owners_and_admins_see_and_export() {
    let guarded = guarded(Exposure::Local).await;
    for (own, token) in [("olga", &guarded.owner), ("adam", &guarded.admin)] {
        let cookie = guarded.session(own, token).await;
        let (status, _, page) = guarded.get("/", &[("cookie", &cookie)]).await;
        assert!(status == StatusCode::OK && page.contains("ada@example.com"), "{page}");
        assert!(page.contains(&format!("{own} (")) && page.contains("action=\"/logout\""), "{page}");
        for path in &INTERFACES[..7] {
            assert_eq!(guarded.get(path, &[("cookie", &cookie)]).await.0, StatusCode::OK, "{path}");
            assert_eq!(guarded.get_with(token, path).await.0, StatusCode::OK, "{path}");
        }
        let (_, _, page) = guarded.get_with(token, "/").await;
        assert!(page.contains(&format!("{own} (")) && !page.contains("/logout"), "{page}");
        let (_, _, manifest) = guarded.get_with(token, INTERFACES[5]).await;
        assert!(manifest.contains(&format!("\"user\":\"{own}\"")), "{manifest}");
    }
}

#[tokio::test]
async fn health_style_and_login_stand_before_the_door() {
    let guarded = guarded(Exposure::Remote).await;
    for path in ["/healthz", "/readyz", "/metrics", "/assets/viewer.css", "/login"] {
        let (status, _, body) = guarded.get(path, &[("host", "sidecar.example.com")]).await;
        assert!(status == StatusCode::OK && shows_nothing(&body), "{path}");
    }
}

#[tokio::test]
async fn a_door_that_is_open_says_so_and_closes_with_the_first_user() {
    let guarded = Guarded {
        site: site(&[document("a", "login", "ada@example.com")], Exposure::Local).await,
        ..guarded(Exposure::Local).await
    };
    let (status, _, page) = guarded.get("/", &[]).await;
    assert!(status == StatusCode::OK && page.contains("Open to this machine"), "{page}");
    let (_, _, page) = guarded.get("/access", &[]).await;
    assert!(page.contains("no users") && page.contains("trailcar user add"), "{page}");
    let (status, headers, _) = guarded.get("/login?next=/sources", &[]).await;
    assert_eq!((status, headers["location"].as_str()), (StatusCode::SEE_OTHER, "/sources"));
}

#[tokio::test]
async fn what_the_command_line_changes_counts_at_once() {
    let guarded = guarded(Exposure::Local).await;
    let cookie = guarded.session("adam", &guarded.admin).await;
    let status = async |cookie: &str, token| {
        let (by_cookie, ..) = guarded.get("/api/events", &[("cookie", cookie)]).await;
        (by_cookie, guarded.get_with(token, "/api/events").await.0)
    };
    assert_eq!(status(&cookie, &guarded.admin).await, (StatusCode::OK, StatusCode::OK));
    let next = guarded.registry.rotate(&name("adam"), TOLD).unwrap();
    assert_eq!(status(&cookie, &guarded.admin).await, (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    let cookie = guarded.session("adam", &next).await;
    assert_eq!(status(&cookie, &next).await, (StatusCode::OK, StatusCode::OK));
    guarded.registry.disable(&name("adam"), false, TOLD).unwrap();
    assert_eq!(status(&cookie, &next).await, (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    // Nor does the session come back with the user.
    let token = guarded.registry.enable(&name("adam"), TOLD).unwrap();
    assert_eq!(status(&cookie, &token).await, (StatusCode::UNAUTHORIZED, StatusCode::OK));
}

#[tokio::test]
async fn users_that_can_not_be_read_let_nobody_in() {
    let guarded = guarded(Exposure::Local).await;
    let damage = rusqlite::Connection::open(guarded.site.directory.path().join("users.db")).unwrap();
    damage.execute_batch("DROP TABLE user").unwrap();
    let (status, _, body) = guarded.get_with(&guarded.owner, "/api/events").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("users can not be read") && shows_nothing(&body), "{body}");
    assert_eq!(guarded.get("/", &[]).await.0, StatusCode::SERVICE_UNAVAILABLE);
}
