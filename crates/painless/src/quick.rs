//! Conditions that only look at fields, answered straight from the document.
//!
//! Most conditions of real pipelines compare a field with a constant. This answers them without a [`crate::run::Run`];
//! whatever it does not know, an exception above all, it leaves to the full evaluation, which gives the same answers.

use std::cmp::Ordering;

use event::Key;
use event::doc::{Data, Doc, NodeId, Place};

use crate::ast::{Binary, Unary};
use crate::code::{Call, Expr, PathStep};
use crate::fixed::Fixed;
use crate::run::same_number;
use crate::types::Type;
use crate::value::{Class, Value};

/// A condition of the kinds that are known here: questions about fields, each of which says what is asked next.
#[derive(Debug)]
pub(crate) struct Quick(Box<[Question]>);

#[derive(Debug)]
struct Question {
    ask: Ask,
    /// What follows, by the answer.
    next: [Next; 2],
}

#[derive(Clone, Copy, Debug)]
enum Next {
    /// The question at a place further behind.
    Ask(u16),
    /// The condition's answer.
    Answer(bool),
}

/// One question about a document.
#[derive(Debug)]
enum Ask {
    Const(bool),
    /// `path instanceof Map`
    Is(Way, Type),
    /// `path == null`
    Null(Way),
    /// `path == 'text'`
    Text(Way, Key),
    /// `path == constant`
    Equal(Way, Fixed),
    /// `path == other.path`
    Same(Way, Way),
    /// `['a', 'b'].contains(path)`
    OneOf(Way, Box<[Key]>),
    /// `path.startsWith('x')` and the like; the text is empty where the method takes none.
    Asks(Way, Method, Box<str>),
    /// `path.length() < 5` and the like.
    Length(Way, Comparison, usize),
    /// `path.size() == 1` and the like.
    Size(Way, Comparison, usize),
    /// Left to the full evaluation, when it is reached.
    Unknown,
}

/// A path from the document's root.
#[derive(Debug)]
pub(crate) struct Way {
    field: Place,
    /// Where the object is that holds it.
    above: Place,
    steps: Box<[PathStep]>,
}

impl Way {
    fn of(steps: &[PathStep]) -> Option<Self> {
        let (last, way) = steps.split_last()?;
        // The roots are objects at all times.
        let above = way.last().map_or(Place::SOURCE, |step| step.field);
        Some(Self { field: last.field, above, steps: steps.into() })
    }
}

/// A method that is answered here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Method {
    Contains,
    StartsWith,
    EndsWith,
    IsEmpty,
    /// `trim().isEmpty()`
    IsBlank,
    EqualsIgnoreCase,
}

