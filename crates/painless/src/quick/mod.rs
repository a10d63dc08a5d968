//! Conditions that only look at fields, answered straight from the document.
//!
//! Most conditions of real pipelines compare a field with a constant. This answers them without a [`crate::run::Run`];
//! whatever it does not know, an exception above all, it leaves to the full evaluation, which gives the same answers.
//!
//! A condition is a row of questions ([`layout`] makes it). Each asks what kind of value a field has, which is all that
//! most want to know, and some look further into it ([`detail`]).

mod detail;
mod layout;

use event::doc::{Doc, Kind, NodeId, Place};

use crate::code::{Expr, PathStep};
use detail::Detail;

/// A condition of the kinds that are known here: questions about fields, each of which says what is asked next.
#[derive(Debug)]
pub(crate) struct Quick(Box<[Question]>);

/// One question about a document.
#[derive(Debug)]
struct Question {
    field: Place,
    /// Where the object is that holds the field.
    above: Place,
    /// The kinds that are asked for; a field that is missing is null.
    kinds: Kinds,
    /// What follows when it is of another kind.
    other: Next,
    /// What follows by the answer.
    next: [Next; 2],
    /// What is asked of a value of the kinds.
    detail: Option<Box<Detail>>,
    /// The way to the field, for documents where it is not at its place.
    way: Box<[PathStep]>,
}

/// Kinds of values, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kinds(u16);

impl Kinds {
    const ALL: Self = Self(u16::MAX);

    fn of(kinds: &[Kind]) -> Self {
        Self(kinds.iter().fold(0, |bits, kind| bits | 1 << *kind as u16))
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    fn has(self, kind: Kind) -> bool {
        self.0 >> kind as u16 & 1 != 0
    }
}

/// What follows a question: the one at a place further behind, or an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Next(u16);

impl Next {
    /// The condition is false.
    const NO: Self = Self(u16::MAX);
    /// The condition is true.
    const YES: Self = Self(u16::MAX - 1);
    /// The full evaluation is to tell.
    const UNKNOWN: Self = Self(u16::MAX - 2);
    /// The last question that there may be.
    const LAST: u16 = u16::MAX - 3;
}

impl Quick {
    /// What is known of an expression; `None` where that would answer nothing.
    pub(crate) fn of(expr: &Expr) -> Option<Self> {
        layout::questions(expr).map(|questions| Self(questions.into()))
    }

    /// The answer for a document; `None` where it may be an exception or is not known here.
    pub(crate) fn test(&self, doc: &Doc) -> Option<bool> {
        let mut at = Next(0);
        while let Some(question) = self.0.get(usize::from(at.0)) {
            at = question.ask(doc);
        }
        (at != Next::UNKNOWN).then_some(at == Next::YES)
    }
}

impl Question {
    /// What follows for a document.
    #[inline]
    fn ask(&self, doc: &Doc) -> Next {
        let kind = match doc.kind_at(self.field) {
            Some(kind) => kind,
            None if doc.object_at(self.above).is_some() => Kind::Null,
            None => return self.ask_far(doc),
        };
        if !self.kinds.has(kind) {
            return self.other;
        }
        match &self.detail {
            None => self.next[1],
            Some(detail) => self.look(detail, doc, doc.at_place(self.field)),
        }
    }

    /// [`Self::ask`] where the field is not at its place, nor its object.
    #[inline(never)]
    fn ask_far(&self, doc: &Doc) -> Next {
        let Some(node) = walk(doc, &self.way) else { return Next::UNKNOWN };
        if !self.kinds.has(node.map_or(Kind::Null, |node| doc.kind(node))) {
            return self.other;
        }
        self.detail.as_ref().map_or(self.next[1], |detail| self.look(detail, doc, node))
    }

    #[inline]
    fn look(&self, detail: &Detail, doc: &Doc, node: Option<NodeId>) -> Next {
        match detail.answer(doc, node) {
            Some(answer) => self.next[usize::from(answer)],
            None => Next::UNKNOWN,
        }
    }
}

/// The node of a field by a walk from the document's root, `None` inside where there is none; `None` outside where reading
/// it may throw.
#[inline(never)]
fn walk(doc: &Doc, way: &[PathStep]) -> Option<Option<NodeId>> {
    let mut at = Doc::SOURCE;
    let mut steps = way.iter();
    while let Some(step) = steps.next() {
        let object = if step.meta && at == Doc::SOURCE { Doc::METADATA } else { at };
        match doc.get(object, &step.key) {
            Some(node) => match doc.kind(node) {
                Kind::Object => at = node,
                Kind::Null => return all_safe(steps).then_some(None),
                _ => return steps.next().is_none().then_some(Some(node)),
            },
            None => return all_safe(steps).then_some(None),
        }
    }
    Some(Some(at))
}

fn all_safe<'e>(mut steps: impl Iterator<Item = &'e PathStep>) -> bool {
    steps.all(|step| step.safe)
}
