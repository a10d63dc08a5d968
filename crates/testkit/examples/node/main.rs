//! The engine against a real OpenSearch: the same events through the shipped Cursor pipeline, CPU time of the node's
//! process against CPU time of the thread that runs the engine, in turns in one run.
//!
//! `cargo run --release -p testkit --example node -- DIR`, DIR with `events.ndjson` and databases as
//! `cargo bench -p normalize --bench cursor -- EVENTS --write DIR` writes them. What OpenSearch lacks is rewritten as for
//! the comparison of documents (`tests/differential`), and documents are compared before anything is timed.
//!
//! The node gets the events by `_bulk` with a pipeline that calls the shipped one and drops the document: indexing is no
//! part of what the engine does, and `_simulate` would copy every document and write it into its answer. What `_bulk`
//! costs by itself is measured by a pipeline that drops at once. As a check, the events are indexed too, and
//! the finished documents without a pipeline; the difference is the pipeline again.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark ends when its ground is not there, and prints"
)]

#[path = "../../../normalize/benches/cursor/engine.rs"]
mod engine;
mod measured;
#[path = "../../tests/differential/rewrite.rs"]
#[allow(dead_code, reason = "the comparison of documents asks more of it")]
mod rewrite;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use engine::COLLECTED;
use event::RawBatch;
use futures::{StreamExt, TryStreamExt};
use measured::{Cost, Process};
use normalize::Worker;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::servers;

const DATASET: &str = "cursor.audit";
/// What the engine's bulk lines name.
const INDEX: &str = "logs-cursor.audit-default";
/// The shipped pipeline and nothing behind it; nothing at all.
const AND_DROP: &str = "bench-and-drop";
const ONLY_DROP: &str = "bench-only-drop";
/// Requests under way at a time: one for each processor of the machine that the figures are from.
const AT_A_TIME: usize = 2;
/// Rounds before any is counted, so that the node's code is compiled; and those that are.
const WARM: usize = 3;
const COUNTED: usize = 3;
/// Documents that are compared.
const COMPARED: usize = 400;

fn main() -> Result<()> {
    let directory = std::env::args().nth(1).context("the directory of the input is missing")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(compare(Path::new(&directory)))
}

async fn compare(directory: &Path) -> Result<()> {
    let ndjson = std::fs::read(directory.join("events.ndjson"))?;
    // The node's geoip wants three databases; no pipeline asks this one.
    let country = "GeoLite2-Country.mmdb";
    std::fs::copy(testkit::root().join("geoip-samples").join(country), directory.join(country))?;
    let geo = Arc::new(enrich::GeoLookup::open(directory)?);
    let definitions = normalize::shipped()?;
    let mut worker = engine::worker(&definitions, &ingest::Lookups { geo, ..ingest::Lookups::default() });
    let batches = engine::batches(&ndjson);
    let events: usize = batches.iter().map(|batch| batch.events.len()).sum();

    let node = servers::opensearch().geoip(directory).start()?;
    let client = node.client();
    let shipped = definitions.into_iter().map(|definition| (definition.id, definition.body)).collect();
    set_up(&client, shipped).await?;
    same_documents(&client, &mut worker, &batches[0]).await?;

    let raw: Vec<Vec<u8>> = batches.iter().map(|batch| bulk_of(batch)).collect();
    let finished: Vec<Vec<u8>> =
        batches.iter().map(|batch| worker.normalize(Arc::clone(batch)).bulk().to_vec()).collect();
    let process = Process(node.pid());
    let mut best = Best::default();
    println!("CPU seconds a million: pipeline and drop, drop, pipeline and index, index | engine");
    for round in 0..WARM + COUNTED {
        let mut seen = Best {
            dropped: send(&client, &process, &raw, Some(AND_DROP)).await?,
            only_drop: send(&client, &process, &raw, Some(ONLY_DROP)).await?,
            indexed: send_anew(&client, &process, &raw, Some(DATASET)).await?,
            only_index: send_anew(&client, &process, &finished, None).await?,
            engine: Cost::default(),
        };
        seen.engine = Cost::of_thread(|| engine::run(&mut worker, &batches).0);
        let each = seen.all().map(|cost| format!("{:>8.2}", cost.a_million(events)));
        let counts = if round < WARM { "not counted" } else { "" };
        println!("  {} | {} {counts}", each[..4].join(" "), each[4]);
        if round >= WARM {
            best = best.better(seen);
        }
    }
    best.print(events);
    Ok(())
}

/// What a round took, or the least that any took.
#[derive(Clone, Copy, Default)]
struct Best {
    dropped: Cost,
    only_drop: Cost,
    indexed: Cost,
    only_index: Cost,
    engine: Cost,
}

impl Best {
    fn all(self) -> [Cost; 5] {
        [self.dropped, self.only_drop, self.indexed, self.only_index, self.engine]
    }

    fn better(self, other: Self) -> Self {
        Self {
            dropped: self.dropped.better(other.dropped),
            only_drop: self.only_drop.better(other.only_drop),
            indexed: self.indexed.better(other.indexed),
            only_index: self.only_index.better(other.only_index),
            engine: self.engine.better(other.engine),
        }
    }

