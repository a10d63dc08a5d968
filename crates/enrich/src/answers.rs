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

/// Answers above this are not kept: one must not push out many.
pub(crate) const LARGEST_ANSWER: usize = 2048;

/// Bytes of a shape for which there is a place in the list; most are smaller.
const COMMON_SHAPE: usize = 512;

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
    /// Bytes that further shapes may take.
    room: Mutex<usize>,
}

impl Answers {
    /// `memory`: bytes that they may take in all.
    pub(crate) fn new(memory: usize) -> Self {
        let room = memory / 8;
        let lines = (memory - room) / size_of::<Line>();
        let shapes: Box<[_]> = repeat_with(OnceLock::new).take(room / COMMON_SHAPE).collect();
        Self {
            lines: repeat_with(Line::default).take(lines.min(ROUND as usize)).collect(),
            end: AtomicU64::new(ROUND),
            writer: Mutex::new(()),
            room: Mutex::new(room - size_of_val(&*shapes)),
            shapes,
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
        if count > self.lines.len().min(LARGEST_ANSWER / size_of::<Line>()) {
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

    /// The number of a shape, which it gets now if there is room.
    fn number(&self, shape: &Arc<Shape>) -> Option<usize> {
        let known = self.shapes.iter().map_while(OnceLock::get).position(|own| own == shape);
        known.or_else(|| {
            let mut room = self.room.lock();
            *room = room.checked_sub(shape.size())?;
            self.shapes.iter().position(|own| own.get_or_init(|| Arc::clone(shape)) == shape)
        })
    }

    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        let shapes: usize = self.shapes.iter().filter_map(OnceLock::get).map(|own| own.size()).sum();
        size_of_val(&*self.lines) + size_of_val(&*self.shapes) + shapes
    }
}

fn place(handle: Handle) -> u64 {
    handle.get() >> 8
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    fn answer(number: usize) -> Fragment {
        Fragment::from_value(&serde_json::json!({ "city_name": "x".repeat(number % 150), "asn": number }))
    }

    fn read(answers: &Answers, handle: Handle) -> Option<String> {
        let mut doc = Doc::new();
        answers.copy(handle, &mut doc).map(|node| doc.json(node))
    }

    fn json(number: usize) -> String {
        format!("{{\"city_name\":\"{}\",\"asn\":{number}}}", "x".repeat(number % 150))
    }

    #[test]
    fn the_newest_answers_are_there_and_the_oldest_gone() {
        let answers = Answers::new(1 << 14);
        let kept: Vec<_> = (0..1000).map(|number| answers.keep(&answer(number)).expect("room")).collect();
        let found: Vec<_> = kept.iter().map(|handle| read(&answers, *handle)).collect();
        let first = found.iter().position(Option::is_some).expect("the newest");
        assert!((850..920).contains(&first), "{first}");
        let expected = (0..1000).map(|number| (number >= first).then(|| json(number)));
        assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn shapes_are_kept_as_long_as_there_is_room() {
        let answers = Answers::new(1 << 16);
        let shaped =
            |number: usize| Fragment::from_value(&serde_json::json!({ format!("name{number}"): "x" }));
        let kept: Vec<_> = (0..1000).map(|number| answers.keep(&shaped(number))).collect();
        let room = kept.iter().take_while(|kept| kept.is_some()).count();
        assert!((10..1000).contains(&room), "{room}");
        assert!(answers.size() <= 1 << 16);
        assert!(answers.keep(&shaped(room - 1)).is_some());
    }

    /// A ring of few answers, which two threads write while another reads: what is found is what was kept.
    #[test]
    fn nobody_reads_what_is_being_overwritten() {
        let answers = Answers::new(1 << 13);
        let newest: [AtomicU64; 8] = Default::default();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for from in [0, 1] {
                let (answers, newest, over) = (&answers, &newest, &over);
                scope.spawn(move || {
                    for turn in 0..50_000 {
                        let number = turn * 2 + from;
                        let handle = answers.keep(&answer(number)).expect("room");
                        newest[number % 8].store(handle.get(), Ordering::Release);
                    }
                    over.store(true, Ordering::Relaxed);
                });
            }
            let (mut found, mut at) = (0, 0);
            while !over.load(Ordering::Relaxed) || found == 0 {
                at = (at + 1) % 8;
                let handle = NonZeroU64::new(newest[at].load(Ordering::Acquire));
                if let Some(text) = handle.and_then(|handle| read(&answers, handle)) {
                    let number =
                        text.rsplit(':').next().and_then(|number| number.trim_end_matches('}').parse().ok());
                    let number: usize = number.expect("a number");
                    assert_eq!((text, number % 8), (json(number), at));
                    found += 1;
                }
            }
        });
    }
}
