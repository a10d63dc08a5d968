//! The sidecar's own events, page by page and as files.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::hostile::CORPUS;
use super::{document, full, get, site};
use crate::guard::Exposure;

fn ids(answer: &Value) -> Vec<String> {
    let events = answer["events"].as_array().unwrap();
    events.iter().map(|event| event["_source"]["event"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn cursors_lead_through_all_events_and_back() {
    let site = full().await;
    let (mut seen, mut cursor, mut pages) = (Vec::new(), None::<String>, Vec::new());
    loop {
        let at = cursor.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let (status, answer) = get(&site, &format!("/api/events?limit=40&action=login{at}")).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer["previous"].is_null(), cursor.is_none());
        seen.extend(ids(&answer));
        pages.push(ids(&answer));
        match answer["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => {
                let back = answer["previous"].as_str().unwrap();
                let (_, answer) =
                    get(&site, &format!("/api/events?limit=40&action=login&cursor={back}")).await;
                assert_eq!(ids(&answer), pages[1]);
                break;
            }
        }
    }
    let expected: Vec<_> = (0..150).rev().filter(|at| at % 3 != 0).map(|at| format!("e{at}")).collect();
    assert_eq!((seen, pages.len()), (expected, 3));
    let (_, answer) = get(&site, "/api/events?limit=1").await;
    assert_eq!(answer["events"][0]["_index"], "logs-cursor.audit-default");
    assert_eq!(ids(&answer), ["e149"]);
}

#[tokio::test]
async fn a_file_and_its_manifest_belong_together() {
    let site = full().await;
    for (format, kind) in [
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("json", "application/json"),
        ("ndjson", "application/x-ndjson"),
    ] {
        let (status, headers, body) = site
            .get(&format!("/api/events/export?format={format}&action=login&from=2026-05-04T11:01:00Z"))
            .await;
        assert_eq!((status, headers["content-type"].as_str()), (StatusCode::OK, kind));
        assert_eq!(
            headers["content-disposition"],
            format!("attachment; filename=\"events-as-of-150.{format}\"")
        );
        let link = &headers["link"];
        let manifest = link.strip_prefix('<').unwrap().split('>').next().unwrap();
        let (_, manifest) = get(&site, manifest).await;
        let digest: String =
            <sha2::Sha256 as sha2::Digest>::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((&manifest["sha256"], &manifest["bytes"]), (&json!(digest), &json!(body.len())));
        assert_eq!(
            (&manifest["events"], &manifest["total"], &manifest["cut"]),
            (&json!(60), &json!(60), &json!(false))
        );
        assert_eq!(manifest["filter"], json!({ "action": ["login"], "from": ["2026-05-04T11:01:00Z"] }));
        assert_eq!(body.lines().filter(|line| line.contains("e149")).count(), 1, "{format}");
        assert!(!body.contains("e59\"") && !body.contains("create_directory_group"), "{format}");
    }
    let (_, headers, _) = site.get("/api/events/export?format=csv&range=1h").await;
    assert!(
        headers["link"].contains("&from=20") && !headers["link"].contains("range"),
        "{}",
        headers["link"]
    );
}

#[tokio::test]
async fn what_can_not_be_exported_is_refused() {
    let site = full().await;
    for (query, words) in [
        ("", "format is csv, json or ndjson"),
        ("format=xlsx", "format is one of csv, json, ndjson"),
        ("format=csv&cursor=o5_7", "leave cursor away"),
        ("format=csv&as_of=151", "at most 150"),
        ("format=csv&as_of=-1", "as_of is a whole number"),
        ("format=csv&colour=red", "nothing called"),
        ("format=csv&from=x", "is not a time"),
    ] {
        for path in ["/api/events/export", "/api/events/export/manifest"] {
            let (status, answer) = get(&site, &format!("{path}?{query}")).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
            assert!(answer["error"].as_str().unwrap().contains(words), "{query}: {answer}");
        }
    }
    for query in ["limit=0", "limit=1001", "cursor=x", "limit=5&limit=6"] {
        assert_eq!(get(&site, &format!("/api/events?{query}")).await.0, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn no_cell_of_a_table_is_a_formula() {
    let hostile: Vec<Value> = CORPUS
        .iter()
        .enumerate()
        .map(|(at, text)| {
            document(at as u32, &format!("e{at}"), json!({ "user": { "email": text }, "message": text }))
        })
        .collect();
    let site = site(&hostile, Exposure::Local).await;
    let (_, _, body) = site.get("/api/events/export?format=csv").await;
    let mut cells = 0;
    for record in csv::Reader::from_reader(body.as_bytes()).records() {
        for cell in record.unwrap().iter() {
            cells += 1;
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
    assert_eq!(cells, CORPUS.len() * 12);
}

#[tokio::test]
async fn the_viewer_leads_to_exports_of_what_it_shows() {
    let site = full().await;
    let (_, _, page) = site.get("/?action=login&q=ada").await;
    let link = "/api/events/export?format=csv&#38;as_of=150&#38;action=login&#38;q=ada";
    assert!(page.contains(&format!("href=\"{link}\"")), "{page}");
    let (status, _, body) = site.get(&link.replace("&#38;", "&")).await;
    assert_eq!((status, body.lines().count()), (StatusCode::OK, 101));
    let (_, _, page) = site.get("/?q=nobody").await;
    assert!(!page.contains("Export these"));
}

#[tokio::test]
async fn cencoris_exports_hold_the_entries_of_its_pages() {
    let site = full().await;
    let path = "/api/organizations/acme/audit-logs?category=member";
    let (_, page) = get(&site, &format!("{path}&per_page=100")).await;
    let (status, headers, body) = site.get(&format!("{path}&format=json")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-disposition"], "attachment; filename=\"audit-logs-acme.json\"");
    let export: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&export["organization"], &export["logs"]), (&json!("acme"), &page["logs"]));
    assert!(export["exported_at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());

    let (_, headers, body) = site.get(&format!("{path}&format=csv")).await;
    assert!(headers["content-type"].starts_with("text/csv"));
    let mut table = csv::Reader::from_reader(body.as_bytes());
    let names: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let logs = page["logs"].as_array().unwrap();
    let fields: Vec<&String> = logs[0].as_object().unwrap().keys().collect();
    assert_eq!(names.iter().collect::<Vec<_>>(), fields);
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 50);
    for (row, log) in rows.iter().zip(logs) {
        for (cell, field) in row.iter().zip(log.as_object().unwrap().values()) {
            let text = field.as_str().map_or_else(|| field.to_string(), str::to_owned);
            assert_eq!(cell, text);
        }
    }
    assert_eq!(get(&site, &format!("{path}&format=xlsx")).await.0, StatusCode::BAD_REQUEST);
}
