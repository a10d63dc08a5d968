//! Regular expressions in Java's syntax: run in linear time where they can be, with a limit on steps where not.

use std::ops::Range;
use std::sync::OnceLock;

use event::doc::MAX_TEXT;

/// Steps after which a pattern that backtracks is given up.
const BACKTRACK_LIMIT: usize = 1_000_000;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    source: Box<str>,
    engine: Engine,
    /// The same pattern for a whole text, compiled when it is first needed.
    whole: OnceLock<Option<Engine>>,
}

#[derive(Debug)]
enum Engine {
    /// No lookaround, no backreference: linear.
    Linear(regex::Regex),
    /// The rest: bounded.
    Backtracking(Box<fancy_regex::Regex>),
}

/// The whole match and its groups, in bytes.
pub type Groups = Vec<Option<Range<usize>>>;

/// What stands in for a match.
#[derive(Debug)]
pub struct Replacement(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Literal(String),
    Group(usize),
    Named(String),
    /// A `$` with something after it that Java does not take: why.
    Illegal(&'static str),
}

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

impl Engine {
    fn compile(translated: &str) -> Result<Self, String> {
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

    fn is_match(&self, text: &str) -> Result<bool, PatternError> {
        match self {
            Self::Linear(regex) => Ok(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).map_err(|error| PatternError::too_slow(&error)),
        }
    }

    fn captures_at(&self, text: &str, from: usize) -> Result<Option<Groups>, PatternError> {
        match self {
            Self::Linear(regex) => Ok(regex
                .captures_at(text, from)
                .map(|found| found.iter().map(|group| group.map(|group| group.range())).collect())),
            Self::Backtracking(regex) => Ok(regex
                .captures_from_pos(text, from)
                .map_err(|error| PatternError::too_slow(&error))?
                .map(|found| found.iter().map(|group| group.map(|group| group.range())).collect())),
        }
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
        self.engine.captures_at(text, from)
    }

    /// The match of the whole text.
    pub(crate) fn match_whole(&self, text: &str) -> Result<Option<Groups>, PatternError> {
        let whole =
            self.whole.get_or_init(|| Engine::compile(&format!(r"\A(?:{})\z", translate(&self.source))).ok());
        match whole {
            Some(engine) => engine.captures_at(text, 0),
            None => Err(PatternError::illegal_argument("regular expression: it does not match whole texts")),
        }
    }

    /// All matches with their groups, in order. As with `Matcher.find`, a match of no width may follow another match
    /// at once, but not one of no width.
    fn matches(&self, text: &str) -> Result<Vec<Groups>, PatternError> {
        let mut all = Vec::new();
        let mut from = 0;
        while from <= text.len()
            && let Some(groups) = self.find_at(text, from)?
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

    /// The place of a named group among the groups.
    pub(crate) fn group_index(&self, name: &str) -> Option<usize> {
        match &self.engine {
            Engine::Linear(regex) => regex.capture_names().position(|group| group == Some(name)),
            Engine::Backtracking(regex) => regex.capture_names().position(|group| group == Some(name)),
        }
    }

    /// Replaces every match; `None` when there is none.
    ///
    /// # Errors
    /// When the replacement names a group that is not there, or the pattern takes too many steps.
    pub fn replace_all(&self, text: &str, with: &Replacement) -> Result<Option<String>, PatternError> {
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
            if out.len() > MAX_TEXT {
                let message = format!("the replaced text is longer than {} MiB", MAX_TEXT >> 20);
                return Err(PatternError { class: "OutOfMemoryError", message });
            }
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
    pub fn split(&self, text: &str, keep_trailing: bool) -> Result<Vec<Range<usize>>, PatternError> {
        let mut parts = Vec::new();
        let mut from = 0;
        for groups in self.matches(text)? {
            let Some(Some(whole)) = groups.into_iter().next() else { continue };
            if whole.end == 0 {
                continue;
            }
            parts.push(from..whole.start);
            from = whole.end;
        }
        if parts.is_empty() {
            return Ok(std::iter::once(0..text.len()).collect());
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

impl Pattern {
    /// What is before the first match and behind it, as `String.split` with a limit of 2 cuts: a match of no width at the
    /// start does not count. `None` when there is none.
    ///
    /// # Errors
    /// When the pattern takes too many steps.
    pub fn split_once<'a>(&self, text: &'a str) -> Result<Option<(&'a str, &'a str)>, PatternError> {
        let mut from = 0;
        while from <= text.len()
            && let Some(groups) = self.find_at(text, from)?
        {
            let Some(Some(whole)) = groups.first() else { break };
            if whole.end > 0 {
                return Ok(Some((&text[..whole.start], &text[whole.end..])));
            }
            from = text.chars().next().map_or(1, char::len_utf8);
        }
        Ok(None)
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
                out.push_str("[ \\t\\u{A0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}]");
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
            Some('b') => out.push_str(r"(?-u:\b)"),
            Some('e') => out.push_str("\\x1b"),
            Some(property @ ('p' | 'P')) => match posix(chars.as_str()) {
                Some((class, rest)) => {
                    out.push_str(&format!("[{}{class}]", if property == 'P' { "^" } else { "" }));
                    chars = rest.chars();
                }
                None => out.extend(['\\', property]),
            },
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

/// The class of ASCII characters that a POSIX name in braces is in Java, and what follows it.
fn posix(text: &str) -> Option<(&'static str, &str)> {
    const CLASSES: &[(&str, &str)] = &[
        ("Lower", "a-z"),
        ("Upper", "A-Z"),
        ("ASCII", "\\x00-\\x7F"),
        ("Alpha", "a-zA-Z"),
        ("Digit", "0-9"),
        ("Alnum", "a-zA-Z0-9"),
        ("Punct", "!-/:-@\\[-`{-~"),
        ("Graph", "!-~"),
        ("Print", " -~"),
        ("Blank", " \\t"),
        ("Cntrl", "\\x00-\\x1F\\x7F"),
        ("XDigit", "0-9a-fA-F"),
        ("Space", " \\t\\n\\x0B\\x0C\\r"),
    ];
    let (name, rest) = text.strip_prefix('{')?.split_once('}')?;
    CLASSES.iter().find(|(known, _)| *known == name).map(|(_, class)| (*class, rest))
}

impl Replacement {
    /// Reads `$1`, `${name}` and `\x`.
    pub fn compile(source: &str) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut chars = source.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some(next) => literal.push(next),
                    None => pieces.push(Piece::Illegal("character to be escaped is missing")),
                },
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
