//! Which events are asked for, as viewer, interfaces and command line say it: the whole of it stands in the URL, so every
//! view can be linked to.

mod field;
mod place;
mod range;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use store::{AnyFilter, Cursor, CursorError, FieldFilter, Filter, RESOURCE, Values};

pub(crate) use field::{Condition, Field};
pub(crate) use place::{Edge, Place, Spot, Way};
pub(crate) use range::{PRESETS, Range, time};

/// Texts and values in a URL are no longer than this, in bytes.
pub(crate) const MAX_TEXT: usize = 1_000;
/// Cursors of other destinations hold an event's id, which may be long.
const MAX_CURSOR: usize = 8_000;
/// At most so many values in all.
const MAX_VALUES: usize = 200;
/// At most so many of each name that may cost a look into documents.
const MAX_LOOKS: usize = 20;

/// What stands in a query or a path as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What can not be asked, in a sentence that says what can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QuestionError(String);

/// The time that a parameter gives.
fn time_of(name: &str, value: &str) -> Result<Timestamp, QuestionError> {
    time(value).map_err(|error| QuestionError(format!("{name} can not be read: {error}")))
}

/// A text for a URL.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// Names and values as they stand in a URL.
pub fn query_text(pairs: &[(&str, String)]) -> String {
    let parts = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    parts.collect::<Vec<_>>().join("&")
}

/// What a question may hold.
pub(crate) const NAMES: [&str; 14] = [
    "dataset", "action", "category", "outcome", "user", "project", "resource", "is", "not", "range", "from",
    "to", "q", "cursor",
];

