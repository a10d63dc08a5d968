//! Asks a server for documents by their ids.

use elasticsearch::http::Method;
use event::DocumentBatch;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Trouble;
use crate::bulk::failure;
use crate::client::{Client, Request, segment};

/// Ids of one request.
const AT_ONCE: usize = 2000;

const QUERY: [(&str, &str); 2] =
    [("_source", "false"), ("filter_path", "docs.found,docs.error.type,docs.error.reason")];

#[derive(Deserialize)]
struct Found {
    docs: Vec<FoundDocument>,
}

#[derive(Deserialize)]
struct FoundDocument {
    found: Option<bool>,
    error: Option<Why>,
}

#[derive(Deserialize)]
struct Why {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    reason: String,
}

/// The documents that an index has. They are got by their ids, which sees what no search sees yet.
pub(super) async fn held(
    client: &Client,
    index: &str,
    batch: &DocumentBatch,
    documents: &[u32],
) -> Result<Vec<u32>, Trouble> {
    let path = format!("/{}/_mget", segment(index));
    let mut there = Vec::new();
    for documents in documents.chunks(AT_ONCE) {
        let ids: Vec<String> = documents
            .iter()
            .map(|&document| format!("\"{}\"", batch.id(&batch.documents[document as usize])))
            .collect();
        let body = format!(r#"{{"ids":[{}]}}"#, ids.join(","));
        let request = Request { query: &QUERY, body: Some(body.into()), ..Request::new(Method::Post, &path) };
        // An index that is gone has none.
        let Some(Found { docs }) = answer(client, &request).await? else { return Ok(Vec::new()) };
        if docs.len() != documents.len() {
            return Err(Trouble::Later(format!(
                "{} answers for {} of {} documents of {index}",
                client.addresses().join(", "),
                docs.len(),
                documents.len()
            )));
        }
        for (&document, found) in documents.iter().zip(docs) {
            match found.error {
                None if found.found == Some(true) => there.push(document),
                None => {}
                Some(why) => unknown(index, &why)?,
            }
        }
    }
    Ok(there)
}

/// What it means that an index does not tell whether it has a document.
fn unknown(index: &str, why: &Why) -> Result<(), Trouble> {
    let Why { kind, reason } = why;
    match kind.as_str() {
        "index_not_found_exception" => Ok(()),
        "security_exception" => Err(Trouble::Never(may_not_read(reason))),
        "index_closed_exception" => Err(Trouble::Never(format!("{index} is closed and can not be asked"))),
        _ => Err(Trouble::Later(format!(
            "{index} does not tell whether it has events that were sent before ({kind}: {reason}): bring it back, or \
             delete it"
        ))),
    }
}

fn may_not_read(words: &str) -> String {
    format!(
        "the credentials may not look for them; give them read and view_index_metadata, as `trailcar setup --print-role` \
         shows ({words})"
    )
}

/// An answer, read; `None` when there is nothing of that name.
pub(super) async fn answer<T: DeserializeOwned>(
    client: &Client,
    request: &Request<'_>,
) -> Result<Option<T>, Trouble> {
    let answer = client.send(request).await.map_err(|error| Trouble::Later(error.to_string()))?;
    let words = failure(&answer.body).words();
    match answer.status {
        200 => serde_json::from_slice(&answer.body).map(Some).map_err(|error| {
            Trouble::Later(format!(
                "{} gives no answer to {} that can be read: {error}",
                answer.host, request.path
            ))
        }),
        404 => Ok(None),
        401 | 403 => Err(Trouble::Never(may_not_read(&words))),
        status @ (429 | 500..=599) => {
            Err(Trouble::Later(format!("{} answers {status}: {words}", answer.host)))
        }
        status => {
            Err(Trouble::Never(format!("{} answers {} with {status} {words}", answer.host, request.path)))
        }
    }
}
