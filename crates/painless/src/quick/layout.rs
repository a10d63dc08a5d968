//! From a condition to its row of questions.

use event::Key;
use event::doc::{Kind, Place};

use super::detail::{Comparison, Detail, Method};
use super::{Kinds, Next, Question};
use crate::ast::{Binary, Unary};
use crate::code::{Call, Expr, Lambda, PathStep, Stmt};
use crate::fixed::Fixed;
use crate::types::Type;
use crate::value::Class;

/// The questions of an expression; `None` where it is left to the full evaluation from the start.
pub(super) fn questions(expr: &Expr) -> Option<Vec<Question>> {
    let mut questions = Vec::new();
    let first = lay_out(expr, [Next::NO, Next::YES], &mut questions)?;
    // They were laid out from the last one to the first.
    let last = u16::try_from(questions.len()).ok()?.checked_sub(1)?;
    if first != Next(last) {
        return None;
    }
    questions.reverse();
    for question in &mut questions {
        for next in question.next.iter_mut().chain([&mut question.other]) {
            if next.0 <= Next::LAST {
                next.0 = last - next.0;
            }
        }
    }
    Some(questions)
}

/// Lays out the questions of an expression, the last one first, and gives what its first one is. `next` is what follows
/// when it is false and when it is true. `None` when there are too many.
fn lay_out(expr: &Expr, next: [Next; 2], questions: &mut Vec<Question>) -> Option<Next> {
    let [no, yes] = next;
    match expr {
        Expr::And(parts) => parts.iter().rev().try_fold(yes, |yes, part| lay_out(part, [no, yes], questions)),
        Expr::Or(parts) => parts.iter().rev().try_fold(no, |no, part| lay_out(part, [no, yes], questions)),
        Expr::Unary { op: Unary::Not, of, .. } => lay_out(of, [yes, no], questions),
        Expr::Binary { op: Binary::Ne, .. } => one(expr, [yes, no], questions),
        Expr::Const(Fixed::Bool(value)) => Some(next[usize::from(*value)]),
        _ => one(expr, next, questions),
    }
}

/// Lays out an expression that is one question, or not known.
fn one(expr: &Expr, next: [Next; 2], questions: &mut Vec<Question>) -> Option<Next> {
    let Some(ask) = Ask::of(expr) else { return Some(Next::UNKNOWN) };
    let Some((last, above)) = ask.way.split_last() else { return Some(Next::UNKNOWN) };
    questions.push(Question {
        field: last.field,
        // The roots are objects at all times.
        above: above.last().map_or(Place::SOURCE, |step| step.field),
        kinds: ask.kinds,
        other: ask.other.map_or(Next::UNKNOWN, |answer| next[usize::from(answer)]),
        next,
        detail: ask.detail.map(Box::new),
        way: ask.way.into(),
    });
    u16::try_from(questions.len() - 1).ok().filter(|place| *place <= Next::LAST).map(Next)
}

/// What an expression asks of a field.
struct Ask<'e> {
    way: &'e [PathStep],
    kinds: Kinds,
    detail: Option<Detail>,
    /// The answer for values of other kinds, where it is known.
    other: Option<bool>,
}

impl<'e> Ask<'e> {
    /// The question that an expression is, that of `==` for a `!=`; `None` where it is none that is known.
    fn of(expr: &'e Expr) -> Option<Self> {
        match expr {
            Expr::InstanceOf { of, class } => match &**of {
                Expr::Path(way) => Some(Self::kind(way, kinds_of(*class)?)),
                _ => None,
            },
            Expr::Binary { op, left, right, .. } => Self::binary(*op, left, right),
            Expr::Call(call) => Self::call(call),
            _ => None,
        }
    }

    /// Whether the field is of some kind.
    fn kind(way: &'e [PathStep], kinds: Kinds) -> Self {
        Self { way, kinds, detail: None, other: Some(false) }
    }

    /// Whether it is of a kind and more holds.
    fn more(way: &'e [PathStep], kinds: &[Kind], detail: Detail) -> Self {
        Self { detail: Some(detail), ..Self::kind(way, Kinds::of(kinds)) }
    }

    /// What a method says, which only some kinds have.
    fn method(way: &'e [PathStep], kinds: &[Kind], detail: Detail) -> Self {
        Self { other: None, ..Self::more(way, kinds, detail) }
    }

