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

use anyhow::Context;
use async_trait::async_trait;
use event::{Created, DeliverError, Destination, Document, DocumentBatch, Receipt, Verdict};
use ledger::data_dir::open_private;
use serde::Deserialize;

/// How much of the end of the file is read for ids: more than all batches under way have together.
const TAIL: u64 = 64 << 20;

/// Appends one document: the form that `trailcar normalize` writes, too.
pub fn write_line(out: &mut Vec<u8>, batch: &DocumentBatch, document: &Document) {
    out.extend_from_slice(br#"{"_index":"#);
    event::doc::write_string(&document.stream, out);
    out.extend_from_slice(br#","_id":""#);
    out.extend_from_slice(batch.id(document).as_bytes());
    out.extend_from_slice(br#"","_source":"#);
    out.extend_from_slice(batch.source(document));
    out.extend_from_slice(b"}\n");
}
