//! Regular expressions in Java's syntax: run in linear time where they can be, with a limit on steps where not.

use std::ops::Range;

use crate::failure::Failure;

/// Steps after which a pattern that backtracks is given up.
const BACKTRACK_LIMIT: usize = 1_000_000;

/// A compiled pattern.
pub(crate) enum Pattern {
    /// No lookaround, no backreference: linear.
    Linear(regex::Regex),
    /// The rest: bounded.
    Backtracking(Box<fancy_regex::Regex>),
}

/// What stands in for a match.
pub(crate) struct Replacement(Vec<Piece>);

enum Piece {
    Literal(String),
    Group(usize),
    Named(String),
    /// A `$` with nothing after it that Java would take.
    Illegal,
}

impl Pattern {
    /// Compiles a pattern.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        let translated = translate(source);
        if let Ok(regex) = regex::Regex::new(&translated) {
            return Ok(Self::Linear(regex));
        }
        fancy_regex::RegexBuilder::new(&translated)
            .backtrack_limit(BACKTRACK_LIMIT)
            .build()
            .map(|regex| Self::Backtracking(Box::new(regex)))
            .map_err(|error| error.to_string())
    }

    /// All matches with their groups, in order.
    fn matches(&self, text: &str) -> Result<Vec<Vec<Option<Range<usize>>>>, Failure> {
        match self {
            Self::Linear(regex) => Ok(regex
                .captures_iter(text)
                .map(|found| found.iter().map(|group| group.map(|group| group.range())).collect())
                .collect()),
            Self::Backtracking(regex) => regex
                .captures_iter(text)
                .map(|found| {
                    let found = found
                        .map_err(|error| Failure::illegal_argument(format!("regular expression: {error}")))?;
                    Ok(found.iter().map(|group| group.map(|group| group.range())).collect())
                })
                .collect(),
        }
    }

    fn group_index(&self, name: &str) -> Option<usize> {
        match self {
            Self::Linear(regex) => regex.capture_names().position(|group| group == Some(name)),
            Self::Backtracking(regex) => regex.capture_names().position(|group| group == Some(name)),
        }
    }

    /// Replaces every match; `None` when there is none.
    pub(crate) fn replace_all(&self, text: &str, with: &Replacement) -> Result<Option<String>, Failure> {
        let matches = self.matches(text)?;
        if matches.is_empty() {
            return Ok(None);
        }
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for groups in matches {
            let Some(Some(whole)) = groups.first() else { continue };
            out.push_str(&text[from..whole.start]);
            from = whole.end;
            self.expand(with, text, &groups, &mut out)?;
        }
        out.push_str(&text[from..]);
        Ok(Some(out))
    }

    fn expand(
        &self,
        with: &Replacement,
        text: &str,
        groups: &[Option<Range<usize>>],
        out: &mut String,
    ) -> Result<(), Failure> {
        for piece in &with.0 {
            let group = match piece {
                Piece::Literal(literal) => {
                    out.push_str(literal);
                    continue;
                }
                Piece::Group(group) => groups.get(*group).ok_or_else(|| {
                    Failure::new("index_out_of_bounds_exception", format!("No group {group}"))
                })?,
                Piece::Named(name) => self
                    .group_index(name)
                    .and_then(|at| groups.get(at))
                    .ok_or_else(|| Failure::illegal_argument(format!("No group with name {{{name}}}")))?,
                Piece::Illegal => return Err(Failure::illegal_argument("Illegal group reference")),
            };
            if let Some(group) = group {
                out.push_str(&text[group.clone()]);
            }
        }
        Ok(())
    }

    /// The parts between the matches, as `String.split` cuts them: no empty part before a match of no width at the
    /// start; empty parts at the end only when they are kept.
    pub(crate) fn split(&self, text: &str, keep_trailing: bool) -> Result<Vec<Range<usize>>, Failure> {
        let mut parts = Vec::new();
        let mut from = 0;
        for groups in self.matches(text)? {
            let Some(Some(whole)) = groups.into_iter().next() else { continue };
            if whole.end == 0 || (whole.is_empty() && whole.start == text.len()) {
                continue;
            }
            parts.push(from..whole.start);
            from = whole.end;
        }
        if parts.is_empty() {
            return Ok(vec![0..text.len()]);
        }
        parts.push(from..text.len());
        if !keep_trailing {
            while parts.last().is_some_and(Range::is_empty) {
                parts.pop();
            }
        }
        Ok(parts)
    }
}

/// Java's syntax in the words of the `regex` crate. What is alike stays.
fn translate(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('h') => {
                out.push_str("[ \\t\\u{A0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}]")
            }
            Some('R') => out.push_str("(?:\\r\\n|[\\n\\x0b\\x0c\\r\\u{85}\\u{2028}\\u{2029}])"),
            Some('Z') => out.push_str("(?:\\n?\\z)"),
            // Java's classes are of ASCII alone.
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[a-zA-Z0-9_]"),
            Some('W') => out.push_str("[^a-zA-Z0-9_]"),
            Some('s') => out.push_str("[ \\t\\n\\x0b\\x0c\\r]"),
            Some('S') => out.push_str("[^ \\t\\n\\x0b\\x0c\\r]"),
            Some('e') => out.push_str("\\x1b"),
            Some('Q') => {
                let rest = chars.as_str();
                let (literal, after) = rest.split_once("\\E").unwrap_or((rest, ""));
                out.push_str(&regex::escape(literal));
                chars = after.chars();
            }
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

impl Replacement {
    /// Reads `$1`, `${name}` and `\x`.
    pub(crate) fn compile(source: &str) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut chars = source.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => literal.extend(chars.next()),
                '$' => {
                    if !literal.is_empty() {
                        pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    }
                    pieces.push(group(&mut chars));
                }
                c => literal.push(c),
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Self(pieces)
    }
}

fn group(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Piece {
    if chars.next_if_eq(&'{').is_some() {
        let name: String = std::iter::from_fn(|| chars.next_if(|c| *c != '}')).collect();
        return if chars.next().is_some() { Piece::Named(name) } else { Piece::Illegal };
    }
    match chars.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)) {
        Some(digit) => Piece::Group(digit as usize),
        None => Piece::Illegal,
    }
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

    #[test]
    fn javas_own_escapes_are_translated() {
        for (pattern, text, replaced) in [
            (r"\h+", "a \t b", "a_b"),
            (r"\R", "a\r\nb", "a_b"),
            (r"\Q.*\E", "a.*b", "a_b"),
            (r"\w+", "é_1", "é_"),
        ] {
            let pattern = Pattern::compile(pattern).unwrap();
            let out = pattern.replace_all(text, &Replacement::compile("_")).unwrap();
            assert_eq!(out.as_deref(), Some(replaced));
        }
    }
}
