//! Which events are asked for.

use jiff::Timestamp;

use crate::derived::DerivedFilter;
use crate::terms::{Dimension, is_whole};

/// What events must be like. Lists are choices: one of their values is enough, an empty list asks nothing; all
/// fields together must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
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
    /// Values of other fields: `source.ip`, `user.target.email`, `cursor.audit.rule_id`.
    pub fields: Vec<FieldFilter>,
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

/// A field that must hold one of some values.
///
/// Fields that tell kinds of events, users and projects apart (`event.type`, `user.id`, `organization.id` and the like) are
/// answered from memory. For others the full-text index narrows down which documents are looked into, unless a value is a
/// boolean or a fraction, or the field is one whose words are not indexed ([`crate::text`]): then every document that the
/// other filters let through is read, some 100,000 a second.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldFilter {
    /// Dotted path. Where it meets an array, one element is enough.
    pub field: String,
    /// The values, compared as text, as they are.
    pub values: Vec<String>,
}

impl FieldFilter {
    /// The column whose terms tell which events are meant, and the field's place in them; `None` when documents have to be
    /// looked into, or nothing is asked.
    pub(crate) fn column(&self) -> Option<(Dimension, usize)> {
        let is_told = |value: &String| !value.is_empty() && is_whole(value);
        (!self.values.is_empty() && self.values.iter().all(is_told)).then(|| Dimension::of(&self.field))?
    }
}
