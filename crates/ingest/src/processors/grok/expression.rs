//! A grok expression: references filled in, compiled, with the fields that its groups give.

use std::collections::HashMap;
use std::ops::Range;

use painless::pattern::{Groups, Pattern};

use super::library::{Bank, references};
use super::oniguruma::translate;
use crate::failure::Failure;

/// Characters that an expression may have with all references filled in.
const MAX_LENGTH: usize = 1 << 20;

/// The type that a captured text is converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Type {
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
}

/// A group whose text goes somewhere.
#[derive(Debug)]
pub(in super::super) struct Capture {
    /// Where it goes.
    pub(in super::super) field: String,
    /// What it becomes.
    pub(in super::super) to: Type,
    /// Its number.
    group: usize,
}

impl Capture {
    /// Reads a group's name: that of a pattern, its field and a type between colons, or a field alone.
    fn read(name: &str, group: usize) -> Self {
        let mut parts = name.split(':');
        let first = parts.next().unwrap_or_default();
        let field = parts.next().unwrap_or(first).to_owned();
        let to = match parts.next() {
            Some("int") => Type::Integer,
            Some("long") => Type::Long,
            Some("float") => Type::Float,
            Some("double") => Type::Double,
            Some("boolean") => Type::Boolean,
            _ => Type::String,
        };
        Self { field, to, group }
    }

    /// Where its text stands in a match.
    pub(in super::super) fn range(&self, groups: &Groups) -> Option<Range<usize>> {
        groups.get(self.group).cloned().flatten()
    }
}

/// A compiled expression.
pub(in super::super) struct Expression {
    pattern: Pattern,
    pub(in super::super) captures: Vec<Capture>,
}

impl Expression {
    /// Compiles an expression with the patterns that it may name.
    ///
    /// # Errors
    /// What is wrong with it, in Elasticsearch's words where it has some.
    pub(in super::super) fn compile(source: &str, bank: &Bank<'_>) -> Result<Self, String> {
        let mut filled = String::new();
        fill(source, bank, &mut filled)?;
        let translated = translate(&filled)?;
        let pattern = Pattern::translated(&translated.regex)?;
        // Where groups have names, no others capture.
        let captures =
            translated.groups.iter().enumerate().map(|(at, name)| Capture::read(name, at + 1)).collect();
        Ok(Self { pattern, captures })
    }

    /// Compiles expressions of a processor, whose mistakes are told with all of them.
    ///
    /// # Errors
    /// As [`Expression::compile`].
    pub(in super::super) fn compile_all(
        sources: &[String],
        own: &HashMap<String, String>,
        ecs: bool,
    ) -> Result<Vec<Self>, String> {
        let all = || -> Result<Vec<Self>, String> {
            let bank = Bank::new(ecs, own)?;
            sources.iter().map(|source| Self::compile(source, &bank)).collect()
        };
        all().map_err(|why| format!("Invalid regex pattern found in: [{}]. {why}", sources.join(", ")))
    }

    /// The same expression, run by the engines of others alone; `None` where there is nothing to compare.
    #[cfg(test)]
    pub(super) fn without_steps(self) -> Option<Self> {
        Some(Self { pattern: self.pattern.without_steps()?, ..self })
    }

    /// The first match from a place on.
    ///
    /// # Errors
    /// When it takes too many steps.
    pub(in super::super) fn find(&self, text: &str, from: usize) -> Result<Option<Groups>, Failure> {
        self.pattern.find_at(text, from).map_err(|error| {
            let reason =
                "grok pattern matching was interrupted: the pattern takes too many steps on this text";
            Failure::new("runtime_exception", reason).caused_by(format!("{reason} ({})", error.message))
        })
    }
}

/// Fills references in; the bank is free of circles.
fn fill(source: &str, bank: &Bank<'_>, out: &mut String) -> Result<(), String> {
    let mut from = 0;
    for reference in references(source) {
        if reference.start < from {
            continue;
        }
        out.push_str(&source[from..reference.start]);
        from = reference.end;
        let name = reference.name;
        let pattern = bank
            .get(name)
            .ok_or_else(|| format!("Unable to find pattern [{name}] in Grok's pattern dictionary"))?;
        match reference.field {
            Some(field) => out.push_str(&format!("(?<{name}:{field}>")),
            None => out.push_str("(?:"),
        }
        fill(pattern, bank, out)?;
        out.push(')');
        if out.len() > MAX_LENGTH {
            return Err(format!("the expression has more than {MAX_LENGTH} characters"));
        }
    }
    out.push_str(&source[from..]);
    Ok(())
}
