//! `Instant`, `ZonedDateTime` with an offset, `Duration`, `ChronoUnit`.

use jiff::tz::Offset;

use super::args::{int, text};
use super::iso_time::{instant, read};
use super::{Method, Static, function, method};
use crate::exception::{Exception, Thrown};
use crate::run::{Outcome, Run};
use crate::types::Type;
use crate::value::{Class, Moment, Object, Value};

const MOMENT: &[Class] = &[Class::Instant, Class::ZonedDateTime];
const INSTANT: &[Class] = &[Class::Instant];
const ZONED: &[Class] = &[Class::ZonedDateTime];
const DURATION: &[Class] = &[Class::Duration];
const UNIT: &[Class] = &[Class::ChronoUnit];

const MICROSECOND: i128 = 1_000;
const MILLISECOND: i128 = 1_000_000;
const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

pub(super) const METHODS: &[Method] = &[
    method(INSTANT, "toEpochMilli", 0, |run, args| since(run, args, MILLISECOND)),
    method(INSTANT, "getEpochSecond", 0, |run, args| since(run, args, SECOND)),
    method(ZONED, "toEpochSecond", 0, |run, args| since(run, args, SECOND)),
    method(ZONED, "toInstant", 0, |run, args| {
        let at = moment(run, args[0])?.at;
        Ok(run.object(Object::Moment(Moment { at, offset: None })))
    }),
    method(MOMENT, "isBefore", 1, |run, args| {
        Ok(Value::bool(moment(run, args[0])?.at < moment(run, args[1])?.at))
    }),
    method(MOMENT, "isAfter", 1, |run, args| {
        Ok(Value::bool(moment(run, args[0])?.at > moment(run, args[1])?.at))
    }),
    method(ZONED, "isEqual", 1, |run, args| {
        Ok(Value::bool(moment(run, args[0])?.at == moment(run, args[1])?.at))
    }),
    method(MOMENT, "getNano", 0, |run, args| part(run, args, |local| local.subsec_nanosecond())),
    method(ZONED, "getYear", 0, |run, args| part(run, args, |local| local.year().into())),
    method(ZONED, "getMonthValue", 0, |run, args| part(run, args, |local| local.month().into())),
    method(ZONED, "getDayOfMonth", 0, |run, args| part(run, args, |local| local.day().into())),
    method(ZONED, "getDayOfYear", 0, |run, args| part(run, args, |local| local.day_of_year().into())),
    method(ZONED, "getHour", 0, |run, args| part(run, args, |local| local.hour().into())),
    method(ZONED, "getMinute", 0, |run, args| part(run, args, |local| local.minute().into())),
    method(ZONED, "getSecond", 0, |run, args| part(run, args, |local| local.second().into())),
    method(MOMENT, "plusNanos", 1, |run, args| moved(run, args, 1)),
    method(INSTANT, "plusMillis", 1, |run, args| moved(run, args, MILLISECOND)),
    method(MOMENT, "plusSeconds", 1, |run, args| moved(run, args, SECOND)),
    method(ZONED, "plusMinutes", 1, |run, args| moved(run, args, MINUTE)),
    method(ZONED, "plusHours", 1, |run, args| moved(run, args, HOUR)),
    method(ZONED, "plusDays", 1, |run, args| moved(run, args, DAY)),
    method(MOMENT, "minusNanos", 1, |run, args| moved(run, args, -1)),
    method(INSTANT, "minusMillis", 1, |run, args| moved(run, args, -MILLISECOND)),
    method(MOMENT, "minusSeconds", 1, |run, args| moved(run, args, -SECOND)),
    method(ZONED, "minusMinutes", 1, |run, args| moved(run, args, -MINUTE)),
    method(ZONED, "minusHours", 1, |run, args| moved(run, args, -HOUR)),
    method(ZONED, "minusDays", 1, |run, args| moved(run, args, -DAY)),
    method(UNIT, "between", 2, |run, args| {
        let unit = nanoseconds(run, args[0])?;
        whole(between(run, &args[1..])? / unit)
    }),
    method(DURATION, "toNanos", 0, |run, args| whole(nanoseconds(run, args[0])?)),
    method(DURATION, "toMillis", 0, |run, args| whole(nanoseconds(run, args[0])?.div_euclid(MILLISECOND))),
    method(DURATION, "getSeconds", 0, |run, args| whole(nanoseconds(run, args[0])?.div_euclid(SECOND))),
    method(DURATION, "toMinutes", 0, |run, args| in_seconds(run, args, MINUTE)),
    method(DURATION, "toHours", 0, |run, args| in_seconds(run, args, HOUR)),
    method(DURATION, "toDays", 0, |run, args| in_seconds(run, args, DAY)),
];

