//! The interfaces as a program gets them.

mod exports;
mod golden;
mod hostile;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{cencori, events, export, openapi, promptfoo, table};
use crate::guard::Exposure;
use crate::question::NAMES;
use crate::tests::{Site, site};

/// A minute's events of several sources: `at` seconds after the whole hour.
fn document(at: u32, id: &str, more: Value) -> Value {
    let mut document = json!({
        "@timestamp": format!("2026-05-04T11:{:02}:{:02}.000Z", at / 60, at % 60),
        "data_stream": { "dataset": "cursor.audit" },
        "event": { "id": id, "action": "login", "category": ["authentication"], "outcome": "success" },
        "user": { "email": "ada@example.com" },
    });
    for (name, value) in more.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

/// A server with 150 events, every third of them about a team.
async fn full() -> Site {
    let group = |at: u32| {
        json!({ "event": { "id": format!("e{at}"), "action": "create_directory_group", "category": ["iam"], "type": ["group", "creation"] },
                "user": { "id": "u7", "email": "grace@example.com" }, "cursor": { "audit": { "team_id": "team_17" } } })
    };
    let documents: Vec<_> = (0..150)
        .map(|at| document(at, &format!("e{at}"), if at % 3 == 0 { group(at) } else { json!({}) }))
        .collect();
    site(&documents, Exposure::Local).await
}

async fn get(site: &Site, path: &str) -> (StatusCode, Value) {
    let (status, headers, body) = site.get(path).await;
    assert!(headers["content-type"].starts_with("application/json"), "{path}: {body}");
    (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}")))
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["logs"].as_array().unwrap().iter().map(|log| log["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn promptfoo_pages_are_by_limit_and_offset() {
    let site = full().await;
    let (status, answer) = get(&site, "/api/v1/audit-logs").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&answer["total"], &answer["limit"], &answer["offset"]), (&json!(150), &json!(20), &json!(0)));
    assert_eq!((ids(&answer).len(), ids(&answer)[0], ids(&answer)[19]), (20, "e149", "e130"));
    let mut seen = Vec::new();
    for offset in (0..150).step_by(40) {
        let (_, answer) = get(&site, &format!("/api/v1/audit-logs?limit=40&offset={offset}")).await;
        seen.extend(ids(&answer).into_iter().map(str::to_owned));
    }
    assert_eq!(seen, (0..150).rev().map(|at| format!("e{at}")).collect::<Vec<_>>());
    for offset in ["150", "18446744073709551615"] {
        let (status, answer) = get(&site, &format!("/api/v1/audit-logs?offset={offset}")).await;
        assert_eq!((status, ids(&answer).len(), &answer["total"]), (StatusCode::OK, 0, &json!(150)));
    }
}

#[tokio::test]
async fn promptfoo_filters_find_what_entries_show() {
    let site = full().await;
    for (query, total) in [
        ("target=TEAM", 50),
        ("target=USER", 100),
        ("target=ROLE", 0),
        ("actorId=u7", 50),
        ("actorId=ada%40example.com", 100),
        ("actorId=grace%40example.com", 0),
        ("action=login", 100),
        ("action=log", 0),
        ("createdAtGte=2026-05-04T11:02:00Z", 30),
        ("createdAtGte=2026-05-04T11:00:10.0Z&createdAtLte=2026-05-04T11:00:19Z", 10),
        ("createdAtLte=2026-05-03", 0),
        ("action=login&target=TEAM", 0),
        ("createdAtGte=2026-05-05&createdAtLte=2026-05-03", 0),
    ] {
        let (status, answer) = get(&site, &format!("/api/v1/audit-logs?limit=100&{query}")).await;
        assert_eq!((status, &answer["total"]), (StatusCode::OK, &json!(total)), "{query}");
        let logs = answer["logs"].as_array().unwrap();
        assert_eq!(logs.len(), total.min(100));
        for (name, value) in [("target", "target="), ("actorId", "actorId="), ("action", "action=")] {
            if let Some(wanted) = query.strip_prefix(value).filter(|wanted| !wanted.contains(['%', '&'])) {
                assert!(logs.iter().all(|log| log[name] == wanted), "{query}");
            }
        }
    }
}

#[tokio::test]
async fn cencori_pages_count_from_one() {
    let site = full().await;
    let path = "/api/organizations/acme/audit-logs";
    let (status, answer) = get(&site, path).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["pagination"], json!({ "page": 1, "per_page": 50, "total": 150, "total_pages": 3 }));
    assert_eq!((ids(&answer).len(), ids(&answer)[0]), (50, "e149"));
    for (query, total, pages) in [
        ("page=2&per_page=100", 150, 2),
        ("page=4294967295&per_page=100", 150, 2),
        ("category=member", 50, 1),
        ("category=security&per_page=7", 100, 15),
        ("category=billing", 0, 0),
        ("project_id=team_17", 50, 1),
        ("search=grace", 50, 1),
        ("search=gra*&category=security", 0, 0),
        ("time_range=all", 150, 3),
        ("time_range=", 150, 3),
    ] {
        let (status, answer) = get(&site, &format!("{path}?{query}")).await;
        let pagination = &answer["pagination"];
        assert_eq!(
            (status, &pagination["total"], &pagination["total_pages"]),
            (StatusCode::OK, &json!(total), &json!(pages)),
            "{query}"
        );
        if let Some(wanted) = query.strip_prefix("category=").filter(|wanted| !wanted.contains('&')) {
            assert!(answer["logs"].as_array().unwrap().iter().all(|log| log["category"] == wanted));
        }
    }
    let now = jiff::Timestamp::now();
    let ago = |hours| (now - jiff::SignedDuration::from_hours(hours)).to_string();
    let recent: Vec<_> =
        [(0, "a"), (20, "b"), (24 * 6, "c"), (24 * 29, "d"), (24 * 89, "e"), (24 * 400, "f")]
            .map(|(hours, id)| {
                let mut document = document(0, id, json!({}));
                document["@timestamp"] = json!(ago(hours));
                document
            })
            .to_vec();
    let site = self::site(&recent, Exposure::Local).await;
    for (range, total) in [("1h", 1), ("24h", 2), ("7d", 3), ("30d", 4), ("90d", 5), ("all", 6)] {
        let (_, answer) = get(&site, &format!("{path}?time_range={range}")).await;
        assert_eq!(answer["pagination"]["total"], total, "{range}");
    }
}

