//! Pipeline definitions as they are written: YAML or JSON, not yet checked.

use serde_json::{Map, Value};

use crate::failure::LoadError;
use crate::yaml;

/// A definition with the id that other pipelines call it by.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The pipeline's id.
    pub id: String,
    /// File it comes from, for messages; the id where there is none.
    pub origin: String,
    /// What it says.
    pub body: Map<String, Value>,
}

impl Definition {
    /// Reads YAML or JSON, of which YAML is a superset.
    ///
    /// # Errors
    /// A [`LoadError`] with line and column of what is no YAML.
    pub fn parse(id: &str, origin: &str, text: &str) -> Result<Self, Box<LoadError>> {
        let error = |reason: String| {
            Box::new(LoadError {
                pipeline: origin.to_owned(),
                place: String::new(),
                processor_type: None,
                tag: None,
                property: None,
                kind: "parse_exception",
                reason,
                cure: None,
                script: None,
            })
        };
        match yaml::read(text) {
            Ok(Value::Object(body)) => Ok(Self { id: id.to_owned(), origin: origin.to_owned(), body }),
            Ok(_) => Err(error("a pipeline is an object with the field [processors]".to_owned())),
            Err(reason) => Err(error(reason)),
        }
    }
}
