//! The calls over HTTP: headers, bodies that somebody means ill with, and the root that pages and programs share.

use std::io::Write;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::guard::Exposure;
use crate::tests::site;

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn the_root_is_a_page_for_browsers_and_an_answer_for_clients() {
    let site = site(&[], Exposure::Local).await;
    for (accept, is_answer) in [
        ("*/*", false),
        ("text/html,application/xhtml+xml,*/*;q=0.8", false),
        ("application/json", true),
        ("application/vnd.elasticsearch+json; compatible-with=9", true),
    ] {
        let (status, headers, body) = site.send(request("GET", "/", &[("accept", accept)], "")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers.contains_key("x-elastic-product"), is_answer, "{accept}");
        match is_answer {
            true => {
                let info: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(info["tagline"], "You Know, for Search");
            }
            false => assert!(body.starts_with("<!doctype html>")),
        }
    }
    let head = request("HEAD", "/", &[("accept", "application/json")], "");
    assert_eq!(site.send(head).await.0, StatusCode::OK);
}

#[tokio::test]
async fn answers_have_the_headers_that_clients_look_for() {
    let site = site(&[], Exposure::Local).await;
    let media = "application/vnd.elasticsearch+json; compatible-with=8";
    let asked = [("accept", media), ("x-opaque-id", "mine-7")];
    let (status, headers, _) = site.send(request("GET", "/_ingest/pipeline/shipped", &asked, "")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-type"], "application/vnd.elasticsearch+json;compatible-with=8");
    assert_eq!((&*headers["x-elastic-product"], &*headers["x-opaque-id"]), ("Elasticsearch", "mine-7"));
    let (status, headers, _) = site.send(request("PATCH", "/_ingest/pipeline/shipped", &[], "")).await;
    assert_eq!((status, headers.contains_key("x-elastic-product")), (StatusCode::METHOD_NOT_ALLOWED, true));
    let (_, headers, _) = site.send(request("POST", "/_ingest/pipeline/shipped", &[JSON], "{}")).await;
    assert_eq!(headers["allow"], "GET, PUT, DELETE");
}

#[tokio::test]
async fn packed_bodies_are_taken() {
    let site = site(&[], Exposure::Local).await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(br#"{"docs":[{"_source":{}}]}"#).unwrap();
    let packed = encoder.finish().unwrap();
    let headers = [JSON, ("content-encoding", "gzip")];
    let path = "/_ingest/pipeline/shipped/_simulate";
    let (status, _, body) = site.send(request("POST", path, &headers, packed)).await;
    assert!(status == StatusCode::OK && body.contains(r#""by":"shipped""#), "{body}");
    let headers = [JSON, ("content-encoding", "br")];
    let (status, ..) = site.send(request("POST", path, &headers, "{}")).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

fn nested(open: &str, close: &str, times: usize) -> String {
    format!("{}{}", open.repeat(times), close.repeat(times))
}

/// Bodies that are too deep, too large, of the wrong type, or too many.
fn hostile() -> Vec<(&'static str, String)> {
    let docs = |count: usize| vec![r#"{"_source":{"a":1}}"#; count].join(",");
    let processor = |options: &str| format!(r#"{{"processors":[{options}],"docs":[{{"_source":{{}}}}]}}"#);
    vec![
        ("deep lists", format!(r#"{{"docs":{}}}"#, nested("[", "]", 100_000))),
        ("deep objects", format!(r#"{{"_meta":{}1{}}}"#, r#"{"a":"#.repeat(5_000), "}".repeat(5_000))),
        (
            "deep documents",
            format!(r#"{{"docs":[{{"_source":{}1{}}}]}}"#, r#"{"a":"#.repeat(200), "}".repeat(200)),
        ),
        ("unfinished", r#"{"docs":[{"_source":"#.to_owned()),
        ("nothing", String::new()),
        ("blank", "  \n ".to_owned()),
        ("a number", "7".to_owned()),
        ("null", "null".to_owned()),
        ("a list", "[]".to_owned()),
        ("a text", "\"x\"".to_owned()),
        ("half a character", "{\"a\":\"\\ud800\"}".to_owned()),
        ("a control character", "{\"a\":\"\u{1}\"}".to_owned()),
        ("a number beyond all", r#"{"processors":[],"version":1e999}"#.to_owned()),
        ("documents of no type", r#"{"docs":"x"}"#.to_owned()),
        ("no documents", r#"{"docs":[],"processors":7}"#.to_owned()),
        ("thousands of documents", format!(r#"{{"docs":[{}],"processors":7}}"#, docs(5_000))),
        ("a processor of no type", processor("7")),
        ("a processor of a list", processor(r#"{"set":[]}"#)),
        (
            "processors in processors",
            processor(&format!(
                "{}{}{}",
                r#"{"foreach":{"field":"a","processor":"#.repeat(40),
                r#"{"set":{"field":"a","value":1}}"#,
                "}}".repeat(40)
            )),
        ),
        (
            "a pattern that explodes",
            processor(r#"{"grok":{"field":"a","patterns":["%{A}"],"pattern_definitions":{"A":"%{A}"}}}"#),
        ),
        (
            "a script without an end",
            processor(&format!(r#"{{"script":{{"source":"{}"}}}}"#, "(".repeat(50_000))),
        ),
        (
            "a script with too much",
            processor(&format!(r#"{{"script":{{"source":"{}"}}}}"#, "1+".repeat(100_000))),
        ),
        ("a field that is no path", processor(r#"{"set":{"field":"a..b","value":1}}"#)),
        ("a template that is broken", processor(r#"{"set":{"field":"a","value":"{{#a"}}"#)),
    ]
}

#[tokio::test]
async fn hostile_bodies_are_refused_each_with_a_reason() {
    let site = site(&[], Exposure::Local).await;
    for (what, body) in hostile() {
        for (method, path) in [
            ("PUT", "/_ingest/pipeline/x"),
            ("POST", "/_ingest/pipeline/_simulate"),
            ("POST", "/_ingest/pipeline/_simulate?verbose"),
            ("POST", "/_ingest/x/_simulate"),
            ("PUT", "/_scripts/x"),
            ("POST", "/_scripts/painless/_execute"),
        ] {
            let (status, headers, answer) = site.send(request(method, path, &[JSON], body.clone())).await;
            // What a simulation of writes is told besides documents means nothing to it.
            let is_fine = path == "/_ingest/x/_simulate" && answer.contains("executed_pipelines");
            assert!(is_fine || status.is_client_error(), "{what}, {path}: {status} {answer:.300}");
            assert_eq!(headers["x-elastic-product"], "Elasticsearch");
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert!(is_fine || answer["error"]["reason"].is_string(), "{what}, {path}: {answer:.300}");
        }
    }
    let (status, _, body) = site.send(request("GET", "/_ingest/pipeline/x", &[], "")).await;
    assert_eq!((status, &*body), (StatusCode::NOT_FOUND, "{}"));
}

#[tokio::test]
async fn what_is_too_large_is_refused_unread() {
    let site = site(&[], Exposure::Local).await;
    let body = format!(r#"{{"processors":[],"description":"{}"}}"#, "x".repeat(11 << 20));
    let (status, _, answer) = site.send(request("PUT", "/_ingest/pipeline/x", &[JSON], body)).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer["error"]["type"], "content_too_long_exception");
}

#[tokio::test]
async fn a_document_that_takes_too_much_is_an_error_in_its_place() {
    let site = site(&[], Exposure::Local).await;
    let script = |source: &str| json!({ "pipeline": { "processors": [{ "script": { "source": source } }] } });
    for (source, cause) in [
        ("while (ctx.no == null) { }", "The maximum number of statements"),
        ("int f() { return f() } f()", ""),
        ("String s = 'x'; while (ctx.no == null) { s += s }", ""),
        ("ctx.a = []; while (ctx.no == null) { ctx.a.add(ctx.a) }", ""),
        ("ctx.a.b = 1", ""),
    ] {
        let mut body = script(source);
        body["docs"] = json!([{ "_source": {} }, { "_source": { "fine": 1 } }]);
        for path in ["/_ingest/pipeline/_simulate", "/_ingest/pipeline/_simulate?verbose=true"] {
            let (status, _, answer) = site.send(request("POST", path, &[JSON], body.to_string())).await;
            assert_eq!(status, StatusCode::OK, "{source}: {answer:.300}");
            assert!(answer.contains("script_exception") && answer.contains(cause), "{source}: {answer:.600}");
        }
    }
}

#[tokio::test]
async fn answers_are_bounded_however_much_documents_grow() {
    let site = site(&[], Exposure::Local).await;
    let grow = "String s = 'x'; for (int i = 0; i < 20; i++) { s += s } ctx.s = s";
    let docs = vec![json!({ "_source": {} }); 100];
    let body = json!({ "pipeline": { "processors": [{ "script": { "source": grow } }] }, "docs": docs });
    for path in ["/_ingest/pipeline/_simulate", "/_ingest/pipeline/_simulate?verbose=true"] {
        let (status, _, answer) = site.send(request("POST", path, &[JSON], body.to_string())).await;
        assert!(status == StatusCode::OK && answer.len() < 80 << 20, "{} bytes", answer.len());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let docs = answer["docs"].as_array().unwrap();
        assert_eq!(docs.len(), 100);
        assert!(docs[0].get("error").is_none());
        assert_eq!(docs[99]["error"]["type"], "circuit_breaking_exception");
    }
}
