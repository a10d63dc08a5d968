//! The fake cluster's state, and what it does with a `_bulk` body.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::Read;

use axum::http::{HeaderMap, Uri};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Seen;
use super::script::{Apply, Fate, Reply};

/// What the cluster holds, for comparing with what a client believes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accepted {
    /// Documents by backing index and `_id`.
    pub documents: BTreeMap<(String, String), Value>,
    /// Documents that the failure store took, by data stream and `_id`.
    pub diverted: BTreeMap<(String, String), Value>,
}

impl Accepted {
    /// How many backing indices hold each id: 2 and more is a duplicate.
    pub fn ids(&self) -> BTreeMap<&str, usize> {
        let mut ids = BTreeMap::new();
        for (_, id) in self.documents.keys() {
            *ids.entry(id.as_str()).or_default() += 1;
        }
        ids
    }

    /// The ids that are in more than one backing index.
    pub fn duplicates(&self) -> Vec<&str> {
        self.ids().into_iter().filter_map(|(id, copies)| (copies > 1).then_some(id)).collect()
    }
}

pub(super) struct Cluster {
    pub(super) script: VecDeque<Reply>,
    pub(super) seen: Vec<Seen>,
    pub(super) accepted: Accepted,
    /// When the backing indices of data streams that have rolled over were made.
    generations: HashMap<String, Vec<Timestamp>>,
    /// Whether its credentials may only write.
    pub(super) unreadable: bool,
    /// Requests that read.
    pub(super) reads: usize,
}

struct Item {
    stream: String,
    id: String,
    source: Value,
}

impl Cluster {
    pub(super) fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            script: script.into_iter().collect(),
            seen: Vec::new(),
            accepted: Accepted::default(),
            generations: HashMap::new(),
            unreadable: false,
            reads: 0,
        }
    }

    /// The first index of each stream was made long ago.
    pub(super) fn generations(&self, stream: &str) -> &[Timestamp] {
        self.generations.get(stream).map_or(&[Timestamp::UNIX_EPOCH], Vec::as_slice)
    }

    pub(super) fn rollover(&mut self, stream: &str) {
        let generations = self.generations.entry(stream.to_owned());
        generations.or_insert_with(|| vec![Timestamp::UNIX_EPOCH]).push(Timestamp::now());
    }

    pub(super) fn backing(stream: &str, generation: usize) -> String {
        format!(".ds-{stream}-2026.01.01-{generation:06}")
    }

    /// Does what the script says with a request; the reply and what could truthfully be said.
    pub(super) fn bulk(
        &mut self,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Reply, Value), String> {
        let items = parse(&inflate(headers, body)?)?;
        self.seen.push(Seen {
            uri: uri.to_string(),
            headers: headers
                .iter()
                .map(|(name, value)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect(),
            bytes: body.len(),
            ids: items.iter().map(|item| item.id.clone()).collect(),
        });
        let reply = self.script.pop_front().unwrap_or_else(Reply::truth);
        let answers: Vec<Value> = match &reply.apply {
            Apply::Nothing => Vec::new(),
            Apply::All => items.into_iter().map(|item| self.apply(item, &Fate::Taken)).collect(),
            Apply::Each(fates) => {
                let fates = fates.iter().chain(std::iter::repeat(&Fate::Taken));
                items.into_iter().zip(fates).map(|(item, fate)| self.apply(item, fate)).collect()
            }
        };
        let errors = answers.iter().any(|answer| answer["create"]["error"].is_object());
        Ok((reply, json!({"errors": errors, "took": 1, "items": answers})))
    }

    fn apply(&mut self, item: Item, fate: &Fate) -> Value {
        let generation = self.generations(&item.stream).len();
        let backing = Self::backing(&item.stream, generation);
        let mut answer = json!({"_index": backing, "_id": item.id});
        match fate {
            Fate::Refused(status, kind, reason) => {
                answer["_index"] = json!(item.stream);
                answer["status"] = json!(status);
                answer["error"] = json!({"type": kind, "reason": reason});
            }
            Fate::Diverted => {
                answer["_index"] = json!(format!(".fs-{}-2026.01.01-{generation:06}", item.stream));
                answer["failure_store"] = json!("used");
                taken(&mut answer);
                self.accepted.diverted.insert((item.stream, item.id), item.source);
            }
            Fate::Taken => match self.accepted.documents.entry((backing.clone(), item.id)) {
                Entry::Vacant(place) => {
                    taken(&mut answer);
                    place.insert(item.source);
                }
                Entry::Occupied(there) => {
                    let reason = format!(
                        "[{}]: version conflict, document already exists (current version [1])",
                        there.key().1
                    );
                    answer["status"] = json!(409);
                    answer["error"] = json!({
                        "type": "version_conflict_engine_exception", "reason": reason, "index": backing,
                    });
                }
            },
        }
        json!({"create": answer})
    }
}

fn taken(answer: &mut Value) {
    answer["_version"] = json!(1);
    answer["result"] = json!("created");
    answer["_shards"] = json!({"total": 1, "successful": 1, "failed": 0});
    answer["status"] = json!(201);
}

/// The body as it was before compression.
pub(crate) fn inflate(headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, String> {
    if headers.get("content-encoding").is_none_or(|encoding| encoding != "gzip") {
        return Ok(body.to_vec());
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(body).read_to_end(&mut plain).map_err(|error| format!("gzip: {error}"))?;
    Ok(plain)
}

/// The items of a body of `create` actions, as strictly as Elasticsearch reads it.
fn parse(body: &[u8]) -> Result<Vec<Item>, String> {
    if body.last() != Some(&b'\n') {
        return Err("The bulk request must be terminated by a newline [\\n]".to_owned());
    }
    let mut lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut items = Vec::new();
    while let Some(line) = lines.next() {
        let action: Value = serde_json::from_slice(line)
            .map_err(|error| format!("Malformed action/metadata line [{}]: {error}", items.len() * 2 + 1))?;
        let create = &action["create"];
        let Some(stream) = create["_index"].as_str() else {
            return Err(format!("only create with an _index is understood here, not {action}"));
        };
        let source = lines.next().ok_or("an action without a source")?;
        items.push(Item {
            stream: stream.to_owned(),
            id: create["_id"].as_str().map_or_else(|| format!("auto-{}", items.len()), str::to_owned),
            source: serde_json::from_slice(source).map_err(|error| format!("a source: {error}"))?,
        });
    }
    if items.is_empty() { Err("request body is required".to_owned()) } else { Ok(items) }
}
