//! Asking the cluster for documents, for whoever looks on. It never gets into delivery's way: it waits no longer than a reader
//! does, and its answers settle nothing.

use std::time::Duration;

use elasticsearch::http::Method;
use serde_json::Value;

use crate::bulk::failure;
use crate::client::{Request, segment};
use crate::sink::ElasticsearchSink;

/// Readers wait no longer than this.
const PATIENCE: Duration = Duration::from_secs(12);

impl ElasticsearchSink {
    /// Sends a body to `_search` of some data streams (a name, or one with stars), and gives the answer. Streams that are not
    /// there have no documents.
    ///
    /// # Errors
    /// Why there is no answer, with the cure.
    pub async fn search(&self, streams: &str, body: &Value) -> Result<Value, String> {
        let path = format!("/{}/_search", segment(streams));
        let query = [("ignore_unavailable", "true"), ("allow_no_indices", "true")];
        let request = Request { query: &query, ..Request::new(Method::Post, &path).json(body) };
        let answer = tokio::time::timeout(PATIENCE, self.client().send(&request)).await;
        let answer = answer.map_err(|_| {
            format!(
                "the server gave no answer within {} s: ask for a shorter time, or look whether it is overloaded",
                PATIENCE.as_secs()
            )
        })?;
        let answer = answer.map_err(|error| error.to_string())?;
        let cause = failure(&answer.body).words();
        match answer.status {
            200 => serde_json::from_slice(&answer.body)
                .map_err(|error| format!("{} gave an answer that is no JSON: {error}", answer.host)),
            401 | 403 => Err(format!(
                "{} does not let this sidecar read: give its key the privilege `read` on logs-* ({cause})",
                answer.host
            )),
            status => Err(format!("{} answers {status}: {cause}", answer.host)),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::extract::RawQuery;
    use axum::http::{StatusCode, Uri};
    use axum::routing::any;
    use serde_json::json;

    use super::*;
    use crate::ElasticsearchConfig;

    async fn asked(routes: Router) -> Result<Value, String> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let config =
            ElasticsearchConfig { hosts: vec![url], proxy_disable: true, ..ElasticsearchConfig::default() };
        ElasticsearchSink::new(&config).unwrap().search("logs-*.audit-*", &json!({ "size": 1 })).await
    }

    #[tokio::test]
    async fn an_answer_is_given_as_it_is_and_a_refusal_with_its_cure() {
        let echo = any(|uri: Uri, RawQuery(query): RawQuery, body: String| async move {
            json!({ "path": uri.path(), "query": query, "body": body }).to_string()
        });
        let answer = asked(Router::new().fallback(echo)).await.unwrap();
        assert_eq!(answer["path"], "/logs-*.audit-*/_search");
        assert_eq!(answer["query"], "ignore_unavailable=true&allow_no_indices=true");
        assert_eq!(answer["body"], "{\"size\":1}");
        let refusal = json!({ "error": { "type": "security_exception", "reason": "no" }, "status": 403 });
        let refusal = any(move || async move { (StatusCode::FORBIDDEN, refusal.to_string()) });
        let told = asked(Router::new().fallback(refusal)).await.unwrap_err();
        assert!(told.contains("privilege `read`") && told.contains("security_exception: no"), "{told}");
        let told = asked(Router::new().fallback(any(|| async { "<html>" }))).await.unwrap_err();
        assert!(told.contains("no JSON"), "{told}");
        let told = asked(Router::new().fallback(any(|| async { (StatusCode::BAD_REQUEST, "{}") })))
            .await
            .unwrap_err();
        assert!(told.contains("answers 400"), "{told}");
    }
}
