//! Elasticsearch's calls: with what they are let in, how they are refused, and what the journal says of them.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use users::Token;

use super::{Guarded, guarded};
use crate::guard::Exposure;
use crate::tests::site;

const PUT: &str = r#"{"processors":[{"set":{"field":"a","value":1}}],"version":1}"#;

fn call(method: &str, path: &str, authorization: Option<&str>, body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8686");
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

fn bearer(token: &Token) -> String {
    format!("Bearer {}", token.expose())
}

impl Guarded {
    async fn call(
        &self,
        method: &str,
        path: &str,
        authorization: Option<&str>,
        body: &str,
    ) -> (StatusCode, Value) {
        let (status, headers, body) = self.site.send(call(method, path, authorization, body)).await;
        assert_eq!(headers["x-elastic-product"], "Elasticsearch", "{method} {path}");
        (status, serde_json::from_str(&body).unwrap())
    }
}

#[tokio::test]
async fn clients_prove_who_they_are_in_each_of_their_ways() {
    let guarded = guarded(Exposure::Remote).await;
    let admin = guarded.admin.expose();
    let pair = |name: &str| STANDARD.encode(format!("{name}:{admin}"));
    for authorization in [
        format!("Bearer {admin}"),
        format!("ApiKey {admin}"),
        format!("ApiKey {}", pair("adam")),
        format!("Basic {}", pair("adam")),
    ] {
        let (status, _) = guarded.call("GET", "/_ingest/pipeline/shipped", Some(&authorization), "").await;
        assert_eq!(status, StatusCode::OK, "{authorization}");
    }
    for (authorization, begins) in [
        (None, "missing authentication credentials for REST request [/_ingest/pipeline/shipped]"),
        (Some("Bearer tc_wrong".to_owned()), "unable to authenticate for REST request"),
        (Some(format!("Basic {}", pair("olga"))), "unable to authenticate for REST request"),
        (Some(format!("ApiKey {}", pair("nobody"))), "unable to authenticate for REST request"),
        (Some("Basic !".to_owned()), "unable to authenticate for REST request"),
    ] {
        let request = call("GET", "/_ingest/pipeline/shipped", authorization.as_deref(), "");
        let response = guarded.site.answer(request).await;
        let challenges: Vec<_> = response.headers().get_all(header::WWW_AUTHENTICATE).iter().collect();
        assert_eq!(challenges.len(), 3, "{authorization:?}");
        let (status, body) =
            guarded.call("GET", "/_ingest/pipeline/shipped", authorization.as_deref(), "").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{authorization:?}");
        let error = &body["error"];
        assert_eq!((&body["status"], &error["type"]), (&json!(401), &json!("security_exception")));
        assert_eq!(error["root_cause"][0]["header"]["WWW-Authenticate"][2], "ApiKey");
        assert!(error["reason"].as_str().unwrap().starts_with(begins), "{error}");
    }
}

#[tokio::test]
async fn members_are_refused_and_nothing_is_shown_or_changed() {
    let guarded = guarded(Exposure::Local).await;
    for (method, path, body) in [
        ("GET", "/_ingest/pipeline", ""),
        ("PUT", "/_ingest/pipeline/a", PUT),
        ("DELETE", "/_ingest/pipeline/*", ""),
        ("POST", "/_ingest/pipeline/shipped/_simulate", r#"{"docs":[{"_source":{}}]}"#),
        ("GET", "/_ingest/processor/grok", ""),
        ("PUT", "/_scripts/a", r#"{"script":{"lang":"painless","source":"1"}}"#),
        ("POST", "/_scripts/painless/_execute", r#"{"script":{"source":"1"}}"#),
        ("GET", "/_scripts", ""),
    ] {
        let (status, body) = guarded.call(method, path, Some(&bearer(&guarded.member)), body).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}");
        assert_eq!(body["error"]["type"], "security_exception");
        assert!(body["error"]["reason"].as_str().unwrap().contains("mia, with the role member"), "{body}");
    }
    let (_, found) = guarded.call("GET", "/_ingest/pipeline", Some(&bearer(&guarded.admin)), "").await;
    assert_eq!(found.as_object().unwrap().keys().collect::<Vec<_>>(), ["shipped"]);
}

#[tokio::test]
async fn the_journal_is_told_of_each_change_and_of_looks() {
    let guarded = guarded(Exposure::Local).await;
    let admin = bearer(&guarded.admin);
    for (method, path, body, wanted) in [
        ("PUT", "/_ingest/pipeline/a", PUT, StatusCode::OK),
        ("PUT", "/_ingest/pipeline/b", PUT, StatusCode::OK),
        ("PUT", "/_ingest/pipeline/c", r#"{"processors":[{"no":{}}]}"#, StatusCode::BAD_REQUEST),
        ("DELETE", "/_ingest/pipeline/*", "", StatusCode::OK),
        ("PUT", "/_scripts/s", r#"{"script":{"lang":"painless","source":"1"}}"#, StatusCode::OK),
        ("DELETE", "/_scripts/s", "", StatusCode::OK),
        ("GET", "/_ingest/pipeline", "", StatusCode::OK),
        ("POST", "/_ingest/pipeline/shipped/_simulate", r#"{"docs":[{"_source":{}}]}"#, StatusCode::OK),
    ] {
        let (status, answer) = guarded.call(method, path, Some(&admin), body).await;
        assert_eq!(status, wanted, "{method} {path}: {answer}");
    }
    let told: Vec<String> = guarded.told();
    let changes = [
        "pipeline_put success adam",
        "pipeline_put success adam",
        "pipeline_put failure adam",
        "pipeline_deleted success adam",
        "pipeline_deleted success adam",
        "script_put success adam",
        "script_deleted success adam",
        "view_pipelines success adam",
        "simulate_pipeline success adam",
    ];
    assert_eq!(told, changes);
    let ids: Vec<Value> = guarded.entries().iter().map(|entry| entry["definition"].clone()).take(7).collect();
    assert_eq!(json!(ids), json!(["a", "b", null, "a", "b", "s", "s"]));
}

#[tokio::test]
async fn what_can_not_be_written_down_is_not_done() {
    let guarded = guarded(Exposure::Local).await;
    let admin = bearer(&guarded.admin);
    let audit = guarded.site.directory.path().join("audit");
    let aside = guarded.site.directory.path().join("aside");
    std::fs::rename(&audit, &aside).unwrap();
    let (status, body) = guarded.call("PUT", "/_ingest/pipeline/a", Some(&admin), PUT).await;
    assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(503)));
    std::fs::rename(&aside, &audit).unwrap();
    let (status, _) = guarded.call("GET", "/_ingest/pipeline/a", Some(&admin), "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_users_they_are_open_on_loopback_alone() {
    for (exposure, status) in [(Exposure::Local, StatusCode::OK), (Exposure::Remote, StatusCode::FORBIDDEN)] {
        let site = site(&[], exposure).await;
        let (found, _, body) = site.send(call("PUT", "/_ingest/pipeline/a", None, PUT)).await;
        assert_eq!(found, status, "{body}");
    }
    let site = site(&[], Exposure::Local).await;
    let mut request = call("PUT", "/_ingest/pipeline/a", None, PUT);
    request.headers_mut().insert(header::HOST, "evil.example.com".parse().unwrap());
    assert_eq!(site.send(request).await.0, StatusCode::MISDIRECTED_REQUEST);
    let mut request = call("PUT", "/_ingest/pipeline/a", None, PUT);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(site.send(request).await.0, StatusCode::FORBIDDEN);
}
