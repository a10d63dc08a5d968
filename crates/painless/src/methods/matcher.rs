//! `Pattern` and `Matcher`.

use super::args::{int, text};
use super::string::{after, replace_with_groups, split_by_pattern, units};
use super::{Method, method};
use crate::exception::{Exception, Thrown};
use crate::pattern::Pattern;
use crate::run::{Outcome, Run};
use crate::value::{Class, Matcher, Object, Value};

const PATTERN: &[Class] = &[Class::Pattern];
const MATCHER: &[Class] = &[Class::Matcher];

pub(super) const METHODS: &[Method] = &[
    method(PATTERN, "matcher", 1, |run, args| {
        let text = text(run, args[1])?.into_owned();
        let matcher = Matcher { pattern: pattern(args[0])?, text, next: Some(0), groups: None };
        Ok(run.object(Object::Matcher(matcher)))
    }),
    method(PATTERN, "pattern", 0, |run, args| run.string(pattern(args[0])?.source())),
    method(PATTERN, "split", 1, |run, args| {
        let text = text(run, args[1])?.into_owned();
        split_by_pattern(run, pattern(args[0])?, &text)
    }),
    method(MATCHER, "matches", 0, |run, args| {
        let matcher = matcher(run, args[0])?;
        matcher.groups = matcher.pattern.match_whole(&matcher.text)?;
        Ok(Value::bool(matcher.groups.is_some()))
    }),
    method(MATCHER, "find", 0, |run, args| {
        run.tick()?;
        find(matcher(run, args[0])?).map(Value::bool)
    }),
    method(MATCHER, "reset", 0, |run, args| {
        let matcher = matcher(run, args[0])?;
        (matcher.next, matcher.groups) = (Some(0), None);
        Ok(args[0])
    }),
    method(MATCHER, "group", 0, |run, args| group(run, args[0], 0)),
    method(MATCHER, "group", 1, |run, args| {
        let place = match run.as_str(args[1]) {
            Some(name) => {
                let name = name.to_owned();
                let found = matcher(run, args[0])?.pattern.group_index(&name);
                found.ok_or_else(|| Exception::illegal_argument(format!("No group with name <{name}>")))?
            }
            None => usize::try_from(int(run, args[1])?).unwrap_or(usize::MAX),
        };
        group(run, args[0], place)
    }),
    method(MATCHER, "groupCount", 0, |run, args| {
        let matcher = matcher(run, args[0])?;
        Ok(Value::int(matcher.groups.as_ref().map_or(0, |groups| groups.len() as i32 - 1)))
    }),
    method(MATCHER, "start", 0, |run, args| place(run, args[0], |range| range.start)),
    method(MATCHER, "end", 0, |run, args| place(run, args[0], |range| range.end)),
    method(MATCHER, "replaceAll", 1, |run, args| {
        let with = text(run, args[1])?.into_owned();
        let matcher = matcher(run, args[0])?;
        let (pattern, text) = (matcher.pattern, matcher.text.clone());
        replace_with_groups(run, pattern, &text, &with)
    }),
];

fn pattern<'c>(value: Value<'c>) -> Result<&'c Pattern, Thrown> {
    match value {
        Value::Pattern(pattern) => Ok(pattern),
        _ => Err(Exception::class_cast("this is no java.util.regex.Pattern")),
    }
}

fn matcher<'a, 'c>(run: &'a mut Run<'_, 'c>, value: Value<'c>) -> Result<&'a mut Matcher<'c>, Thrown> {
    match value {
        Value::Object(index) => match &mut run.objects[index] {
            Object::Matcher(matcher) => Ok(matcher),
            _ => Err(Exception::class_cast("this is no java.util.regex.Matcher")),
        },
        _ => Err(Exception::class_cast("this is no java.util.regex.Matcher")),
    }
}

fn find(matcher: &mut Matcher<'_>) -> Result<bool, Thrown> {
    matcher.groups = match matcher.next {
        Some(from) => matcher.pattern.find_at(&matcher.text, from)?,
        None => None,
    };
    let found = matcher.groups.as_ref().and_then(|groups| groups.first().cloned().flatten());
    matcher.next = found.and_then(|found| after(&matcher.text, &found));
    Ok(matcher.groups.is_some())
}

fn no_match() -> Thrown {
    Exception::new("IllegalStateException", "No match found")
}

fn group<'c>(run: &mut Run<'_, 'c>, of: Value<'c>, place: usize) -> Outcome<'c> {
    let matcher = matcher(run, of)?;
    let groups = matcher.groups.as_ref().ok_or_else(no_match)?;
    let range = groups
        .get(place)
        .ok_or_else(|| Exception::new("IndexOutOfBoundsException", format!("No group {place}")))?;
    match range.clone() {
        Some(range) => {
            let text = matcher.text[range].to_owned();
            run.string(&text)
        }
        None => Ok(Value::Null),
    }
}

fn place<'c>(run: &mut Run<'_, 'c>, of: Value<'c>, end: fn(&std::ops::Range<usize>) -> usize) -> Outcome<'c> {
    let matcher = matcher(run, of)?;
    let whole = matcher.groups.as_ref().and_then(|groups| groups.first()?.as_ref()).ok_or_else(no_match)?;
    Ok(Value::int(units(&matcher.text[..end(whole)]) as i32))
}
