//! What can be asked of an event's fields: that one holds a value, or does not.

use store::{FieldFilter, RESOURCE};

use super::QuestionError;

/// Paths in a URL are no longer than this, in bytes.
const MAX_PATH: usize = 200;

/// A field that values can be asked of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Dataset,
    Action,
    Category,
    Outcome,
    /// Who acted, by address or name.
    User,
    /// The project or team that it belongs to, or the organization.
    Project,
    /// What was acted on, whichever field names it.
    Resource,
    /// Any other, by its dotted path.
    Path(String),
}

/// A field must hold a value, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) field: Field,
    pub(crate) value: String,
    /// Whether the value must not be there.
    pub(crate) is_not: bool,
}

impl Field {
    /// Those with a facet.
    pub(crate) const FACETS: [Self; 6] =
        [Self::Dataset, Self::Action, Self::Category, Self::Outcome, Self::User, Self::Project];
    /// Those with a name of their own in URLs.
    const NAMED: [Self; 7] = [
        Self::Dataset,
        Self::Action,
        Self::Category,
        Self::Outcome,
        Self::User,
        Self::Project,
        Self::Resource,
    ];

    /// Its name in URLs.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Dataset => "dataset",
            Self::Action => "action",
            Self::Category => "category",
            Self::Outcome => "outcome",
            Self::User => "user",
            Self::Project => "project",
            Self::Resource => "resource",
            Self::Path(path) => path,
        }
    }

    /// What readers call it.
    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Dataset => "Dataset",
            Self::Action => "Action",
            Self::Category => "Category",
            Self::Outcome => "Outcome",
            Self::User => "Actor",
            Self::Project => "Project or team",
            Self::Resource => "Resource",
            Self::Path(path) => path,
        }
    }

    /// The one of a name in URLs.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|field| field.name() == name)
    }

    /// The one that a dotted path, or a name, leads to.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "data_stream.dataset" => Self::Dataset,
            "event.action" => Self::Action,
            "event.category" => Self::Category,
            "event.outcome" => Self::Outcome,
            "user.email" | "user.name" => Self::User,
            _ => Self::named(path).unwrap_or_else(|| Self::Path(path.to_owned())),
        }
    }
}

impl Condition {
    /// A field must hold a value.
    pub(crate) fn new(field: Field, value: &str) -> Self {
        Self { field, value: value.to_owned(), is_not: false }
    }

    /// The other way round.
    pub(crate) fn inverse(&self) -> Self {
        Self { is_not: !self.is_not, ..self.clone() }
    }

    /// Reads `source.ip:192.0.2.1`, the value of `is` or `not`.
    pub(super) fn parse(text: &str, is_not: bool) -> Result<Self, QuestionError> {
        let (path, value) = text.split_once(':').unwrap_or_default();
        if path.is_empty() || value.is_empty() {
            return Err(QuestionError(format!(
                "{text:?} is no field and value: write source.ip:192.0.2.1, or action:login."
            )));
        }
        if path.len() > MAX_PATH {
            return Err(QuestionError(format!("The field's name is longer than {MAX_PATH} bytes.")));
        }
        Ok(Self { field: Field::of(path), value: value.to_owned(), is_not })
    }

    /// How it stands in a URL.
    pub(super) fn pair(&self) -> (&'static str, String) {
        let spelled = || format!("{}:{}", self.field.name(), self.value);
        match (self.is_not, &self.field) {
            (true, _) => ("not", spelled()),
            (false, Field::Path(_)) => ("is", spelled()),
            (false, Field::Dataset) => ("dataset", self.value.clone()),
            (false, Field::Action) => ("action", self.value.clone()),
            (false, Field::Category) => ("category", self.value.clone()),
            (false, Field::Outcome) => ("outcome", self.value.clone()),
            (false, Field::User) => ("user", self.value.clone()),
            (false, Field::Project) => ("project", self.value.clone()),
            (false, Field::Resource) => ("resource", self.value.clone()),
        }
    }

    /// Whether the store has to read every document that all else lets through.
    pub(crate) fn reads_documents(&self) -> bool {
        match &self.field {
            Field::Resource => self.is_not || !is_named(&self.value),
            Field::Path(path) if self.is_not => !filter(path, &self.value).is_in_memory(),
            Field::Path(path) => !is_found(path, &self.value),
            _ => false,
        }
    }
}

/// Whether the store finds a thing by its name without reading every document.
fn is_named(resource: &str) -> bool {
    RESOURCE.iter().all(|field| filter(field, resource).is_indexed())
}

/// Whether the store finds a value of a field without reading every document.
fn is_found(path: &str, value: &str) -> bool {
    Field::FACETS.contains(&Field::of(path)) || filter(path, value).is_indexed()
}

fn filter(path: &str, value: &str) -> FieldFilter {
    FieldFilter { field: path.to_owned(), values: vec![value.to_owned()] }
}
