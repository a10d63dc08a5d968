//! Texts. Places and lengths count UTF-16 units, as Java's do.

use std::borrow::Cow;

use super::args::{int, own, text};
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::pattern::{Pattern, Replacement};
use crate::run::{Kind, Outcome, Run};
use crate::value::{Class, Matcher, Object, Value};
use event::doc::Data;

const TEXT: &[Class] = &[Class::String];

pub(super) const METHODS: &[Method] = &[
    method(TEXT, "length", 0, |run, args| Ok(Value::int(units(own(run, args)) as i32))),
    method(TEXT, "isEmpty", 0, |run, args| Ok(Value::bool(own(run, args).is_empty()))),
    method(TEXT, "isBlank", 0, |run, args| Ok(Value::bool(own(run, args).trim().is_empty()))),
    method(TEXT, "contains", 1, |run, args| Ok(Value::bool(own(run, args).contains(&*text(run, args[1])?)))),
    method(TEXT, "startsWith", 1, |run, args| {
        Ok(Value::bool(own(run, args).starts_with(&*text(run, args[1])?)))
    }),
    method(TEXT, "startsWith", 2, |run, args| {
        let from = usize::try_from(int(run, args[2])?).ok();
        let own = own(run, args);
        let behind = from.and_then(|from| own.get(byte_place(own, from)?..));
        Ok(Value::bool(
            behind.is_some_and(|behind| text(run, args[1]).is_ok_and(|start| behind.starts_with(&*start))),
        ))
    }),
    method(TEXT, "endsWith", 1, |run, args| Ok(Value::bool(own(run, args).ends_with(&*text(run, args[1])?)))),
    method(TEXT, "equalsIgnoreCase", 1, |run, args| {
        let Some(other) = run.as_str(args[1]) else { return Ok(Value::bool(false)) };
        let own = own(run, args);
        Ok(Value::bool(own.eq_ignore_ascii_case(other) || own.to_lowercase() == other.to_lowercase()))
    }),
    method(TEXT, "compareTo", 1, |run, args| Ok(Value::int(compare(own(run, args), &text(run, args[1])?)))),
    method(TEXT, "compareToIgnoreCase", 1, |run, args| {
        Ok(Value::int(compare(&own(run, args).to_lowercase(), &text(run, args[1])?.to_lowercase())))
    }),
    method(TEXT, "indexOf", 1, |run, args| found(run, args, 0)),
    method(TEXT, "indexOf", 2, |run, args| {
        let from = int(run, args[2])?.max(0) as usize;
        found(run, args, from)
    }),
    method(TEXT, "lastIndexOf", 1, |run, args| {
        let own = own(run, args);
        let place = match run.as_str(args[1]).map(str::as_bytes) {
            Some([byte]) => memchr::memrchr(*byte, own.as_bytes()),
            _ => own.rfind(&*searched(run, args[1])?),
        };
        Ok(Value::int(place.map_or(-1, |place| units(&own[..place]) as i32)))
    }),
    method(TEXT, "charAt", 1, char_at),
    method(TEXT, "substring", 1, |run, args| {
        let from = int(run, args[1])?;
        substring(run, args, i64::from(from), None)
    }),
    method(TEXT, "substring", 2, |run, args| {
        let (from, to) = (int(run, args[1])?, int(run, args[2])?);
        substring(run, args, i64::from(from), Some(i64::from(to)))
    }),
    method(TEXT, "toLowerCase", 0, |run, args| {
        change(run, args, |text| {
            any(text, |byte| !byte.is_ascii() || byte.is_ascii_uppercase())
                .then(|| text.to_lowercase().into())
        })
    }),
    method(TEXT, "toUpperCase", 0, |run, args| {
        change(run, args, |text| {
            any(text, |byte| !byte.is_ascii() || byte.is_ascii_lowercase())
                .then(|| text.to_uppercase().into())
        })
    }),
    method(TEXT, "trim", 0, |run, args| {
        change(run, args, |text| Some(text.trim_matches(|c| c <= ' ').into()))
    }),
    method(TEXT, "strip", 0, |run, args| change(run, args, |text| Some(text.trim().into()))),
    method(TEXT, "concat", 1, |run, args| {
        let joined = [own(run, args), &text(run, args[1])?].concat();
        run.string(&joined)
    }),
    method(TEXT, "replace", 2, |run, args| {
        let replaced = own(run, args).replace(&*text(run, args[1])?, &text(run, args[2])?);
        run.string(&replaced)
    }),
    method(TEXT, "replaceAll", 2, |run, args| replace(run, args, false)),
    method(TEXT, "replaceFirst", 2, |run, args| replace(run, args, true)),
    method(TEXT, "splitOnToken", 1, |run, args| split(run, args, -1)),
    method(TEXT, "splitOnToken", 2, |run, args| {
        let limit = int(run, args[2])?;
        split(run, args, limit)
    }),
    method(TEXT, "repeat", 1, repeat),
];

