//! Dashboards go into Kibana by its saved objects API.

use bytes::Bytes;
use elasticsearch::http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{SetupError, refused};
use crate::client::{Client, Request, segment};
use crate::config::ElasticsearchConfig;

/// `output.elasticsearch.kibana`: where `trailcar setup --dashboards` finds Kibana. Credentials and TLS are those of
/// Elasticsearch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KibanaConfig {
    /// Address, `https://kibana.example:5601` for instance.
    pub host: String,
    /// The space that gets the dashboards; without it the default one.
    #[serde(default, rename = "space.id", alias = "space_id")]
    pub space_id: Option<String>,
}

const BOUNDARY: &str = "trailcar-saved-objects-5f0c6d";

/// Imports saved objects, in place of those of the same id.
pub(super) async fn import(config: &ElasticsearchConfig, ndjson: &[u8]) -> Result<(), SetupError> {
    let Some(kibana) = &config.kibana else {
        return Err(SetupError::Missing("output.elasticsearch.kibana.host is not set".to_owned()));
    };
    let client = Client::of_kibana(config, kibana)
        .map_err(|error| SetupError::Missing(format!("Kibana can not be asked: {error}")))?;
    let space = kibana.space_id.as_deref().map(|id| format!("/s/{}", segment(id))).unwrap_or_default();
    let path = format!("{space}/api/saved_objects/_import");
    let request = Request {
        query: &[("overwrite", "true")],
        body: Some(multipart(ndjson)),
        content_type: &format!("multipart/form-data; boundary={BOUNDARY}"),
        ..Request::new(Method::Post, &path)
    };
    let object = format!("dashboards in {}", kibana.host);
    let answer = client.send(&request).await.map_err(|error| SetupError::Refused {
        object: object.clone(),
        status: 0,
        reason: error.to_string(),
    })?;
    if !(200..=299).contains(&answer.status) {
        return Err(refused(&object, &answer));
    }
    let imported: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if imported["success"] == Value::Bool(true) {
        return Ok(());
    }
    Err(SetupError::Refused { object, status: answer.status, reason: errors(&imported) })
}

/// What Kibana says of the objects that it did not take.
fn errors(imported: &Value) -> String {
    let errors = imported["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let told: Vec<String> = errors
        .iter()
        .take(5)
        .map(|error| format!("{} {}: {}", error["type"], error["id"], error["error"]["type"]))
        .collect();
    if told.is_empty() {
        "it is not Kibana's answer to an import: check the address".to_owned()
    } else {
        told.join("; ")
    }
}

fn multipart(ndjson: &[u8]) -> Bytes {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"trailcar.ndjson\"\r\n\
         Content-Type: application/ndjson\r\n\r\n"
    );
    let tail = format!("\r\n--{BOUNDARY}--\r\n");
    [head.as_bytes(), ndjson, tail.as_bytes()].concat().into()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Bytes as Body;
    use axum::http::{HeaderMap, Uri};
    use axum::routing::post;
    use tokio::sync::mpsc;

    use super::*;

    /// A Kibana that answers `answer`, and what it was sent.
    async fn kibana(
        answer: &'static str,
    ) -> (ElasticsearchConfig, mpsc::UnboundedReceiver<(Uri, HeaderMap, Body)>) {
        let (seen, requests) = mpsc::unbounded_channel();
        let take = post(move |uri: Uri, headers: HeaderMap, body: Body| async move {
            seen.send((uri, headers, body)).unwrap();
            answer
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/s/audit/api/saved_objects/_import", take);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let kibana = serde_json::from_value(serde_json::json!({"host": host, "space.id": "audit"})).unwrap();
        let config = ElasticsearchConfig { kibana: Some(kibana), proxy_disable: true, ..Default::default() };
        (config, requests)
    }

    #[tokio::test]
    async fn saved_objects_go_in_as_a_file() {
        let (config, mut requests) = kibana(r#"{"success":true,"successCount":1}"#).await;
        import(&config, b"{\"id\":\"a\"}\n").await.unwrap();
        let (uri, headers, body) = requests.recv().await.unwrap();
        assert_eq!(uri.query(), Some("overwrite=true"));
        assert_eq!(headers["kbn-xsrf"], "true");
        let content_type = headers["content-type"].to_str().unwrap();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
        assert_eq!((parts.len(), parts[2]), (3, "--\r\n"));
        let (head, file) = parts[1].split_once("\r\n\r\n").unwrap();
        assert!(head.contains(r#"name="file"; filename="trailcar.ndjson""#), "{head}");
        assert_eq!(file, "{\"id\":\"a\"}\n\r\n");
    }

    #[tokio::test]
    async fn what_kibana_does_not_take_is_told() {
        for (answer, words) in [
            (
                r#"{"success":false,"errors":[{"id":"d","type":"dashboard","error":{"type":"missing_references"}}]}"#,
                r#""dashboard" "d": "missing_references""#,
            ),
            ("<html>", "check the address"),
        ] {
            let (config, _requests) = kibana(answer).await;
            let told = import(&config, b"").await.unwrap_err().to_string();
            assert!(told.contains(words), "{told}");
        }
    }
}
