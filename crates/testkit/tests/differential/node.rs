//! The node's side.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Map, Value, json};
use testkit::client::Client;

use crate::compare::{HALF_CHARACTER, Outcome};
use crate::rewrite::MARK;

/// An OpenSearch node, whose pipelines belong to one test at a time.
pub(crate) struct Node {
    client: Client,
    /// The processors that it has.
    pub(crate) processors: BTreeSet<String>,
}

/// What the node made of a document.
pub(crate) struct Answer {
    /// What came out, without the mark of processors that were left out.
    pub(crate) outcome: Outcome,
    /// Its `_ingest.timestamp`.
    pub(crate) timestamp: Option<String>,
    /// The processors that would have run on it and were left out.
    pub(crate) left_out: Option<String>,
}

/// The pipelines of a node are shared, and tests run at the same time.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

impl Node {
    pub(crate) async fn new(client: Client) -> Self {
        // By default a node compiles 75 templates in five minutes, and refuses pipelines then.
        let unlimited = json!({"script.context.template.max_compilations_rate": "unlimited"});
        client.put("_cluster/settings", &json!({"persistent": unlimited})).await.expect("settings");
        let info = client.get("_nodes/ingest").await.unwrap();
        let node = info["nodes"].as_object().unwrap().values().next().expect("a node");
        let listed = node["ingest"]["processors"].as_array().unwrap();
        let processors = listed.iter().map(|entry| entry["type"].as_str().unwrap().to_owned()).collect();
        Self { client, processors }
    }

    /// Runs the pipeline `id` on documents in JSON, with stored scripts that it may name.
    pub(crate) async fn simulate(
        &self,
        id: &str,
        definitions: &BTreeMap<String, Map<String, Value>>,
        scripts: &BTreeMap<String, String>,
        documents: &[String],
    ) -> Vec<Answer> {
        let _turn = TURN.lock().await;
        for (name, source) in scripts {
            let script = json!({"script": {"lang": "painless", "source": source}});
            self.send(Method::PUT, &format!("_scripts/{name}"), &script.to_string()).await;
        }
        let answers = self.call(id, definitions, documents, "").await;
        for name in scripts.keys() {
            self.send(Method::DELETE, &format!("_scripts/{name}"), "").await;
        }
        answers.into_iter().map(|answer| outcome(&answer)).collect()
    }

    /// Puts pipelines, which stay; the names of those that are refused, which then are not there.
    pub(crate) async fn put(&self, definitions: &BTreeMap<String, Map<String, Value>>) -> Vec<String> {
        let mut refused = Vec::new();
        for (name, body) in definitions.iter().filter(|(name, _)| *name != crate::case::INLINE) {
            let path = format!("_ingest/pipeline/{name}");
            if self.send(Method::PUT, &path, &json!(body).to_string()).await.0 >= 400 {
                self.send(Method::DELETE, &path, "").await;
                refused.push(name.clone());
            }
        }
        refused
    }

    /// Runs a pipeline that has no name on documents in JSON; it may call pipelines that were [put](Self::put).
    pub(crate) async fn inline(&self, body: &Map<String, Value>, documents: &[String]) -> Vec<Answer> {
        let answers = self.some("_ingest/pipeline/_simulate", Some(body), documents).await;
        answers.into_iter().map(|answer| outcome(&answer)).collect()
    }

    /// The tags of all processors that ran on any of the documents.
    pub(crate) async fn reached(
        &self,
        id: &str,
        definitions: &BTreeMap<String, Map<String, Value>>,
        documents: &[String],
    ) -> BTreeSet<String> {
        let _turn = TURN.lock().await;
        let answers = self.call(id, definitions, documents, "?verbose").await;
        answers
            .iter()
            .flat_map(|answer| answer["processor_results"].as_array().cloned().unwrap_or_default())
            .filter(|result| result["status"] != "skipped")
            .filter_map(|result| result["tag"].as_str().map(str::to_owned))
            .collect()
    }

