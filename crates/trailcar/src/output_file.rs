//! `output.file`: documents appended to a file, one a line, or written to standard output.
//!
//! A line is `{"_index":…,"_id":…,"_source":{…}}`. A batch is appended in one write and synced before it is answered
//! for. When the process dies in between, the batch is written again at the next start; so that its documents do not
//! stand there twice, a last line that is not whole is cut off, and the ids at the end of the file are remembered.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::anyhow;
use async_trait::async_trait;
use event::{Created, DeliverError, Destination, Document, DocumentBatch, Receipt, Verdict};
use ledger::data_dir::open_private;
use serde::Deserialize;

/// How much of the end of the file is read for ids: more than all batches under way have together.
const TAIL: u64 = 64 << 20;

/// Appends one document: the form that `trailcar normalize` writes, too.
pub(crate) fn write_line(out: &mut Vec<u8>, batch: &DocumentBatch, document: &Document) {
    out.extend_from_slice(br#"{"_index":"#);
    event::doc::write_string(&document.stream, out);
    out.extend_from_slice(br#","_id":""#);
    out.extend_from_slice(batch.id(document).as_bytes());
    out.extend_from_slice(br#"","_source":"#);
    out.extend_from_slice(batch.source(document));
    out.extend_from_slice(b"}\n");
}

/// The path that means standard output.
const STANDARD_OUTPUT: &str = "-";

/// A file that documents are appended to.
pub(crate) struct OutputFile {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    path: PathBuf,
    target: Target,
    /// Documents at the end of the file when it was opened, by `_index` and `_id`.
    written: HashSet<(String, String)>,
}

enum Target {
    /// With the length up to which it is whole.
    File(File, u64),
    StandardOutput,
}

/// What is read back of a line.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "_index")]
    index: String,
    #[serde(rename = "_id")]
    id: String,
}

/// Says that the directory of a file is not there.
pub(crate) fn lacks_directory(path: &Path) -> Option<String> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.is_dir())?;
    Some(format!("output.file {}: there is no directory {}: make it", path.display(), directory.display()))
}

impl OutputFile {
    /// Opens a file, made for its owner alone when it is not there; `-` is standard output.
    ///
    /// # Errors
    /// The file can not be opened, read or cut.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let mut shared =
            Shared { path: path.to_owned(), target: Target::StandardOutput, written: HashSet::new() };
        if path != Path::new(STANDARD_OUTPUT) {
            if let Some(problem) = lacks_directory(path) {
                anyhow::bail!(problem);
            }
            open_private(path).and_then(|file| shared.adopt(file)).map_err(|error| {
                anyhow!(
                    "output.file {} can not be used: {error}: name a file that this user may read and write",
                    path.display()
                )
            })?;
        }
        Ok(Self { shared: Arc::new(Mutex::new(shared)) })
    }
}

impl Shared {
    /// Reads what stands at the end of a file and cuts off a line that is not whole.
    fn adopt(&mut self, mut file: File) -> io::Result<()> {
        let length = file.metadata()?.len();
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        file.read_to_end(&mut tail)?;
        let whole = tail.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let end = length - (tail.len() - whole) as u64;
        if end < length {
            tracing::warn!(file = %self.path.display(), offset = end, "the last line is not whole and is cut off");
            file.set_len(end)?;
            file.sync_all()?;
        }
        // The first line may have been cut by the window; it does not parse then.
        let lines = tail[..whole].split(|&byte| byte == b'\n');
        let lines = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
        self.written = lines.map(|line| (line.index, line.id)).collect();
        self.target = Target::File(file, end);
        Ok(())
    }

    fn write(&mut self, batch: &DocumentBatch) -> io::Result<Vec<Verdict>> {
        let mut lines = Vec::with_capacity(batch.bulk().len());
        let mut verdicts = Vec::with_capacity(batch.documents.len());
        for document in &batch.documents {
            let known = !self.written.is_empty()
                && self.written.contains(&(document.stream.to_string(), batch.id(document).to_owned()));
            verdicts.push(if known { Verdict::AlreadyThere } else { Verdict::Created });
            if !known {
                write_line(&mut lines, batch, document);
            }
        }
        match &mut self.target {
            Target::StandardOutput => {
                let mut out = io::stdout().lock();
                out.write_all(&lines)?;
                out.flush()?;
            }
            Target::File(file, end) => {
                // A write that failed half-way is written over.
                file.set_len(*end)?;
                file.seek(SeekFrom::Start(*end))?;
                file.write_all(&lines)?;
                file.sync_data()?;
                *end += lines.len() as u64;
            }
        }
        Ok(verdicts)
    }
}

#[async_trait]
impl Destination for OutputFile {
    async fn deliver(&self, batch: &DocumentBatch) -> Result<Receipt, DeliverError> {
        let (shared, batch) = (Arc::clone(&self.shared), batch.clone());
        let write = move || {
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let written = shared.write(&batch);
            written.map_err(|error| format!("{} can not be written: {error}", shared.path.display()))
        };
        let written = tokio::task::spawn_blocking(write).await;
        let verdicts = written.map_err(|error| DeliverError::Fatal(error.to_string()))?;
        verdicts.map(|verdicts| Receipt { verdicts, settled: None }).map_err(DeliverError::Retry)
    }

    fn created(&self) -> Created {
        Created::Stored
    }

    fn name(&self) -> &'static str {
        "file"
    }
}
