//! Logging in and out.

use axum::http::StatusCode;

use super::{guarded, request};
use crate::guard::Exposure;

#[tokio::test]
async fn a_session_begins_with_the_right_token_and_ends_with_the_logout() {
    let guarded = guarded(Exposure::Local).await;
    let (status, headers, _) = guarded.get("/?action=login&q=a%20b", &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers["location"], "/login?next=%2F%3Faction%3Dlogin%26q%3Da%2520b");
    let (_, headers, page) = guarded.get(&headers["location"], &[]).await;
    assert!(page.contains("value=\"/?action=login&#38;q=a%20b\"") && !page.contains("https://"), "{page}");
    assert!(headers["content-security-policy"].contains("form-action 'self'"));

    let (status, headers, _) = guarded.log_in("adam", guarded.admin.expose(), &[]).await;
    assert_eq!((status, headers["location"].as_str()), (StatusCode::SEE_OTHER, "/?action=login"));
    let cookie = &headers["set-cookie"];
    assert!(cookie.starts_with("trailcar-8686=tc_") && !cookie.contains(guarded.admin.expose()));
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"));
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(guarded.get("/sources", &[("cookie", cookie)]).await.0, StatusCode::OK);

    let (status, headers, _) =
        guarded.site.send(request("POST", "/logout", &[("cookie", cookie)], String::new())).await;
    assert_eq!((status, headers["location"].as_str()), (StatusCode::SEE_OTHER, "/login"));
    assert!(headers["set-cookie"].contains("Max-Age=0"));
    assert_eq!(guarded.get("/api/events", &[("cookie", cookie)]).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(guarded.get("/logout", &[]).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn cookies_for_other_machines_want_tls() {
    let guarded = guarded(Exposure::Remote).await;
    let host = ("host", "audit.example.com");
    let (_, _, page) = guarded.get("/login", &[host]).await;
    assert!(page.contains("https://"), "{page}");
    let tls = ("x-forwarded-proto", "https");
    let (_, _, page) = guarded.get("/login", &[host, tls]).await;
    assert!(!page.contains("https://"), "{page}");
    let (_, headers, _) = guarded.log_in("adam", guarded.admin.expose(), &[host, tls]).await;
    let cookie = &headers["set-cookie"];
    assert!(cookie.starts_with("__Host-trailcar-8686=") && cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_token_get_the_same_words() {
    let guarded = guarded(Exposure::Local).await;
    let token = guarded.admin.expose();
    let mut pages = Vec::new();
    for (name, token) in [("nobody", token), ("adam", "tc_x"), ("olga", token), ("", ""), ("<b>", token)] {
        let (status, headers, page) = guarded.log_in(name, token, &[]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(!headers.contains_key("set-cookie") && !page.contains(token) || token.is_empty());
        assert!(page.contains("Name and token do not belong together") && !page.contains("<b>"), "{page}");
        pages.push(page.replace(&format!("value=\"{name}\""), "value=\"\""));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
}

#[tokio::test(start_paused = true)]
async fn who_fails_often_has_to_wait() {
    let guarded = guarded(Exposure::Local).await;
    let token = guarded.admin.expose();
    for _ in 0..10 {
        assert_eq!(guarded.log_in("adam", "tc_x", &[]).await.0, StatusCode::UNAUTHORIZED);
    }
    let (status, headers, page) = guarded.log_in("adam", token, &[]).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = headers["retry-after"].parse().unwrap();
    assert!(wait <= 300 && page.contains("Too many wrong tokens"), "{page}");
    // A program with the right token goes on; one with a wrong one waits as well.
    assert_eq!(guarded.get_with(&guarded.owner, "/api/events").await.0, StatusCode::OK);
    let (status, headers, body) = guarded.get("/api/events", &[("authorization", "Bearer tc_x")]).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(headers.contains_key("retry-after") && body.contains("\"error\""));
    tokio::time::advance(std::time::Duration::from_secs(wait + 1)).await;
    assert_eq!(guarded.log_in("adam", token, &[]).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn pages_of_other_sites_can_not_log_in_or_out() {
    let guarded = guarded(Exposure::Local).await;
    let token = guarded.admin.expose();
    for headers in [
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example.com")],
        &[("origin", "null")],
    ] {
        let (status, headers, page) = guarded.log_in("adam", token, headers).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(page.contains("page of another site") && !headers.contains_key("set-cookie"), "{page}");
    }
    let cookie = guarded.session("adam", &guarded.admin).await;
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    let (status, ..) = guarded.site.send(request("POST", "/logout", &headers, String::new())).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(guarded.get("/sources", &[("cookie", &cookie)]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_link_on_another_site_is_followed_once_more_with_the_cookie() {
    let guarded = guarded(Exposure::Local).await;
    let navigation = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let (status, headers, _) = guarded.get("/?action=login", &navigation).await;
    assert_eq!((status, headers["refresh"].as_str()), (StatusCode::UNAUTHORIZED, "0"));
    let (status, headers, _) = guarded.get("/?action=login", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!((status, headers.contains_key("refresh")), (StatusCode::SEE_OTHER, false));
}

#[tokio::test]
async fn forms_that_are_too_long_are_refused() {
    let guarded = guarded(Exposure::Local).await;
    let form = format!("name=adam&token={}", "x".repeat(20_000));
    let (status, ..) = guarded.site.send(request("POST", "/login", &[], form)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}
