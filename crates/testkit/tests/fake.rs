//! The fakes do what their scripts say.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests, with their helper functions")]

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::fake::{FakeElasticsearch, Fate, Reply, Say};
use testkit::null::NullElasticsearch;

fn body(ids: &[&str]) -> Vec<u8> {
    let mut body = Vec::new();
    for id in ids {
        writeln!(body, "{}", json!({"create": {"_index": "logs-a-b", "_id": id}})).unwrap();
        writeln!(body, "{}", json!({"n": id})).unwrap();
    }
    body
}

fn statuses(answer: &Value) -> Vec<u64> {
    let items = answer["items"].as_array().expect("items");
    items.iter().map(|item| item["create"]["status"].as_u64().expect("a status")).collect()
}

#[tokio::test]
async fn items_are_taken_once_per_write_index() {
    let fake = FakeElasticsearch::start([]).await.unwrap();
    let client = Client::new(&fake.url(), None);
    assert_eq!(statuses(&client.bulk(body(&["1", "2"])).await.unwrap()), [201, 201]);
    let again = client.bulk(body(&["2", "3"])).await.unwrap();
    assert_eq!((statuses(&again), &again["errors"]), (vec![409, 201], &json!(true)));
    assert!(fake.accepted().duplicates().is_empty());
    fake.rollover("logs-a-b");
    assert_eq!(statuses(&client.bulk(body(&["2"])).await.unwrap()), [201]);
    assert_eq!(fake.accepted().duplicates(), ["2"]);
    assert_eq!(fake.requests().iter().map(|seen| seen.ids.len()).sum::<usize>(), 5);
}

#[tokio::test]
async fn each_item_has_its_fate() {
    let fates = [Fate::Refused(429, "es_rejected_execution_exception", "full"), Fate::Diverted, Fate::Taken];
    let fake = FakeElasticsearch::start([Reply::each(fates)]).await.unwrap();
    let client = Client::new(&fake.url(), None);
    let answer = client.bulk(body(&["1", "2", "3", "4"])).await.unwrap();
    assert_eq!(statuses(&answer), [429, 201, 201, 201]);
    assert_eq!(answer["items"][1]["create"]["failure_store"], "used");
    let accepted = fake.accepted();
    assert_eq!(accepted.ids().keys().copied().collect::<Vec<_>>(), ["3", "4"]);
    assert_eq!(accepted.diverted.len(), 1);
    assert_eq!(fake.unused(), 0);
}

#[tokio::test]
async fn what_is_said_may_differ_from_what_is_done() {
    let script = [
        Reply::status(503).header("retry-after", "1"),
        Reply::taken_but(Say::Cut(20)),
        Reply::taken_but(Say::Garbled("<html>".to_owned())),
        Reply::taken_but(Say::Fewer(1)),
        Reply::taken_but(Say::Shuffled),
        Reply::taken_but(Say::Late(Duration::from_millis(1))),
    ];
    let fake = FakeElasticsearch::start(script).await.unwrap();
    let client = Client::new(&fake.url(), None);
    let post = |ids| client.call(reqwest::Method::POST, "_bulk", Some(body(ids)));
    assert_eq!(post(&["0"]).await.unwrap().0, 503);
    assert!(fake.accepted().documents.is_empty());
    assert!(post(&["1", "2"]).await.is_err(), "a cut answer is no answer");
    assert_eq!(fake.accepted().documents.len(), 2);
    assert_eq!(post(&["3"]).await.unwrap(), (200, Value::Null));
    assert_eq!(statuses(&client.bulk(body(&["4", "5"])).await.unwrap()).len(), 1);
    let shuffled = client.bulk(body(&["6", "7", "8"])).await.unwrap();
    let ids: Vec<&Value> =
        shuffled["items"].as_array().unwrap().iter().map(|i| &i["create"]["_id"]).collect();
    assert_ne!(ids, ["6", "7", "8"]);
    assert_eq!(statuses(&client.bulk(body(&["9"])).await.unwrap()), [201]);
    assert_eq!((fake.accepted().documents.len(), fake.unused()), (9, 0));
}

#[tokio::test]
async fn bodies_are_read_as_strictly_as_the_server_does() {
    let fake = FakeElasticsearch::start([]).await.unwrap();
    let client = Client::new(&fake.url(), None);
    let mut open = body(&["1"]);
    open.pop();
    for broken in [Vec::new(), open, b"{\"create\":{}}\n{}\n".to_vec(), b"nonsense\n{}\n".to_vec()] {
        let (status, _) = client.call(reqwest::Method::POST, "_bulk", Some(broken)).await.unwrap();
        assert_eq!(status, 400);
    }
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn the_null_server_answers_every_item() {
    let null = NullElasticsearch::start().await.unwrap();
    let client = Client::new(&null.url(), None);
    let answer = client.bulk(body(&["a", "b", "c"])).await.unwrap();
    assert_eq!(statuses(&answer), [201, 201, 201]);
    assert_eq!(answer["items"][2]["create"]["_id"], "c");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&body(&["d"])).unwrap();
    let sent = reqwest::Client::new()
        .post(format!("{}/_bulk", null.url()))
        .header("content-encoding", "gzip")
        .body(gzip.finish().unwrap());
    assert_eq!(sent.send().await.unwrap().status(), 200);
    assert_eq!(null.items(), 4);
}
