//! Tokens to a syntax tree: recursive descent, with a limit on how deep it goes.

mod expr;
mod postfix;
mod stmt;

use crate::ast::{Expr, Kind as ExprKind, Script};
use crate::error::{CompileError, Mistake};
use crate::lexer::{Kind, Token, tokens};

/// How deep expressions and statements may be nested. Lists of `&&`, `||` and `else if` count as one level.
pub(crate) const MAX_NESTING: usize = 100;

/// Words that name neither a variable nor a type.
const WORDS: &[&str] = &[
    "if",
    "else",
    "while",
    "do",
    "for",
    "in",
    "continue",
    "break",
    "return",
    "new",
    "try",
    "catch",
    "throw",
    "this",
    "instanceof",
    "true",
    "false",
    "null",
];

/// Types that are words of the language.
const TYPE_WORDS: &[&str] =
    &["def", "void", "boolean", "byte", "short", "char", "int", "long", "float", "double"];

/// Parses a script.
pub(crate) fn parse(source: &str) -> Result<Script, Mistake> {
    let mut parser = Parser { source, tokens: tokens(source)?, at: 0, nesting: 0, statements: Vec::new() };
    parser.script()
}

/// Where the statements of a script begin, in bytes and in their order, as Elasticsearch counts them: a declaration begins with its
/// name, and a lambda is a statement, too.
///
/// # Errors
/// The script does not parse.
pub(crate) fn statements(source: &str) -> Result<Vec<usize>, Mistake> {
    let mut parser = Parser { source, tokens: tokens(source)?, at: 0, nesting: 0, statements: Vec::new() };
    parser.script()?;
    parser.statements.sort_unstable();
    Ok(parser.statements)
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token<'s>>,
    at: usize,
    nesting: usize,
    /// Where statements begin.
    statements: Vec<usize>,
}

type Parsed<T> = Result<T, Mistake>;

impl<'s> Parser<'s> {
    fn peek(&self) -> &Kind<'s> {
        self.peek_at(0)
    }

    /// A token further on; the last one is repeated.
    fn peek_at(&self, ahead: usize) -> &Kind<'s> {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)].kind
    }

    /// Where the next token starts.
    fn place(&self) -> usize {
        self.tokens[self.at].at
    }

    fn next(&mut self) -> Kind<'s> {
        let kind = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        kind
    }

    fn is_sign(&self, sign: &str) -> bool {
        self.is_sign_at(0, sign)
    }

    fn is_sign_at(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.peek_at(ahead), Kind::Sign(own) if *own == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Kind::Name(name) if *name == word)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.next();
        }
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, sign: &str, place: &str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { self.unexpected(&format!("[{sign}] {place}")) }
    }

    fn fail<T>(&self, at: usize, reason: impl Into<String>) -> Parsed<T> {
        Err(CompileError::new(self.source, at, reason))
    }

    /// "Unexpected …, expected …".
    fn unexpected<T>(&self, expected: &str) -> Parsed<T> {
        let reason = match self.peek() {
            Kind::End => format!("unexpected end of script, expected {expected}"),
            token => format!("unexpected {}, expected {expected}", token.shown()),
        };
        self.fail(self.place(), reason)
    }

    /// A name that may be declared or called.
    fn identifier(&mut self, what: &str) -> Parsed<(String, usize)> {
        let at = self.place();
        match self.peek() {
            Kind::Name(name) if WORDS.contains(name) || TYPE_WORDS.contains(name) => {
                let reason =
                    format!("[{name}] is a word of the language and can not be {what}: take another name");
                self.fail(at, reason)
            }
            Kind::Name(name) => {
                let name = (*name).to_owned();
                self.next();
                Ok((name, at))
            }
            _ => self.unexpected(what),
        }
    }

    /// Length in tokens of the name of a type at `ahead`, with its dots and brackets; zero when there is none.
    fn type_len(&self, ahead: usize) -> usize {
        let Kind::Name(name) = self.peek_at(ahead) else { return 0 };
        if WORDS.contains(name) {
            return 0;
        }
        let mut len = 1;
        while self.is_sign_at(ahead + len, ".") && matches!(self.peek_at(ahead + len + 1), Kind::Name(_)) {
            len += 2;
        }
        while self.is_sign_at(ahead + len, "[") && self.is_sign_at(ahead + len + 1, "]") {
            len += 2;
        }
        len
    }

    /// Reads the name of a type.
    fn type_name(&mut self) -> Parsed<String> {
        let len = self.type_len(0);
        if len == 0 {
            return self.unexpected("the name of a type");
        }
        let name = self.type_text(0, len);
        self.at += len;
        Ok(name)
    }

    fn type_text(&self, ahead: usize, len: usize) -> String {
        (ahead..ahead + len)
            .map(|at| match self.peek_at(at) {
                Kind::Name(part) => part,
                Kind::Sign(sign) => *sign,
                _ => "",
            })
            .collect()
    }

    /// Goes a level deeper for as long as `inner` takes.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.check_depth(self.nesting)?;
        self.nesting += 1;
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    fn check_depth(&self, depth: usize) -> Parsed<()> {
        if depth >= MAX_NESTING {
            let reason = format!(
                "this is nested deeper than {MAX_NESTING} levels: give parts of it to variables or functions"
            );
            return self.fail(self.place(), reason);
        }
        Ok(())
    }

    /// An expression over parts of which the deepest has `below` levels.
    fn make(&self, at: usize, below: usize, kind: ExprKind) -> Parsed<Expr> {
        self.check_depth(below)?;
        Ok(Expr { kind, at, depth: below + 1 })
    }
}

/// Levels of the deepest of some expressions.
fn depth<'e>(parts: impl IntoIterator<Item = &'e Expr>) -> usize {
    parts.into_iter().map(|part| part.depth).max().unwrap_or(0)
}
