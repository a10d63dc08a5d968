//! Texts that try to be something else, in every field, filter, path and page.

use axum::http::StatusCode;
use event::{Checkpoint, Quarantined, Settlement, SourceId, Tally};
use serde_json::{Value, json};

use super::{Site, site};
use crate::guard::Exposure;
use crate::question::{NAMES, encode};

const HOSTILE: [&str; 16] = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "</title></pre></textarea><svg onload=alert(3)>",
    "javascript:alert(4)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<!--<a href=\"javascript:alert(5)\">",
    "' OR 1=1 --",
    "\"; DROP TABLE event; --",
    "1 UNION SELECT * FROM quarantine",
    "x' AND words MATCH 'a*' --",
    "=HYPERLINK(\"http://example.com\")",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "\u{202e}gnp.exe",
    "a\u{0}b\u{1b}[31m",
    "../../etc/passwd",
    "%00%0d%0aSet-Cookie: x=1",
];

/// A document with a text in every field that a page shows.
fn document(text: &str) -> Value {
    json!({
        "@timestamp": "2026-05-04T11:14:58.922Z", "data_stream": { "dataset": text }, "message": text,
        "event": { "id": text, "action": text, "category": [text, "authentication"], "outcome": text },
        "user": { "email": text, "name": text, "target": { "email": text } },
        "source": { "ip": text, "geo": { "country_name": text, "country_iso_code": text, "city_name": text } },
        "cencori": { "audit": { "resource": { "type": text }, "project": text, "metadata": { "before": { text: text }, "after": {} } } },
        "labels": { text: text },
    })
}

/// What the texts would have to be to do harm, as HTML.
fn assert_harmless(path: &str, page: &str) {
    for tag in ["<script>", "<img", "<svg onload", "<!--", "<a href=\"javascript", "href=\"javascript"] {
        assert!(!page.contains(tag), "{path} holds {tag}");
    }
}

/// Whether it shows what is there: nothing that moves a cursor or turns text round.
fn assert_visible(path: &str, page: &str) {
    for c in ['\u{202e}', '\u{1b}', '\u{0}'] {
        assert!(!page.contains(c), "{path} holds {c:?}");
    }
}

async fn visit(site: &Site, path: &str, json: bool) -> StatusCode {
    let (status, headers, page) = site.get(path).await;
    assert!(headers["content-security-policy"].starts_with("default-src 'none'"), "{path}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(!headers.contains_key("set-cookie"), "{path}");
    assert!(!status.is_server_error(), "{path}: {status}");
    if !json {
        assert_harmless(path, &page);
    }
    assert!(!page.contains("panicked") && !page.contains(".rs:"), "{path}");
    status
}

#[tokio::test]
async fn texts_stay_texts_in_every_field_and_filter() {
    let documents = HOSTILE.map(document);
    let site = site(&documents, Exposure::Local).await;
    assert_visible("/", &site.get("/").await.2);
    for text in HOSTILE {
        let encoded = encode(text);
        for name in NAMES.iter().copied().chain(["live", "more", &*encoded]) {
            visit(&site, &format!("/?{name}={encoded}"), false).await;
            visit(&site, &format!("/?{name}=x%3A{encoded}"), false).await;
            visit(&site, &format!("/failed-logins?{name}={encoded}"), false).await;
        }
        // A filter by the text itself finds its event, and only that.
        for filter in [
            "dataset=",
            "action=",
            "category=",
            "outcome=",
            "user=",
            "project=",
            "resource=",
            "is=source.ip%3A",
        ] {
            let path = format!("/?{filter}{encoded}");
            let (status, _, page) = site.get(&path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(page.contains("<strong>1</strong> event"), "{path}");
            assert_harmless(&path, &page);
        }
        for place in ["actors", "resources"] {
            let path = format!("/{place}/{encoded}");
            assert_eq!(visit(&site, &path, false).await, StatusCode::OK);
            assert_visible(&path, &site.get(&path).await.2);
        }
        let id = format!("logs-cursor.audit-default/{encoded}");
        let path = format!("/events/{id}");
        assert_eq!(visit(&site, &path, false).await, StatusCode::OK);
        assert_visible(&path, &site.get(&path).await.2);
        assert_eq!(visit(&site, &format!("/documents/{id}"), true).await, StatusCode::OK);
        for path in [
            "/events/{}/x",
            "/quarantine/{}",
            "/quarantine?source={}",
            "/quarantine?after={}",
            "/assets/{}",
            "/{}",
        ] {
            visit(&site, &path.replace("{}", &encoded), false).await;
        }
    }
}

#[tokio::test]
async fn what_is_in_quarantine_is_shown_and_does_nothing() {
    let site = site(&[], Exposure::Local).await;
    let quarantined = |text: &str| Quarantined {
        stream: text.to_owned(),
        id: text.to_owned(),
        status: 400,
        reason: text.to_owned(),
        location: Some(text.to_owned()),
        offset: 7,
        collected: "2026-05-04T12:00:00Z".parse().unwrap(),
        raw: [text.as_bytes(), b"\xff\xfe"].concat(),
        document: json!({ "x": text }).to_string().into_bytes(),
    };
    let count = HOSTILE.len() as u64;
    let settlement = Settlement {
        source: SourceId::new("files"),
        dataset: event::Dataset::new("cursor.audit").unwrap(),
        checkpoint: Checkpoint::default(),
        tally: Tally { accepted: count, quarantined: count, ..Tally::default() },
        quarantined: HOSTILE.map(quarantined).into(),
    };
    site.ledger.settle(&[settlement]).unwrap();
    let (_, _, page) = site.get("/quarantine").await;
    assert!(page.contains("<strong>16</strong> held") && page.contains("trailcar quarantine retry --all"));
    assert_harmless("/quarantine", &page);
    assert_visible("/quarantine", &page);
    for number in 1..=HOSTILE.len() {
        let path = format!("/quarantine/{number}");
        let (status, _, page) = site.get(&path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            page.contains(&format!("trailcar quarantine retry {number}")) && page.contains("byte 7"),
            "{page}"
        );
        assert_harmless(&path, &page);
    }
    assert_eq!(
        visit(&site, "/quarantine?source=files&dataset=cursor.audit&after=3", false).await,
        StatusCode::OK
    );
    let (_, _, page) = site.get("/quarantine?source=others").await;
    assert!(page.contains("Nothing is in quarantine"));
}
