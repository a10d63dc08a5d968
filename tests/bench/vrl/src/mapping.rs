//! The shipped pipeline against `cursor.vrl`: from the raw line to the finished bulk line, both.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use event::RawBatch;
use ingest::{Definition, Lookups};
use normalize::Worker;
use serde_json::Value as Json;
use vrl::value::{ObjectMap, Value};

use crate::engine::{self, COLLECTED, cpu};
use crate::language::Script;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cursor.vrl");
/// Passes, of which the best counts, since whatever else runs only adds.
const PASSES: usize = 4;

/// Compares the documents, then times both in turns and says so.
pub(crate) fn measure(ndjson: &[u8]) -> Result<()> {
    let mut definitions = normalize::shipped()?;
    definitions.iter_mut().for_each(without_geo);
    let mut worker = engine::worker(&definitions, &Lookups::default());
    let mut script = Script::new(&std::fs::read_to_string(PROGRAM)?)?;
    let batches = engine::batches(ndjson);
    let events: usize = batches.iter().map(|batch| batch.events.len()).sum();
    same_documents(&mut worker, &mut script, &batches[0])?;

    let (mut ours, mut theirs) = (u64::MAX, u64::MAX);
    let mut out = Vec::new();
    for _ in 0..PASSES {
        ours = ours.min(engine::run(&mut worker, &batches).0);
        let start = cpu();
        for batch in &batches {
            out.clear();
            for event in &batch.events {
                map(&mut script, batch.bytes(event), COLLECTED, &mut out)?;
            }
            std::hint::black_box(&out);
        }
        theirs = theirs.min(cpu() - start);
    }
    let each = |nanoseconds: u64| nanoseconds as f64 / events as f64 / 1000.0;
    println!("the shipped Cursor pipeline without geo look-ups, {events} events");
    println!("engine                      {:>8.2} µs CPU an event", each(ours));
    println!("vrl                         {:>8.2} µs CPU an event", each(theirs));
    println!("ratio vrl / engine          {:>8.2}", theirs as f64 / ours as f64);
    Ok(())
}

/// Takes the processors away that look addresses up.
fn without_geo(definition: &mut Definition) {
    if let Some(Json::Array(processors)) = definition.body.get_mut("processors") {
        processors.retain(|processor| processor.get("geoip").is_none());
    }
}

/// Appends the action line and the document of a line.
fn map(script: &mut Script, line: &[u8], ingested: &str, out: &mut Vec<u8>) -> Result<()> {
    let text = |text: &[u8]| Value::Bytes(text.to_vec().into());
    let fields = [
        ("message", text(line)),
        ("created", text(COLLECTED.as_bytes())),
        ("ingested", text(ingested.as_bytes())),
    ];
    let mut event =
        Value::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect::<ObjectMap>());
    script.run(&mut event)?;
    let id = event.get(vrl::path!("event", "id")).and_then(Value::as_bytes).context("event.id")?;
    out.extend_from_slice(br#"{"create":{"_index":"logs-cursor.audit-default","_id":""#);
    out.extend_from_slice(id);
    out.extend_from_slice(b"\"}}\n");
    serde_json::to_writer(&mut *out, &event)?;
    out.push(b'\n');
    Ok(())
}

/// Both give the same documents.
fn same_documents(worker: &mut Worker, script: &mut Script, batch: &Arc<RawBatch>) -> Result<()> {
    let ours = worker.normalize(Arc::clone(batch));
    for (document, event) in ours.documents.iter().zip(&batch.events) {
        let mut expected: Json = serde_json::from_slice(ours.source(document))?;
        let ingested = expected["event"]["ingested"].as_str().context("event.ingested")?.to_owned();
        let mut out = Vec::new();
        map(script, batch.bytes(event), &ingested, &mut out)?;
        let mut lines = out.split(|byte| *byte == b'\n');
        let action: Json = serde_json::from_slice(lines.next().unwrap_or_default())?;
        let mut got: Json = serde_json::from_slice(lines.next().unwrap_or_default())?;
        ensure!(action["create"]["_id"] == ours.id(document), "{action}");
        as_meant(&mut expected);
        as_meant(&mut got);
        ensure!(expected == got, "engine {expected}\nvrl    {got}");
    }
    println!("{} documents are the same", ours.documents.len());
    Ok(())
}

/// What is written in two ways and means the same: JSON in a text, whose keys Vector sorts, and whole seconds, of which
/// it leaves the fraction away.
fn as_meant(value: &mut Json) {
    match value {
        Json::Object(fields) => fields.values_mut().for_each(as_meant),
        Json::Array(values) => values.iter_mut().for_each(as_meant),
        Json::String(text) if text.starts_with('{') => {
            if let Ok(inner) = serde_json::from_str(text) {
                *value = inner;
            }
        }
        Json::String(text) if text.ends_with(".000Z") => *text = text.replace(".000Z", "Z"),
        _ => {}
    }
}