/// A view of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    conditions: Vec<Condition>,
    pub(crate) range: Range,
    pub(crate) text: String,
    pub(crate) cursor: Option<Place>,
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
        for name in ["is", "not", "resource"] {
            if pairs.iter().filter(|(own, _)| own == name).count() > MAX_LOOKS {
                return bad(format!(
                    "The address holds more than {MAX_LOOKS} values of {name}; choose fewer."
                ));
            }
        }
        let mut question = Self::default();
        let (mut preset, mut from, mut to) = (None, None, None);
        for (name, value) in pairs {
            let most = if name == "cursor" { MAX_CURSOR } else { MAX_TEXT };
            if value.len() > most {
                return bad(format!("The value of {name} is longer than {most} bytes; shorten it."));
            }
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "q" => question.text.clone_from(value),
                "cursor" => {
                    let cursor = value.parse::<Place>().map_err(|error| QuestionError(error.to_string()));
                    question.cursor = Some(cursor?);
                }
                "range" => preset = Some(value.as_str()),
                "from" => from = Some(time_of(name, value)?),
                "to" => to = Some(time_of(name, value)?),
                "is" | "not" => question.add(Condition::parse(value, name == "not")?),
                _ => match Field::named(name) {
                    Some(field) => question.add(Condition::new(field, value)),
                    None => {
                        let names = NAMES.join(", ");
                        return bad(format!(
                            "There is nothing called {name:?} to ask for: it is one of {names}."
                        ));
                    }
                },
            }
        }
        question.range = Range::parse(preset, from, to)?;
        Ok(question)
    }

    fn add(&mut self, condition: Condition) {
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
    }

    /// What is asked of fields.
    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The values of a field that must, or must not, be there.
    fn named(&self, field: &Field, is_not: bool) -> Vec<String> {
        let own = self.conditions.iter().filter(|own| own.field == *field && own.is_not == is_not);
        own.map(|own| own.value.clone()).collect()
    }

    /// The dotted paths that are asked for, each with its values.
    fn paths(&self, is_not: bool) -> Vec<FieldFilter> {
        let mut paths: Vec<FieldFilter> = Vec::new();
        for condition in self.conditions.iter().filter(|own| own.is_not == is_not) {
            let Field::Path(path) = &condition.field else { continue };
            let value = condition.value.clone();
            match paths.iter_mut().find(|own| own.field == *path) {
                Some(own) => own.values.push(value),
                None => paths.push(FieldFilter { field: path.clone(), values: vec![value] }),
            }
        }
        paths
    }

    fn resources(&self, is_not: bool) -> Vec<AnyFilter> {
        let values = self.named(&Field::Resource, is_not);
        if values.is_empty() { Vec::new() } else { vec![AnyFilter { fields: RESOURCE, values }] }
    }

    /// Whether nothing is asked: all events are shown.
    pub(crate) fn is_open(&self) -> bool {
        self.range == Range::All && self.text.is_empty() && self.conditions.is_empty()
    }

    /// All values that must, or must not, be there.
    fn values(&self, is_not: bool) -> Values {
        Values {
            datasets: self.named(&Field::Dataset, is_not),
            actions: self.named(&Field::Action, is_not),
            categories: self.named(&Field::Category, is_not),
            outcomes: self.named(&Field::Outcome, is_not),
            users: self.named(&Field::User, is_not),
            projects: self.named(&Field::Project, is_not),
            fields: self.paths(is_not),
            anywhere: self.resources(is_not),
        }
    }

    /// The store's filter for it; `now` is what ranges such as the last hour end at.
    pub fn filter(&self, now: Timestamp) -> Filter {
        let (from, to) = self.range.bounds(now);
        Filter {
            wanted: self.values(false),
            unwanted: self.values(true),
            derived: Vec::new(),
            from,
            to,
            as_of: None,
            text: self.text.clone(),
        }
    }

    /// The same without what makes the store read every document; `None` when nothing does.
    pub(crate) fn without_reading(&self) -> Option<Self> {
        let mut other = self.first_page();
        other.conditions.retain(|condition| !condition.reads_documents());
        (other.conditions.len() < self.conditions.len()).then_some(other)
    }

    /// The same events at any later time: a range up to now is one from a time on. What comes later is kept out by
    /// [`Filter::as_of`].
    pub fn fixed(&self, now: Timestamp) -> Self {
        let range = match self.range {
            Range::Last(_) => Range::Between(self.range.bounds(now).0, None),
            Range::All | Range::Between(..) => self.range.clone(),
        };
        Self { range, ..self.clone() }
    }

    /// Whether a condition is part of it.
    pub(crate) fn has(&self, condition: &Condition) -> bool {
        self.conditions.contains(condition)
    }

    /// The same view with a condition, and without its inverse; from its first page.
    pub(crate) fn with(&self, condition: &Condition) -> Self {
        let mut other = self.without(&condition.inverse());
        other.add(condition.clone());
        other
    }

    /// The same view without a condition; from its first page.
    pub(crate) fn without(&self, condition: &Condition) -> Self {
        let mut other = self.first_page();
        other.conditions.retain(|own| own != condition);
        other
    }

    /// The same view of other times; from its first page.
    pub(crate) fn within(&self, range: Range) -> Self {
        Self { range, ..self.first_page() }
    }

    /// The same view with other words; from its first page.
    pub(crate) fn saying(&self, text: &str) -> Self {
        Self { text: text.to_owned(), ..self.first_page() }
    }

    /// The same view from a cursor on.
    pub(crate) fn at(&self, place: Place) -> Self {
        Self { cursor: Some(place), ..self.clone() }
    }

    /// The place in the store where its page begins.
    pub(crate) fn cursor(&self) -> Result<Option<Cursor>, QuestionError> {
        match self.cursor {
            None => Ok(None),
            Some(Place::Here(cursor)) => Ok(Some(cursor)),
            Some(Place::There(_)) => Err(QuestionError(CursorError.to_string())),
        }
    }

    /// The place in another destination where its page begins.
    pub(crate) fn edge(&self) -> Result<Option<&Edge>, QuestionError> {
        match &self.cursor {
            None => Ok(None),
            Some(Place::There(edge)) => Ok(Some(edge)),
            Some(Place::Here(_)) => Err(QuestionError(CursorError.to_string())),
        }
    }

    /// The same view from its first page.
    pub(crate) fn first_page(&self) -> Self {
        Self { cursor: None, ..self.clone() }
    }

    /// Its parts as a URL's query holds them.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs: Vec<_> = self.conditions.iter().map(Condition::pair).collect();
        pairs.extend(self.range.pairs());
        if !self.text.is_empty() {
            pairs.push(("q", self.text.clone()));
        }
        pairs.extend(self.cursor.as_ref().map(|cursor| ("cursor", cursor.to_string())));
        pairs
    }

    /// Its parts as one text, as it stands in a URL.
    pub fn query(&self) -> String {
        query_text(&self.pairs())
    }

    /// Where the list shows it.
    pub(crate) fn href(&self) -> String {
        self.href_on("/")
    }

    /// Where a page shows it.
    pub(crate) fn href_on(&self, path: &str) -> String {
        let query = self.query();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}