pub(super) const STATICS: &[Static] = &[
    function("ZonedDateTime", "parse", 1, |run, args| {
        let moment = read(&text(run, args[0])?, false)?;
        Ok(run.object(Object::Moment(moment)))
    }),
    function("Instant", "parse", 1, |run, args| {
        let moment = read(&text(run, args[0])?, true)?;
        Ok(run.object(Object::Moment(Moment { offset: None, ..moment })))
    }),
    function("Instant", "ofEpochMilli", 1, |run, args| epoch(run, args, MILLISECOND)),
    function("Instant", "ofEpochSecond", 1, |run, args| epoch(run, args, SECOND)),
    function("Instant", "ofEpochSecond", 2, |run, args| {
        let at = instant(long(run, args[0])? * SECOND + long(run, args[1])?)?;
        Ok(run.object(Object::Moment(Moment { at, offset: None })))
    }),
    function("Duration", "between", 2, |run, args| {
        let length = between(run, args)?;
        Ok(run.object(Object::Duration(length)))
    }),
    function("Duration", "ofMillis", 1, |run, args| duration(run, args, MILLISECOND)),
    function("Duration", "ofSeconds", 1, |run, args| duration(run, args, SECOND)),
    function("Duration", "ofMinutes", 1, |run, args| duration(run, args, MINUTE)),
    function("Duration", "ofHours", 1, |run, args| duration(run, args, HOUR)),
    function("Duration", "ofDays", 1, |run, args| duration(run, args, DAY)),
];

/// Constants that are no numbers.
pub(super) const CONSTANTS: &[Static] = &[
    function("ChronoUnit", "NANOS", 0, |run, _| Ok(run.object(Object::Unit(1)))),
    function("ChronoUnit", "MICROS", 0, |run, _| Ok(run.object(Object::Unit(MICROSECOND)))),
    function("ChronoUnit", "MILLIS", 0, |run, _| Ok(run.object(Object::Unit(MILLISECOND)))),
    function("ChronoUnit", "SECONDS", 0, |run, _| Ok(run.object(Object::Unit(SECOND)))),
    function("ChronoUnit", "MINUTES", 0, |run, _| Ok(run.object(Object::Unit(MINUTE)))),
    function("ChronoUnit", "HOURS", 0, |run, _| Ok(run.object(Object::Unit(HOUR)))),
    function("ChronoUnit", "DAYS", 0, |run, _| Ok(run.object(Object::Unit(DAY)))),
];

/// What Java calls a unit of so many nanoseconds.
pub(crate) fn unit_name(nanoseconds: i128) -> &'static str {
    match nanoseconds {
        1 => "Nanos",
        MICROSECOND => "Micros",
        MILLISECOND => "Millis",
        SECOND => "Seconds",
        MINUTE => "Minutes",
        HOUR => "Hours",
        _ => "Days",
    }
}

fn moment<'c>(run: &Run<'_, 'c>, of: Value<'c>) -> Result<Moment, Thrown> {
    match of {
        Value::Object(index) if let Object::Moment(moment) = &run.objects[index] => Ok(*moment),
        Value::Null => Err(Exception::bare("NullPointerException", None)),
        other => Err(Exception::class_cast(format!("{} is no time", run.java_class(other)))),
    }
}

/// What a duration or a unit lasts.
fn nanoseconds<'c>(run: &Run<'_, 'c>, of: Value<'c>) -> Result<i128, Thrown> {
    match of {
        Value::Object(index) if let Object::Duration(length) | Object::Unit(length) = &run.objects[index] => {
            Ok(*length)
        }
        other => Err(Exception::class_cast(format!("{} lasts no time", run.java_class(other)))),
    }
}

fn between<'c>(run: &Run<'_, 'c>, args: &[Value<'c>]) -> Result<i128, Thrown> {
    let (from, to) = (moment(run, args[0])?, moment(run, args[1])?);
    Ok(to.at.as_nanosecond() - from.at.as_nanosecond())
}

fn whole<'c>(number: i128) -> Outcome<'c> {
    i64::try_from(number).map(Value::Long).map_err(|_| Exception::new("ArithmeticException", "long overflow"))
}

fn since<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], unit: i128) -> Outcome<'c> {
    whole(moment(run, args[0])?.at.as_nanosecond().div_euclid(unit))
}

/// Java counts these from the whole seconds below.
fn in_seconds<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], unit: i128) -> Outcome<'c> {
    whole(nanoseconds(run, args[0])?.div_euclid(SECOND) / (unit / SECOND))
}

fn part<'c>(
    run: &mut Run<'_, 'c>,
    args: &[Value<'c>],
    read: fn(jiff::civil::DateTime) -> i32,
) -> Outcome<'c> {
    let moment = moment(run, args[0])?;
    Ok(Value::int(read(moment.offset.unwrap_or(Offset::UTC).to_datetime(moment.at))))
}

fn moved<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], unit: i128) -> Outcome<'c> {
    let (moment, count) = (moment(run, args[0])?, long(run, args[1])?);
    let at = instant(moment.at.as_nanosecond() + count * unit)?;
    Ok(run.object(Object::Moment(Moment { at, ..moment })))
}

fn epoch<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], unit: i128) -> Outcome<'c> {
    let at = instant(long(run, args[0])? * unit)?;
    Ok(run.object(Object::Moment(Moment { at, offset: None })))
}

fn duration<'c>(run: &mut Run<'_, 'c>, args: &[Value<'c>], unit: i128) -> Outcome<'c> {
    let length = long(run, args[0])? * unit;
    Ok(run.object(Object::Duration(length)))
}

fn long<'c>(run: &Run<'_, 'c>, value: Value<'c>) -> Result<i128, Thrown> {
    match run.coerce(value, Type::Long)? {
        Value::Long(value) => Ok(value.into()),
        other => int(run, other).map(i128::from),
    }
}
