//! How far a batch is, kept while it is tried again.
//!
//! A batch whose outcome is not known for every document is handed over again as a whole. What is known of it by
//! then must not be asked for twice: documents created by the first attempt would answer 409 and look like
//! duplicates. So what is known is kept for as long as the batch lives, and so is which documents were part of an
//! attempt without an answer: that they are there means that this very attempt had created them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use event::{DocumentBatch, RawBatch, Verdict};

use crate::refit::{Fit, refit};
use crate::shape::Shape;

/// What is known of the documents of a batch.
#[derive(Debug)]
pub(crate) struct Progress {
    verdicts: Vec<Option<Verdict>>,
    /// Whether a document was part of an attempt whose outcome is unknown.
    unclear: Vec<bool>,
    /// Documents that were made to fit their mapping.
    refitted: HashMap<u32, Refitted>,
}

/// A document that was made to fit its mapping.
#[derive(Debug)]
struct Refitted {
    lines: Vec<u8>,
    fit: Fit,
}

impl Progress {
    fn new(documents: usize) -> Self {
        Self { verdicts: vec![None; documents], unclear: vec![false; documents], refitted: HashMap::new() }
    }

    /// The lines of a document as they are sent.
    pub(crate) fn lines<'a>(&'a self, batch: &'a DocumentBatch, document: u32) -> &'a [u8] {
        match self.refitted.get(&document) {
            Some(refitted) => &refitted.lines,
            None => batch.lines(&batch.documents[document as usize]),
        }
    }

    /// Whether a document is sent otherwise than the batch has it.
    pub(crate) fn is_refitted(&self, document: u32) -> bool {
        self.refitted.contains_key(&document)
    }

    /// Makes a refused document fit its mapping, the second time by leaving out what has no mapping. False when there
    /// is nothing more to change.
    pub(crate) fn refit(&mut self, batch: &DocumentBatch, document: u32) -> bool {
        let entry = &batch.documents[document as usize];
        let Some(shape) = Shape::of_stream(&entry.stream) else { return false };
        let left: &[Fit] = match self.refitted.get(&document).map(|refitted| refitted.fit) {
            None => &[Fit::Mapping, Fit::TypedFieldsOnly],
            Some(Fit::Mapping) => &[Fit::TypedFieldsOnly],
            Some(Fit::TypedFieldsOnly) => &[],
        };
        let (lines, source) = (batch.lines(entry), batch.source(entry));
        let fitted = left.iter().find_map(|&fit| Some((fit, refit(source, shape, fit)?)));
        let Some((fit, fitted)) = fitted else { return false };
        let action = &lines[..lines.len() - source.len() - 1];
        self.refitted.insert(document, Refitted { lines: [action, &fitted, b"\n"].concat(), fit });
        true
    }

    /// The documents that are not answered for yet.
    pub(crate) fn pending(&self) -> Vec<u32> {
        (0u32..)
            .zip(&self.verdicts)
            .filter(|(_, verdict)| verdict.is_none())
            .map(|(index, _)| index)
            .collect()
    }

    /// Whether a document is not answered for yet.
    pub(crate) fn is_pending(&self, document: u32) -> bool {
        self.verdicts[document as usize].is_none()
    }

    /// Whether a document was part of an attempt whose outcome is unknown.
    pub(crate) fn is_unclear(&self, document: u32) -> bool {
        self.unclear[document as usize]
    }

    /// Notes a verdict. That a document of an unclear attempt is there is that attempt's own work.
    pub(crate) fn settle(&mut self, document: u32, verdict: Verdict) {
        let index = document as usize;
        let own = verdict == Verdict::AlreadyThere && self.unclear[index];
        self.verdicts[index] = Some(if own { Verdict::Created } else { verdict });
    }

    /// Notes that an attempt with these documents had no answer. Of several with one `_id` only the first can have
    /// been created.
    pub(crate) fn in_doubt(&mut self, batch: &DocumentBatch, documents: &[u32]) {
        let mut ids = HashSet::with_capacity(documents.len());
        for &document in documents {
            let entry = &batch.documents[document as usize];
            self.unclear[document as usize] |= ids.insert((&entry.stream, batch.id(entry)));
        }
    }

    /// All verdicts, once there is one for every document.
    pub(crate) fn complete(self) -> Option<Vec<Verdict>> {
        self.verdicts.into_iter().collect()
    }
}

/// The progress of all batches that are tried again.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<Vec<(Weak<RawBatch>, Progress)>>);

impl Attempts {
    /// Takes the progress of a batch out, or begins one.
    pub(crate) fn take(&self, batch: &DocumentBatch) -> Progress {
        let mut kept = self.kept();
        kept.retain(|(raw, _)| raw.strong_count() > 0);
        let of_batch = |(raw, _): &(Weak<RawBatch>, _)| std::ptr::eq(raw.as_ptr(), Arc::as_ptr(&batch.raw));
        match kept.iter().position(of_batch).map(|index| kept.swap_remove(index).1) {
            Some(progress) if progress.verdicts.len() == batch.documents.len() => progress,
            _ => Progress::new(batch.documents.len()),
        }
    }

    /// Keeps the progress of a batch that will come again.
    pub(crate) fn keep(&self, batch: &DocumentBatch, progress: Progress) {
        self.kept().push((Arc::downgrade(&batch.raw), progress));
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(Weak<RawBatch>, Progress)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
