//! Request bodies: which documents go together, and their compression.

use std::io::Write as _;

use bytes::Bytes;
use event::DocumentBatch;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::Progress;

/// Bodies from this size on are compressed off the async threads.
const LARGE: usize = 64 << 10;

/// Parts the pending documents so that no part has more than `most` bytes, but for a document that is larger alone.
pub(crate) fn chunks(batch: &DocumentBatch, progress: &Progress, most: usize) -> Vec<Vec<u32>> {
    let mut chunks: Vec<Vec<u32>> = Vec::new();
    let mut room = 0;
    for document in progress.pending() {
        let bytes = progress.lines(batch, document).len();
        match chunks.last_mut() {
            Some(chunk) if bytes <= room => chunk.push(document),
            _ => {
                chunks.push(vec![document]);
                room = most;
            }
        }
        room = room.saturating_sub(bytes);
    }
    chunks
}

/// The body of a request for `documents`, compressed when `gzip`.
pub(crate) async fn body(batch: &DocumentBatch, progress: &Progress, documents: &[u32], gzip: bool) -> Bytes {
    let as_they_are = !documents.iter().any(|&document| progress.is_refitted(document));
    let plain = as_they_are.then(|| batch.run_of(documents)).flatten().unwrap_or_else(|| {
        let lines: Vec<&[u8]> = documents.iter().map(|&document| progress.lines(batch, document)).collect();
        lines.concat().into()
    });
    match (gzip, plain.len()) {
        (false, _) => plain,
        (true, ..LARGE) => compress(&plain),
        (true, _) => match tokio::task::spawn_blocking(move || compress(&plain)).await {
            Ok(body) => body,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        },
    }
}

fn compress(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    #[expect(clippy::expect_used, reason = "writing to a Vec can not fail")]
    written.expect("gzip into memory").into()
}
