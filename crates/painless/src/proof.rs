//! What can be proved about a condition without a document.

use event::doc::Place;

use crate::ast::{Binary, Unary};
use crate::code::{Expr, PathStep, Program};
use crate::fixed::Fixed;

/// Places without something at any one of which a condition is false and throws nothing.
///
/// The parts of an `&&` are looked at from the left up to the first that may throw. A part is false without a name
/// when it is null without that and false of null; the place is that of a path's first name only, since a path over a
/// scalar throws whether or not the document holds the later ones.
pub(crate) fn requires(program: &Program) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some(expr) = program.expression() {
        collect(expr, &mut places);
    }
    places
}

/// Adds the places of one expression; whether what follows it is sure to be reached or not needed.
fn collect(expr: &Expr, places: &mut Vec<Place>) -> bool {
    if let Expr::And(parts) = expr {
        return parts.iter().all(|part| collect(part, places));
    }
    if let Some(path) = null_means_false(expr) {
        places.extend(first_name(path));
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

/// Whether two paths lead to the same place.
fn leads_as(one: &[PathStep], other: &[PathStep]) -> bool {
    one.last().map(|step| step.field) == other.last().map(|step| step.field)
}

/// The place of the first name of a path that is null, and throws nothing, in a document that has nothing there.
fn first_name(path: &[PathStep]) -> Option<Place> {
    let (first, rest) = path.split_first()?;
    rest.iter().all(|step| step.safe).then_some(first.field)
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
    pub objects: Vec<Place>,
    /// Places without something at any one of which the condition is then false and throws nothing.
    pub requires: Vec<Place>,
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
        if let Some([.., above, last]) = path {
            self.objects.push(above.field);
            self.requires.push(last.field);
        }
        is_boolean(expr) && self.is_sure(expr)
    }

    /// [`never_throws`], where paths may go through objects that are given.
    fn is_sure(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => {
                if let [.., above, _] = &**path
                    && !self.objects.contains(&above.field)
                {
                    self.objects.push(above.field);
                }
                true
            }
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
