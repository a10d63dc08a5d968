//! The real servers start, keep what they acknowledged, and refuse strangers.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests, with their helper functions")]

use reqwest::Method;
use serde_json::json;
use testkit::client::Client;
use testkit::{require, servers};

const DOCUMENT: &[u8] =
    b"{\"create\":{\"_index\":\"kept\",\"_id\":\"1\"}}\n{\"@timestamp\":\"2026-01-01T00:00:00Z\"}\n";

#[tokio::test]
async fn elasticsearch_keeps_what_it_took_over_a_kill() {
    let mut node = require!(servers::elasticsearch().start());
    let taken = node.client().bulk(DOCUMENT.to_vec()).await.unwrap();
    assert_eq!(taken["items"][0]["create"]["status"], 201, "{taken}");
    node.kill9();
    assert!(node.client().get("/").await.is_err());
    node.restart().unwrap();
    node.client().get("_cluster/health?wait_for_status=yellow").await.unwrap();
    let documents = node.client().documents("kept").await.unwrap();
    assert_eq!(documents["1"].len(), 1);
    assert_eq!(documents["1"][0].source, json!({"@timestamp": "2026-01-01T00:00:00Z"}));
}

#[tokio::test]
async fn elasticsearch_with_security_refuses_strangers() {
    let node = require!(servers::elasticsearch().security("admin", "secret-123").start());
    let stranger = Client::new(node.url(), None);
    assert_eq!(stranger.call(Method::GET, "/", None).await.unwrap().0, 401);
    let who = node.client().get("_security/_authenticate").await.unwrap();
    assert_eq!(who["username"], "admin");
}

#[tokio::test]
async fn opensearch_runs_pipelines() {
    let node = require!(servers::opensearch().shared());
    let simulate = json!({
        "pipeline": {"processors": [{"uppercase": {"field": "a", "if": "ctx.a != null"}}]},
        "docs": [{"_source": {"a": "x"}}],
    });
    let answer = node.client().post("_ingest/pipeline/_simulate", &simulate).await.unwrap();
    assert_eq!(answer["docs"][0]["doc"]["_source"], json!({"a": "X"}));
}
