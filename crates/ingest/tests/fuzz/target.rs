//! Compiles and runs a pipeline where it can do no harm.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use event::Doc;
use ingest::{Definition, Lookups};

/// The stack of a run: half of what a thread has by default.
const STACK: usize = 1 << 20;

/// How long one input may take before it counts as endless; a usual one takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Compiles a pipeline and runs it on a document.
///
/// Whether the pipeline was one, and ran.
///
/// # Errors
/// When that panics or does not end.
pub(crate) fn survive(target: &str, pipeline: &str, document: &str) -> Result<bool, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/artefacts");
    std::fs::create_dir_all(&folder).unwrap();
    let kept = folder.join(format!("fuzz-{target}.txt"));
    std::fs::write(&kept, format!("{pipeline}\n{document}\n")).unwrap();
    let (done, outcome) = mpsc::channel();
    let (pipeline, document) = (pipeline.to_owned(), document.to_owned());
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(|| run(&pipeline, &document)));
            drop(done.send(result.map_err(|panic| {
                panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked".to_owned())
            })));
        })
        .unwrap();
    let ended = outcome.recv_timeout(PATIENCE).map_err(|_| format!("no end after {PATIENCE:?}"))?;
    let ran = ended?;
    // Another run may have taken it away.
    drop(std::fs::remove_file(&kept));
    Ok(ran)
}

/// What comes of it does not matter here, only that something does; whether the pipeline ran.
fn run(pipeline: &str, document: &str) -> bool {
    // A text is taken for the definition as it is written.
    let text = serde_json::from_str::<String>(pipeline).unwrap_or_else(|_| pipeline.to_owned());
    let Ok(definition) = Definition::parse("fuzz", "fuzz", &text) else { return false };
    let Ok(pipelines) = ingest::compile(&[definition], &Lookups::default()) else { return false };
    let mut doc = Doc::new();
    let Ok(root) = doc.parse_str(document) else { return false };
    doc.set_data(Doc::SOURCE, doc.data(root));
    drop(pipelines.run("fuzz", &mut doc, "2026-01-02T03:04:05.678Z"));
    drop(doc.json(Doc::SOURCE));
    true
}