/// How a length is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Comparison {
    fn of(op: Binary) -> Option<Self> {
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

impl Quick {
    /// What is known of an expression; `None` where that would answer nothing.
    pub(crate) fn of(expr: &Expr) -> Option<Self> {
        let mut questions = Vec::new();
        lay_out(expr, [Next::Answer(false), Next::Answer(true)], &mut questions)?;
        // They were laid out from the last one to the first.
        questions.reverse();
        let last = questions.len() as u16 - 1;
        for question in &mut questions {
            for next in &mut question.next {
                if let Next::Ask(place) = next {
                    *place = last - *place;
                }
            }
        }
        if matches!(questions.first(), None | Some(Question { ask: Ask::Unknown, .. })) {
            return None;
        }
        Some(Self(questions.into()))
    }

    /// The answer for a document; `None` where it may be an exception or is not known here.
    pub(crate) fn test(&self, doc: &Doc) -> Option<bool> {
        let mut at = 0;
        loop {
            let question = self.0.get(at)?;
            match question.next[usize::from(question.ask.answer(doc)?)] {
                Next::Ask(next) => at = usize::from(next),
                Next::Answer(answer) => return Some(answer),
            }
        }
    }
}

/// Lays out the questions of an expression, the last one first, and gives what its first one is. `next` is what follows
/// when it is false and when it is true. `None` when there are too many.
fn lay_out(expr: &Expr, next: [Next; 2], questions: &mut Vec<Question>) -> Option<Next> {
    let [no, yes] = next;
    match expr {
        Expr::And(parts) => parts.iter().rev().try_fold(yes, |yes, part| lay_out(part, [no, yes], questions)),
        Expr::Or(parts) => parts.iter().rev().try_fold(no, |no, part| lay_out(part, [no, yes], questions)),
        Expr::Unary { op: Unary::Not, of, .. } => lay_out(of, [yes, no], questions),
        _ => {
            let (ask, is_negated) = Ask::of(expr).unwrap_or((Ask::Unknown, false));
            let next = if is_negated { [yes, no] } else { [no, yes] };
            questions.push(Question { ask, next });
            u16::try_from(questions.len() - 1).ok().map(Next::Ask)
        }
    }
}

impl Ask {
    /// The question that an expression is, and whether the answer is the opposite; `None` where it is none of these.
    fn of(expr: &Expr) -> Option<(Self, bool)> {
        let ask = match expr {
            Expr::Const(Fixed::Bool(value)) => Self::Const(*value),
            Expr::InstanceOf { of, class } => match &**of {
                Expr::Path(way) if class.classes().is_some() => Self::Is(Way::of(way)?, *class),
                _ => return None,
            },
            Expr::Binary { op, left, right, .. } => {
                return Self::binary(*op, left, right).map(|ask| (ask, *op == Binary::Ne));
            }
            Expr::Call(call) => Self::call(call)?,
            _ => return None,
        };
        Some((ask, false))
    }

    fn call(call: &Call) -> Option<Self> {
        Some(match (&call.of, call.args.as_slice(), &*call.name) {
            // Of texts only: `contains` asks `equals`, which tells classes of numbers apart.
            (Expr::Const(Fixed::List(values)), [Expr::Path(way)], "contains")
                if let Some(texts) = values.iter().map(text_of).collect() =>
            {
                Self::OneOf(Way::of(way)?, texts)
            }
            (Expr::Path(way), [Expr::Const(Fixed::Text(text))], name) => {
                let method = match name {
                    "contains" => Method::Contains,
                    "startsWith" => Method::StartsWith,
                    "endsWith" => Method::EndsWith,
                    "equalsIgnoreCase" => Method::EqualsIgnoreCase,
                    _ => return None,
                };
                Self::Asks(Way::of(way)?, method, text.name().into())
            }
            (Expr::Path(way), [], "isEmpty") => Self::Asks(Way::of(way)?, Method::IsEmpty, "".into()),
            (Expr::Call(trim), [], "isEmpty") => match (&trim.of, trim.args.as_slice(), &*trim.name) {
                (Expr::Path(way), [], "trim") => Self::Asks(Way::of(way)?, Method::IsBlank, "".into()),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn binary(op: Binary, left: &Expr, right: &Expr) -> Option<Self> {
        Some(match (op, left, right) {
            (Binary::Eq | Binary::Ne, Expr::Path(way), Expr::Const(value))
            | (Binary::Eq | Binary::Ne, Expr::Const(value), Expr::Path(way))
                if !matches!(value, Fixed::List(_) | Fixed::Map(_)) =>
            {
                let way = Way::of(way)?;
                match value {
                    Fixed::Null => Self::Null(way),
                    Fixed::Text(text) => Self::Text(way, text.clone()),
                    value => Self::Equal(way, value.clone()),
                }
            }
            (Binary::Eq | Binary::Ne, Expr::Path(left), Expr::Path(right)) => {
                Self::Same(Way::of(left)?, Way::of(right)?)
            }
            (_, Expr::Call(call), Expr::Const(Fixed::Int(bound))) => {
                let (comparison, bound) = (Comparison::of(op)?, usize::try_from(*bound).ok()?);
                match (&call.of, call.args.as_slice(), &*call.name) {
                    (Expr::Path(way), [], "length") => Self::Length(Way::of(way)?, comparison, bound),
                    (Expr::Path(way), [], "size") => Self::Size(Way::of(way)?, comparison, bound),
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    /// The answer for a document; `None` where it may be an exception or is not known here.
    #[inline]
    fn answer(&self, doc: &Doc) -> Option<bool> {
        match self {
            Self::Const(value) => Some(*value),
            Self::Is(way, class) => {
                Some(class.holds(find(doc, way)?.map_or(Class::Null, |node| class_of(doc, node))))
            }
            Self::Null(way) => Some(find(doc, way)?.is_none()),
            Self::Text(way, text) => Some(
                find(doc, way)?
                    .is_some_and(|node| matches!(doc.data(node), Data::Str(own) if doc.is_key(own, text))),
            ),
            Self::Equal(way, value) => Some(equals(doc, find(doc, way)?, value)),
            Self::Same(left, right) => match (find(doc, left)?, find(doc, right)?) {
                (None, None) => Some(true),
                (Some(left), Some(right)) => match (doc.data(left), doc.data(right)) {
                    (Data::Str(left), Data::Str(right)) => Some(doc.text(left) == doc.text(right)),
                    // Numbers of two classes, lists and maps are left to the full evaluation.
                    _ => None,
                },
                _ => Some(false),
            },
            Self::OneOf(way, texts) => Some(match find(doc, way)?.map(|node| doc.data(node)) {
                Some(Data::Str(own)) => {
                    let length = own.len();
                    texts.iter().any(|text| text.bytes().len() == length && doc.is_key(own, text))
                }
                _ => false,
            }),
            Self::Asks(way, method, text) => answer(doc, find(doc, way)??, *method, text),
            Self::Length(way, comparison, bound) => {
                let text = doc.as_str(find(doc, way)??)?;
                // Java counts UTF-16 units, of which ASCII has one a byte.
                text.is_ascii().then(|| comparison.holds(text.len().cmp(bound)))
            }
            Self::Size(way, comparison, bound) => {
                let node = find(doc, way)??;
                doc.data(node).is_container().then(|| comparison.holds(doc.len(node).cmp(bound)))
            }
            Self::Unknown => None,
        }
    }
}

fn text_of(value: &Fixed) -> Option<Key> {
    match value {
        Fixed::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// What a method of a text, list or map answers.
fn answer(doc: &Doc, node: NodeId, method: Method, text: &str) -> Option<bool> {
    match (doc.data(node), method) {
        (Data::Str(own), Method::Contains) => Some(doc.text(own).contains(text)),
        (Data::Str(own), Method::StartsWith) => Some(doc.text(own).starts_with(text)),
        (Data::Str(own), Method::EndsWith) => Some(doc.text(own).ends_with(text)),
        (Data::Str(own), Method::IsEmpty) => Some(own.is_empty()),
        (Data::Str(own), Method::IsBlank) => Some(doc.text(own).chars().all(|c| c <= ' ')),
        // Where letters beyond ASCII are equal is the full evaluation's to say.
        (Data::Str(own), Method::EqualsIgnoreCase) if text.is_ascii() && doc.text(own).is_ascii() => {
            Some(doc.text(own).eq_ignore_ascii_case(text))
        }
        (Data::Array(_), Method::Contains) => {
            Some(doc.children(node).any(|child| doc.as_str(child) == Some(text)))
        }
        (Data::Array(_) | Data::Object(_), Method::IsEmpty) => Some(doc.is_empty(node)),
        _ => None,
    }
}

/// The node at a path, `None` inside where there is none; `None` outside where reading it may throw.
#[inline]
fn find(doc: &Doc, way: &Way) -> Option<Option<NodeId>> {
    match doc.at_place(way.field) {
        Some(node) => Some(Some(node).filter(|node| doc.data(*node) != Data::Null)),
        None if doc.object_at(way.above).is_some() => Some(None),
        None => walk(doc, &way.steps),
    }
}

/// [`find`] from the document's root.
#[inline(never)]
fn walk(doc: &Doc, steps: &[PathStep]) -> Option<Option<NodeId>> {
    let mut at = Doc::SOURCE;
    let mut steps = steps.iter();
    while let Some(step) = steps.next() {
        let object = if step.meta && at == Doc::SOURCE { Doc::METADATA } else { at };
        match doc.get(object, &step.key) {
            Some(node) => match doc.data(node) {
                Data::Object(_) => at = node,
                Data::Null => return all_safe(steps).then_some(None),
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

fn equals(doc: &Doc, node: Option<NodeId>, value: &Fixed) -> bool {
    let Some(node) = node else { return matches!(value, Fixed::Null) };
    match (doc.data(node), value) {
        (Data::Null, Fixed::Null) => true,
        (Data::Str(text), Fixed::Text(value)) => doc.is_key(text, value),
        (Data::Bool(own), Fixed::Bool(value)) => own == *value,
        (_, Fixed::Int(_) | Fixed::Long(_) | Fixed::Float(_) | Fixed::Double(_)) => {
            same_number(number(doc, node), value.value()).unwrap_or(false)
        }
        _ => false,
    }
}

fn number(doc: &Doc, node: NodeId) -> Value<'static> {
    match doc.data(node) {
        Data::Int(value) => Value::Int(value),
        Data::Long(value) => Value::Long(value),
        Data::Float(value) => Value::Float(value),
        Data::Double(value) => Value::Double(value),
        Data::Number(text) if doc.text(text).contains(['.', 'e', 'E']) => {
            Value::Double(doc.text(text).parse().unwrap_or(f64::INFINITY))
        }
        _ => Value::Null,
    }
}

fn class_of(doc: &Doc, node: NodeId) -> Class {
    match doc.data(node) {
        Data::Null => Class::Null,
        Data::Bool(_) => Class::Boolean,
        Data::Int(_) => Class::Integer,
        Data::Long(_) => Class::Long,
        Data::Float(_) => Class::Float,
        Data::Double(_) => Class::Double,
        Data::Number(text) if doc.text(text).contains(['.', 'e', 'E']) => Class::Double,
        Data::Number(_) => Class::BigInteger,
        Data::Str(_) => Class::String,
        Data::Array(_) => Class::List,
        Data::Object(_) => Class::Map,
    }
}
