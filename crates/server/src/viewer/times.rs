//! The choice of times: presets as links, and a form for any other.

use jiff::Timestamp;

use crate::question::{PRESETS, Question, Range};

/// What can be chosen, and what is.
pub(crate) struct Times {
    pub(crate) presets: Vec<Preset>,
    /// Whether the form is in use.
    pub(crate) is_custom: bool,
    /// What stands in its fields.
    pub(crate) from: String,
    pub(crate) to: String,
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
            Range::Between(from, to) => (from, to),
            Range::All | Range::Last(_) => (None, None),
        };
        Self {
            presets: presets.chain([preset("All", "All time", Range::All)]).collect(),
            is_custom: from.or(to).is_some(),
            from: input(from),
            to: input(to),
            path: path.to_owned(),
            kept: kept(&question.within(Range::All)),
        }
    }
}

/// What a form keeps of a question.
pub(crate) fn kept(question: &Question) -> Vec<(&'static str, String)> {
    question.first_page().pairs()
}

/// The form of browsers: 2026-05-04T09:30:00.
fn input(time: Option<Timestamp>) -> String {
    time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S").to_string()).unwrap_or_default()
}
