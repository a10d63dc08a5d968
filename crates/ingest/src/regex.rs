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

/// Where a match and its groups are.
type Groups = Vec<Option<Range<usize>>>;

/// What stands in for a match.
pub(crate) struct Replacement(Vec<Piece>);

enum Piece {
    Literal(String),
    Group(usize),
    Named(String),
    /// A `$` with something after it that Java does not take: why.
    Illegal(&'static str),
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

    /// All matches with their groups, in order. As with `Matcher.find`, a match of no width may follow another match
    /// at once, but not one of no width.
    fn matches(&self, text: &str) -> Result<Vec<Groups>, Failure> {
        let mut all = Vec::new();
        let mut from = 0;
        while from <= text.len()
            && let Some(groups) = self.find(text, from)?
        {
            let Some(Some(whole)) = groups.first() else { break };
            from = match text[whole.end..].chars().next() {
                _ if !whole.is_empty() => whole.end,
                Some(next) => whole.end + next.len_utf8(),
                None => text.len() + 1,
            };
            all.push(groups);
        }
        Ok(all)
    }

    /// The first match from an index on, with its groups.
    fn find(&self, text: &str, from: usize) -> Result<Option<Groups>, Failure> {
        match self {
            Self::Linear(regex) => Ok(regex
                .captures_at(text, from)
                .map(|found| found.iter().map(|group| group.map(|group| group.range())).collect())),
            Self::Backtracking(regex) => regex
                .captures_from_pos(text, from)
                .map(|found| {
                    found.map(|found| found.iter().map(|group| group.map(|group| group.range())).collect())
                })
                .map_err(|error| Failure::illegal_argument(format!("regular expression: {error}"))),
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
                Piece::Illegal(why) => return Err(Failure::illegal_argument(*why)),
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
        return match chars.next() {
            Some(_) => Piece::Named(name),
            None => Piece::Illegal("named capturing group is missing trailing '}'"),
        };
    }
    match chars.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)) {
        Some(digit) => Piece::Group(digit as usize),
        None if chars.peek().is_none() => Piece::Illegal("Illegal group reference: group index is missing"),
        None => Piece::Illegal("Illegal group reference"),
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
            ("a*", "baac", "_b__c_"),
        ] {
            let pattern = Pattern::compile(pattern).unwrap();
            let out = pattern.replace_all(text, &Replacement::compile("_")).unwrap();
            assert_eq!(out.as_deref(), Some(replaced));
        }
    }
}