    async fn call(
        &self,
        id: &str,
        definitions: &BTreeMap<String, Map<String, Value>>,
        documents: &[String],
        query: &str,
    ) -> Vec<Value> {
        let mut inline = None;
        let mut refused = None;
        for (name, body) in definitions {
            if name == crate::case::INLINE {
                inline = Some(body);
                continue;
            }
            let put =
                self.send(Method::PUT, &format!("_ingest/pipeline/{name}"), &json!(body).to_string()).await;
            refused = refused.or((put.0 >= 400).then_some(put.1));
        }
        let path = match inline {
            Some(_) => format!("_ingest/pipeline/_simulate{query}"),
            None => format!("_ingest/pipeline/{id}/_simulate{query}"),
        };
        let mut answers = Vec::new();
        match refused {
            Some(error) => answers.resize(documents.len(), error),
            None => {
                for some in documents.chunks(200) {
                    answers.extend(self.some(&path, inline, some).await);
                }
            }
        }
        for name in definitions.keys().filter(|name| *name != crate::case::INLINE) {
            self.send(Method::DELETE, &format!("_ingest/pipeline/{name}"), "").await;
        }
        answers
    }

    /// One request; a refusal of many documents may be one document's fault, so then each is asked alone.
    async fn some(
        &self,
        path: &str,
        inline: Option<&Map<String, Value>>,
        documents: &[String],
    ) -> Vec<Value> {
        let pipeline = inline.map_or_else(String::new, |body| format!("\"pipeline\":{},", json!(body)));
        let ask = |documents: &[String]| {
            let docs: Vec<String> = documents.iter().map(|json| format!("{{\"_source\":{json}}}")).collect();
            format!("{{{pipeline}\"docs\":[{}]}}", docs.join(","))
        };
        let (status, answer) = self.send(Method::POST, path, &ask(documents)).await;
        if status == 200
            && let Some(docs) = answer["docs"].as_array()
        {
            assert_eq!(docs.len(), documents.len());
            return docs.clone();
        }
        let mut answers = Vec::new();
        for document in documents {
            let (status, answer) = self.send(Method::POST, path, &ask(std::slice::from_ref(document))).await;
            answers.push(match status {
                // Java's halves of a character are escapes that are no JSON.
                200 if answer.is_null() => json!({"error": {"type": "none", "reason": HALF_CHARACTER}}),
                200 => answer["docs"][0].clone(),
                _ => answer,
            });
        }
        answers
    }

    async fn send(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let body = (!body.is_empty()).then(|| body.as_bytes().to_vec());
        self.client.call(method, path, body).await.expect("an answer")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The time as templates give it: a fraction of 3, 6 or 9 digits, where the answer leaves zeros away.
fn in_thousands(timestamp: &str) -> String {
    let Some((seconds, fraction)) = timestamp.trim_end_matches('Z').split_once('.') else {
        return timestamp.to_owned();
    };
    let width = fraction.len().next_multiple_of(3);
    format!("{seconds}.{fraction:0<width$}Z")
}

fn outcome(answer: &Value) -> Answer {
    let error = &answer["error"];
    if error.is_object() {
        let (kind, reason) = (text(&error["type"]), text(&error["reason"]));
        // A pipeline that is refused, or code that broke: both answer the whole request.
        let refused =
            answer["status"].is_number() && (kind == "parse_exception" || !error["processor_type"].is_null());
        let outcome =
            if refused { Outcome::Refused { kind, reason } } else { Outcome::Failed { kind, reason } };
        return Answer { outcome, timestamp: None, left_out: None };
    }
    let Some(doc) = answer["doc"].as_object() else {
        return Answer { outcome: Outcome::Dropped, timestamp: None, left_out: None };
    };
    let mut source = doc.get("_source").cloned().unwrap_or_default();
    let left_out = source.as_object_mut().and_then(|fields| fields.shift_remove(MARK));
    Answer {
        outcome: Outcome::Document {
            id: text(&answer["doc"]["_id"]),
            index: text(&answer["doc"]["_index"]),
            source,
        },
        timestamp: answer["doc"]["_ingest"]["timestamp"].as_str().map(in_thousands),
        left_out: left_out.map(|marks| {
            let marks: Vec<String> = marks.as_array().into_iter().flatten().map(text).collect();
            marks.join(", ")
        }),
    }
}
