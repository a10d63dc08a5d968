//! Which events are asked for, as viewer, interfaces and command line say it: the whole of it stands in the URL, so every
//! view can be linked to.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use store::{Cursor, Filter};

/// Texts and values in a URL are no longer than this, in bytes.
pub(crate) const MAX_TEXT: usize = 1_000;
/// At most so many values in all.
const MAX_VALUES: usize = 200;

/// What stands in a query or a path as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What can not be asked, in a sentence that says what can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QuestionError(String);

/// A text for a URL.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// What a question may hold.
pub(crate) const NAMES: [&str; 10] =
    ["dataset", "action", "category", "outcome", "user", "range", "from", "to", "q", "cursor"];

/// Times that are often asked for: name in the URL, label, hours.
pub(crate) const PRESETS: [(&str, &str, i64); 5] = [
    ("1h", "Last hour", 1),
    ("24h", "Last 24 hours", 24),
    ("7d", "Last 7 days", 7 * 24),
    ("30d", "Last 30 days", 30 * 24),
    ("90d", "Last 90 days", 90 * 24),
];

/// Which times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Range {
    /// All.
    #[default]
    All,
    /// From some time ago on; the place in [`PRESETS`].
    Last(usize),
    /// From one time on and up to another, where given.
    Between(Option<Timestamp>, Option<Timestamp>),
}

/// A field that can be filtered by choosing values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Dataset,
    Action,
    Category,
    Outcome,
    User,
}

impl Field {
    pub(crate) const ALL: [Self; 5] =
        [Self::Dataset, Self::Action, Self::Category, Self::Outcome, Self::User];

    /// Its name in URLs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Action => "action",
            Self::Category => "category",
            Self::Outcome => "outcome",
            Self::User => "user",
        }
    }
}

/// A view of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    chosen: [Vec<String>; 5],
    pub(crate) range: Range,
    pub(crate) text: String,
    pub(crate) cursor: Option<Cursor>,
}

impl Question {
    /// Reads the names and values of a URL's query.
    ///
    /// # Errors
    /// A sentence for what can not be asked.
    pub fn parse(pairs: &[(String, String)]) -> Result<Self, QuestionError> {
        let bad = |text: String| Err(QuestionError(text));
        if pairs.len() > MAX_VALUES {
            return bad(format!("The address holds more than {MAX_VALUES} values; choose fewer."));
        }
        let mut question = Self::default();
        let (mut preset, mut from, mut to) = (None, None, None);
        for (name, value) in pairs {
            if value.len() > MAX_TEXT {
                return bad(format!("The value of {name} is longer than {MAX_TEXT} bytes; shorten it."));
            }
            if value.is_empty() {
                continue;
            }
            if let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) {
                question.choose(field, value);
                continue;
            }
            match name.as_str() {
                "q" => question.text.clone_from(value),
                "cursor" => {
                    let cursor = value.parse::<Cursor>().map_err(|error| QuestionError(error.to_string()));
                    question.cursor = Some(cursor?);
                }
                "range" => preset = Some(value.as_str()),
                "from" => from = Some(time(value)?),
                "to" => to = Some(time(value)?),
                _ => {
                    let names = NAMES.join(", ");
                    return bad(format!(
                        "There is nothing called {name:?} to ask for: it is one of {names}."
                    ));
                }
            }
        }
        question.range = match (preset, from, to) {
            (None | Some("all" | "custom"), None, None) => Range::All,
            (Some(preset), ..) if preset != "custom" && preset != "all" => {
                let place = PRESETS.iter().position(|(name, ..)| *name == preset);
                Range::Last(place.ok_or_else(|| {
                    QuestionError(format!(
                        "range is 1h, 24h, 7d, 30d, 90d, all or custom, and not {preset:?}."
                    ))
                })?)
            }
            (_, from, to) => Range::Between(from, to),
        };
        if let Range::Between(Some(from), Some(to)) = question.range
            && from >= to
        {
            return bad("The range ends before it begins: let from be earlier than to.".to_owned());
        }
        Ok(question)
    }

    fn choose(&mut self, field: Field, value: &str) {
        let values = &mut self.chosen[field as usize];
        if !values.iter().any(|own| own == value) {
            values.push(value.to_owned());
        }
    }

    /// The chosen values of a field.
    pub(crate) fn values(&self, field: Field) -> &[String] {
        &self.chosen[field as usize]
    }

    /// Whether nothing is asked: all events are shown.
    pub(crate) fn is_open(&self) -> bool {
        self.range == Range::All && self.text.is_empty() && self.chosen.iter().all(Vec::is_empty)
    }

    /// The store's filter for it; `now` is what ranges such as the last hour end at.
    pub fn filter(&self, now: Timestamp) -> Filter {
        let [datasets, actions, categories, outcomes, users] = self.chosen.clone();
        let (from, to) = match self.range {
            Range::All => (None, None),
            Range::Last(place) => (now.checked_sub(SignedDuration::from_hours(PRESETS[place].2)).ok(), None),
            Range::Between(from, to) => (from, to),
        };
        Filter {
            datasets,
            actions,
            categories,
            outcomes,
            users,
            fields: Vec::new(),
            derived: Vec::new(),
            from,
            to,
            as_of: None,
            text: self.text.clone(),
        }
    }

    /// The same events at any later time: a range up to now is one from a time on. What comes later is kept out by
    /// [`Filter::as_of`].
    pub fn fixed(&self, now: Timestamp) -> Self {
        let range = match self.range {
            Range::Last(_) => Range::Between(self.filter(now).from, None),
            Range::All | Range::Between(..) => self.range.clone(),
        };
        Self { range, ..self.clone() }
    }

    /// The same view with a value of a field chosen, or not any more; from its first page.
    pub(crate) fn toggled(&self, field: Field, value: &str) -> Self {
        let mut other = self.first_page();
        let values = &mut other.chosen[field as usize];
        match values.iter().position(|own| own == value) {
            Some(at) => drop(values.remove(at)),
            None => values.push(value.to_owned()),
        }
        other
    }

    /// The same view of other times; from its first page.
    pub(crate) fn within(&self, range: Range) -> Self {
        Self { range, ..self.first_page() }
    }

    /// The same view from a cursor on.
    pub(crate) fn at(&self, cursor: Cursor) -> Self {
        Self { cursor: Some(cursor), ..self.clone() }
    }

    /// The same view from its first page.
    pub(crate) fn first_page(&self) -> Self {
        Self { cursor: None, ..self.clone() }
    }

    /// Its parts as a URL's query holds them.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        for field in Field::ALL {
            pairs.extend(self.values(field).iter().map(|value| (field.name(), value.clone())));
        }
        match self.range {
            Range::All => {}
            Range::Last(place) => pairs.push(("range", PRESETS[place].0.to_owned())),
            Range::Between(from, to) => {
                pairs.extend(from.map(|from| ("from", from.to_string())));
                pairs.extend(to.map(|to| ("to", to.to_string())));
            }
        }
        if !self.text.is_empty() {
            pairs.push(("q", self.text.clone()));
        }
        pairs.extend(self.cursor.map(|cursor| ("cursor", cursor.to_string())));
        pairs
    }

    /// Its parts as one text, as it stands in a URL.
    pub fn query(&self) -> String {
        let parts = self.pairs().into_iter().map(|(name, value)| format!("{name}={}", encode(&value)));
        parts.collect::<Vec<_>>().join("&")
    }

    /// Where it is shown.
    pub(crate) fn href(&self) -> String {
        let query = self.query();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }
}

