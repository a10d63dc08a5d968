//! Regular expressions in Java's syntax: run in linear time where they can be, with a limit on steps where not.

mod engine;
mod java;
mod needle;
mod replacement;
mod stepwise;

use std::ops::Range;
use std::sync::OnceLock;

use event::doc::MAX_TEXT;
use smallvec::SmallVec;

use self::engine::Engine;
use self::java::translate;
pub use self::needle::Needle;
use self::replacement::Piece;
pub use self::replacement::Replacement;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    source: Box<str>,
    engine: Engine,
    /// The same pattern for a whole text, compiled when it is first needed.
    whole: OnceLock<Option<Engine>>,
}

/// The whole match and its groups, in bytes.
pub type Groups = SmallVec<[Option<Range<usize>>; 8]>;

/// The parts of a text, in bytes.
pub type Parts = SmallVec<[Range<usize>; 16]>;

/// Why a pattern did not work on a text: the kind of exception that Java would throw, and its message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// The name of the exception's class.
    pub class: &'static str,
    /// What went wrong.
    pub message: String,
}

impl PatternError {
    /// Elasticsearch's name of the exception.
    pub fn kind(&self) -> &'static str {
        match self.class {
            "IndexOutOfBoundsException" => "index_out_of_bounds_exception",
            _ => "illegal_argument_exception",
        }
    }

    fn illegal_argument(message: impl Into<String>) -> Self {
        Self { class: "IllegalArgumentException", message: message.into() }
    }

    fn too_slow(error: &fancy_regex::Error) -> Self {
        Self::illegal_argument(format!("regular expression: {error}"))
    }
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(source: &str) -> Result<Self, String> {
        let engine = Engine::compile(&translate(source))?;
        Ok(Self { source: source.into(), engine, whole: OnceLock::new() })
    }

    /// Compiles a pattern that is in the words of the `regex` crate already.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn translated(source: &str) -> Result<Self, String> {
        Ok(Self { source: source.into(), engine: Engine::compile(source)?, whole: OnceLock::new() })
    }

    /// Compiles a pattern with the flags that a script writes behind it.
    pub(crate) fn compile_with_flags(source: &str, flags: &str) -> Result<Self, String> {
        let mut inline = String::new();
        for flag in flags.chars() {
            match flag {
                'i' | 'm' | 's' | 'x' => inline.push(flag),
                // Unicode-aware case is what the engine does anyhow.
                'u' => {}
                'c' | 'l' | 'U' => return Err(format!("the flag [{flag}] is not known here")),
                other => return Err(format!("Unknown flag [{other}]")),
            }
        }
        if inline.is_empty() { Self::compile(source) } else { Self::compile(&format!("(?{inline}){source}")) }
    }

    /// The same pattern, run by the engines of others alone: what tests hold the engine of our own to. `None` where it has no
    /// steps for the pattern, so that there is nothing to compare.
    #[doc(hidden)]
    pub fn without_steps(self) -> Option<Self> {
        let engine = self.engine.without_steps()?;
        Some(Self { engine, ..self })
    }

    /// The pattern as it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it matches somewhere in a text.
    pub(crate) fn finds(&self, text: &str) -> Result<bool, PatternError> {
        self.engine.is_match(text)
    }

    /// The first match from a place on.
    ///
    /// # Errors
    /// When the pattern takes too many steps.
    pub fn find_at(&self, text: &str, from: usize) -> Result<Option<Groups>, PatternError> {
        let mut groups = Groups::new();
        Ok(self.find_into(text, from, &mut groups)?.then_some(groups))
    }

    /// Whether there is a match from a place on, whose groups are put into `groups`.
    ///
    /// # Errors
    /// When the pattern takes too many steps.
    pub fn find_into(&self, text: &str, from: usize, groups: &mut Groups) -> Result<bool, PatternError> {
        self.engine.captures(text, from, groups)
    }

    /// The match of the whole text.
    pub(crate) fn match_whole(&self, text: &str) -> Result<Option<Groups>, PatternError> {
        let whole =
            self.whole.get_or_init(|| Engine::compile(&format!(r"\A(?:{})\z", translate(&self.source))).ok());
        let Some(engine) = whole else {
            return Err(PatternError::illegal_argument("regular expression: it does not match whole texts"));
        };
        let mut groups = Groups::new();
        Ok(engine.captures(text, 0, &mut groups)?.then_some(groups))
    }

    /// The place of a named group among the groups.
    pub(crate) fn group_index(&self, name: &str) -> Option<usize> {
        self.engine.group_index(name)
    }

    /// Replaces every match; `None` when there is none.
    ///
    /// # Errors
    /// As [`Pattern::replace_into`].
    pub fn replace_all(&self, text: &str, with: &Replacement) -> Result<Option<String>, PatternError> {
        let mut out = String::new();
        Ok(self.replace_into(text, with, &mut out)?.then_some(out))
    }

    /// Appends a text with every match replaced; false, and nothing is appended, when there is none.
    ///
    /// # Errors
    /// When the replacement names a group that is not there, or the pattern takes too many steps.
    pub fn replace_into(
        &self,
        text: &str,
        with: &Replacement,
        out: &mut String,
    ) -> Result<bool, PatternError> {
        let mut groups = with.names_groups().then(Groups::new);
        let (mut from, mut search) = (0, Some(0));
        let mut found_any = false;
        while let Some(at) = search {
            let found = match &mut groups {
                None => self.engine.find(text, at)?,
                Some(groups) => {
                    let found = self.engine.captures(text, at, groups)?;
                    groups.first().filter(|_| found).cloned().flatten()
                }
            };
            let Some(whole) = found else { break };
            found_any = true;
            out.push_str(&text[from..whole.start]);
            from = whole.end;
            self.expand(with, text, groups.as_deref().unwrap_or_default(), out)?;
            if out.len() > MAX_TEXT {
                let message = format!("the replaced text is longer than {} MiB", MAX_TEXT >> 20);
                return Err(PatternError { class: "OutOfMemoryError", message });
            }
            search = after(text, &whole);
        }
        if found_any {
            out.push_str(&text[from..]);
        }
        Ok(found_any)
    }

    fn expand(
        &self,
        with: &Replacement,
        text: &str,
        groups: &[Option<Range<usize>>],
        out: &mut String,
    ) -> Result<(), PatternError> {
        for piece in &with.0 {
            let group = match piece {
                Piece::Literal(literal) => {
                    out.push_str(literal);
                    continue;
                }
                Piece::Group(group) => groups.get(*group).ok_or_else(|| PatternError {
                    class: "IndexOutOfBoundsException",
                    message: format!("No group {group}"),
                })?,
                Piece::Named(name) => {
                    self.group_index(name).and_then(|at| groups.get(at)).ok_or_else(|| {
                        PatternError::illegal_argument(format!("No group with name {{{name}}}"))
                    })?
                }
                Piece::Illegal(why) => return Err(PatternError::illegal_argument(*why)),
            };
            if let Some(group) = group {
                out.push_str(&text[group.clone()]);
            }
        }
        Ok(())
    }

    /// The parts between the matches, as `String.split` cuts them: no empty part before a match of no width at the
    /// start; empty parts at the end only when they are kept.
    ///
    /// # Errors
    /// When the pattern takes too many steps.
    pub fn split(&self, text: &str, keep_trailing: bool) -> Result<Parts, PatternError> {
        let mut parts = Parts::new();
        let (mut from, mut search) = (0, Some(0));
        while let Some(at) = search
            && let Some(whole) = self.engine.find(text, at)?
        {
            if whole.end > 0 {
                parts.push(from..whole.start);
                from = whole.end;
            }
            search = after(text, &whole);
        }
        if parts.is_empty() {
            parts.push(0..text.len());
            return Ok(parts);
        }
        parts.push(from..text.len());
        if !keep_trailing {
            while parts.last().is_some_and(Range::is_empty) {
                parts.pop();
            }
        }
        Ok(parts)
    }

    /// What is before the first match and behind it, as `String.split` with a limit of 2 cuts: a match of no width at the
    /// start does not count. `None` when there is none.
    ///
    /// # Errors
    /// When the pattern takes too many steps.
    pub fn split_once<'a>(&self, text: &'a str) -> Result<Option<(&'a str, &'a str)>, PatternError> {
        let mut search = Some(0);
        while let Some(at) = search
            && let Some(whole) = self.engine.find(text, at)?
        {
            if whole.end > 0 {
                return Ok(Some((&text[..whole.start], &text[whole.end..])));
            }
            search = after(text, &whole);
        }
        Ok(None)
    }
}

