//! What can be proved about a condition without a document.

use event::doc::Place;

use crate::ast::{Binary, Unary};
use crate::code::{Expr, PathStep, Program};
use crate::fixed::Fixed;
use crate::value::Class;

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
        Expr::InstanceOf { of, class } if !class.holds(Class::Null) => match &**of {
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

/// What a condition says of documents that have nothing at some place, while there are objects at others; it throws
/// nothing then.
#[derive(Debug)]
pub struct Without {
    /// Where there have to be objects, so that paths through them throw nothing.
    pub objects: Vec<Place>,
    /// The answer, where all of them get the same.
    pub answer: Option<bool>,
}

/// What a condition says of documents that have nothing at a place; `None` where it may throw all the same.
pub(crate) fn without(program: &Program, place: Place) -> Option<Without> {
    let mut proof = Proof { place, objects: Vec::new() };
    let told = proof.told(program.expression()?)?;
    let answer = match told {
        Told::Always(answer) => Some(answer),
        Told::Either => None,
    };
    Some(Without { objects: proof.objects, answer })
}

/// The places whose fields a condition looks at, in its order.
pub(crate) fn asks(program: &Program) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some(expr) = program.expression() {
        paths(expr, &mut places);
    }
    places
}

fn paths(expr: &Expr, places: &mut Vec<Place>) {
    match expr {
        Expr::Path(path) => places.extend(path.last().map(|step| step.field)),
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| paths(part, places)),
        Expr::Unary { of, .. } | Expr::InstanceOf { of, .. } => paths(of, places),
        Expr::Binary { left, right, .. } => [left, right].into_iter().for_each(|side| paths(side, places)),
        Expr::Call(call) => {
            paths(&call.of, places);
            call.args.iter().for_each(|arg| paths(arg, places));
        }
        _ => {}
    }
}

/// What is known of a boolean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Always(bool),
    Either,
}

/// A proof under way: nothing is at the place.
struct Proof {
    place: Place,
    objects: Vec<Place>,
}

impl Proof {
    /// What an expression gives; `None` where it may throw or be no boolean.
    fn told(&mut self, expr: &Expr) -> Option<Told> {
        Some(match expr {
            Expr::Const(Fixed::Bool(value)) => Told::Always(*value),
            Expr::And(parts) => self.first(parts, false)?,
            Expr::Or(parts) => self.first(parts, true)?,
            Expr::Unary { op: Unary::Not, of, .. } => match self.told(of)? {
                Told::Always(value) => Told::Always(!value),
                Told::Either => Told::Either,
            },
            Expr::Binary { op: op @ (Binary::Eq | Binary::Ne), left, right, .. } => {
                match (self.is_null(left)?, self.is_null(right)?) {
                    (Some(left), Some(right)) if left || right => {
                        Told::Always((left == right) == (*op == Binary::Eq))
                    }
                    _ => Told::Either,
                }
            }
            Expr::InstanceOf { of, class } => match self.is_null(of)? {
                Some(true) => Told::Always(class.holds(Class::Null)),
                _ => Told::Either,
            },
            Expr::Call(call) => match (&call.of, call.args.as_slice(), &*call.name) {
                (Expr::Const(Fixed::List(values)), [arg], "contains") => match self.is_null(arg)? {
                    Some(true) => Told::Always(values.iter().any(|value| matches!(value, Fixed::Null))),
                    _ => Told::Either,
                },
                (Expr::Ctx, [Expr::Const(Fixed::Text(_))], "containsKey") => Told::Either,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// The parts of an `&&` or `||`, which ends at the first that is `end`.
    fn first(&mut self, parts: &[Expr], end: bool) -> Option<Told> {
        let mut all_told = true;
        for part in parts {
            match self.told(part)? {
                Told::Always(value) if value == end => {
                    return Some(Told::Always(end));
                }
                Told::Always(_) => {}
                Told::Either => all_told = false,
            }
        }
        Some(if all_told { Told::Always(!end) } else { Told::Either })
    }

    /// Whether a value is null, where that is known; `None` outside where reading it may throw.
    fn is_null(&mut self, expr: &Expr) -> Option<Option<bool>> {
        match expr {
            Expr::Const(value) => Some(Some(matches!(value, Fixed::Null))),
            Expr::Path(path) => {
                if let [.., above, _] = &**path
                    && !self.objects.contains(&above.field)
                {
                    self.objects.push(above.field);
                }
                let is_place = path.last().is_some_and(|last| last.field == self.place);
                Some(is_place.then_some(true))
            }
            _ => None,
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
