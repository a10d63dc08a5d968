//! Which events are asked for.

use jiff::Timestamp;

use crate::derived::DerivedFilter;
use crate::document;
use crate::terms::{Dimension, is_whole};
use crate::words;

/// Which events are asked for; all of it together must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// What they must have. Each list is a choice: one of its values is enough, an empty one asks nothing.
    pub wanted: Values,
    /// What they must not have: no value of any list.
    pub unwanted: Values,
    /// Values that rules find.
    pub derived: Vec<DerivedFilter>,
    /// The first time that counts, cut to microseconds.
    pub from: Option<Timestamp>,
    /// The first time that does not count any more, cut to microseconds.
    pub to: Option<Timestamp>,
    /// Only of the first so many events that were stored.
    pub as_of: Option<u64>,
    /// Words to be found, see [`crate::text`]; a text without letters and digits asks nothing.
    pub text: String,
}

/// Values of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Values {
    /// `data_stream.dataset`, as it is.
    pub datasets: Vec<String>,
    /// `event.action`, as it is.
    pub actions: Vec<String>,
    /// `event.category`, as it is; an event with several categories is found by each.
    pub categories: Vec<String>,
    /// `event.outcome`, as it is.
    pub outcomes: Vec<String>,
    /// `user.email` or `user.name`, without regard to case.
    pub users: Vec<String>,
    /// Any of [`PROJECT`](crate::PROJECT), as it is.
    pub projects: Vec<String>,
    /// Values of other fields: `source.ip`, `user.target.email`, `cursor.audit.rule_id`. Where they are unwanted and no column tells,
    /// each document that all else lets through is read.
    pub fields: Vec<FieldFilter>,
    /// Values that any of some fields holds; likewise.
    pub anywhere: Vec<AnyFilter>,
}

impl From<Values> for Filter {
    fn from(wanted: Values) -> Self {
        Self { wanted, ..Self::default() }
    }
}

/// Fields of which one must hold one of some values: a thing that is named in one field here and in another there.
///
/// The full-text index narrows down which documents are looked into, as for a [`FieldFilter`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnyFilter {
    /// Dotted paths.
    pub fields: &'static [&'static str],
    /// The values, compared as text, as they are.
    pub values: Vec<String>,
}

/// A field that must hold one of some values.
///
/// Fields that tell kinds of events, users and projects apart (`event.type`, `user.id`, `organization.id` and the like) are
/// answered from memory. For others the full-text index narrows down which documents are looked into, or tells by itself where the
/// values are booleans; unless the field is one whose words are not indexed ([`crate::text`]): then every document that the other
/// filters let through is read, some 100,000 a second.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldFilter {
    /// Dotted path. Where it meets an array, one element is enough.
    pub field: String,
    /// The values, compared as text, as they are.
    pub values: Vec<String>,
}

impl FieldFilter {
    /// Whether the store finds it without reading every document: from memory, or by the full-text index.
    pub fn is_indexed(&self) -> bool {
        self.is_in_memory()
            || document::is_indexed(&self.field)
                && self.values.iter().all(|value| match document::is_indexed_text(value) {
                    true => words::chunks(value).next().is_some(),
                    false => words::value(&self.field, value).is_some(),
                })
    }

    /// Whether it is answered from memory.
    pub fn is_in_memory(&self) -> bool {
        self.column().is_some()
    }

    /// The column whose terms tell which events are meant, and the field's place in them; `None` when documents have to be
    /// looked into, or nothing is asked.
    pub(crate) fn column(&self) -> Option<(Dimension, usize)> {
        let is_told = |value: &String| !value.is_empty() && is_whole(value);
        (!self.values.is_empty() && self.values.iter().all(is_told)).then(|| Dimension::of(&self.field))?
    }
}
