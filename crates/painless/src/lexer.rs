//! Characters to tokens.

use crate::error::{CompileError, Mistake};

/// Longest script, in bytes: Elasticsearch's `script.max_size_in_bytes`.
const MAX_SCRIPT: usize = 65_535;

/// A token and where it starts, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'s> {
    pub(crate) kind: Kind<'s>,
    pub(crate) at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind<'s> {
    /// An identifier, a keyword or the name of a type.
    Name(&'s str),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Text(String),
    Regex {
        pattern: &'s str,
        flags: &'s str,
    },
    /// An operator, a bracket, a comma and so on.
    Sign(&'static str),
    End,
}

impl Kind<'_> {
    /// The token as messages show it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("[{name}]"),
            Self::Sign(sign) => format!("[{sign}]"),
            Self::Int(_) | Self::Long(_) | Self::Float(_) | Self::Double(_) => "a number".to_owned(),
            Self::Text(_) => "a string".to_owned(),
            Self::Regex { .. } => "a regular expression".to_owned(),
            Self::End => "the end of the script".to_owned(),
        }
    }
}

/// All signs, longer ones before their prefixes.
const SIGNS: &[&str] = &[
    ">>>=", "<<=", ">>=", ">>>", "===", "!==", "==~", "==", "!=", "<=", ">=", "&&", "||", "?.", "?:", "++",
    "--", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "->", "::", "=~", "<<", ">>", "{", "}", "[", "]",
    "(", ")", ".", ",", ";", "!", "~", "*", "/", "%", "+", "-", "<", ">", "&", "^", "|", "?", ":", "=",
];