/// A time as people and pages write it; UTC where it does not say.
pub(crate) fn time(text: &str) -> Result<Timestamp, QuestionError> {
    let civil = || {
        let date = text
            .parse::<DateTime>()
            .or_else(|_| text.parse::<Date>().map(|date| date.to_datetime(Default::default())));
        date.ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    text.parse().ok().or_else(civil).ok_or_else(|| {
        QuestionError(format!(
            "{text:?} is not a time: write 2026-05-04, 2026-05-04T09:30 or 2026-05-04T09:30:00Z."
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &[(&str, &str)]) -> Result<Question, String> {
        let pairs: Vec<_> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Question::parse(&pairs).map_err(|error| error.to_string())
    }

    #[test]
    fn a_view_survives_its_url() {
        for query in [
            vec![],
            vec![
                ("dataset", "cursor.audit"),
                ("action", "login"),
                ("action", "logout"),
                ("q", "a&b=ü \"x\""),
            ],
            vec![("range", "7d")],
            vec![("from", "2026-05-04T09:30:00Z"), ("to", "2026-05-05T00:00:00Z"), ("cursor", "o5_7")],
        ] {
            let question = parse(&query).unwrap();
            let pairs: Vec<_> =
                question.pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            assert_eq!(Question::parse(&pairs).unwrap(), question);
        }
    }

    #[test]
    fn what_can_not_be_asked_is_refused_in_words() {
        let long = "x".repeat(MAX_TEXT + 1);
        for (query, words) in [
            (vec![("colour", "red")], "nothing called"),
            (vec![("range", "1y")], "range is"),
            (vec![("from", "yesterday")], "is not a time"),
            (vec![("from", "2026-05-05"), ("to", "2026-05-04")], "ends before it begins"),
            (vec![("cursor", "x")], "cursor"),
            (vec![("q", long.as_str())], "longer than"),
            (vec![("user", "a"); 201], "more than"),
        ] {
            let error = parse(&query).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn choosing_twice_is_not_choosing() {
        let question = parse(&[("action", "login"), ("cursor", "o5_7")]).unwrap();
        assert_eq!(question.toggled(Field::Action, "logout").href(), "/?action=login&action=logout");
        assert_eq!(question.toggled(Field::Action, "login").href(), "/");
        assert_eq!(question.within(Range::Last(0)).href(), "/?action=login&range=1h");
    }
}
