//! What benchmarks share to run the engine on Cursor's events: batches, a worker, and the thread's time on a processor.

use std::sync::Arc;

use enrich::Networks;
use event::{Checkpoint, Dataset, RawBatch, RawEvent, Source, SourceId};
use ingest::{Definition, Lookups};
use normalize::{Normalization, Worker};

/// When the events were collected.
pub(crate) const COLLECTED: &str = "2026-07-01T12:00:00.000Z";
/// Events of a batch.
const BATCH: usize = 2_000;

/// Time that this thread has had on a processor, in nanoseconds.
pub(crate) fn cpu() -> u64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .expect("a Linux kernel with schedstat")
}

/// The lines as delivery hands them over.
pub(crate) fn batches(ndjson: &[u8]) -> Vec<Arc<RawBatch>> {
    let source = Arc::new(Source {
        id: SourceId::new("bench"),
        dataset: Dataset::new("cursor.audit").expect("a dataset"),
        namespace: "default".into(),
        tags: vec!["forwarded".to_owned()],
        preserve_original_event: false,
    });
    let lines: Vec<&[u8]> = ndjson.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    lines
        .chunks(BATCH)
        .enumerate()
        .map(|(sequence, lines)| {
            let mut events = Vec::new();
            let mut buffer = Vec::new();
            for line in lines {
                let from = buffer.len();
                buffer.extend_from_slice(line);
                events.push(RawEvent { span: from..buffer.len(), offset: from as u64 });
            }
            Arc::new(RawBatch {
                source: Arc::clone(&source),
                sequence: sequence as u64,
                location: None,
                buffer: buffer.into(),
                events,
                collected: COLLECTED.parse().expect("a date"),
                checkpoint: Checkpoint::default(),
                notices: Vec::new(),
                set_aside: Vec::new(),
                settled: None,
            })
        })
        .collect()
}

/// A worker of these pipelines.
pub(crate) fn worker(definitions: &[Definition], lookups: &Lookups) -> Worker {
    let pipelines = ingest::compile(definitions, lookups).expect("pipelines");
    Worker::new(Arc::new(Normalization::new(pipelines, Networks::default())))
}

/// Runs all batches once; the nanoseconds of this thread that it took, and the bytes of the finished bulk lines.
pub(crate) fn run(worker: &mut Worker, batches: &[Arc<RawBatch>]) -> (u64, usize) {
    let start = cpu();
    let mut bytes = 0;
    for raw in batches {
        bytes += std::hint::black_box(worker.normalize(Arc::clone(raw))).bulk().len();
    }
    (cpu() - start, bytes)
}
