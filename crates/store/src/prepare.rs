//! Documents made ready to be stored, on several threads: parsed once, compressed, their words and terms taken out.

use std::num::NonZero;
use std::thread;

use event::{Data, Doc, Document, DocumentBatch, Verdict};

use crate::StoreError;
use crate::codec::Encoder;
use crate::document;
use crate::terms::DIMENSIONS;

/// Fewer documents than this are not worth a thread.
const MIN_SHARE: usize = 128;

/// A document, ready to be written.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Microseconds since 1970.
    pub(crate) time: i64,
    /// Its terms by dimension.
    pub(crate) terms: [String; DIMENSIONS],
    /// `_id`.
    pub(crate) id: String,
    /// ` word word `
    pub(crate) words: String,
    /// The compressed source.
    pub(crate) body: Vec<u8>,
}

/// Prepares every document of a batch; one that can not be stored gets its verdict.
pub(crate) fn prepare(
    batch: &DocumentBatch,
    encoder: &Encoder,
) -> Result<Vec<Result<Prepared, Verdict>>, StoreError> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = batch.documents.len().div_ceil(threads).max(MIN_SHARE);
    let mut shares = batch.documents.chunks(share);
    let first = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> =
            shares.map(|documents| scope.spawn(|| prepare_some(batch, documents, encoder))).collect();
        let mut prepared = prepare_some(batch, first, encoder)?;
        for other in others {
            let more = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            prepared.extend(more);
        }
        Ok(prepared)
    })
}

fn prepare_some(
    batch: &DocumentBatch,
    documents: &[Document],
    encoder: &Encoder,
) -> Result<Vec<Result<Prepared, Verdict>>, StoreError> {
    let mut doc = Doc::new();
    let mut compressor = encoder.compressor()?;
    let mut one = |document: &Document| {
        let source = batch.source(document);
        let mut prepared = match read(batch, document, source, &mut doc) {
            Ok(prepared) => prepared,
            Err(reason) => return Ok(Err(Verdict::Rejected { status: 400, reason })),
        };
        prepared.body = compressor.compress(source).map_err(StoreError::Compress)?;
        Ok(Ok(prepared))
    };
    documents.iter().map(&mut one).collect()
}

/// What is read from a document; the error says why it is none.
fn read(
    batch: &DocumentBatch,
    document: &Document,
    source: &[u8],
    doc: &mut Doc,
) -> Result<Prepared, String> {
    let text = std::str::from_utf8(source).map_err(|error| format!("the document is not UTF-8: {error}"))?;
    doc.clear();
    let root = doc.parse_str(text).map_err(|error| format!("the document is not JSON: {error}"))?;
    if !matches!(doc.data(root), Data::Object(_)) {
        return Err("the document is not a JSON object".to_owned());
    }
    let terms = document::terms(doc, root, &document.stream);
    let mut words = String::with_capacity(512);
    document::words(doc, root, &mut words);
    let time = document::time(doc, root).unwrap_or_else(|| batch.raw.collected.as_microsecond());
    Ok(Prepared { time, terms, id: id(batch.id(document)), words, body: Vec::new() })
}

/// An `_id` as it is, from the form that JSON gives it.
fn id(escaped: &str) -> String {
    if escaped.contains('\\')
        && let Ok(id) = serde_json::from_str(&format!("\"{escaped}\""))
    {
        return id;
    }
    escaped.to_owned()
}
