//! What is written down of it all.

use axum::http::StatusCode;
use journal::{Exported, Journal, Recorder, Who};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{Access, Role};

use super::{guarded, request};
use crate::access::Caller;
use crate::guard::Exposure;

#[tokio::test]
async fn everything_that_is_done_is_told_in_its_order() {
    let guarded = guarded(Exposure::Local).await;
    guarded.log_in("adam", "tc_x", &[]).await;
    let cookie = guarded.session("adam", &guarded.admin).await;
    let own = [("cookie", cookie.as_str())];
    for path in [
        "/",
        "/?q=ada&cursor=",
        "/events/logs-cursor.audit-default/a",
        "/sources",
        "/?colour=red",
        "/api/events/export?format=csv&action=login",
    ] {
        guarded.get(path, &own).await;
    }
    guarded.site.send(request("POST", "/logout", &own, String::new())).await;
    guarded.get("/api/events", &own).await;
    guarded.get_with(&guarded.member, "/api/events").await;
    assert_eq!(
        guarded.told(),
        [
            "login failure adam",
            "login success adam",
            "view_events success adam",
            "search_events success adam",
            "open_event success adam",
            "view_page success adam",
            "search_events failure adam",
            "export_started success adam",
            "export_completed success adam",
            "logout success adam",
            "access_refused failure -",
            "access_refused failure mia",
        ]
    );
    let entries = guarded.entries();
    assert_eq!(
        entries[3]["who"],
        json!({ "name": "adam", "role": "admin", "by": "page", "address": "192.0.2.7", "agent": "tests/1" })
    );
    assert_eq!((&entries[3]["path"], &entries[3]["query"]), (&json!("/"), &json!("q=ada&cursor=")));
    assert_eq!(entries[4]["path"], "/events/logs-cursor.audit-default/a");
    assert_eq!((&entries[6]["status"], &entries[11]["status"]), (&json!(400), &json!(403)));
}

#[tokio::test]
async fn an_export_is_told_with_what_it_holds() {
    let guarded = guarded(Exposure::Local).await;
    for (path, format) in [
        ("/api/events/export?format=ndjson&action=login", "ndjson"),
        ("/api/organizations/acme/audit-logs?format=csv&search=ada", "csv"),
        ("/api/organizations/acme/audit-logs?format=json&search=ada", "json"),
    ] {
        let (status, _, body) = guarded.get_with(&guarded.owner, path).await;
        assert_eq!(status, StatusCode::OK);
        let digest: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
        let entries = guarded.entries();
        let done = entries.iter().rfind(|entry| entry["action"] == "export_completed").unwrap();
        assert_eq!(
            done["export"],
            json!({ "format": format, "events": 1, "bytes": body.len(), "sha256": digest }),
            "{path}"
        );
        assert!(done["query"].as_str().unwrap().contains(if format == "ndjson" {
            "action=login"
        } else {
            "search=ada"
        }));
        assert_eq!((&done["who"]["name"], &done["who"]["by"]), (&json!("olga"), &json!("token")));
    }
}

#[tokio::test]
async fn looks_that_repeat_themselves_are_counted() {
    let guarded = guarded(Exposure::Local).await;
    for _ in 0..20 {
        guarded.get_with(&guarded.owner, "/?q=ada").await;
        guarded.get("/api/events", &[]).await;
        guarded.get("/api/v1/audit-logs?offset=1", &[("authorization", "Bearer tc_x")]).await;
    }
    // A wrong token is a 401 at first and a 429 from the tenth on.
    assert_eq!(
        guarded.told(),
        ["search_events success olga", "access_refused failure -", "login failure -", "login failure -"]
    );
}

#[tokio::test]
async fn nobody_looks_when_it_can_not_be_written_down() {
    let guarded = guarded(Exposure::Local).await;
    let cookie = guarded.session("adam", &guarded.admin).await;
    std::fs::remove_dir_all(guarded.site.directory.path().join("audit")).unwrap();
    for path in [
        "/",
        "/?q=ada",
        "/events/logs-cursor.audit-default/a",
        "/api/events",
        "/api/v1/audit-logs",
        "/api/organizations/acme/audit-logs",
        "/api/events/export?format=csv",
        "/api/events/export/manifest?format=csv",
        "/api/organizations/acme/audit-logs?format=csv",
    ] {
        let (status, headers, body) = guarded.get(path, &[("cookie", &cookie)]).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(body.contains("can not be written down") && !body.contains("@example.com"), "{path}: {body}");
        assert!(!headers.contains_key("content-disposition"), "{path}");
    }
    let (status, headers, _) = guarded.log_in("adam", guarded.admin.expose(), &[]).await;
    assert_eq!((status, headers.contains_key("set-cookie")), (StatusCode::SERVICE_UNAVAILABLE, false));
    assert_eq!(guarded.get("/healthz", &[]).await.0, StatusCode::OK);
}

#[test]
fn an_export_whose_end_can_not_be_written_down_does_not_end_well() {
    let directory = tempfile::tempdir().unwrap();
    let recorder = Recorder::new(Journal::open(directory.path()).unwrap());
    let caller = Caller::new(Access::of(Role::Admin), Who::default(), Some(recorder), false);
    let written = || Exported { format: "csv", events: 1, bytes: 2, sha256: String::new() };
    caller.exported("", Ok(written())).unwrap();
    std::fs::remove_dir_all(directory.path().join("audit")).unwrap();
    let error = caller.exported("", Ok(written())).unwrap_err().to_string();
    assert!(error.contains("journal of access can not be written"), "{error}");
}

#[tokio::test]
async fn tokens_are_in_no_page_and_in_no_entry() {
    let guarded = guarded(Exposure::Local).await;
    let token = guarded.admin.expose().to_owned();
    let cookie = guarded.session("adam", &guarded.admin).await;
    let secret = cookie.split('=').nth(1).unwrap().to_owned();
    let mut pages = String::new();
    for (name, given) in [(token.as_str(), "x"), ("adam", token.as_str()), (&"k".repeat(50), "x")] {
        pages.push_str(&guarded.log_in(name, given, &[("sec-fetch-site", "cross-site")]).await.2);
        guarded.log_in(name, if given == "x" { "x" } else { "tc_y" }, &[]).await;
    }
    let own = [("cookie", cookie.as_str()), ("user-agent", &token)];
    for path in
        [format!("/?q={token}"), format!("/events/{token}/x"), "/access".to_owned(), "/sources".to_owned()]
    {
        let (_, _, page) = guarded.get(&path, &own).await;
        pages.push_str(if path.contains(&token) { "" } else { &page });
    }
    let journal =
        std::fs::read_to_string(guarded.site.directory.path().join("audit/current.ndjson")).unwrap();
    assert!(journal.contains("[token]") && journal.contains("\"adam\""));
    for hidden in [&token, &secret, &"k".repeat(50)] {
        assert!(!pages.contains(hidden) && !journal.contains(hidden), "{journal}");
    }
}
