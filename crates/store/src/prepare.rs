//! Documents made ready to be stored, on several threads: parsed once, compressed, their words and terms taken out.
//!
//! They are handed over in the order of the batch while later ones are still being prepared: who writes them prepares
//! some as well, whenever the next ones are not ready.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use event::{Data, Doc, Document, DocumentBatch, Verdict};

use crate::codec::Encoder;
use crate::terms::DIMENSIONS;
use crate::words::Words;
use crate::{StoreError, cores, document};

/// So many documents are prepared at once; fewer are not worth a thread.
const SHARE: usize = 64;

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

/// A document that was prepared, or the verdict on one that can not be stored.
pub(crate) type Outcome = Result<Prepared, Verdict>;

/// Prepares every document of a batch and hands them to `take`, in their order.
///
/// # Errors
/// Those of `take`, after which no more are prepared; [`StoreError::Compress`].
pub(crate) fn prepare(
    batch: &DocumentBatch,
    encoder: &Encoder,
    mut take: impl FnMut(&Document, Outcome) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let shares: Vec<_> = batch.documents.chunks(SHARE).collect();
    let next = AtomicUsize::new(0);
    // The next share that nobody prepares yet.
    let claim = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < shares.len());
    let (send, done) = channel();
    thread::scope(|scope| {
        for _ in 1..cores::count().min(shares.len()) {
            let (send, claim, shares) = (send.clone(), &claim, &shares);
            scope.spawn(move || {
                while let Some(at) = claim() {
                    let outcomes = prepare_some(batch, shares[at], encoder);
                    // Nobody waits for it after an error.
                    if send.send((at, outcomes)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut ready = Ready { done, early: shares.iter().map(|_| None).collect() };
        for (at, documents) in shares.iter().enumerate() {
            let own = || claim().map(|at| (at, prepare_some(batch, shares[at], encoder)));
            // A helper that is gone has panicked, and so does the scope.
            let Some(outcomes) = ready.wait(at, own) else { return Ok(()) };
            for (document, outcome) in documents.iter().zip(outcomes?) {
                if let Err(error) = take(document, outcome) {
                    next.store(shares.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(())
    })
}

/// A share by its number, prepared.
type Share = (usize, Result<Vec<Outcome>, StoreError>);

/// Shares that were prepared before it was their turn.
struct Ready {
    done: Receiver<Share>,
    early: Vec<Option<Result<Vec<Outcome>, StoreError>>>,
}

impl Ready {
    /// A share; while it is not ready, `own` prepares another that nobody has begun.
    fn wait(
        &mut self,
        at: usize,
        own: impl Fn() -> Option<Share>,
    ) -> Option<Result<Vec<Outcome>, StoreError>> {
        loop {
            if let Some(share) = self.early[at].take() {
                return Some(share);
            }
            let (at, outcomes) = match self.done.try_recv() {
                Ok(share) => share,
                Err(_) => match own() {
                    Some(share) => share,
                    None => self.done.recv().ok()?,
                },
            };
            self.early[at] = Some(outcomes);
        }
    }
}

fn prepare_some(
    batch: &DocumentBatch,
    documents: &[Document],
    encoder: &Encoder,
) -> Result<Vec<Outcome>, StoreError> {
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
