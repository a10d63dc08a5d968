//! What a question asks beyond the kind of a value.

use std::cmp::Ordering;

use event::Key;
use event::doc::{Data, Doc, Kind, NodeId, Place};

use super::{Kinds, walk};
use crate::ast::Binary;
use crate::code::PathStep;
use crate::fixed::Fixed;
use crate::run::same_number;
use crate::value::Value;

/// So many children are looked at here: a script may not turn without end.
const MOST_CHILDREN: usize = 10_000;

/// A question about a value, of a kind that it can be asked of.
#[derive(Debug)]
pub(super) enum Detail {
    /// `path == 'text'`
    Text(Key),
    /// `path == true`
    Bool(bool),
    /// `path == 1`
    Number(Fixed),
    /// `path == other.path`
    Same(Box<[PathStep]>),
    /// `['a', 'b'].contains(path)`
    OneOf(Box<[Key]>),
    /// `path.startsWith('x')` and the like.
    Asks(Method, Box<str>),
    /// `path.isEmpty()`
    IsEmpty,
    /// `path.trim().isEmpty()`
    IsBlank,
    /// `path.length() < 5` and the like.
    Length(Comparison, usize),
    /// `path.size() == 1` and the like.
    Size(Comparison, usize),
    /// `path.values().stream().anyMatch(value -> value instanceof Map)` and the like: whether a child is of some kinds.
    AnyOf(Kinds),
}

/// A method that is asked with a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Method {
    Contains,
    StartsWith,
    EndsWith,
    EqualsIgnoreCase,
}

/// How a length is compared.
#[derive(Clone, Copy, Debug)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Comparison {
    /// That of an operator, `==` for `!=`.
    pub(super) fn of(op: Binary) -> Option<Self> {
        Some(match op {
            Binary::Lt => Self::Less,
            Binary::Le => Self::LessOrEqual,
            Binary::Gt => Self::Greater,
            Binary::Ge => Self::GreaterOrEqual,
            Binary::Eq | Binary::Ne => Self::Equal,
            _ => return None,
        })
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
            Self::Equal => order == Ordering::Equal,
        }
    }
}

impl Detail {
    /// The answer for a node; `None` where it may be an exception or is not known here.
    #[inline(never)]
    pub(super) fn answer(&self, doc: &Doc, node: Option<NodeId>) -> Option<bool> {
        match (self, node) {
            (Self::Text(text), Some(node)) => doc.str_at(node).map(|own| doc.is_key(own, text)),
            (Self::IsEmpty, Some(node)) => Some(match doc.str_at(node) {
                Some(own) => own.is_empty(),
                None => doc.is_empty(node),
            }),
            _ => self.answer_at_length(doc, node),
        }
    }

    /// [`Detail::answer`] where there is more to do: apart, so that the others do not pay for its stack frame.
    #[inline(never)]
    fn answer_at_length(&self, doc: &Doc, node: Option<NodeId>) -> Option<bool> {
        let data = node.map_or(Data::Null, |node| doc.data(node));
        match (self, data) {
            (Self::Bool(value), Data::Bool(own)) => Some(own == *value),
            (Self::Number(value), _) => Some(same_number(number(doc, data), value.value()).unwrap_or(false)),
            (Self::Same(other), _) => same(doc, node, other),
            (Self::OneOf(texts), Data::Str(own)) => {
                let length = own.len();
                Some(texts.iter().any(|text| text.bytes().len() == length && doc.is_key(own, text)))
            }
            (Self::Asks(method, text), Data::Str(own)) => method.answer(doc.text(own), text),
            (Self::Asks(Method::Contains, text), Data::Array(_)) => {
                Some(doc.children(node?).any(|child| doc.as_str(child) == Some(text)))
            }
            (Self::IsBlank, Data::Str(own)) => Some(doc.text(own).chars().all(|c| c <= ' ')),
            (Self::Length(comparison, bound), Data::Str(own)) => {
                // Java counts UTF-16 units, of which ASCII has one a byte.
                let text = doc.text(own);
                text.is_ascii().then(|| comparison.holds(text.len().cmp(bound)))
            }
            (Self::AnyOf(kinds), _) => {
                let mut children = doc.children(node?);
                let found = children.by_ref().take(MOST_CHILDREN).any(|child| kinds.has(doc.kind(child)));
                (found || children.next().is_none()).then_some(found)
            }
            (Self::Size(comparison, bound), _) => Some(comparison.holds(doc.len(node?).cmp(bound))),
            _ => None,
        }
    }
}

impl Method {
    fn answer(self, own: &str, text: &str) -> Option<bool> {
        match self {
            Self::Contains => Some(own.contains(text)),
            Self::StartsWith => Some(own.starts_with(text)),
            Self::EndsWith => Some(own.ends_with(text)),
            // Where letters beyond ASCII are equal is the full evaluation's to say.
            Self::EqualsIgnoreCase if text.is_ascii() && own.is_ascii() => {
                Some(own.eq_ignore_ascii_case(text))
            }
            Self::EqualsIgnoreCase => None,
        }
    }
}

/// Whether two fields are equal, where that is plain.
fn same(doc: &Doc, node: Option<NodeId>, other: &[PathStep]) -> Option<bool> {
    let (last, above) = other.split_last()?;
    let above = above.last().map_or(Place::SOURCE, |step| step.field);
    let there = |node: Option<NodeId>| node.filter(|node| doc.kind(*node) != Kind::Null);
    let other = match doc.at_place(last.field) {
        None if doc.object_at(above).is_none() => walk(doc, other)?,
        found => found,
    };
    match (there(node), there(other)) {
        (None, None) => Some(true),
        (Some(left), Some(right)) => match (doc.data(left), doc.data(right)) {
            (Data::Str(left), Data::Str(right)) => Some(doc.text(left) == doc.text(right)),
            // Numbers of two classes, lists and maps are left to the full evaluation.
            _ => None,
        },
        _ => Some(false),
    }
}

fn number(doc: &Doc, data: Data) -> Value<'static> {
    match data {
        Data::Int(value) => Value::int(value.get()),
        Data::Long(value) => Value::Long(value),
        Data::Float(value) => Value::float(value.get()),
        Data::Double(value) => Value::double(value.get()),
        Data::Number(text) if doc.text(text).contains(['.', 'e', 'E']) => {
            Value::double(doc.text(text).parse().unwrap_or(f64::INFINITY))
        }
        _ => Value::Null,
    }
}