/// Where the search goes on behind a match: at its end, or one character further when it was empty.
fn after(text: &str, found: &Range<usize>) -> Option<usize> {
    if !found.is_empty() {
        return Some(found.end);
    }
    text[found.end..].chars().next().map(|c| found.end + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookaround_and_backreferences_run_within_limits() {
        let pattern = Pattern::compile(r"(?<=a)b|(c)\1").unwrap();
        let replaced = pattern.replace_all("ab cc b", &Replacement::compile("<$0>")).unwrap();
        assert_eq!(replaced.as_deref(), Some("a<b> <cc> b"));
        let slow = Pattern::compile(r"(?=x)(x+x+)+y\1").unwrap();
        assert!(slow.replace_all(&"x".repeat(60), &Replacement::compile("")).is_err());
    }

    // Found by the fuzz targets.
    #[test]
    fn repetitions_in_repetitions_are_no_panic() {
        for before in ["", "(a)\\1"] {
            drop(Pattern::compile(&format!("{before}b{}", "{9999}".repeat(8))));
            drop(Pattern::compile(&format!("{before}{}", "{9999}".repeat(8))));
        }
    }

    #[test]
    fn javas_own_escapes_are_translated() {
        for (pattern, text, replaced) in [
            (r"\h+", "a \t b", "a_b"),
            (r"\R", "a\r\nb", "a_b"),
            (r"\Q.*\E", "a.*b", "a_b"),
            (r"\w+", "é_1", "é_"),
            (r"\b", "é a", "é _a_"),
            (r"\b(?=a)", "é a", "é _a"),
            (r"\p{Alpha}+", "é語xy", "é語_"),
            (r"\P{Alpha}+", "é語xy", "_xy"),
            (r"[\p{Punct}x]", "a]x", "a__"),
            ("a*", "baac", "_b__c_"),
        ] {
            let pattern = Pattern::compile(pattern).unwrap();
            let out = pattern.replace_all(text, &Replacement::compile("_")).unwrap();
            assert_eq!(out.as_deref(), Some(replaced));
        }
    }
}
