//! What attackers type goes through every parameter that is described, and through the fields of an event.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::openapi;
use super::{document, site};
use crate::guard::Exposure;
use crate::question::encode;

/// Scripts, SQL, formulas, paths, control characters, and what is no text at all.
pub(super) const CORPUS: [&str; 24] = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "javascript:alert(1)",
    "</script><svg/onload=alert(3)>",
    "{{7*7}}${7*7}",
    "' OR '1'='1",
    "'; DROP TABLE event; --",
    "\" UNION SELECT * FROM body --",
    "1 OR 1=1",
    "words MATCH 'x' OR rank",
    "NEAR(a b) AND NOT c*",
    "%27%20OR%201=1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "../../etc/passwd",
    "a\r\nSet-Cookie: x=1",
    "\0",
    "\u{202e}\u{feff}\u{fffd}",
    "99999999999999999999999999",
    "-1",
    "9999-99-99T99:99:99Z",
];

#[tokio::test]
async fn hostile_values_never_break_anything() {
    let hostile: Vec<Value> = CORPUS
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let event = json!({ "id": format!("{at}{text}"), "action": text, "category": [text] });
            let own = json!({ "audit": { "team_id": text, "rule_id": text } });
            document(at as u32, "", json!({ "event": event, "user": { "email": text, "id": text }, "cursor": own, "message": text }))
        })
        .collect();
    let site = site(&hostile, Exposure::Local).await;
    let description: Value = serde_json::from_str(openapi::DESCRIPTION).unwrap();
    let mut asked = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        let path = path.replace("{slug}", "acme");
        let parameters = methods["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let mut addresses = Vec::new();
        for text in CORPUS.map(encode).iter().map(String::as_str).chain(["%ff%fe", "%", "%u0041", ""]) {
            for own in &parameters {
                for format in ["", "&format=csv", "&format=ndjson"] {
                    addresses.push(format!("{path}?{}={text}{format}", own["name"].as_str().unwrap()));
                }
            }
            addresses.push(format!("{path}?{text}=1"));
            addresses.push(format!("/api/organizations/{text}/audit-logs?format=csv"));
            addresses.push(format!("/api/{text}"));
        }
        for address in addresses {
            let (status, headers, body) = site.get(&address).await;
            asked += 1;
            assert!(status == StatusCode::OK || status.is_client_error(), "{address}: {status}: {body}");
            assert!(!headers.contains_key("set-cookie"), "{address}");
            assert_eq!(headers["x-content-type-options"], "nosniff", "{address}");
            if let Some(name) = headers.get("content-disposition") {
                let file =
                    name.strip_prefix("attachment; filename=\"").and_then(|name| name.strip_suffix('"'));
                let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
                assert!(file.is_some_and(|file| file.chars().all(fits)), "{address}: {name}");
            }
            let kind = headers.get("content-type").map_or("", String::as_str);
            assert!(!kind.contains("html"), "{address}: {kind}");
            if status.is_client_error() {
                let answer: Value =
                    serde_json::from_str(&body).unwrap_or_else(|_| panic!("{address}: {body}"));
                assert!(answer["error"].as_str().is_some_and(|text| !text.is_empty()), "{address}");
            }
        }
    }
    assert!(asked > 3_000, "{asked}");
}

#[tokio::test]
async fn a_hostile_text_finds_itself_and_nothing_else() {
    let hostile: Vec<Value> = CORPUS
        .iter()
        .enumerate()
        .map(|(at, text)| document(at as u32, &format!("e{at}"), json!({ "user": { "id": text } })))
        .collect();
    let site = site(&hostile, Exposure::Local).await;
    for (at, text) in CORPUS.iter().enumerate() {
        let (_, answer) = super::get(&site, &format!("/api/v1/audit-logs?actorId={}", encode(text))).await;
        assert_eq!(
            (&answer["total"], super::ids(&answer)),
            (&json!(1), vec![format!("e{at}").as_str()]),
            "{text}"
        );
        assert_eq!(answer["logs"][0]["actorId"], *text);
    }
}
