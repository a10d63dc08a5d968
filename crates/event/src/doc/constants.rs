//! Constants that a document is given again and again.
//!
//! Pipelines put the same names and values into every event. A document learns them: what one event has copied stands
//! at the front of the text buffer from the next one on, stays there when the document is cleared, and is a span
//! without a copy from then on. What is learned is bounded; the rest is copied each time.

use std::mem::take;

use super::{Data, Doc, Key, NodeId, Text};

/// Constants that are found at a time.
const SLOTS: usize = 1024;

/// Bytes of constants that are kept in front.
const ROOM: usize = 32 << 10;

/// The constants in front of the text buffer.
#[derive(Clone, Debug)]
pub(super) struct Constants {
    /// By bits of their ids: id and place. Each has two slots, of which it takes one that is free.
    slots: Box<[(u64, Text); SLOTS]>,
    /// Bytes in front that stay.
    front: usize,
    /// Those that were copied since the document was cleared: to stand in front from the next event on.
    news: String,
    learned: Vec<(u64, Text)>,
}

impl Default for Constants {
    fn default() -> Self {
        Self {
            slots: Box::new([(0, Text::EMPTY); SLOTS]),
            front: 0,
            news: String::new(),
            learned: Vec::new(),
        }
    }
}

impl Constants {
    #[inline]
    fn slot(id: u64) -> usize {
        id as usize & (SLOTS - 1)
    }

    /// The slot of a constant whose first one another has.
    fn second_slot(id: u64) -> usize {
        Self::slot(id >> 32)
    }

    /// Where a constant can go that is in neither of its slots.
    fn free_slot(&self, id: u64) -> Option<usize> {
        [Self::slot(id), Self::second_slot(id)].into_iter().find(|slot| self.slots[*slot].0 == 0)
    }

    /// Notes a constant that had to be copied.
    fn learn(&mut self, constant: &Key) {
        let full = self.front + self.news.len() + constant.quoted().len() > ROOM;
        let known = self.learned.iter().any(|(id, _)| *id == constant.id());
        if full || known || self.free_slot(constant.id()).is_none() {
            return;
        }
        let start = self.front + self.news.len() + 1;
        self.news.push_str(constant.quoted());
        self.learned.push((constant.id(), Text::new(start, constant.bytes().len(), constant.is_clean())));
    }
}

impl Doc {
    /// A constant's place in the buffer; its quotes and the colon of a key stand around it.
    #[inline]
    pub fn constant(&mut self, constant: &Key) -> Text {
        match self.known_constant(constant) {
            Some(text) => text,
            None => self.other_constant(constant),
        }
    }

    /// [`Doc::constant`] of one that stands in front and is found at the first look, as nearly all are.
    #[inline]
    pub(super) fn known_constant(&self, constant: &Key) -> Option<Text> {
        let (id, text) = self.constants.slots[Constants::slot(constant.id())];
        (id == constant.id()).then_some(text)
    }

    /// A new detached string node of a constant.
    #[inline]
    pub fn constant_string(&mut self, constant: &Key) -> NodeId {
        let text = self.constant(constant);
        self.node(Data::Str(text))
    }

    #[inline(never)]
    pub(super) fn other_constant(&mut self, constant: &Key) -> Text {
        let (id, text) = self.constants.slots[Constants::second_slot(constant.id())];
        if id == constant.id() {
            return text;
        }
        self.constants.learn(constant);
        let start = self.text.len() + 1;
        self.text.push_str(constant.quoted());
        Text::new(start, constant.bytes().len(), constant.is_clean())
    }

    /// Empties the text buffer but for the constants in front, among which are the new ones now.
    pub(super) fn clear_text(&mut self) {
        self.text.truncate(self.constants.front);
        let known = &mut self.constants;
        if known.learned.is_empty() {
            return;
        }
        self.text.push_str(&known.news);
        known.front = self.text.len();
        known.news.clear();
        for (id, text) in take(&mut known.learned) {
            // One that has lost its slot to another of these is learned no more.
            if let Some(slot) = known.free_slot(id) {
                known.slots[slot] = (id, text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_keep_their_texts_however_many_there_are() {
        let constants: Vec<Key> = (0..2 * SLOTS).map(|at| Key::new(&format!("constant {at}"))).collect();
        let mut doc = Doc::new();
        for first in [0, 10, 0, SLOTS, 0] {
            doc.clear();
            for constant in &constants[first..] {
                let text = doc.constant(constant);
                assert_eq!(doc.text(text), constant.name());
            }
        }
        assert!(doc.constants.front <= ROOM);
    }
}
