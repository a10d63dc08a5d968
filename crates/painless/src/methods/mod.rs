//! The methods that scripts can call, one file for each group of classes.
//!
//! A call is resolved when the script is compiled: to the function of a static method, or to one function for each
//! class that its receiver may have ([`Natives`]). A name that no class has is a mistake of the script.

mod any;
mod args;
mod builder;
mod character;
mod collection;
mod collector;
mod iso_time;
mod iterator;
mod list;
mod listing;
mod map;
mod map_functions;
mod matcher;
mod math;
mod number;
mod objects;
mod optional;
mod stream;
mod string;
mod time;
mod tokenizer;

use crate::fixed::Fixed;
use crate::run::{Outcome, Run};
use crate::value::{Class, Value};
pub(crate) use iso_time::{write as write_time, write_length};
pub use listing::{Listed, listing};
pub use number::has_two_points;
pub(crate) use objects::new_exception;
pub(crate) use time::unit_name;

/// A method at work: the receiver, where it has one, is the first argument.
pub(crate) type Native = for<'d, 'c> fn(&mut Run<'d, 'c>, &[Value<'c>]) -> Outcome<'c>;

/// The function for each class of receiver.
pub(crate) type Natives = Box<[Option<Native>; Class::COUNT]>;

/// A method of some classes.
struct Method {
    classes: &'static [Class],
    name: &'static str,
    arity: usize,
    native: Native,
}

/// A static method, or a constructor, whose name is `new`.
struct Static {
    class: &'static str,
    name: &'static str,
    arity: usize,
    native: Native,
}

const fn method(classes: &'static [Class], name: &'static str, arity: usize, native: Native) -> Method {
    Method { classes, name, arity, native }
}

const fn function(class: &'static str, name: &'static str, arity: usize, native: Native) -> Static {
    Static { class, name, arity, native }
}

/// Later tables win over earlier ones where both have a method for a class.
const METHODS: &[&[Method]] = &[
    any::METHODS,
    collection::METHODS,
    list::METHODS,
    map::METHODS,
    map_functions::METHODS,
    iterator::METHODS,
    string::METHODS,
    builder::METHODS,
    number::METHODS,
    matcher::METHODS,
    objects::METHODS,
    tokenizer::METHODS,
    stream::METHODS,
    collector::METHODS,
    optional::METHODS,
    time::METHODS,
];

const STATICS: &[&[Static]] = &[
    builder::STATICS,
    character::STATICS,
    collection::STATICS,
    collector::STATICS,
    list::STATICS,
    map::STATICS,
    math::STATICS,
    number::STATICS,
    objects::STATICS,
    optional::STATICS,
    stream::STATICS,
    time::STATICS,
    string::STATICS,
    tokenizer::STATICS,
];

/// The functions of a method, by class.
pub(crate) fn find(name: &str, arity: usize) -> Natives {
    let mut natives: Natives = Box::new([None; Class::COUNT]);
    for method in METHODS.iter().copied().flatten() {
        if method.name == name && method.arity == arity {
            for class in method.classes {
                natives[*class as usize] = Some(method.native);
            }
        }
    }
    natives
}

/// The numbers of arguments that methods of a name take.
pub(crate) fn arities(name: &str) -> Vec<usize> {
    let mut arities: Vec<usize> = METHODS
        .iter()
        .copied()
        .flatten()
        .filter(|method| method.name == name)
        .map(|method| method.arity)
        .collect();
    arities.sort_unstable();
    arities.dedup();
    arities
}

/// A static method.
pub(crate) fn find_static(class: &str, name: &str, arity: usize) -> Option<Native> {
    if name == "new" { None } else { find_function(class, name, arity) }
}

/// A constructor.
pub(crate) fn find_constructor(class: &str, arity: usize) -> Option<Native> {
    find_function(class, "new", arity)
}

fn find_function(class: &str, name: &str, arity: usize) -> Option<Native> {
    STATICS
        .iter()
        .copied()
        .flatten()
        .find(|own| own.class == class && own.name == name && own.arity == arity)
        .map(|own| own.native)
}

/// Whether a class has static methods.
pub(crate) fn has_statics(class: &str) -> bool {
    STATICS.iter().copied().flatten().any(|own| own.class == class)
}

/// The static methods of a class, `name/arity` each.
pub(crate) fn static_names(class: &str) -> Vec<String> {
    STATICS
        .iter()
        .copied()
        .flatten()
        .filter(|own| own.class == class && own.name != "new")
        .map(|own| format!("{}/{}", own.name, own.arity))
        .collect()
}

/// A constant of a class.
pub(crate) fn static_field(class: &str, name: &str) -> Option<Fixed> {
    Some(match (class, name) {
        ("Integer", "MAX_VALUE") => Fixed::Int(i32::MAX),
        ("Integer", "MIN_VALUE") => Fixed::Int(i32::MIN),
        ("Long", "MAX_VALUE") => Fixed::Long(i64::MAX),
        ("Long", "MIN_VALUE") => Fixed::Long(i64::MIN),
        ("Double", "MAX_VALUE") => Fixed::Double(f64::MAX),
        ("Double", "NaN") => Fixed::Double(f64::NAN),
        ("Double", "POSITIVE_INFINITY") => Fixed::Double(f64::INFINITY),
        ("Double", "NEGATIVE_INFINITY") => Fixed::Double(f64::NEG_INFINITY),
        ("Math", "PI") => Fixed::Double(std::f64::consts::PI),
        ("Math", "E") => Fixed::Double(std::f64::consts::E),
        _ => return None,
    })
}

/// A constant of a class that is made where it is read.
pub(crate) fn static_object(class: &str, name: &str) -> Option<Native> {
    time::CONSTANTS.iter().find(|own| own.class == class && own.name == name).map(|own| own.native)
}

/// Whether a method only reads its receiver, so that a literal before it can be made once for all runs.
pub(crate) fn is_read_only(name: &str) -> bool {
    matches!(
        name,
        "contains"
            | "containsKey"
            | "get"
            | "getOrDefault"
            | "size"
            | "isEmpty"
            | "indexOf"
            | "containsValue"
    )
}