    fn print(self, events: usize) {
        let engine = self.engine.a_million(events);
        let row = |what: &str, cost: f64| {
            println!(
                "{what:<52} {cost:>8.2} CPU seconds a million   {:>6.1} times the engine",
                cost / engine
            );
        };
        row("engine: line to finished bulk line", engine);
        row("node: _bulk, pipeline, drop", self.dropped.a_million(events));
        row(
            "node: the same without what _bulk and drop cost",
            (self.dropped - self.only_drop).a_million(events),
        );
        row("node: _bulk, pipeline, index", self.indexed.a_million(events));
        row("node: the same without what indexing costs", (self.indexed - self.only_index).a_million(events));
        println!(
            "documents a second: engine on one thread {:.0}, node with {AT_A_TIME} requests under way {:.0} (dropped), {:.0} (indexed)",
            self.engine.a_second(events),
            self.dropped.a_second(events),
            self.indexed.a_second(events)
        );
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        println!("load of the machine at the end: {}", load.trim());
    }
}

async fn set_up(client: &Client, shipped: BTreeMap<String, serde_json::Map<String, Value>>) -> Result<()> {
    let unlimited = json!({"script.context.template.max_compilations_rate": "unlimited"});
    client.put("_cluster/settings", &json!({"persistent": unlimited})).await?;
    let info = client.get("_nodes/ingest").await?;
    let node = info["nodes"].as_object().and_then(|nodes| nodes.values().next()).context("a node")?;
    let listed = node["ingest"]["processors"].as_array().context("its processors")?;
    let known = listed.iter().filter_map(|entry| entry["type"].as_str().map(str::to_owned)).collect();
    let of_dataset = shipped
        .into_iter()
        .filter(|(id, _)| id.starts_with(DATASET) || id.starts_with("trailcar-"))
        .collect();
    let rewritten = rewrite::all(&of_dataset, &known);
    println!(
        "{} processors, {} rewritten for OpenSearch, left out: {:?}",
        rewritten.processors, rewritten.rewritten, rewritten.left_out
    );
    for (id, body) in &rewritten.definitions {
        client.put(&format!("_ingest/pipeline/{id}"), &json!(body)).await?;
    }
    let call = json!({"pipeline": {"name": DATASET}});
    let drop = json!({"drop": {}});
    client.put(&format!("_ingest/pipeline/{AND_DROP}"), &json!({"processors": [call, drop]})).await?;
    client.put(&format!("_ingest/pipeline/{ONLY_DROP}"), &json!({"processors": [drop]})).await?;
    Ok(())
}

/// The document of a line before its pipeline, as the engine begins it.
fn document(line: &[u8]) -> Value {
    json!({
        "@timestamp": COLLECTED,
        "data_stream": {"type": "logs", "dataset": DATASET, "namespace": "default"},
        "event": {"dataset": DATASET, "created": COLLECTED},
        "tags": ["forwarded"],
        "message": String::from_utf8_lossy(line),
    })
}

fn bulk_of(batch: &RawBatch) -> Vec<u8> {
    let mut body = Vec::new();
    for event in &batch.events {
        body.extend_from_slice(b"{\"create\":{}}\n");
        body.extend_from_slice(document(batch.bytes(event)).to_string().as_bytes());
        body.push(b'\n');
    }
    body
}

/// Engine and node give the same documents, but for those that need a processor which OpenSearch has not.
async fn same_documents(client: &Client, worker: &mut Worker, batch: &Arc<RawBatch>) -> Result<()> {
    let ours = worker.normalize(Arc::clone(batch));
    let docs: Vec<Value> = batch
        .events
        .iter()
        .take(COMPARED)
        .map(|event| json!({"_source": document(batch.bytes(event))}))
        .collect();
    let theirs =
        client.post(&format!("_ingest/pipeline/{DATASET}/_simulate"), &json!({"docs": docs})).await?;
    let mut left_out = 0;
    for (ours_at, theirs) in ours.documents.iter().zip(theirs["docs"].as_array().context("documents")?) {
        let mut theirs = theirs["doc"]["_source"].clone();
        if !theirs[rewrite::MARK].is_null() {
            left_out += 1;
            continue;
        }
        let mut ours: Value = serde_json::from_slice(ours.source(ours_at))?;
        ours["event"]["ingested"] = Value::Null;
        theirs["event"]["ingested"] = Value::Null;
        ensure!(ours == theirs, "engine {ours}\nnode   {theirs}");
    }
    println!(
        "{} documents are the same, {left_out} need a processor that is left out",
        docs.len() - left_out
    );
    Ok(())
}

/// Sends all bodies, some at a time; what it took.
async fn send(
    client: &Client,
    process: &Process,
    bodies: &[Vec<u8>],
    pipeline: Option<&str>,
) -> Result<Cost> {
    let pipeline = pipeline.map(|name| format!("&pipeline={name}")).unwrap_or_default();
    let path = format!("{INDEX}/_bulk?filter_path=errors{pipeline}");
    let before = process.cost()?;
    futures::stream::iter(bodies)
        .map(|body| async {
            match client.call(Method::POST, &path, Some(body.clone())).await? {
                (200, answer) if answer["errors"] == json!(false) => Ok(()),
                (status, answer) => bail!("{path}: {status} {answer}"),
            }
        })
        .buffer_unordered(AT_A_TIME)
        .try_collect::<()>()
        .await?;
    Ok(process.cost()? - before)
}

/// The same into an index that is new, keeps the documents and indexes none of their fields.
async fn send_anew(
    client: &Client,
    process: &Process,
    bodies: &[Vec<u8>],
    pipeline: Option<&str>,
) -> Result<Cost> {
    client.call(Method::DELETE, INDEX, None).await?;
    let settings = json!({"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"});
    client.put(INDEX, &json!({"settings": {"index": settings}, "mappings": {"dynamic": false}})).await?;
    send(client, process, bodies, pipeline).await
}
