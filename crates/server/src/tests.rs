//! Pages as a browser gets them, over a store with events.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use event::{Checkpoint, Dataset, Destination, DocumentBatch, RawBatch, RawEvent, Source};
use http_body_util::BodyExt;
use journal::Recorder;
use ledger::DataDir;
use store::Store;
use tower::ServiceExt;
use users::Users;

use crate::App;
use crate::guard::Exposure;
use crate::listener::router;
use crate::question::encode;

mod hostile;

pub(crate) struct Site {
    router: Router,
    ledger: ledger::Ledger,
    pub(crate) directory: tempfile::TempDir,
}

/// A server over a store with documents, without users.
pub(crate) async fn site(documents: &[serde_json::Value], exposure: Exposure) -> Site {
    site_of(documents, exposure, |_| (Users::default(), None)).await
}

/// A server over a store with documents, with the users and the journal of its data directory.
pub(crate) async fn site_of(
    documents: &[serde_json::Value],
    exposure: Exposure,
    users: impl FnOnce(&std::path::Path) -> (Users, Option<Recorder>),
) -> Site {
    let directory = tempfile::tempdir().unwrap();
    let (users, recorder) = users(directory.path());
    let store = Store::open(&DataDir::lock(directory.path()).unwrap()).unwrap();
    if !documents.is_empty() {
        store.deliver(&batch(documents)).await.unwrap();
    }
    let ledger = store.ledger().unwrap().clone();
    let app = App {
        status: None,
        ledger: ledger.clone(),
        store: Some(store),
        elsewhere: None,
        library: Some(library(&ledger)),
        destination: "store",
        users,
        recorder,
        trusted_proxies: Vec::new(),
    };
    Site { router: router(app, exposure, 8686), ledger, directory }
}

/// Pipelines, of which one is shipped.
fn library(ledger: &ledger::Ledger) -> Arc<ingest_api::Library> {
    let text = "{processors: [{set: {field: by, value: shipped}}]}";
    let definition = ingest::Definition::parse("shipped", "shipped/default.yml", text).unwrap();
    let base = vec![ingest_api::Base { definition: definition.into(), place: ingest_api::Place::Shipped }];
    let lookups = ingest::Lookups::default();
    let library = ingest_api::Library::open(base, lookups, ledger.clone(), enrich::Networks::default());
    Arc::new(library.unwrap())
}

fn batch(documents: &[serde_json::Value]) -> DocumentBatch {
    let stream: Arc<str> = "logs-cursor.audit-default".into();
    let raw = RawBatch {
        source: Arc::new(Source::new("test", Dataset::new("cursor.audit").unwrap())),
        sequence: 0,
        location: None,
        buffer: vec![b' '; documents.len()].into(),
        events: (0..documents.len()).map(|at| RawEvent { span: at..at + 1, offset: at as u64 }).collect(),
        collected: "2026-05-04T12:00:00Z".parse().unwrap(),
        checkpoint: Checkpoint::default(),
        notices: Vec::new(),
        set_aside: Vec::new(),
        settled: None,
    };
    let mut batch = DocumentBatch::new(Arc::new(raw));
    for (at, document) in documents.iter().enumerate() {
        let id = document["event"]["id"].as_str().unwrap();
        batch.push(at as u32, &stream, id, false, |out| {
            out.extend_from_slice(document.to_string().as_bytes());
        });
    }
    batch
}

pub(crate) fn document(id: &str, action: &str, user: &str) -> serde_json::Value {
    serde_json::json!({
        "@timestamp": "2026-05-04T11:14:58.922Z", "data_stream": { "dataset": "cursor.audit" },
        "event": { "id": id, "action": action, "category": ["iam"], "outcome": "success" },
        "user": { "email": user }, "source": { "ip": "192.0.2.1" },
    })
}