pub(super) const STATICS: &[Static] = &[
    function("String", "valueOf", 1, super::any::to_string),
    function("String", "join", 2, join),
    function("String", "copyValueOf", 1, super::any::to_string),
];

/// Length in UTF-16 units.
pub(super) fn units(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

fn compare(a: &str, b: &str) -> i32 {
    let differ = a.encode_utf16().zip(b.encode_utf16()).find(|(a, b)| a != b);
    match differ {
        Some((a, b)) => i32::from(a) - i32::from(b),
        None => units(a) as i32 - units(b) as i32,
    }
}

/// What `indexOf` looks for: a text or a character by its code.
fn searched<'a, 'c: 'a>(run: &'a Run<'_, 'c>, value: Value<'c>) -> Result<Cow<'a, str>, Thrown> {
    match value {
        Value::Int(code) => Ok(u32::try_from(code.get())
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .unwrap_or_default()
            .into()),
        other => text(run, other),
    }
}

fn found<'c>(run: &Run<'_, 'c>, args: &[Value<'c>], from: usize) -> Outcome<'c> {
    let (own, what) = (own(run, args), args[1]);
    if let (0, Some([byte])) = (from, run.as_str(what).map(str::as_bytes)) {
        let place = memchr::memchr(*byte, own.as_bytes());
        return Ok(Value::int(place.map_or(-1, |place| units(&own[..place]) as i32)));
    }
    let start = byte_place(own, from).unwrap_or(own.len());
    let place = own[start..].find(&*searched(run, what)?);
    Ok(Value::int(place.map_or(-1, |place| units(&own[..start + place]) as i32)))
}

/// The byte at a UTF-16 place; the character that a place inside a pair belongs to; `None` behind the end.
fn byte_place(text: &str, place: usize) -> Option<usize> {
    if text.is_ascii() {
        return (place <= text.len()).then_some(place);
    }
    let mut at = 0;
    for (byte, c) in text.char_indices() {
        if at + c.len_utf16() > place {
            return Some(byte);
        }
        at += c.len_utf16();
    }
    (place == at).then_some(text.len())
}

fn char_at<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let own = own(run, args);
    let place = int(run, args[1])?;
    let unit = usize::try_from(place).ok().and_then(|place| match own.is_ascii() {
        true => own.as_bytes().get(place).map(|byte| u16::from(*byte)),
        false => own.encode_utf16().nth(place),
    });
    unit.map(Value::char).ok_or_else(|| {
        let reason = format!("Index {place} out of bounds for length {}", units(own));
        Exception::new("StringIndexOutOfBoundsException", reason)
    })
}

/// Cuts, up to the end where no other is told; half of a pair of UTF-16 units, which Rust's text can not hold, turns
/// into U+FFFD.
fn substring<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], from: i64, to: Option<i64>) -> Outcome<'c> {
    let own = own(run, args);
    let is_ascii = own.is_ascii();
    let length = if is_ascii { own.len() } else { units(own) };
    let to = to.unwrap_or(length as i64);
    if from < 0 || to > length as i64 || from > to {
        let reason = format!("Range [{from}, {to}) out of bounds for length {length}");
        return Err(Exception::new("StringIndexOutOfBoundsException", reason));
    }
    let (from, to) = (from as usize, to as usize);
    if is_ascii {
        if let Value::Str(whole) = args[0] {
            run.check_size(to - from)?;
            return Ok(Value::Str(run.doc.copy_text(whole, from..to)));
        }
        let part = own[from..to].to_owned();
        return run.string(&part);
    }
    let part: Vec<u16> = own.encode_utf16().skip(from).take(to - from).collect();
    run.string(&String::from_utf16_lossy(&part))
}