/// Cuts a script into tokens, the last of which is [`Kind::End`].
pub(crate) fn tokens(source: &str) -> Result<Vec<Token<'_>>, Mistake> {
    if source.len() > MAX_SCRIPT {
        let reason = format!(
            "Scripts may be no longer than {MAX_SCRIPT} bytes, this one has {}: move parts of it to another processor",
            source.len()
        );
        return Err(CompileError::new(source, 0, reason));
    }
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new() };
    loop {
        lexer.skip_space()?;
        let at = lexer.at;
        let kind = lexer.token()?;
        let end = kind == Kind::End;
        lexer.tokens.push(Token { kind, at });
        if end {
            return Ok(lexer.tokens);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    tokens: Vec<Token<'s>>,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn fail<T>(&self, at: usize, reason: impl Into<String>) -> Result<T, Mistake> {
        Err(CompileError::new(self.source, at, reason))
    }

    /// Takes the characters for which a test holds.
    fn take(&mut self, mut test: impl FnMut(char) -> bool) -> &'s str {
        let rest = self.rest();
        let len = rest.find(|c| !test(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    fn skip_space(&mut self) -> Result<(), Mistake> {
        loop {
            self.take(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            if self.rest().starts_with("//") {
                self.take(|c| c != '\n' && c != '\r');
            } else if self.rest().starts_with("/*") {
                match self.rest().find("*/") {
                    Some(end) => self.at += end + 2,
                    None => return self.fail(self.at, "this comment is not closed: add */"),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Kind<'s>, Mistake> {
        match self.rest().bytes().next() {
            None => Ok(Kind::End),
            Some(b'_' | b'a'..=b'z' | b'A'..=b'Z') => {
                Ok(Kind::Name(self.take(|c| c == '_' || c.is_ascii_alphanumeric())))
            }
            Some(b'0'..=b'9') if self.follows_dot() => self.place(),
            Some(b'0'..=b'9') => self.number(),
            Some(quote @ (b'\'' | b'"')) => self.text(char::from(quote)),
            Some(b'/') if !self.follows_value() => self.regex(),
            Some(_) => {
                let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) else {
                    let c = self.rest().chars().next().unwrap_or_default();
                    return self.fail(self.at, format!("unexpected character [{c}]"));
                };
                self.at += sign.len();
                Ok(Kind::Sign(sign))
            }
        }
    }

    fn follows_dot(&self) -> bool {
        matches!(self.tokens.last(), Some(Token { kind: Kind::Sign("." | "?."), .. }))
    }

    /// Whether what came last is a value, so that `/` divides it.
    fn follows_value(&self) -> bool {
        match self.tokens.last().map(|token| &token.kind) {
            None | Some(Kind::End) => false,
            Some(Kind::Sign(sign)) => matches!(*sign, ")" | "]" | "}"),
            Some(Kind::Name(name)) => {
                self.tokens.len() > 1
                    && matches!(self.tokens[self.tokens.len() - 2].kind, Kind::Sign("." | "?."))
                    || !matches!(*name, "return" | "throw" | "in" | "else" | "do" | "instanceof")
            }
            Some(_) => true,
        }
    }

    /// A place in a list behind a dot: `list.0`.
    fn place(&mut self) -> Result<Kind<'s>, Mistake> {
        let at = self.at;
        match self.take(|c| c.is_ascii_digit()).parse() {
            Ok(place) => Ok(Kind::Int(place)),
            Err(_) => self.fail(at, "this place in a list is out of range"),
        }
    }

    fn number(&mut self) -> Result<Kind<'s>, Mistake> {
        let at = self.at;
        if let Some(hex) = self.rest().strip_prefix("0x").or_else(|| self.rest().strip_prefix("0X")) {
            self.at += 2;
            let digits = &hex[..hex.len() - hex.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len()];
            self.at += digits.len();
            return self.integer(at, digits, 16);
        }
        let whole = self.take(|c| c.is_ascii_digit());
        let fraction = self.rest().as_bytes();
        let mut decimal = false;
        if fraction.first() == Some(&b'.') && fraction.get(1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
            self.take(|c| c.is_ascii_digit());
            decimal = true;
        }
        if self.rest().starts_with(['e', 'E']) {
            let sign = usize::from(self.rest()[1..].starts_with(['+', '-']));
            if self.rest()[1 + sign..].starts_with(|c: char| c.is_ascii_digit()) {
                self.at += 1 + sign;
                self.take(|c| c.is_ascii_digit());
                decimal = true;
            }
        }
        let text = &self.source[at..self.at];
        match self.rest().bytes().next() {
            Some(b'f' | b'F') => {
                self.at += 1;
                Ok(Kind::Float(text.parse().unwrap_or(f32::INFINITY)))
            }
            Some(b'd' | b'D') => {
                self.at += 1;
                Ok(Kind::Double(text.parse().unwrap_or(f64::INFINITY)))
            }
            _ if decimal => Ok(Kind::Double(text.parse().unwrap_or(f64::INFINITY))),
            _ if whole.len() > 1 && whole.starts_with('0') => self.integer(at, &whole[1..], 8),
            _ => self.integer(at, whole, 10),
        }
    }

    fn integer(&mut self, at: usize, digits: &str, radix: u32) -> Result<Kind<'s>, Mistake> {
        let Ok(value) = u64::from_str_radix(digits, radix) else {
            return self.fail(at, "this is no whole number, or one out of the range of a long");
        };
        let long = self.rest().starts_with(['l', 'L']);
        self.at += usize::from(long);
        // The least int and long are a minus and a number out of range; the parser joins them.
        let most = if long { i64::MAX as u64 } else { i32::MAX as u64 };
        if value > most + 1 || (value == most + 1 && !self.follows_minus()) {
            let cure = if long { "" } else { ": write an L behind it to have a long" };
            return self.fail(
                at,
                format!("Invalid int constant [{digits}]{cure}")
                    .replace("int constant", if long { "long constant" } else { "int constant" }),
            );
        }
        Ok(if long { Kind::Long(value as i64) } else { Kind::Int(value as i64 as i32) })
    }

    fn follows_minus(&self) -> bool {
        matches!(self.tokens.last(), Some(Token { kind: Kind::Sign("-"), .. }))
    }

    fn text(&mut self, quote: char) -> Result<Kind<'s>, Mistake> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            text.push_str(self.take(|c| c != quote && c != '\\'));
            let escape = self.rest().starts_with('\\');
            let next = self.rest().chars().nth(usize::from(escape));
            match next {
                None => {
                    return self.fail(start, format!("this string is not closed: add [{quote}] behind it"));
                }
                Some(c) if !escape => {
                    self.at += c.len_utf8();
                    return Ok(Kind::Text(text));
                }
                Some(c) if c == quote || c == '\\' => {
                    text.push(c);
                    self.at += 2;
                }
                Some(c) => {
                    return self.fail(
                        self.at,
                        format!(
                            "unexpected escape [\\{c}]. The only valid escape sequences in strings starting with \
                             [{quote}] are [\\\\] and [\\{quote}]"
                        ),
                    );
                }
            }
        }
    }

    fn regex(&mut self) -> Result<Kind<'s>, Mistake> {
        let start = self.at;
        self.at += 1;
        let from = self.at;
        loop {
            self.take(|c| !matches!(c, '/' | '\\' | '\n'));
            match self.rest().bytes().next() {
                Some(b'/') if self.at > from => break,
                Some(b'\\') => {
                    self.at += 1;
                    let escaped = self.rest().chars().next().filter(|c| *c != '\n');
                    self.at += escaped.map_or(0, char::len_utf8);
                }
                _ => {
                    return self
                        .fail(start, "this regular expression is empty or not closed: add [/] behind it");
                }
            }
        }
        let pattern = &self.source[from..self.at];
        self.at += 1;
        Ok(Kind::Regex { pattern, flags: self.take(|c| c.is_ascii_alphabetic()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<Kind<'_>> {
        tokens(source).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn a_slash_divides_behind_a_value_and_opens_a_pattern_elsewhere() {
        assert_eq!(kinds("a / b")[1], Kind::Sign("/"));
        assert_eq!(kinds("f(1) / 2")[4], Kind::Sign("/"));
        assert_eq!(kinds(r"x =~ /a\/b/i")[2], Kind::Regex { pattern: r"a\/b", flags: "i" });
        assert_eq!(kinds("return /x/")[1], Kind::Regex { pattern: "x", flags: "" });
        assert_eq!(kinds("x.return / 2")[3], Kind::Sign("/"));
    }

    #[test]
    fn numbers_have_the_type_that_they_are_written_with() {
        for (source, kind) in [
            ("17", Kind::Int(17)),
            ("017", Kind::Int(15)),
            ("0x1F", Kind::Int(31)),
            ("5L", Kind::Long(5)),
            ("1.5", Kind::Double(1.5)),
            ("1e3", Kind::Double(1000.0)),
            ("2f", Kind::Float(2.0)),
            ("2.5D", Kind::Double(2.5)),
        ] {
            assert_eq!(kinds(source)[0], kind, "{source}");
        }
        assert_eq!(kinds("a.0.1")[2..5], [Kind::Int(0), Kind::Sign("."), Kind::Int(1)]);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (source, message) in [
            ("'a\\nb'", "column 3: unexpected escape [\\n]. The only valid escape"),
            ("x == 'a", "column 6: this string is not closed"),
            ("a # b", "column 3: unexpected character [#]"),
            ("a = 3000000000", "column 5: Invalid int constant [3000000000]: write an L behind it"),
            ("/* x", "column 1: this comment is not closed"),
            ("a =~ /x", "column 6: this regular expression is empty or not closed"),
        ] {
            let error = tokens(source).unwrap_err().to_string();
            assert!(error.contains(message), "{source}: {error}");
        }
        assert!(tokens(&" ".repeat(70_000)).is_err());
    }
}
