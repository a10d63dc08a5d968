//! The fields that events have, read from the mappings of the component templates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Field paths and their mapping types.
#[derive(Clone, Debug, Default)]
pub struct Fields(BTreeMap<String, String>);

/// Why a field or the mappings can not be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum FieldError {
    #[error("{path}: {error}")]
    Read { path: PathBuf, error: std::io::Error },
    #[error("{path}: {error}")]
    Json { path: PathBuf, error: serde_json::Error },
    #[error("no mapping has the field {0}")]
    Unknown(String),
    #[error("{field} is a {kind}, which can not be {what}")]
    Unfit { field: String, kind: String, what: &'static str },
}

impl Fields {
    /// Reads all component templates of a directory.
    ///
    /// # Errors
    /// [`FieldError::Read`] and [`FieldError::Json`].
    pub fn read(directory: &Path) -> Result<Self, FieldError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| FieldError::Read { path, error }
        };
        let mut fields = Self::default();
        for entry in std::fs::read_dir(directory).map_err(failed(directory))? {
            let path = entry.map_err(failed(directory))?.path();
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            let template: Value = serde_json::from_str(&text)
                .map_err(|error| FieldError::Json { path: path.clone(), error })?;
            fields.collect("", &template["template"]["mappings"]);
        }
        Ok(fields)
    }

    fn collect(&mut self, prefix: &str, mapping: &Value) {
        for (name, mapping) in mapping["properties"].as_object().into_iter().flatten() {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            self.collect(&path, mapping);
            if let Some(kind) = mapping["type"].as_str() {
                self.0.insert(path, kind.to_owned());
            }
        }
    }

    /// The mapping type of a field.
    ///
    /// # Errors
    /// [`FieldError::Unknown`].
    pub fn kind(&self, field: &str) -> Result<&str, FieldError> {
        self.0.get(field).map(String::as_str).ok_or_else(|| FieldError::Unknown(field.to_owned()))
    }

    /// The type that Lens calls a field that it groups by or computes with.
    pub(crate) fn lens_type(&self, field: &str) -> Result<&'static str, FieldError> {
        Ok(match self.kind(field)? {
            "keyword" | "constant_keyword" | "wildcard" => "string",
            "ip" => "ip",
            "date" => "date",
            "boolean" => "boolean",
            "long" => "number",
            kind => return Err(unfit(field, kind, "counted or grouped by")),
        })
    }

    pub(crate) fn is_point(&self, field: &str) -> Result<(), FieldError> {
        match self.kind(field)? {
            "geo_point" => Ok(()),
            kind => Err(unfit(field, kind, "shown on a map")),
        }
    }
}

fn unfit(field: &str, kind: &str, what: &'static str) -> FieldError {
    FieldError::Unfit { field: field.to_owned(), kind: kind.to_owned(), what }
}