/// Whether any byte is one of some: all are looked at, many at a time.
fn any(text: &str, is_one: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |any, byte| any | is_one(byte))
}

/// A text that may be changed; one that stays as it is is not copied.
fn change<'c>(
    run: &mut Run<'_, 'c>,
    args: &[Value<'c>],
    change: impl Fn(&str) -> Option<Cow<'_, str>>,
) -> Outcome<'c> {
    let own = own(run, args);
    match change(own) {
        Some(changed) if changed.len() != own.len() || changed != own => {
            let changed = changed.into_owned();
            run.string(&changed)
        }
        _ => Ok(args[0]),
    }
}

/// `replaceAll` and `replaceFirst`: by a pattern, with a function of the match.
fn replace<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], first: bool) -> Outcome<'c> {
    let own = own(run, args).to_owned();
    let Value::Pattern(pattern) = args[1] else {
        let reason = format!("Cannot cast {} to java.util.regex.Pattern", run.class(args[1]).java());
        return Err(Exception::class_cast(reason));
    };
    let mut out = String::new();
    let mut from = 0;
    let mut search = 0;
    while let Some(groups) = pattern.find_at(&own, search)? {
        let Some(Some(whole)) = groups.first().cloned() else { break };
        run.tick()?;
        let matcher = Matcher { pattern, text: own.clone(), next: None, groups: Some(groups) };
        let matcher = run.object(Object::Matcher(matcher));
        let with = run.call(args[2], &[matcher])?;
        out.push_str(&own[from..whole.start]);
        run.append(with, &mut out)?;
        from = whole.end;
        if first {
            break;
        }
        match after(&own, &whole) {
            Some(next) => search = next,
            None => break,
        }
    }
    out.push_str(&own[from..]);
    run.string(&out)
}

/// Where the search goes on behind a match: one character further when it was empty.
pub(super) fn after(text: &str, found: &std::ops::Range<usize>) -> Option<usize> {
    if !found.is_empty() {
        return Some(found.end);
    }
    text[found.end..].chars().next().map(|c| found.end + c.len_utf8())
}

/// Cuts at a token, which is no pattern; of the parts at the end empty ones stay.
fn split<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], limit: i32) -> Outcome<'c> {
    let own = own(run, args).to_owned();
    let token = text(run, args[1])?.into_owned();
    let parts: Vec<&str> = match usize::try_from(limit) {
        _ if token.is_empty() => vec![&own],
        Ok(limit @ 1..) => own.splitn(limit, &*token).collect(),
        _ => own.split(&*token).collect(),
    };
    let array = run.make(Data::EMPTY_ARRAY, Some(Kind::Array));
    for part in parts {
        let part = run.string(part)?;
        run.push(array, part)?;
    }
    Ok(Value::array(array))
}

/// `pattern.split(text)`: an array.
pub(super) fn split_by_pattern<'c>(run: &mut Run<'_, 'c>, pattern: &'c Pattern, own: &str) -> Outcome<'c> {
    let parts = pattern.split(own, false)?;
    let array = run.make(Data::EMPTY_ARRAY, Some(Kind::Array));
    for part in parts {
        let part = run.string(&own[part])?;
        run.push(array, part)?;
    }
    Ok(Value::array(array))
}

fn repeat<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let own = own(run, args).to_owned();
    let count = int(run, args[1])?;
    let Ok(count) = usize::try_from(count) else {
        return Err(Exception::illegal_argument(format!("count is negative: {count}")));
    };
    run.check_size(own.len().saturating_mul(count))?;
    run.string(&own.repeat(count))
}

fn join<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>]) -> Outcome<'c> {
    let between = text(run, args[0])?.into_owned();
    let mut out = String::new();
    for (place, value) in run.listed(args[1])?.into_iter().enumerate() {
        if place > 0 {
            out.push_str(&between);
        }
        run.append(value, &mut out)?;
    }
    run.string(&out)
}

/// A text with the matches of a pattern replaced by a text with `$1`.
pub(super) fn replace_with_groups<'c>(
    run: &mut Run<'_, 'c>,
    pattern: &Pattern,
    own: &str,
    with: &str,
) -> Outcome<'c> {
    let replaced = pattern.replace_all(own, &Replacement::compile(with))?;
    run.string(replaced.as_deref().unwrap_or(own))
}
