//! What can be proved about a condition without a document.

use event::Key;
use event::doc::Prefix;

use crate::ast::{Binary, Unary};
use crate::code::{Expr, PathStep, Program};
use crate::fixed::Fixed;

/// Names without any one of which a condition is false and throws nothing.
///
/// The parts of an `&&` are looked at from the left up to the first that may throw. A part is false without a name
/// when it is null without that name and false of null; the name is the first of a path only, since a path over a
/// scalar throws whether or not the document holds the later ones.
pub(crate) fn requires(program: &Program) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Some(expr) = program.expression() {
        collect(expr, &mut keys);
    }
    keys
}

/// Adds the names of one expression; whether what follows it is sure to be reached or not needed.
fn collect(expr: &Expr, keys: &mut Vec<Key>) -> bool {
    if let Expr::And(parts) = expr {
        return parts.iter().all(|part| collect(part, keys));
    }
    if let Some(path) = null_means_false(expr) {
        keys.extend(first_name(path));
    }
    is_boolean(expr) && never_throws(expr)
}

/// The path, when a null at it makes the expression false without an exception.
fn null_means_false(expr: &Expr) -> Option<&[PathStep]> {
    match expr {
        Expr::Binary { op: Binary::Eq, left, right, .. } => match (&**left, &**right) {
            (Expr::Path(path), Expr::Const(value)) | (Expr::Const(value), Expr::Path(path)) => {
                (!matches!(value, Fixed::Null)).then_some(path)
            }
            _ => None,
        },
        Expr::Binary { op: Binary::Ne, left, right, .. } => match (&**left, &**right) {
            (Expr::Path(path), Expr::Const(Fixed::Null)) | (Expr::Const(Fixed::Null), Expr::Path(path)) => {
                Some(path)
            }
            _ => None,
        },
        Expr::InstanceOf { of, .. } => match &**of {
            Expr::Path(path) => Some(path),
            _ => None,
        },
        Expr::Call(call) => match (&call.of, call.args.as_slice()) {
            (Expr::Const(Fixed::List(values)), [Expr::Path(path)]) if &*call.name == "contains" => {
                let holds_null = values.iter().any(|value| matches!(value, Fixed::Null));
                (!holds_null).then_some(path)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether two paths lead through the same names.
fn leads_as(one: &[PathStep], other: &[PathStep]) -> bool {
    let name = |step: &PathStep| step.key.clone();
    one.iter().map(name).eq(other.iter().map(name))
}

/// The first name of a path that is null, and throws nothing, in a document that nowhere holds that name.
fn first_name(path: &[PathStep]) -> Option<Key> {
    let (first, rest) = path.split_first()?;
    (!first.meta && rest.iter().all(|step| step.safe)).then(|| first.key.clone())
}

/// Whether an expression gives a value for every document: no exception, whatever is where.
fn never_throws(expr: &Expr) -> bool {
    match expr {
        Expr::Const(_) | Expr::Ctx | Expr::Params => true,
        // Further steps throw where they meet a scalar.
        Expr::Path(path) => path.len() == 1,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().all(|part| is_boolean(part) && never_throws(part)),
        Expr::Unary { op: Unary::Not, of, .. } => is_boolean(of) && never_throws(of),
        Expr::Binary { op: Binary::Eq | Binary::Ne, left, right, .. } => {
            never_throws(left) && never_throws(right)
        }
        Expr::InstanceOf { of, .. } => never_throws(of),
        Expr::Call(call) => match (&call.of, call.args.as_slice()) {
            (Expr::Const(Fixed::List(_)), [arg]) => &*call.name == "contains" && never_throws(arg),
            (Expr::Ctx, [Expr::Const(Fixed::Text(_))]) => &*call.name == "containsKey",
            _ => false,
        },
        _ => false,
    }
}

/// What can be said of a condition while there are objects at some places.
#[derive(Debug, Default)]
pub struct Given {
    /// The places. While there is an object at each, paths through them throw nothing.
    pub objects: Vec<Prefix>,
    /// Names without any one of which, anywhere in the document, the condition is then false and throws nothing.
    pub requires: Vec<Key>,
    /// Whether the condition then throws nothing, whatever else the document holds.
    pub never_throws: bool,
}

/// What holds given objects at the places that the condition's paths lead through.
pub(crate) fn given(program: &Program) -> Given {
    let mut given = Given::default();
    if let Some(expr) = program.expression() {
        given.never_throws = given.collect(expr);
    }
    given
}

impl Given {
    /// Adds what one expression says; whether it gives a boolean and throws nothing.
    fn collect(&mut self, expr: &Expr) -> bool {
        if let Expr::And(parts) = expr {
            return parts.iter().all(|part| self.collect(part));
        }
        let path = match expr {
            // All of its parts ask the same field.
            Expr::Or(parts) => parts.split_first().and_then(|(first, others)| {
                let path = null_means_false(first)?;
                let same = |part| null_means_false(part).is_some_and(|other| leads_as(other, path));
                others.iter().all(same).then_some(path)
            }),
            _ => null_means_false(expr),
        };
        if let Some([.., last]) = path
            && let Some(parent) = &last.parent
        {
            self.objects.push(parent.clone());
            self.requires.push(last.key.clone());
        }
        is_boolean(expr) && self.is_sure(expr)
    }

    /// [`never_throws`], where paths may go through objects that are given.
    fn is_sure(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) if path.len() > 1 => match path.last().and_then(|last| last.parent.clone()) {
                Some(parent) => {
                    if !self.objects.contains(&parent) {
                        self.objects.push(parent);
                    }
                    true
                }
                None => false,
            },
            Expr::And(parts) | Expr::Or(parts) => {
                parts.iter().all(|part| is_boolean(part) && self.is_sure(part))
            }
            Expr::Unary { op: Unary::Not, of, .. } => is_boolean(of) && self.is_sure(of),
            Expr::Binary { op: Binary::Eq | Binary::Ne, left, right, .. } => {
                self.is_sure(left) && self.is_sure(right)
            }
            Expr::InstanceOf { of, .. } => self.is_sure(of),
            Expr::Call(call) => match (&call.of, call.args.as_slice()) {
                (Expr::Const(Fixed::List(_)), [arg]) => &*call.name == "contains" && self.is_sure(arg),
                _ => never_throws(expr),
            },
            _ => never_throws(expr),
        }
    }
}

/// Whether the value is a boolean for every document.
fn is_boolean(expr: &Expr) -> bool {
    match expr {
        Expr::Const(Fixed::Bool(_)) | Expr::And(_) | Expr::Or(_) | Expr::InstanceOf { .. } => true,
        Expr::Unary { op: Unary::Not, .. } => true,
        Expr::Binary { op: Binary::Eq | Binary::Ne, .. } => true,
        Expr::Call(call) => {
            matches!(
                (&call.of, &*call.name),
                (Expr::Const(Fixed::List(_)), "contains") | (Expr::Ctx, "containsKey")
            )
        }
        _ => false,
    }
}
