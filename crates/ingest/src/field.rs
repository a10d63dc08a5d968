//! Field names of processors, which may be templates.

use std::borrow::Cow;

use event::doc::{AccessPattern, Places};
use event::{Data, Doc, FieldPath, NodeId, PathError};

use crate::failure::Failure;
use crate::template::{MediaType, Template, is_template};

/// The value that a processor works on; `None` when it is missing or null and that is no error to this processor.
/// `null` words what is wrong with a null, given the
/// field.
///
/// # Errors
/// Elasticsearch's, for what is missing or null all the same.
pub(crate) fn value_of(
    doc: &Doc,
    path: &FieldPath,
    ignore_missing: bool,
    null: impl FnOnce(&str) -> String,
) -> Result<Option<NodeId>, Failure> {
    if ignore_missing {
        return Ok(doc.find(path).filter(|node| doc.data(*node) != Data::Null));
    }
    match doc.resolve(path) {
        Ok(node) if doc.data(node) != Data::Null => Ok(Some(node)),
        Ok(_) => Err(Failure::illegal_argument(null(path.as_str()))),
        Err(error) => Err(error.into()),
    }
}

/// A path of a definition: one that documents know by its place, unless it leads through names with dots as well.
///
/// # Errors
/// When it is none.
pub(crate) fn known(path: &str, pattern: AccessPattern, places: &mut Places) -> Result<FieldPath, PathError> {
    match pattern {
        AccessPattern::Classic => FieldPath::known(path, places),
        AccessPattern::Flexible => FieldPath::parse_as(path, pattern),
    }
}

/// A field that a processor reads or writes.
#[derive(Clone, Debug)]
pub enum Field {
    /// Known at load.
    Fixed(FieldPath),
    /// Filled in for each document, then followed in the pipeline's way.
    Template(Template, AccessPattern),
    /// An empty name: an error on every document, as in Elasticsearch.
    Empty,
}

impl Field {
    /// Compiles a name.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the path or the template.
    pub fn compile(name: &str, pattern: AccessPattern, places: &mut Places) -> Result<Self, String> {
        if name.is_empty() {
            return Ok(Self::Empty);
        }
        if is_template(name) {
            let template = Template::compile(name, MediaType::Json, places)?;
            return Ok(Self::Template(template, pattern));
        }
        known(name, pattern, places).map(Self::Fixed).map_err(|error| error.to_string())
    }

    /// The path for a document.
    ///
    /// # Errors
    /// When a template gives no path.
    pub fn path(&self, doc: &Doc) -> Result<Cow<'_, FieldPath>, PathError> {
        match self {
            Self::Fixed(path) => Ok(Cow::Borrowed(path)),
            Self::Empty => Err(PathError::Empty),
            Self::Template(template, pattern) => {
                let mut name = String::new();
                template.render(doc, &mut name);
                FieldPath::parse_as(&name, *pattern).map(Cow::Owned)
            }
        }
    }

    /// Does something with the path for a document.
    ///
    /// # Errors
    /// Those of [`Field::path`] and of what is done.
    #[inline]
    pub fn with_path<T>(
        &self,
        doc: &mut Doc,
        act: impl FnOnce(&mut Doc, &FieldPath) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match self {
            Self::Fixed(path) => act(doc, path),
            Self::Template(..) | Self::Empty => self.with_filled_path(doc, act),
        }
    }

    /// The same for what is no path before there is a document.
    #[inline(never)]
    fn with_filled_path<T>(
        &self,
        doc: &mut Doc,
        act: impl FnOnce(&mut Doc, &FieldPath) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let path = self.path(doc)?;
        act(doc, &path)
    }

    /// The path, where it is known at load.
    pub fn fixed(&self) -> Option<&FieldPath> {
        match self {
            Self::Fixed(path) => Some(path),
            _ => None,
        }
    }
}