#[tokio::test]
async fn wrong_questions_get_a_sentence_and_are_not_bent() {
    let site = full().await;
    let (promptfoo, cencori) = ("/api/v1/audit-logs", "/api/organizations/acme/audit-logs");
    let long = format!("action={}", "x".repeat(1001));
    for (path, query, words) in [
        (promptfoo, "limit=0", "limit is a whole number from 1 to 100, and not \"0\""),
        (promptfoo, "limit=101", "from 1 to 100"),
        (promptfoo, "limit=", "limit is"),
        (promptfoo, "limit=1e1", "limit is"),
        (promptfoo, "limit=20&limit=30", "limit is given twice"),
        (promptfoo, "offset=-1", "offset is a whole number from 0"),
        (promptfoo, "offset=18446744073709551616", "offset is"),
        (promptfoo, "createdAtGte=yesterday", "createdAtGte can not be read"),
        (promptfoo, "createdAtLte=2026-13-01", "createdAtLte can not be read"),
        (promptfoo, "createdAtLte=", "createdAtLte can not be read"),
        (promptfoo, "target=user", "target is one of USER, ROLE"),
        (promptfoo, "target=DATASET", "and not \"DATASET\""),
        (promptfoo, "colour=red", "There is no parameter \"colour\""),
        (promptfoo, &long, "longer than 1000 bytes"),
        (cencori, "category=colour", "category is one of api_key"),
        (cencori, "time_range=1y", "time_range is one of 1h, 24h, 7d, 30d, 90d, all"),
        (cencori, "page=0", "page is"),
        (cencori, "per_page=101", "per_page is a whole number from 1 to 100"),
        (cencori, "page=4294967296", "page is"),
        (cencori, &format!("search={}", "a+".repeat(65)), "search for at most 64"),
    ] {
        let (status, answer) = get(&site, &format!("{path}?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{query}: {answer}");
    }
    for path in ["/api/organizations/a%20b/audit-logs", "/api/v2/audit-logs", "/api", "/api/"] {
        assert_eq!(get(&site, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn only_this_machine_may_ask() {
    let other = site(&[document(0, "a", json!({}))], Exposure::Remote).await;
    let local = site(&[document(0, "a", json!({}))], Exposure::Local).await;
    for (path, _) in table() {
        let path = path.replace("{slug}", "acme");
        assert_eq!(get(&other, &path).await.0, StatusCode::FORBIDDEN, "{path}");
        let (status, _, body) = local.get_as("evil.example.com", &path).await;
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert!(!body.contains("ada@example.com"));
    }
}

#[tokio::test]
async fn the_description_is_that_of_the_routes() {
    let site = full().await;
    let (_, description) = get(&site, "/api/openapi.json").await;
    assert_eq!(description, serde_json::from_str::<Value>(openapi::DESCRIPTION).unwrap());
    let described = description["paths"].as_object().unwrap();
    let routes: BTreeSet<String> = table().iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(described.keys().cloned().collect::<BTreeSet<_>>(), routes);
    let known = |path: &str| -> Vec<&str> {
        match path {
            "/api/v1/audit-logs" => promptfoo::PARAMETERS.to_vec(),
            "/api/organizations/{slug}/audit-logs" => cencori::PARAMETERS.to_vec(),
            "/api/events" => [&NAMES[..], &events::PARAMETERS].concat(),
            "/api/events/export" | "/api/events/export/manifest" => {
                let mut known = [&NAMES[..], &export::PARAMETERS].concat();
                known.retain(|name| *name != "cursor");
                known
            }
            _ => Vec::new(),
        }
    };
    for (path, methods) in described {
        let none = Vec::new();
        let parameters = methods["get"]["parameters"].as_array().unwrap_or(&none);
        let query = parameters.iter().filter(|own| own["in"] == "query");
        let names: BTreeSet<&str> = query.clone().map(|own| own["name"].as_str().unwrap()).collect();
        assert_eq!(names, known(path).into_iter().collect(), "{path}");
        let example = |own: &Value| match &own["example"] {
            Value::String(text) => crate::question::encode(text),
            Value::Array(texts) => crate::question::encode(texts[0].as_str().unwrap()),
            other => other.to_string(),
        };
        let mut address = path.clone();
        for own in parameters.iter().filter(|own| own["in"] == "path") {
            address = address.replace(&format!("{{{}}}", own["name"].as_str().unwrap()), &example(own));
        }
        let asked = |own: &Value| format!("{}={}", own["name"].as_str().unwrap(), example(own));
        let required: Vec<String> = query.clone().filter(|own| own["required"] == true).map(asked).collect();
        let address = format!("{address}?{}", required.join("&"));
        assert_eq!(site.get(&address).await.0, StatusCode::OK, "{address}");
        for own in query.filter(|own| own["required"] != true) {
            let address = format!("{address}&{}", asked(own));
            assert_eq!(site.get(&address).await.0, StatusCode::OK, "{address}");
        }
        if !names.is_empty() {
            let address = format!("{address}&no_such_parameter=1");
            assert_eq!(site.get(&address).await.0, StatusCode::BAD_REQUEST, "{address}");
        }
    }
}
