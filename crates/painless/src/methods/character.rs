//! The static methods of `Character`.

use super::args::int;
use super::{Static, function};
use crate::run::{Outcome, Run};
use crate::value::Value;

pub(super) const STATICS: &[Static] = &[
    function("Character", "isDigit", 1, |run, args| is(run, args[0], char::is_numeric)),
    function("Character", "isLetter", 1, |run, args| is(run, args[0], char::is_alphabetic)),
    function("Character", "isAlphabetic", 1, |run, args| is(run, args[0], char::is_alphabetic)),
    function("Character", "isLetterOrDigit", 1, |run, args| is(run, args[0], char::is_alphanumeric)),
    function("Character", "isWhitespace", 1, |run, args| is(run, args[0], char::is_whitespace)),
    function("Character", "isUpperCase", 1, |run, args| is(run, args[0], char::is_uppercase)),
    function("Character", "isLowerCase", 1, |run, args| is(run, args[0], char::is_lowercase)),
    function("Character", "toString", 1, super::any::to_string),
    function("Character", "toUpperCase", 1, |run, args| cased(run, args[0], |c| c.to_uppercase().next())),
    function("Character", "toLowerCase", 1, |run, args| cased(run, args[0], |c| c.to_lowercase().next())),
    function("Character", "digit", 2, |run, args| {
        let radix = int(run, args[1])?;
        Ok(Value::int(match u32::try_from(radix) {
            Ok(radix @ 2..=36) => digit(character(run, args[0])?, radix),
            _ => -1,
        }))
    }),
    // Letters count from ten on, whatever the radix.
    function("Character", "getNumericValue", 1, |run, args| {
        Ok(Value::int(digit(character(run, args[0])?, 36)))
    }),
];

/// A character, or the code of one; none for half of a pair.
fn character<'c>(run: &Run<'_, 'c>, value: Value<'c>) -> Result<Option<char>, crate::exception::Thrown> {
    Ok(u32::try_from(int(run, value)?).ok().and_then(char::from_u32))
}

fn digit(c: Option<char>, radix: u32) -> i32 {
    c.and_then(|c| c.to_digit(radix)).map_or(-1, |digit| digit as i32)
}

fn is<'c>(run: &mut Run<'_, 'c>, value: Value<'c>, test: fn(char) -> bool) -> Outcome<'c> {
    Ok(Value::bool(character(run, value)?.is_some_and(test)))
}

/// The character in another case; itself where that takes more than a unit.
fn cased<'c>(run: &mut Run<'_, 'c>, value: Value<'c>, change: fn(char) -> Option<char>) -> Outcome<'c> {
    let changed = character(run, value)?.and_then(change).and_then(|c| u16::try_from(u32::from(c)).ok());
    Ok(changed.map_or(value, Value::char))
}
