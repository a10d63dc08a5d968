//! What can be proved about a condition without a document.

use event::Key;

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
