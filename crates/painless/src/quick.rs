//! Conditions that only look at fields, answered straight from the document.
//!
//! Most conditions of real pipelines compare a field with a constant. This answers them without a [`crate::run::Run`];
//! whatever it does not know, an exception above all, it leaves to the full evaluation, which gives the same answers.

use event::doc::{Data, Doc, NodeId};

use crate::ast::{Binary, Unary};
use crate::code::{Expr, PathStep};
use crate::fixed::Fixed;
use crate::run::{begin, same_number};
use crate::types::Type;
use crate::value::{Class, Value};

/// Whether an expression, or the first part of it, is of the kinds that [`test()`] knows.
pub(crate) fn knows(expr: &Expr) -> bool {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.first().is_some_and(knows),
        Expr::Unary { op: Unary::Not, of, .. } => knows(of),
        Expr::Const(Fixed::Bool(_)) => true,
        Expr::InstanceOf { of, class } => {
            matches!(**of, Expr::Path(_)) && matches!(class, Type::Class(class) if class.boxed.is_none())
        }
        _ => comparison(expr).is_some() || membership(expr).is_some() || question(expr).is_some(),
    }
}

/// The answer of an expression; `None` where it may be an exception or is not known here.
pub(crate) fn test(doc: &Doc, expr: &Expr) -> Option<bool> {
    match expr {
        Expr::And(parts) => {
            for part in parts {
                if !test(doc, part)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        Expr::Or(parts) => {
            for part in parts {
                if test(doc, part)? {
                    return Some(true);
                }
            }
            Some(false)
        }
        Expr::Unary { op: Unary::Not, of, .. } => test(doc, of).map(|answer| !answer),
        Expr::Const(Fixed::Bool(value)) => Some(*value),
        Expr::InstanceOf { of, class } => match &**of {
            Expr::Path(steps) if matches!(class, Type::Class(class) if class.boxed.is_none()) => {
                Some(class.holds(find(doc, steps)?.map_or(Class::Null, |node| class_of(doc, node))))
            }
            _ => None,
        },
        _ => {
            if let Some((steps, value, equal)) = comparison(expr) {
                return Some(equals(doc, find(doc, steps)?, value) == equal);
            }
            if let Some((values, steps)) = membership(expr) {
                let node = find(doc, steps)?;
                return Some(values.iter().any(|value| equals(doc, node, value)));
            }
            let (steps, name, text) = question(expr)?;
            answer(doc, find(doc, steps)??, name, text)
        }
    }
}

/// `path == constant` or `path != constant`, either way round.
fn comparison(expr: &Expr) -> Option<(&[PathStep], &Fixed, bool)> {
    let Expr::Binary { op: op @ (Binary::Eq | Binary::Ne), left, right, .. } = expr else { return None };
    let (steps, value) = match (&**left, &**right) {
        (Expr::Path(steps), Expr::Const(value)) | (Expr::Const(value), Expr::Path(steps)) => (steps, value),
        _ => return None,
    };
    (!matches!(value, Fixed::List(_) | Fixed::Map(_))).then_some((&**steps, value, *op == Binary::Eq))
}

/// `['a', 'b'].contains(path)`. Of texts only: `contains` asks `equals`, which tells classes of numbers apart.
fn membership(expr: &Expr) -> Option<(&[Fixed], &[PathStep])> {
    let Expr::Call(call) = expr else { return None };
    match (&call.of, call.args.as_slice()) {
        (Expr::Const(Fixed::List(values)), [Expr::Path(steps)]) if &*call.name == "contains" => {
            values.iter().all(|value| matches!(value, Fixed::Text(_))).then_some((values, steps))
        }
        _ => None,
    }
}

/// `path.startsWith('x')` and the like: the path, the method, the text; an empty one where it takes none.
fn question(expr: &Expr) -> Option<(&[PathStep], &str, &str)> {
    let Expr::Call(call) = expr else { return None };
    match (&call.of, call.args.as_slice(), &*call.name) {
        (Expr::Path(steps), [Expr::Const(Fixed::Text(text))], "contains" | "startsWith" | "endsWith") => {
            Some((steps, &call.name, text))
        }
        (Expr::Path(steps), [], "isEmpty") => Some((steps, &call.name, "")),
        _ => None,
    }
}

/// What a method of a text, list or map answers.
fn answer(doc: &Doc, node: NodeId, name: &str, text: &str) -> Option<bool> {
    match (doc.data(node), name) {
        (Data::Str(own), "contains") => Some(doc.text(own).contains(text)),
        (Data::Str(own), "startsWith") => Some(doc.text(own).starts_with(text)),
        (Data::Str(own), "endsWith") => Some(doc.text(own).ends_with(text)),
        (Data::Str(own), "isEmpty") => Some(own.is_empty()),
        (Data::Array(_), "contains") => Some(doc.children(node).any(|child| doc.as_str(child) == Some(text))),
        (Data::Array(_) | Data::Object(_), "isEmpty") => Some(doc.is_empty(node)),
        _ => None,
    }
}

/// The node at a path, `None` inside where there is none; `None` outside where reading it may throw.
fn find(doc: &Doc, steps: &[PathStep]) -> Option<Option<NodeId>> {
    let last = steps.last()?;
    let absent = !doc.may_hold(&last.key);
    let (mut at, steps) = begin(doc, steps);
    let mut steps = steps.iter();
    while let Some(step) = steps.next() {
        let object = if step.meta && at == Doc::SOURCE { Doc::METADATA } else { at };
        if absent && std::ptr::eq(step, last) {
            return Some(None);
        }
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
        (Data::Str(text), Fixed::Text(value)) => doc.text(text) == &**value,
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
