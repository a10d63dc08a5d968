//! What runs a pattern: our own engine where it has steps for it, one that is linear, or one with a limit on steps.

use std::ops::Range;

use super::stepwise::{Search, Stepwise};
use super::{Groups, PatternError};

/// Steps after which a pattern that backtracks is given up.
const BACKTRACK_LIMIT: usize = 1_000_000;

/// A compiled pattern: an engine that takes every pattern there is, and before it one that is faster and may pass.
#[derive(Debug)]
pub(super) struct Engine {
    stepwise: Option<Box<Stepwise>>,
    bounded: Bounded,
}

impl Engine {
    /// Compiles a pattern in the words of the `regex` crate, with look-around, back references and atomic groups.
    pub(super) fn compile(translated: &str) -> Result<Self, String> {
        Ok(Self {
            bounded: Bounded::compile(translated)?,
            stepwise: Stepwise::compile(translated).map(Box::new),
        })
    }

    /// Without the engine of our own, where that has steps for it.
    pub(super) fn without_steps(self) -> Option<Self> {
        self.stepwise.map(|_| Self { stepwise: None, bounded: self.bounded })
    }

    /// Whether it matches somewhere.
    pub(super) fn is_match(&self, text: &str) -> Result<bool, PatternError> {
        match (&self.stepwise, &self.bounded) {
            (Some(stepwise), Bounded::Backtracking(_)) => match stepwise.find(text, 0) {
                Search::TooLong => self.bounded.is_match(text),
                search => Ok(matches!(search, Search::Found(_))),
            },
            (_, bounded) => bounded.is_match(text),
        }
    }

    /// The whole of the first match from a place on.
    pub(super) fn find(&self, text: &str, from: usize) -> Result<Option<Range<usize>>, PatternError> {
        match self.stepwise.as_ref().map_or(Search::TooLong, |stepwise| stepwise.find(text, from)) {
            Search::Found(range) => Ok(Some(range)),
            Search::Nothing => Ok(None),
            Search::TooLong => self.bounded.find(text, from),
        }
    }

    /// Whether there is a match from a place on; its groups.
    pub(super) fn captures(
        &self,
        text: &str,
        from: usize,
        groups: &mut Groups,
    ) -> Result<bool, PatternError> {
        let search = self.stepwise.as_ref();
        match search.map_or(Search::TooLong, |stepwise| stepwise.find_groups(text, from, groups)) {
            Search::Found(_) => Ok(true),
            Search::Nothing => Ok(false),
            Search::TooLong => self.bounded.captures(text, from, groups),
        }
    }

    /// The place of a named group among the groups.
    pub(super) fn group_index(&self, name: &str) -> Option<usize> {
        self.bounded.group_index(name)
    }
}

/// An engine of others that ends in time, whatever pattern and text are.
#[derive(Debug)]
pub(super) enum Bounded {
    /// No lookaround, no backreference: linear.
    Linear(regex::Regex),
    /// The rest: bounded.
    Backtracking(Box<fancy_regex::Regex>),
}

impl Bounded {
    /// Compiles a pattern in the words of the `regex` crate.
    pub(super) fn compile(translated: &str) -> Result<Self, String> {
        match regex::Regex::new(translated) {
            Ok(regex) => return Ok(Self::Linear(regex)),
            // The other engine has no more room.
            Err(error @ regex::Error::CompiledTooBig(_)) => return Err(error.to_string()),
            Err(_) => {}
        }
        let translated = translated
            .replace(r"(?-u:\b)", "(?:(?<=[a-zA-Z0-9_])(?![a-zA-Z0-9_])|(?<![a-zA-Z0-9_])(?=[a-zA-Z0-9_]))");
        let build = || fancy_regex::RegexBuilder::new(&translated).backtrack_limit(BACKTRACK_LIMIT).build();
        // It counts how long a match is at least, and repetitions in repetitions overflow that where overflow is looked for.
        std::panic::catch_unwind(build)
            .map_err(|_| "repetitions are nested too far".to_owned())?
            .map(|regex| Self::Backtracking(Box::new(regex)))
            .map_err(|error| error.to_string())
    }

    /// Whether it matches somewhere.
    pub(super) fn is_match(&self, text: &str) -> Result<bool, PatternError> {
        match self {
            Self::Linear(regex) => Ok(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).map_err(|error| PatternError::too_slow(&error)),
        }
    }

    /// The whole of the first match from a place on.
    pub(super) fn find(&self, text: &str, from: usize) -> Result<Option<Range<usize>>, PatternError> {
        match self {
            Self::Linear(regex) => Ok(regex.find_at(text, from).map(|found| found.range())),
            Self::Backtracking(regex) => Ok(regex
                .find_from_pos(text, from)
                .map_err(|error| PatternError::too_slow(&error))?
                .map(|found| found.range())),
        }
    }

    /// Whether there is a match from a place on; its groups.
    pub(super) fn captures(
        &self,
        text: &str,
        from: usize,
        groups: &mut Groups,
    ) -> Result<bool, PatternError> {
        groups.clear();
        match self {
            Self::Linear(regex) => {
                let Some(found) = regex.captures_at(text, from) else { return Ok(false) };
                groups.extend(found.iter().map(|group| group.map(|group| group.range())));
            }
            Self::Backtracking(regex) => {
                let found = regex.captures_from_pos(text, from);
                let Some(found) = found.map_err(|error| PatternError::too_slow(&error))? else {
                    return Ok(false);
                };
                groups.extend(found.iter().map(|group| group.map(|group| group.range())));
            }
        }
        Ok(true)
    }

    /// The place of a named group among the groups.
    pub(super) fn group_index(&self, name: &str) -> Option<usize> {
        match self {
            Self::Linear(regex) => regex.capture_names().position(|group| group == Some(name)),
            Self::Backtracking(regex) => regex.capture_names().position(|group| group == Some(name)),
        }
    }
}
