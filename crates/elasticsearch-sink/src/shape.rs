//! What the mapping of a data stream takes, as far as a document can be refused for it.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::mappings::{Kind, composed, objects};

/// How a field is mapped. Mappings already pass over values that are merely malformed (`ignore_malformed`,
/// `ignore_above`); what a server refuses all the same is a matter of shape.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An object with typed fields: takes objects, refuses scalars.
    Object(HashMap<String, Self>),
    /// A string type: takes scalars, refuses objects.
    Text,
    /// A number, date or address: the same.
    Scalar,
    /// The same; OpenSearch also refuses what is neither true nor false.
    Boolean,
    /// `flattened`: takes objects, refuses scalars, NUL in keys and deep nesting.
    Flattened,
    /// Takes nearly anything (`geo_point`), or one value only (`constant_keyword`).
    Any,
}

/// The shapes of all data streams, by the part of their names before the namespace.
static STREAMS: LazyLock<Vec<(String, Shape)>> = LazyLock::new(|| {
    let objects = objects();
    let templates = objects.iter().filter(|object| object.kind == Kind::IndexTemplate);
    let shapes = templates.flat_map(|template| {
        let mapping = composed(template, &objects);
        let starts = template.patterns().filter_map(|pattern| pattern.strip_suffix('*'));
        starts.map(|start| (start.to_owned(), Shape::of(&mapping))).collect::<Vec<_>>()
    });
    shapes.collect()
});

impl Shape {
    /// The shape of a data stream's documents; `None` for a stream that this program has no mapping for.
    pub(crate) fn of_stream(stream: &str) -> Option<&'static Self> {
        STREAMS.iter().find(|(start, _)| stream.starts_with(start)).map(|(_, shape)| shape)
    }

    fn of(mapping: &Value) -> Self {
        match (mapping["type"].as_str(), mapping["properties"].as_object()) {
            (None, Some(fields)) => {
                Self::Object(fields.iter().map(|(name, field)| (name.clone(), Self::of(field))).collect())
            }
            (Some("keyword" | "wildcard" | "match_only_text" | "text"), _) => Self::Text,
            (Some("long" | "date" | "ip"), _) => Self::Scalar,
            (Some("boolean"), _) => Self::Boolean,
            (Some("flattened"), _) => Self::Flattened,
            _ => Self::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_those_of_the_mappings() {
        let Some(Shape::Object(fields)) = Shape::of_stream("logs-cursor.audit-x") else { panic!() };
        let Shape::Object(user) = &fields["user"] else { panic!() };
        assert_eq!(user["name"], Shape::Text);
        assert_eq!(fields["@timestamp"], Shape::Scalar);
        assert!(Shape::of_stream("logs-other-x").is_none());
    }
}
