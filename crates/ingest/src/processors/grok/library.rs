//! The pattern libraries, and what a definition adds to them.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// A library: patterns by name.
pub(super) type Library = BTreeMap<&'static str, &'static str>;

static LEGACY: LazyLock<Library> = LazyLock::new(|| read(include_str!("legacy.patterns")));
static ECS: LazyLock<Library> = LazyLock::new(|| read(include_str!("ecs-v1.patterns")));

/// The patterns that come with grok: those with names of the Elastic Common Schema, or the legacy ones.
pub fn library(ecs: bool) -> &'static BTreeMap<&'static str, &'static str> {
    if ecs { &ECS } else { &LEGACY }
}

fn read(text: &'static str) -> Library {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect()
}

/// A library with definitions of a processor's own, which win.
pub(in super::super) struct Bank<'a> {
    library: &'static Library,
    own: &'a HashMap<String, String>,
}

impl<'a> Bank<'a> {
    /// Adds definitions to a library.
    ///
    /// # Errors
    /// When one names a pattern that there is not, or leads back to itself.
    pub(super) fn new(ecs: bool, own: &'a HashMap<String, String>) -> Result<Self, String> {
        let bank = Self { library: library(ecs), own };
        let mut names: Vec<&str> = own.keys().map(String::as_str).collect();
        names.sort_unstable();
        for name in &names {
            for reference in references(&own[*name]) {
                if bank.get(reference.name).is_none() {
                    let unknown = reference.name;
                    return Err(format!(
                        "pattern [{name}] is referencing a non-existent pattern [{unknown}]"
                    ));
                }
            }
        }
        for name in names {
            bank.walk(name, &mut Vec::new())?;
        }
        Ok(bank)
    }

    /// The pattern of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.own.get(name).map(String::as_str).or_else(|| self.library.get(name).copied())
    }

    fn walk<'p>(&'p self, name: &'p str, path: &mut Vec<&'p str>) -> Result<(), String> {
        if let Some(at) = path.iter().position(|known| *known == name) {
            let circle: Vec<&str> = path[at..].iter().copied().chain([name]).collect();
            return Err(format!("circular reference detected: {}", circle.join("->")));
        }
        path.push(name);
        for reference in self.get(name).into_iter().flat_map(references) {
            self.walk(reference.name, path)?;
        }
        path.pop();
        Ok(())
    }
}

/// `%{NAME}`, `%{NAME:field}` or `%{NAME:field:type}` in a pattern.
pub(super) struct Reference<'a> {
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// The pattern.
    pub(super) name: &'a str,
    /// What is behind the first colon.
    pub(super) field: Option<&'a str>,
}

/// The references of a pattern; what only looks like one is text.
pub(super) fn references(pattern: &str) -> impl Iterator<Item = Reference<'_>> {
    pattern.match_indices("%{").filter_map(|(start, _)| {
        let body = &pattern[start + 2..];
        let in_name = |c: char| c.is_ascii_alphanumeric() || "[\\]^_`".contains(c);
        let in_field = |c: char| c.is_alphanumeric() || "@.-_:[]".contains(c);
        let length = body.find(|c| !in_name(c)).unwrap_or(body.len());
        let (name, mut rest) = body.split_at(length);
        let mut field = None;
        if let Some(behind) = rest.strip_prefix(':') {
            let length = behind.find(|c| !in_field(c)).unwrap_or(behind.len());
            field = Some(&behind[..length]);
            rest = &behind[length..];
        }
        if name.is_empty() || field.is_some_and(str::is_empty) {
            return None;
        }
        // A definition in place is read over, as Elasticsearch does.
        let closed = if rest.starts_with('=') { rest.find('}').map(|at| &rest[at..]) } else { Some(rest) };
        let rest = closed?.strip_prefix('}')?;
        Some(Reference { start, end: pattern.len() - rest.len(), name, field })
    })
}

#[cfg(test)]
mod tests {
    use super::super::expression::Expression;
    use super::*;

    #[test]
    fn every_pattern_of_the_libraries_compiles() {
        for ecs in [false, true] {
            let own = HashMap::new();
            let bank = Bank::new(ecs, &own).unwrap();
            for name in library(ecs).keys() {
                let expression = Expression::compile(&format!("%{{{name}}}"), &bank);
                assert!(expression.is_ok(), "{name}: {:?}", expression.err());
            }
        }
        assert_eq!((library(false).len(), library(true).len()), (318, 361));
    }

    #[test]
    fn definitions_that_lead_nowhere_are_refused() {
        for (definitions, why) in [
            (&[("A", "%{B}"), ("B", "%{C}"), ("C", "%{A}")][..], "circular reference detected: A->B->C->A"),
            (&[("A", "%{A}")], "circular reference detected: A->A"),
            (&[("A", "%{NOPE}")], "pattern [A] is referencing a non-existent pattern [NOPE]"),
        ] {
            let own =
                definitions.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
            assert_eq!(Bank::new(true, &own).err().as_deref(), Some(why));
        }
    }
}
