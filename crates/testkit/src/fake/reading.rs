//! What the fake cluster says of its data streams and documents.

use axum::http::Method;
use serde_json::{Value, json};

use super::cluster::Cluster;

impl Cluster {
    /// The answer to a request that reads, with its status; `None` for one that is not known here.
    pub(super) fn read(&self, method: &Method, path: &str, body: &[u8]) -> Option<(u16, Value)> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let answer = match (method, &parts[..]) {
            (&Method::GET, ["_data_stream", stream]) => self.data_stream(stream),
            (&Method::GET, [stream, "_settings", "index.creation_date"]) => self.creation_dates(stream),
            (&Method::POST, [index, "_mget"]) => self.mget(index, body)?,
            _ => return None,
        };
        if self.unreadable {
            let reason = "action is unauthorized for API key id [x]";
            return Some((
                403,
                json!({"error": {"type": "security_exception", "reason": reason}, "status": 403}),
            ));
        }
        Some((200, answer))
    }

    fn data_stream(&self, stream: &str) -> Value {
        let indices = (1..).zip(self.generations(stream));
        let indices: Vec<Value> =
            indices.map(|(number, _)| json!({"index_name": Self::backing(stream, number)})).collect();
        json!({"data_streams": [{"name": stream, "indices": indices, "rollover_on_write": false}]})
    }

    fn creation_dates(&self, stream: &str) -> Value {
        let dates = (1..).zip(self.generations(stream)).map(|(number, made)| {
            let date = made.as_millisecond().to_string();
            (Self::backing(stream, number), json!({"settings": {"index": {"creation_date": date}}}))
        });
        Value::Object(dates.collect())
    }

    fn mget(&self, index: &str, body: &[u8]) -> Option<Value> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let ids = body["ids"].as_array()?.iter().filter_map(Value::as_str);
        let found = ids.map(
            |id| json!({"found": self.accepted.documents.contains_key(&(index.to_owned(), id.to_owned()))}),
        );
        Some(json!({"docs": found.collect::<Vec<_>>()}))
    }
}
