//! Documents made ready to be stored, on several threads: parsed once, compressed, their words and terms taken out.

use std::num::NonZero;
use std::thread;

use event::{Data, Doc, Document, DocumentBatch, Verdict};

use crate::StoreError;
use crate::codec::Encoder;
use crate::document;
use crate::terms::DIMENSIONS;
use crate::words::Words;

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
    let mut desk = Desk { doc: Doc::new(), words: Words::default() };
    let mut compressor = encoder.compressor()?;
    let mut one = |document: &Document| match desk.read(batch, document) {
        Ok(mut prepared) => {
            prepared.body = compressor.compress(batch.source(document)).map_err(StoreError::Compress)?;
            Ok(Ok(prepared))
        }
        Err(reason) => Ok(Err(Verdict::Rejected { status: 400, reason })),
    };
    documents.iter().map(&mut one).collect()
}

/// What a thread works with, used again for each document.
struct Desk {
    doc: Doc,
    words: Words,
}

impl Desk {
    /// What is read from a document; the error says why it is none.
    fn read(&mut self, batch: &DocumentBatch, document: &Document) -> Result<Prepared, String> {
        let text = std::str::from_utf8(batch.source(document))
            .map_err(|error| format!("the document is not UTF-8: {error}"))?;
        self.doc.clear();
        let root = self.doc.parse_str(text).map_err(|error| format!("the document is not JSON: {error}"))?;
        let doc = &self.doc;
        if !matches!(doc.data(root), Data::Object(_)) {
            return Err("the document is not a JSON object".to_owned());
        }
        document::words(doc, root, &mut self.words);
        Ok(Prepared {
            time: document::time(doc, root).unwrap_or_else(|| batch.raw.collected.as_microsecond()),
            terms: document::terms(doc, root, &document.stream),
            id: id(batch.id(document)),
            words: self.words.as_str().to_owned(),
            body: Vec::new(),
        })
    }
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
