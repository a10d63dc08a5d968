//! Asks a search server, for tests that look at what is there.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};

use crate::servers::Login;

/// A client of one server. What a server says that is not 2xx is an error with its text, except from
/// [`call`](Self::call).
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    login: Option<Login>,
}

/// A hit of a search: where it is and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The backing index.
    pub index: String,
    /// `_id`.
    pub id: String,
    /// `_source`.
    pub source: Value,
}

impl Client {
    /// A client of the server at `base`.
    pub fn new(base: &str, login: Option<Login>) -> Self {
        Self { http: reqwest::Client::new(), base: base.trim_end_matches('/').to_owned(), login }
    }

    /// One request, with or without a body; the status and the answer (`null` where it is not JSON).
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn call(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<(u16, Value)> {
        let mut request =
            self.http.request(method, format!("{}/{}", self.base, path.trim_start_matches('/')));
        if let Some(Login { user, password }) = &self.login {
            request = request.basic_auth(user, Some(password));
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = request.send().await.with_context(|| format!("{} /{path}", self.base))?;
        let status = answer.status().as_u16();
        let text = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&text).unwrap_or_default()))
    }

    async fn expect(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Value> {
        let name = method.to_string();
        match self.call(method, path, body).await? {
            (200..=299, answer) => Ok(answer),
            (status, answer) => bail!("{name} {path}: {status} {answer}"),
        }
    }

    /// GET.
    ///
    /// # Errors
    /// When the answer is not 2xx; so for the others.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.expect(Method::GET, path, None).await
    }

    /// PUT, without a body where it is `null`.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.expect(Method::PUT, path, (!body.is_null()).then(|| body.to_string().into_bytes())).await
    }

    /// POST, without a body where it is `null`.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.expect(Method::POST, path, (!body.is_null()).then(|| body.to_string().into_bytes())).await
    }

    /// DELETE.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.expect(Method::DELETE, path, None).await
    }

    /// Removes a data stream if it is there: what an earlier run has left on a server that stays up keeps its mapping and its events.
    ///
    /// # Errors
    /// As [`get`](Self::get), but for a stream that is not there.
    pub async fn remove_stream(&self, stream: &str) -> Result<()> {
        match self.call(Method::DELETE, &format!("_data_stream/{stream}"), None).await? {
            (200..=299 | 404, _) => Ok(()),
            (status, answer) => bail!("DELETE {stream}: {status} {answer}"),
        }
    }

    /// `_bulk` with a finished body; the answer, whose items may have failed.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn bulk(&self, body: Vec<u8>) -> Result<Value> {
        self.expect(Method::POST, "_bulk", Some(body)).await
    }

    /// Makes what was written to an index or data stream visible to searches.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn refresh(&self, index: &str) -> Result<()> {
        self.expect(Method::POST, &format!("{index}/_refresh"), None).await.map(drop)
    }

    /// How many documents an index or data stream has, after a refresh.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn count(&self, index: &str) -> Result<u64> {
        self.refresh(index).await?;
        self.get(&format!("{index}/_count")).await?["count"].as_u64().context("a count without count")
    }

    /// A search; the whole answer.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn search(&self, index: &str, body: &Value) -> Result<Value> {
        self.post(&format!("{index}/_search"), body).await
    }

    /// All documents of an index or data stream, after a refresh, by `_id`: an id with two hits is a duplicate, which
    /// a data stream permits in two backing indices.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn documents(&self, index: &str) -> Result<BTreeMap<String, Vec<Hit>>> {
        self.refresh(index).await?;
        let mut found: BTreeMap<String, Vec<Hit>> = BTreeMap::new();
        let first = json!({"size": 1000, "sort": ["_doc"]});
        let mut page = self.post(&format!("{index}/_search?scroll=1m"), &first).await?;
        loop {
            let hits = page["hits"]["hits"].as_array().context("a search without hits")?;
            if hits.is_empty() {
                break;
            }
            for hit in hits {
                let hit = Hit {
                    index: text(&hit["_index"]),
                    id: text(&hit["_id"]),
                    source: hit["_source"].clone(),
                };
                found.entry(hit.id.clone()).or_default().push(hit);
            }
            let next = json!({"scroll": "1m", "scroll_id": page["_scroll_id"]});
            page = self.post("_search/scroll", &next).await?;
        }
        let done = json!({"scroll_id": page["_scroll_id"]}).to_string().into_bytes();
        self.call(Method::DELETE, "_search/scroll", Some(done)).await?;
        Ok(found)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
