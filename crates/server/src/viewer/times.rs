//! The choice of times: presets as links, and a form for any other.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use crate::question::{PRESETS, Question, Range};

/// What can be chosen, and what is.
pub(crate) struct Times {
    pub(crate) presets: Vec<Preset>,
    /// Times beside those that are chosen, in words.
    pub(crate) beside: Vec<(&'static str, String)>,
    /// Whether the form is in use.
    pub(crate) is_custom: bool,
    /// What stands in its fields.
    pub(crate) from: String,
    pub(crate) to: String,
    /// How fine they are, in seconds.
    pub(crate) step: &'static str,
    /// Where it leads, and what of the question it keeps.
    pub(crate) path: String,
    pub(crate) kept: Vec<(&'static str, String)>,
}

/// A time that is often asked for.
pub(crate) struct Preset {
    pub(crate) short: &'static str,
    pub(crate) label: &'static str,
    pub(crate) href: String,
    pub(crate) is_chosen: bool,
}

impl Times {
    /// The choice for a page at a path.
    pub(crate) fn new(question: &Question, path: &str) -> Self {
        let preset = |short, label, range: Range| Preset {
            short,
            label,
            is_chosen: question.range == range,
            href: question.within(range).href_on(path),
        };
        let presets =
            PRESETS.iter().enumerate().map(|(at, (short, label, _))| preset(*short, *label, Range::Last(at)));
        let (from, to) = match question.range {
            // Fields are read to the millisecond: what is finer at the end must not get lost.
            Range::Between(from, to) => (from, to.map(up)),
            Range::All | Range::Last(_) => (None, None),
        };
        let beside = question.range.beside().into_iter().flat_map(|ranges| {
            let named = ["← Earlier", "Wider", "Later →"].into_iter().zip(ranges);
            named.map(|(words, range)| (words, question.within(range).href_on(path)))
        });
        let is_fine = [from, to].iter().flatten().any(|time| time.as_millisecond() % 1_000 != 0);
        Self {
            beside: beside.collect(),
            step: if is_fine { "0.001" } else { "1" },
            presets: presets.chain([preset("All", "All time", Range::All)]).collect(),
            is_custom: from.or(to).is_some(),
            from: input(from),
            to: input(to),
            path: path.to_owned(),
            kept: kept(&question.within(Range::All)),
        }
    }
}

/// A time, or the first whole millisecond behind it.
fn up(time: Timestamp) -> Timestamp {
    let mode = TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Ceil);
    time.round(mode).unwrap_or(time)
}

/// What a form keeps of a question.
pub(crate) fn kept(question: &Question) -> Vec<(&'static str, String)> {
    question.first_page().pairs()
}

/// The form of browsers: 2026-05-04T09:30:00, or with milliseconds.
fn input(time: Option<Timestamp>) -> String {
    let form = |time: Timestamp| match time.as_millisecond() % 1_000 {
        0 => time.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        _ => time.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string(),
    };
    time.map(form).unwrap_or_default()
}
