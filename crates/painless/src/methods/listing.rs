//! All that scripts can call, for a reference of it.

use super::{METHODS, STATICS, static_field};
use crate::types;
use crate::value::Class;

/// A class as scripts know it.
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// Methods of its values, each with the number of its arguments: `substring/2`.
    pub methods: Vec<String>,
    /// Functions that are called by the name of the class, in the same way; `new` makes a value.
    pub functions: Vec<String>,
    /// Constants.
    pub constants: Vec<&'static str>,
}

/// All classes, sorted by name.
pub fn listing() -> Vec<Listed> {
    const CONSTANTS: [&str; 7] =
        ["MAX_VALUE", "MIN_VALUE", "NaN", "POSITIVE_INFINITY", "NEGATIVE_INFINITY", "PI", "E"];
    let mut all: Vec<Listed> = types::names()
        .map(|(name, holds)| Listed {
            name,
            methods: holds.map(methods).unwrap_or_default(),
            functions: functions(name),
            constants: CONSTANTS
                .into_iter()
                .filter(|constant| static_field(name, constant).is_some())
                .chain(super::time::CONSTANTS.iter().filter(|own| own.class == name).map(|own| own.name))
                .collect(),
        })
        .collect();
    all.sort_by_key(|class| class.name);
    all
}

/// The methods of a class of values.
fn methods(class: Class) -> Vec<String> {
    let own = METHODS.iter().copied().flatten().filter(|method| method.classes.contains(&class));
    sorted(own.map(|method| (method.name, method.arity)))
}

fn functions(class: &str) -> Vec<String> {
    let own = STATICS.iter().copied().flatten().filter(|function| function.class == class);
    sorted(own.map(|function| (function.name, function.arity)))
}

fn sorted<'n>(names: impl Iterator<Item = (&'n str, usize)>) -> Vec<String> {
    let mut all: Vec<(&str, usize)> = names.collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(|(name, arity)| format!("{name}/{arity}")).collect()
}
