//! `StringTokenizer`.

use super::args::text;
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::{Outcome, Run};
use crate::value::{Class, Object, Tokenizer, Value};

const TOKENIZER: &[Class] = &[Class::Tokenizer];

/// What separates tokens where a script names nothing.
const SPACE: &str = " \t\n\r\x0c";

pub(super) const METHODS: &[Method] = &[
    method(TOKENIZER, "countTokens", 0, |run, args| {
        let tokenizer = tokenizer(run, args[0])?;
        let (mut at, mut count) = (tokenizer.at, 0);
        while let Some((_, end)) = tokenizer.after(at) {
            (at, count) = (end, count + 1);
        }
        Ok(Value::int(count))
    }),
    method(TOKENIZER, "hasMoreTokens", 0, has_more),
    method(TOKENIZER, "hasMoreElements", 0, has_more),
    method(TOKENIZER, "nextToken", 0, |run, args| next(run, args[0])),
    method(TOKENIZER, "nextElement", 0, |run, args| next(run, args[0])),
    method(TOKENIZER, "nextToken", 1, |run, args| {
        let delimiters = text(run, args[1])?.into_owned();
        tokenizer(run, args[0])?.delimiters = delimiters;
        next(run, args[0])
    }),
];

pub(super) const STATICS: &[Static] = &[
    function("StringTokenizer", "new", 1, |run, args| new(run, args[0], None, false)),
    function("StringTokenizer", "new", 2, |run, args| new(run, args[0], Some(args[1]), false)),
    function("StringTokenizer", "new", 3, |run, args| {
        let gives = run.coerce(args[2], crate::types::Type::Boolean)?.is_true();
        new(run, args[0], Some(args[1]), gives)
    }),
];

impl Tokenizer {
    /// Where the first token behind a place begins and ends.
    fn after(&self, at: usize) -> Option<(usize, usize)> {
        let separates = |c: char| self.delimiters.contains(c);
        let rest = &self.text[at..];
        let rest = if self.gives_delimiters { rest } else { rest.trim_start_matches(separates) };
        let start = self.text.len() - rest.len();
        let first = rest.chars().next()?;
        let length = match rest.find(separates) {
            Some(0) => first.len_utf8(),
            Some(length) => length,
            None => rest.len(),
        };
        Some((start, start + length))
    }
}

fn new<'c>(
    run: &mut Run<'_, 'c>,
    of: Value<'c>,
    delimiters: Option<Value<'c>>,
    gives_delimiters: bool,
) -> Outcome<'c> {
    let delimiters = match delimiters {
        Some(delimiters) => text(run, delimiters)?.into_owned(),
        None => SPACE.to_owned(),
    };
    let text = text(run, of)?.into_owned();
    Ok(run.object(Object::Tokenizer(Tokenizer { text, delimiters, at: 0, gives_delimiters })))
}

fn has_more<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let tokenizer = tokenizer(run, args[0])?;
    Ok(Value::bool(tokenizer.after(tokenizer.at).is_some()))
}

fn next<'c>(run: &mut Run<'_, 'c>, of: Value<'c>) -> Outcome<'c> {
    let tokenizer = tokenizer(run, of)?;
    let Some((start, end)) = tokenizer.after(tokenizer.at) else {
        return Err(Exception::bare("NoSuchElementException", None));
    };
    tokenizer.at = end;
    let token = tokenizer.text[start..end].to_owned();
    run.string(&token)
}

fn tokenizer<'a>(run: &'a mut Run<'_, '_>, value: Value<'_>) -> Result<&'a mut Tokenizer, Thrown> {
    let not_one = || Exception::class_cast("this is no java.util.StringTokenizer");
    let Value::Object(index) = value else { return Err(not_one()) };
    match &mut run.objects[index] {
        Object::Tokenizer(tokenizer) => Ok(tokenizer),
        _ => Err(not_one()),
    }
}
