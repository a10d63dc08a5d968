//! What is wrong with a configuration: all of it, each with its place and its cure.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use super::tree::{Node, Place};

/// Shorter values of variables may stand in messages.
const SHORTEST_SECRET: usize = 6;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mistake {
    /// Line and column in the file, both from 1; `None` where the file is not to blame.
    pub(crate) place: Option<Place>,
    /// The key, as `sources[0].paths`; empty for the file as a whole.
    pub(crate) key: String,
    /// What is wrong, and what to do.
    pub(crate) message: String,
}

/// Everything that is wrong with a file, in its order.
#[derive(Debug, thiserror::Error)]
pub(crate) struct ConfigError {
    /// The file.
    pub(crate) file: PathBuf,
    /// At least one.
    pub(crate) mistakes: Vec<Mistake>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        for (at, mistake) in self.mistakes.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{file}")?;
            if let Some(Place { line, column }) = mistake.place {
                write!(f, ":{line}:{column}")?;
            }
            if !mistake.key.is_empty() {
                write!(f, ": {}", mistake.key)?;
            }
            write!(f, ": {}", mistake.message)?;
        }
        Ok(())
    }
}

/// Gathers mistakes. A key that was found broken once is passed over afterwards, with all below it, so that one
/// mistake is not told twice in other words.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    found: Vec<Mistake>,
    broken: BTreeSet<String>,
}

impl Mistakes {
    /// Notes a mistake at a node.
    pub(super) fn add(&mut self, place: Option<Place>, key: &str, message: impl Into<String>) {
        if !self.is_within_broken(key) {
            self.found.push(Mistake { place, key: key.to_owned(), message: message.into() });
        }
    }

    /// Notes a mistake of a key that is looked up in the tree: it stands at the nearest node that is there. What
    /// only follows from a broken value below the key is not told.
    pub(super) fn at(&mut self, root: &Node, key: &str, message: impl Into<String>) {
        if !self.broken.iter().any(|broken| is_within(broken, key)) {
            self.add(Some(root.nearest(key)), key, message);
        }
    }

    /// Takes a value out of all messages. Short ones are no secrets, and stand in other words.
    pub(super) fn hide(&mut self, value: &str) {
        if value.len() < SHORTEST_SECRET {
            return;
        }
        for mistake in &mut self.found {
            mistake.message = mistake.message.replace(value, "the value of an environment variable");
        }
    }

    /// Passes a key over from now on.
    pub(super) fn give_up(&mut self, key: &str) {
        self.broken.insert(key.to_owned());
    }

    /// How many keys are passed over.
    pub(super) fn broken(&self) -> usize {
        self.broken.len()
    }

    /// Whether this very key is passed over.
    pub(super) fn is_broken(&self, key: &str) -> bool {
        self.broken.contains(key)
    }

    fn is_within_broken(&self, key: &str) -> bool {
        self.broken.iter().any(|broken| is_within(key, broken))
    }

    /// All mistakes in the order of the file.
    pub(super) fn sorted(mut self) -> Vec<Mistake> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}

/// Whether a key is another one or stands below it.
fn is_within(key: &str, other: &str) -> bool {
    other.is_empty()
        || key.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