impl Site {
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, BTreeMap<String, String>, String) {
        self.get_as("127.0.0.1:8686", path).await
    }

    pub(crate) async fn get_as(
        &self,
        host: &str,
        path: &str,
    ) -> (StatusCode, BTreeMap<String, String>, String) {
        self.send(Request::get(path).header(header::HOST, host).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(
        &self,
        request: Request<Body>,
    ) -> (StatusCode, BTreeMap<String, String>, String) {
        let response = self.answer(request).await;
        let status = response.status();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers = headers.collect();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, headers, String::from_utf8(body.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn projects_teams_and_organizations_are_one_facet() {
    let of = |id: &str, field: &str| {
        let mut own = document(id, "login", "ada@example.com");
        own["organization"]["id"] = "org_1".into();
        let (product, name) = field.split_once('.').unwrap();
        own[product]["audit"][name] = format!("{product} 1").into();
        own
    };
    let mut documents = [
        of("a", "cursor.team_id"),
        of("b", "promptfoo.team_id"),
        of("c", "cencori.project"),
        of("d", "cencori.project"),
    ];
    documents[3]["organization"]["id"] = "cencori 1".into();
    let site = site(&documents, Exposure::Local).await;
    let value = |label: &str, count: u32| {
        format!("<span class=\"label\">{label}</span> <span class=\"count\">{count}</span>")
    };
    let (_, _, page) = site.get("/").await;
    assert!(page.contains("<summary>Project or team</summary>"), "{page}");
    // Each event counts under its organization too, and once where both are called alike.
    for (label, count) in [("org_1", 3), ("cencori 1", 2), ("cursor 1", 1), ("promptfoo 1", 1)] {
        assert!(page.contains(&value(label, count)), "{label}: {page}");
        let (_, _, page) = site.get(&format!("/?project={}", encode(label))).await;
        assert_eq!(page.matches("data-key=").count(), count as usize, "{label}");
        assert!(page.contains(&value("org_1", 3)), "the others are there to choose as well: {page}");
        let (_, _, page) = site.get(&format!("/?not=project%3A{}", encode(label))).await;
        assert_eq!(page.matches("data-key=").count(), 4 - count as usize, "not {label}");
    }
    let (status, _, _) = site.get("/?more=project").await;
    assert_eq!(status, StatusCode::OK);
    let (_, _, page) = site.get("/api/events?project=org_1&project=cursor%201&limit=1000").await;
    assert_eq!(page.matches("\"_id\"").count(), 3, "{page}");
}

#[tokio::test]
async fn events_are_listed_filtered_and_opened() {
    let documents =
        [document("a/1", "login", "ada@example.com"), document("b", "add_user", "grace@example.com")];
    let site = site(&documents, Exposure::Local).await;
    let (status, _, page) = site.get("/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<strong>2</strong> events") && page.contains("ada@example.com"));
    let (_, _, page) = site.get("/?action=login").await;
    assert!(
        page.contains("<strong>1</strong> event") && !page.contains("/events/logs-cursor.audit-default/b\"")
    );
    let (_, _, page) = site.get("/?q=grace").await;
    assert!(page.contains("<strong>1</strong> event"));
    let (_, _, page) = site.get("/?q=nobody").await;
    assert!(page.contains("No event matches"));
    let (status, _, page) = site.get("/events/logs-cursor.audit-default/a%2F1").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("2026-05-04T11:14:58.922Z") && page.contains("&#34;action&#34;: &#34;login&#34;"),
        "{page}"
    );
}

#[tokio::test]
async fn an_empty_store_says_what_to_do() {
    let site = site(&[], Exposure::Local).await;
    let (_, _, page) = site.get("/").await;
    assert!(page.contains("No events yet") && page.contains("trailcar import"));
    let (_, _, page) = site.get("/balance").await;
    assert!(page.contains("No event has been accepted yet"));
    let (_, _, page) = site.get("/sources").await;
    assert!(page.contains("No delivery runs here"));
    let (_, _, page) = site.get("/quarantine").await;
    assert!(page.contains("Nothing is in quarantine"));
    for path in ["/failed-logins", "/actors/ada", "/resources/x"] {
        let (status, _, page) = site.get(path).await;
        assert!(status == StatusCode::OK && page.contains("Nothing here"), "{path}");
    }
}

#[tokio::test]
async fn wrong_questions_get_a_sentence() {
    let site = site(&[document("a", "login", "ada@example.com")], Exposure::Local).await;
    for (path, status, words) in [
        ("/?colour=red", StatusCode::BAD_REQUEST, "nothing called"),
        ("/?from=now", StatusCode::BAD_REQUEST, "is not a time"),
        ("/?cursor=zzz", StatusCode::BAD_REQUEST, "cursor"),
        ("/?is=source.ip", StatusCode::BAD_REQUEST, "no field and value"),
        ("/?live=yes", StatusCode::BAD_REQUEST, "live is on, and not"),
        ("/?more=x", StatusCode::BAD_REQUEST, "more is one of"),
        ("/?more=action&more=user", StatusCode::BAD_REQUEST, "given twice"),
        ("/actors/ada?range=1y", StatusCode::BAD_REQUEST, "range is"),
        ("/actors/ada?cursor=o1_1", StatusCode::BAD_REQUEST, "has no pages"),
        ("/resources/x?nothing=1", StatusCode::BAD_REQUEST, "nothing called"),
        ("/failed-logins?to=x", StatusCode::BAD_REQUEST, "is not a time"),
        ("/quarantine?after=-1", StatusCode::BAD_REQUEST, "whole number"),
        ("/quarantine?x=1", StatusCode::BAD_REQUEST, "no parameter"),
        ("/quarantine/x", StatusCode::BAD_REQUEST, "has a number"),
        ("/quarantine/99", StatusCode::NOT_FOUND, "no event 99"),
        ("/documents/x/y", StatusCode::NOT_FOUND, "no such event"),
        ("/events/x/y", StatusCode::NOT_FOUND, "no such event"),
        ("/nowhere", StatusCode::NOT_FOUND, "no such page"),
    ] {
        let (found, _, page) = site.get(path).await;
        assert_eq!(found, status, "{path}: {page}");
        assert!(page.to_lowercase().contains(&words.to_lowercase()), "{path}: {page}");
    }
}

#[tokio::test]
async fn values_can_be_kept_out_and_things_found() {
    let mut documents =
        [document("a", "login", "ada@example.com"), document("b", "add_user", "grace@example.com")];
    documents[1]["user"]["target"] = serde_json::json!({ "email": "new@example.com" });
    documents[1]["cursor"] = serde_json::json!({ "audit": { "old_role": "MEMBER", "new_role": "ADMIN" } });
    let site = site(&documents, Exposure::Local).await;
    for path in [
        "/?not=action:login",
        "/?not=user:ADA@example.com",
        "/?resource=new%40example.com",
        "/?is=user.target.email:new%40example.com",
        "/?not=user.email:ada@example.com",
        "/?not=event.id:a",
    ] {
        let (_, _, page) = site.get(path).await;
        assert!(
            page.contains("<strong>1</strong> event") && page.contains("/events/logs-cursor.audit-default/b"),
            "{path}"
        );
    }
    let (_, _, page) = site.get("/events/logs-cursor.audit-default/b").await;
    for words in [
        "<del>MEMBER</del>",
        "<ins>ADMIN</ins>",
        "/actors/grace%40example.com",
        "/resources/new%40example.com",
    ] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    let (_, _, page) = site.get("/resources/new%40example.com").await;
    assert!(page.contains("href=\"/actors/grace%40example.com\"") && page.contains("First seen"), "{page}");
    let (status, headers, json) = site.get("/documents/logs-cursor.audit-default/b").await;
    assert_eq!((status, headers["content-type"].as_str()), (StatusCode::OK, "application/json"));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), documents[1]);
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let site = site(&[document("a", "login", "ada@example.com")], Exposure::Local).await;
    let (_, headers, _) = site.get("/").await;
    let request =
        Request::get("/").header(header::HOST, "localhost").header("if-none-match", &headers["etag"]);
    let response = site.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn only_this_machine_sees_events() {
    let site_open = site(&[document("a", "login", "ada@example.com")], Exposure::Remote).await;
    for path in [
        "/",
        "/sources",
        "/balance",
        "/quarantine",
        "/actors/ada%40example.com",
        "/events/logs-cursor.audit-default/a",
    ] {
        let (status, _, page) = site_open.get(path).await;
        assert!(
            status == StatusCode::FORBIDDEN && page.contains("trailcar user add") && !page.contains("ada@")
        );
    }
    assert_eq!(site_open.get_as("sidecar:8686", "/healthz").await.0, StatusCode::OK);
    let local = site(&[], Exposure::Local).await;
    assert_eq!(local.get_as("evil.example.com", "/").await.0, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(local.get_as("localhost:8686", "/").await.0, StatusCode::OK);
}

#[tokio::test]
async fn metrics_are_openmetrics_and_hold_the_balance() {
    let site = site(&[document("a", "login", "ada@example.com")], Exposure::Local).await;
    let (status, headers, text) = site.get("/metrics").await;
    assert_eq!(status, StatusCode::OK);
    assert!(headers["content-type"].starts_with("application/openmetrics-text"));
    for line in [
        "trailcar_events_total{source=\"test\",dataset=\"cursor.audit\",result=\"stored\"} 1",
        "trailcar_accepted_events_total{source=\"test\",dataset=\"cursor.audit\"} 1",
        "trailcar_store_events 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in\n{text}");
    }
    assert_eq!(site.get("/readyz").await.0, StatusCode::OK);
}

#[tokio::test]
async fn words_that_mean_a_field_lead_to_it() {
    let site = site(&[document("a", "login", "ada@example.com")], Exposure::Local).await;
    let (_, _, page) = site.get("/?q=x%20source.ip%3A192.0.2.1%20user%3Aada&outcome=success").await;
    assert!(page.contains("No event matches"));
    for href in [
        "/?outcome=success&#38;is=source.ip%3A192.0.2.1&#38;q=x%20user%3Aada",
        "/?outcome=success&#38;user=ada&#38;q=x%20source.ip%3A192.0.2.1",
    ] {
        assert!(page.contains(href), "{href} is not in {page}");
    }
    for words in ["source.ip%3A", "http%3A%2F%2Fexample.com", "%3Cb%3E.x%3A1", "nothing"] {
        let (_, _, page) = site.get(&format!("/?q={words}")).await;
        assert!(page.contains("No event matches") && !page.contains("ask for the field"), "{words}");
    }
}

#[tokio::test]
async fn an_event_s_page_keeps_the_view_that_it_was_opened_from() {
    let site = site(&[document("a", "login", "ada@example.com")], Exposure::Local).await;
    let (_, _, page) = site.get("/?action=login&range=all").await;
    let open = "/events/logs-cursor.audit-default/a?action=login";
    assert!(page.contains(&format!("class=\"open\" href=\"{open}\"")), "{page}");
    let (status, _, page) = site.get(open).await;
    assert_eq!(status, StatusCode::OK);
    for href in [
        "href=\"/?action=login\"",
        "href=\"/?action=login&#38;from=2026-05-04T11%3A14%3A58.922Z\"",
        "href=\"/?action=login&#38;to=2026-05-04T11%3A14%3A58.923Z\"",
        "href=\"/?from=2026-05-04T11%3A13%3A58.922Z&#38;to=2026-05-04T11%3A15%3A58.922Z\"",
        "href=\"/?action=login&#38;user=ada%40example.com\"",
    ] {
        assert!(page.contains(href), "{href} is not in {page}");
    }
    let (status, _, page) = site.get("/events/logs-cursor.audit-default/a?colour=red").await;
    assert!(status == StatusCode::BAD_REQUEST && page.contains("nothing called"), "{page}");
}

#[tokio::test]
async fn a_history_lists_more_where_it_is_asked() {
    let documents: Vec<_> =
        (0..30).map(|at| document(&at.to_string(), &format!("action{at}"), "ada@example.com")).collect();
    let site = site(&documents, Exposure::Local).await;
    let rows = |page: &str| page.matches("<td data-label=\"Value\">").count();
    let (_, _, page) = site.get("/actors/ada%40example.com?outcome=success").await;
    assert!(
        page.contains("href=\"/actors/ada%40example.com?outcome=success&#38;more=actions\">and 20 more"),
        "{page}"
    );
    let few = rows(&page);
    let (_, _, page) = site.get("/actors/ada%40example.com?outcome=success&more=actions").await;
    assert_eq!(rows(&page), few + 20);
    let (status, _, page) = site.get("/actors/ada%40example.com?more=all").await;
    assert!(status == StatusCode::BAD_REQUEST && page.contains("more"), "{page}");
}
