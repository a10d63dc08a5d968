//! What a view asks for, part by part, so that each can be seen and taken away.

use super::visible::cut;
use crate::question::{Question, Range};

/// Longer values are cut, in characters.
const MAX_SHOWN: usize = 80;

/// A part of a question.
pub(crate) struct Chip {
    /// What it is about: a field, the time, the words.
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether it keeps events out.
    pub(crate) is_not: bool,
    /// The same view without it.
    pub(crate) href: String,
}

/// The parts of a question, for a page at a path.
pub(crate) fn chips(question: &Question, path: &str) -> Vec<Chip> {
    let mut chips = Vec::new();
    if !question.text.is_empty() {
        chips.push(Chip {
            name: "Words".to_owned(),
            value: cut(&question.text, MAX_SHOWN),
            is_not: false,
            href: question.saying("").href_on(path),
        });
    }
    if question.range != Range::All {
        chips.push(Chip {
            name: "Time".to_owned(),
            value: question.range.words(),
            is_not: false,
            href: question.within(Range::All).href_on(path),
        });
    }
    chips.extend(question.conditions().iter().map(|condition| Chip {
        name: cut(condition.field.title(), MAX_SHOWN),
        value: cut(&condition.value, MAX_SHOWN),
        is_not: condition.is_not,
        href: question.without(condition).href_on(path),
    }));
    chips
}
