//! An engine for patterns as logs need them: short ones on short texts, with look-around or without.
//!
//! It takes a text step by step and goes back, as Java's and Oniguruma's engines do, but knows at every fork which ways the next
//! byte closes, so that it seldom has to. What takes too long is left to the engines of others, which are bounded, and so is what
//! it has no steps for: back references, and groups that repeat and may be empty. It gives what they give; property tests
//! hold it to them.

mod compile;
mod marks;
mod steps;
mod walk;

use std::cell::RefCell;
use std::ops::Range;

use self::steps::Program;
use self::walk::{NONE, Walker};
use super::Groups;
use super::needle::Needle;

/// A pattern that is walked step by step.
#[derive(Debug)]
pub(super) struct Stepwise(Program);

/// What a search came to.
pub(super) enum Search {
    /// A match, of which this is the whole.
    Found(Range<usize>),
    Nothing,
    /// Another engine has to say.
    TooLong,
}

thread_local! {
    static WALKER: RefCell<Walker> = RefCell::default();
}

impl Stepwise {
    /// Compiles a pattern that other engines take; `None` where it has no steps here.
    pub(super) fn compile(pattern: &str) -> Option<Self> {
        compile::compile(pattern).map(Self)
    }

    /// Finds the first match from a place on.
    pub(super) fn find(&self, text: &str, from: usize) -> Search {
        match &self.0.alone {
            Some(needle) => search_for(needle, text, from),
            None => WALKER.with_borrow_mut(|walker| self.search(text, from, walker)),
        }
    }

    /// The same, with all groups.
    pub(super) fn find_groups(&self, text: &str, from: usize, groups: &mut Groups) -> Search {
        if let Some(needle) = &self.0.alone {
            let search = search_for(needle, text, from);
            if let Search::Found(range) = &search {
                groups.clear();
                groups.push(Some(range.clone()));
            }
            return search;
        }
        WALKER.with_borrow_mut(|walker| {
            let search = self.search(text, from, walker);
            if matches!(search, Search::Found(_)) {
                groups.clear();
                groups.extend(walker.slots.chunks_exact(2).map(|slots| {
                    let [start, end] = [slots[0], slots[1]];
                    (start != NONE && end != NONE).then_some(start as usize..end as usize)
                }));
            }
            search
        })
    }

    fn search(&self, text: &str, from: usize, walker: &mut Walker) -> Search {
        match walk::find(&self.0, text, from, walker) {
            Ok(Some((start, end))) => Search::Found(start..end),
            Ok(None) => Search::Nothing,
            Err(walk::TooLong) => Search::TooLong,
        }
    }
}

/// Finds a text, for which there is nothing to walk.
fn search_for(needle: &Needle, text: &str, from: usize) -> Search {
    match text.as_bytes().get(from..).and_then(|rest| needle.find(rest)) {
        Some(ahead) => Search::Found(from + ahead..from + ahead + needle.length()),
        None => Search::Nothing,
    }
}

#[cfg(test)]
mod tests;