    fn call(call: &'e Call) -> Option<Self> {
        let text = [Kind::Str];
        let list = [Kind::Str, Kind::Array];
        Some(match (&call.of, call.args.as_slice(), &*call.name) {
            // Of texts only: `contains` asks `equals`, which tells classes of numbers apart.
            (Expr::Const(Fixed::List(values)), [Expr::Path(way)], "contains")
                if let Some(texts) = values.iter().map(text_of).collect() =>
            {
                Self::more(way, &text, Detail::OneOf(texts))
            }
            (Expr::Path(way), [Expr::Const(Fixed::Text(argument))], name) => {
                let (method, kinds) = match name {
                    "contains" => (Method::Contains, &list[..]),
                    "startsWith" => (Method::StartsWith, &text[..]),
                    "endsWith" => (Method::EndsWith, &text[..]),
                    "equalsIgnoreCase" => (Method::EqualsIgnoreCase, &text[..]),
                    _ => return None,
                };
                Self::method(way, kinds, Detail::Asks(method, argument.name().into()))
            }
            (Expr::Path(way), [], "isEmpty") => {
                Self::method(way, &[Kind::Str, Kind::Array, Kind::Object], Detail::IsEmpty)
            }
            (Expr::Call(trim), [], "isEmpty") => match (&trim.of, trim.args.as_slice(), &*trim.name) {
                (Expr::Path(way), [], "trim") => Self::method(way, &text, Detail::IsBlank),
                _ => return None,
            },
            (Expr::Call(stream), [Expr::Lambda(lambda)], "anyMatch") => {
                let kinds = kinds_in(lambda)?;
                match (&stream.of, stream.args.as_slice(), &*stream.name) {
                    (Expr::Path(way), [], "stream") => {
                        Self::method(way, &[Kind::Array], Detail::AnyOf(kinds))
                    }
                    (Expr::Call(values), [], "stream") if &*values.name == "values" => match &values.of {
                        Expr::Path(way) => Self::method(way, &[Kind::Object], Detail::AnyOf(kinds)),
                        _ => return None,
                    },
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    fn binary(op: Binary, left: &'e Expr, right: &'e Expr) -> Option<Self> {
        match (op, left, right) {
            (Binary::Eq | Binary::Ne, Expr::Path(way), Expr::Const(value))
            | (Binary::Eq | Binary::Ne, Expr::Const(value), Expr::Path(way)) => Self::equal(way, value),
            (Binary::Eq | Binary::Ne, Expr::Path(left), Expr::Path(right)) => {
                let detail = Some(Detail::Same(right.clone()));
                Some(Self { way: left, kinds: Kinds::ALL, detail, other: None })
            }
            (_, Expr::Call(call), Expr::Const(Fixed::Int(bound))) => {
                let (comparison, bound) = (Comparison::of(op)?, usize::try_from(*bound).ok()?);
                match (&call.of, call.args.as_slice(), &*call.name) {
                    (Expr::Path(way), [], "length") => {
                        Some(Self::method(way, &[Kind::Str], Detail::Length(comparison, bound)))
                    }
                    (Expr::Path(way), [], "size") => {
                        let kinds = [Kind::Array, Kind::Object];
                        Some(Self::method(way, &kinds, Detail::Size(comparison, bound)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a field is equal to a constant.
    fn equal(way: &'e [PathStep], value: &Fixed) -> Option<Self> {
        const NUMBERS: &[Kind] = &[Kind::Int, Kind::Long, Kind::Float, Kind::Double, Kind::Number];
        Some(match value {
            Fixed::Null => Self::kind(way, Kinds::of(&[Kind::Null])),
            Fixed::Text(text) => Self::more(way, &[Kind::Str], Detail::Text(text.clone())),
            Fixed::Bool(value) => Self::more(way, &[Kind::Bool], Detail::Bool(*value)),
            Fixed::List(_) | Fixed::Map(_) => return None,
            number => Self::more(way, NUMBERS, Detail::Number(number.clone())),
        })
    }
}

/// The kinds that a lambda answers with true, where it asks for nothing but the class of its argument.
fn kinds_in(lambda: &Lambda) -> Option<Kinds> {
    let Lambda::Code { function, .. } = lambda else { return None };
    let ([Type::Def], [Stmt::Return(Some(answer))]) = (&*function.params, &*function.body.statements) else {
        return None;
    };
    let parts = match answer {
        Expr::Or(parts) => parts.as_slice(),
        one => std::slice::from_ref(one),
    };
    parts.iter().try_fold(Kinds::of(&[]), |kinds, part| match part {
        Expr::InstanceOf { of, class } if matches!(**of, Expr::Local(0)) => Some(kinds.or(kinds_of(*class)?)),
        _ => None,
    })
}

fn text_of(value: &Fixed) -> Option<Key> {
    match value {
        Fixed::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The kinds whose values are of a type; `None` where the kind alone does not tell.
fn kinds_of(class: Type) -> Option<Kinds> {
    const CLASSES: [(Kind, Class); 9] = [
        (Kind::Null, Class::Null),
        (Kind::Bool, Class::Boolean),
        (Kind::Int, Class::Integer),
        (Kind::Long, Class::Long),
        (Kind::Float, Class::Float),
        (Kind::Double, Class::Double),
        (Kind::Str, Class::String),
        (Kind::Array, Class::List),
        (Kind::Object, Class::Map),
    ];
    class.classes()?;
    let mut kinds: Vec<Kind> =
        CLASSES.iter().filter(|(_, of)| class.holds(*of)).map(|(kind, _)| *kind).collect();
    // A number that is kept as text is one or the other.
    match (class.holds(Class::Double), class.holds(Class::BigInteger)) {
        (true, true) => kinds.push(Kind::Number),
        (false, false) => {}
        _ => return None,
    }
    Some(Kinds::of(&kinds))
}
