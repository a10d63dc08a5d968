//! Finished objects of records, for all addresses that lead to them.
//!
//! An object is copied from here again and again. The objects lie one behind the other in a ring of the memory's lines,
//! where new ones overwrite the oldest. What many of them have in common, the names of their fields, is kept once. A
//! [`Handle`] says where an object lies and how long it is, so that all of it is fetched at once.
//!
//! # Readers and writers
//! Nobody locks to read. The ring consists of atomic words, and who writes first moves its end, behind which nothing is
//! sure any more: a reader that finds the end to have come past its object, after it has read, has found nothing.

use std::hint::black_box;
use std::iter::repeat_with;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, OnceLock};

use event::doc::Shape;
use event::{Doc, Fragment, NodeId};
use parking_lot::Mutex;
use smallvec::SmallVec;

/// Answers and shapes above this are not kept: one must not push out many.
pub(crate) const LARGEST: usize = 2048;

/// Words of a line.
const WORDS: usize = 8;

/// Places of a round, more than the ring has lines. They are counted on from round to round, so that the place of an
/// object is behind the end by as much as a round, and no more, where the end has not come to its lines again.
const ROUND: u64 = 1 << 24;

/// A kept answer: the place of its first line, and in the lowest byte how many it has.
pub(crate) type Handle = NonZeroU64;

#[derive(Debug, Default)]
#[repr(align(64))]
struct Line([AtomicU64; WORDS]);

/// A bounded store of answers.
pub(crate) struct Answers {
    lines: Box<[Line]>,
    /// The place behind the newest answer.
    end: AtomicU64,
    /// Held by who writes.
    writer: Mutex<()>,
    /// A view gives few kinds of objects, by what is known of a place.
    shapes: Box<[OnceLock<Arc<Shape>>]>,
}

impl Answers {
    /// `memory`: bytes that they may take in all.
    pub(crate) fn new(memory: usize) -> Self {
        let shapes = memory / 8 / LARGEST;
        let lines = (memory - shapes * LARGEST) / size_of::<Line>();
        Self {
            lines: repeat_with(Line::default).take(lines.min(ROUND as usize)).collect(),
            end: AtomicU64::new(ROUND),
            writer: Mutex::new(()),
            shapes: repeat_with(OnceLock::new).take(shapes).collect(),
        }
    }

    /// Has the lines of an answer fetched.
    #[inline]
    pub(crate) fn foresee(&self, handle: Handle) {
        for line in self.lines(handle) {
            black_box(line.0[0].load(Ordering::Relaxed));
        }
    }

    /// Copies an answer into `doc`; `None` when it is gone.
    pub(crate) fn copy(&self, handle: Handle, doc: &mut Doc) -> Option<NodeId> {
        let mut lines: SmallVec<[[u64; WORDS]; 8]> = SmallVec::new();
        for line in self.lines(handle) {
            lines.push(line.0.each_ref().map(|word| word.load(Ordering::Relaxed)));
        }
        fence(Ordering::Acquire);
        if self.end.load(Ordering::Relaxed) - place(handle) > ROUND {
            return None;
        }
        let (shape, words) = lines.as_flattened().split_first()?;
        Some(doc.graft_words(self.shapes.get(*shape as usize)?.get()?, words))
    }

    /// Keeps an answer; `None` where there is no room for it.
    pub(crate) fn keep(&self, answer: &Fragment) -> Option<Handle> {
        let shape = self.number(answer.shape())?;
        let words: SmallVec<[u64; 8 * WORDS]> = std::iter::once(shape as u64).chain(answer.words()).collect();
        let count = words.len().div_ceil(WORDS);
        if count > self.lines.len().min(LARGEST / size_of::<Line>()) {
            return None;
        }
        let _writer = self.writer.lock();
        let end = self.end.load(Ordering::Relaxed);
        let fits = (end % ROUND) as usize + count <= self.lines.len();
        let place = if fits { end } else { end.next_multiple_of(ROUND) };
        self.end.store(place + count as u64, Ordering::Relaxed);
        fence(Ordering::Release);
        let handle = NonZeroU64::new(place << 8 | count as u64)?;
        for (line, words) in self.lines(handle).iter().zip(words.chunks(WORDS)) {
            for (own, word) in line.0.iter().zip(words) {
                own.store(*word, Ordering::Relaxed);
            }
        }
        Some(handle)
    }

    fn lines(&self, handle: Handle) -> &[Line] {
        let (first, count) = ((place(handle) % ROUND) as usize, usize::from(handle.get() as u8));
        self.lines.get(first..first + count).unwrap_or_default()
    }

    /// The number of a shape, as which it is kept if there is room.
    fn number(&self, shape: &Arc<Shape>) -> Option<usize> {
        if shape.size() > LARGEST {
            return None;
        }
        self.shapes.iter().position(|own| own.get_or_init(|| Arc::clone(shape)) == shape)
    }

    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        size_of_val(&*self.lines) + self.shapes.len() * LARGEST
    }
}

fn place(handle: Handle) -> u64 {
    handle.get() >> 8
}
