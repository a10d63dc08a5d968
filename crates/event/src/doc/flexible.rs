//! Paths that lead through names with dots as well: Elasticsearch's access pattern `flexible`.
//!
//! A part of the path that an object does not have is joined with the next one: `a.b.c` is looked for as `a`, then `a.b`, then
//! `a.b.c`. The first that is there counts, and there is no way back from it. What is missing is set by the name of all
//! parts that are left. Lists have no places here. Such a path has no place in the table of places, so it is always walked,
//! and the others are as fast as without it.

use super::path::{FieldPath, PathError};
use super::{Data, Doc, NodeId};

/// How far a path leads.
struct Way {
    /// Where it ends.
    at: NodeId,
    /// The parts that were looked for there, of which nothing is there, joined; empty where none are left.
    left: String,
}

impl Doc {
    /// The node at a flexible path, or why there is none.
    pub(super) fn resolve_flexible(&self, path: &FieldPath) -> Result<NodeId, PathError> {
        let way = self.way("resolve", path, path.segments().len())?;
        match way.left.is_empty() {
            true => Ok(way.at),
            false => Err(not_present(way.left, path)),
        }
    }

    /// Puts a node at a flexible path.
    pub(super) fn put_flexible(&mut self, path: &FieldPath, node: NodeId) -> Result<(), PathError> {
        let (at, name) = self.holder(path)?;
        let field = || path.split().1.key.name().to_owned();
        match self.data(at) {
            Data::Object(_) => {
                self.put_named(at, &name, node);
                Ok(())
            }
            Data::Array(_) => Err(PathError::Invalid { path: path.as_str().to_owned() }),
            Data::Null => Err(PathError::NullParent { field: field(), path: path.as_str().to_owned() }),
            _ => {
                let class = self.class_name(at);
                Err(PathError::ScalarParent { field: field(), class, path: path.as_str().to_owned() })
            }
        }
    }

    /// Takes the node at a flexible path out of the document.
    pub(super) fn detach_flexible(&mut self, path: &FieldPath) -> Result<NodeId, PathError> {
        let (at, name) = self.holder(path)?;
        self.must_be_object("remove", at, path.split().1.key.name(), path)?;
        let node = self.get_named(at, &name).ok_or_else(|| not_present(name, path))?;
        self.unlink(at, node);
        Ok(node)
    }

    /// What holds the field that a path names, and by which name.
    fn holder(&self, path: &FieldPath) -> Result<(NodeId, String), PathError> {
        let (parents, last) = path.split();
        let Way { at, left } = self.way("resolve", path, parents.len())?;
        Ok((at, joined(left, last.key.name())))
    }

    /// Follows the first parts of a path.
    fn way(&self, action: &'static str, path: &FieldPath, parts: usize) -> Result<Way, PathError> {
        let mut way = Way { at: path.start(), left: String::new() };
        for segment in &path.segments()[..parts] {
            let name = segment.key.name();
            self.must_be_object(action, way.at, name, path)?;
            let found = match way.left.is_empty() {
                true => self.get(way.at, &segment.key),
                false => None,
            };
            way.left = joined(way.left, name);
            if let Some(next) = found.or_else(|| self.get_named(way.at, &way.left)) {
                way = Way { at: next, left: String::new() };
            }
        }
        Ok(way)
    }

    fn must_be_object(
        &self,
        action: &'static str,
        at: NodeId,
        field: &str,
        path: &FieldPath,
    ) -> Result<(), PathError> {
        if matches!(self.data(at), Data::Object(_)) {
            return Ok(());
        }
        let (field, whole) = (field.to_owned(), path.as_str().to_owned());
        Err(match self.data(at) {
            Data::Array(_) => PathError::Invalid { path: whole },
            Data::Null => PathError::FromNull { action, field, path: whole },
            _ => PathError::FromType { action, field, class: self.class_name(at), path: whole },
        })
    }
}

fn joined(mut left: String, name: &str) -> String {
    if !left.is_empty() {
        left.push('.');
    }
    left.push_str(name);
    left
}

fn not_present(field: String, path: &FieldPath) -> PathError {
    PathError::NotPresent { field, path: path.as_str().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::AccessPattern;

    fn doc(json: &str) -> Doc {
        let mut doc = Doc::new();
        let root = doc.parse_str(json).unwrap();
        doc.set_data(Doc::SOURCE, doc.data(root));
        doc
    }

    fn path(text: &str) -> FieldPath {
        FieldPath::parse_as(text, AccessPattern::Flexible).unwrap()
    }

    /// The answers of Elasticsearch 9.2 to `set` with `copy_from`; elastic.co/docs/manage-data/ingest/transform-enrich/ingest-pipelines,
    /// "Flexible field access pattern", has the rule.
    #[test]
    fn fields_are_found_below_names_with_dots() {
        for (json, text, found) in [
            (r#"{"a.b":1}"#, "a.b", Ok("1")),
            (r#"{"a":{"b":1}}"#, "a.b", Ok("1")),
            (r#"{"a":{"b":3},"a.b":2}"#, "a.b", Ok("3")),
            (r#"{"a.b":{"c":1}}"#, "a.b.c", Ok("1")),
            (r#"{"a":{"b.c":1}}"#, "a.b.c", Ok("1")),
            (r#"{"a":{"b.c":1}}"#, "a.b", Err("field [b] not present as part of path [a.b]")),
            (r#"{"a":{},"a.b":2}"#, "a.b", Err("field [b] not present as part of path [a.b]")),
            (r#"{"a":{"x":1},"a.b.c":2}"#, "a.b.c", Err("field [b.c] not present as part of path [a.b.c]")),
            (r#"{"a.b":{"x":1},"a.b.c":2}"#, "a.b.c", Err("field [c] not present as part of path [a.b.c]")),
            ("{}", "a.b.c", Err("field [a.b.c] not present as part of path [a.b.c]")),
            (
                r#"{"a":1,"a.b":2}"#,
                "a.b",
                Err("cannot resolve [b] from object of type [java.lang.Integer] as part of path [a.b]"),
            ),
            (r#"{"a":null,"a.b":2}"#, "a.b", Err("cannot resolve [b] from null as part of path [a.b]")),
            (r#"{"a":[1]}"#, "a.0", Err("path [a.0] is not valid")),
            (r#"{"a.b":[7,{"c":8}]}"#, "a.b.1.c", Err("path [a.b.1.c] is not valid")),
            (r#"{"l.0":4}"#, "l.0", Ok("4")),
            (r#"{"a.b":1}"#, "a.b..", Ok("1")),
        ] {
            let doc = doc(json);
            let path = path(text);
            let resolved = doc.resolve(&path).map(|node| doc.json(node)).map_err(|error| error.to_string());
            assert_eq!(resolved.as_deref().map_err(String::as_str), found, "{json} {text}");
            assert_eq!(doc.find(&path).map(|node| doc.json(node)), resolved.ok(), "{json} {text}");
        }
    }

    #[test]
    fn what_is_missing_is_set_by_one_name() {
        let scalar = "with parent object of type [java.lang.Integer] as part of path";
        for (json, text, after) in [
            ("{}", "a.b.c.d", Ok(r#"{"a.b.c.d":"v"}"#)),
            (r#"{"a":{}}"#, "a.b.c.d", Ok(r#"{"a":{"b.c.d":"v"}}"#)),
            (r#"{"a.b":1}"#, "a.b", Ok(r#"{"a.b":"v"}"#)),
            (r#"{"a":{},"a.b":2}"#, "a.b", Ok(r#"{"a":{"b":"v"},"a.b":2}"#)),
            (r#"{"a.b":{"x":1},"a.b.c":2}"#, "a.b.c", Ok(r#"{"a.b":{"x":1,"c":"v"},"a.b.c":2}"#)),
            (r#"{"a":{"b.c":1}}"#, "a.b.c", Ok(r#"{"a":{"b.c":"v"}}"#)),
            (r#"{"a":{"b":1}}"#, "a.0", Ok(r#"{"a":{"b":1,"0":"v"}}"#)),
            (r#"{"a":1}"#, "a.b", Err(format!("cannot set [b] {scalar} [a.b]"))),
            (r#"{"a.b":1}"#, "a.b.c", Err(format!("cannot set [c] {scalar} [a.b.c]"))),
            (
                r#"{"a.b":1}"#,
                "a.b.c.d",
                Err("cannot resolve [c] from object of type [java.lang.Integer] as part of path [a.b.c.d]"
                    .to_owned()),
            ),
            (r#"{"a":null}"#, "a.b", Err("cannot set [b] with null parent as part of path [a.b]".to_owned())),
            (r#"{"a":[1]}"#, "a.0", Err("path [a.0] is not valid".to_owned())),
        ] {
            let mut doc = doc(json);
            let node = doc.string("v");
            let set = doc.set(&path(text), node).map_err(|error| error.to_string());
            assert_eq!(set, after.clone().map(|_| ()), "{json} {text}");
            assert_eq!(doc.json(Doc::SOURCE), after.unwrap_or(json), "{json} {text}");
        }
    }

    #[test]
    fn fields_are_removed_below_names_with_dots() {
        for (json, text, after) in [
            (r#"{"a.b":1}"#, "a.b", Ok("{}")),
            (r#"{"a":{"b":3},"a.b":2}"#, "a.b", Ok(r#"{"a":{},"a.b":2}"#)),
            (r#"{"a":{"b.c":1}}"#, "a.b.c", Ok(r#"{"a":{}}"#)),
            (r#"{"a":{"x":1},"a.b.c":2}"#, "a.b.c", Err("field [b.c] not present as part of path [a.b.c]")),
            (
                r#"{"a":1}"#,
                "a.b",
                Err("cannot remove [b] from object of type [java.lang.Integer] as part of path [a.b]"),
            ),
            (
                r#"{"a":1}"#,
                "a.b.c",
                Err("cannot resolve [b] from object of type [java.lang.Integer] as part of path [a.b.c]"),
            ),
            (r#"{"a.b":[7]}"#, "a.b.0", Err("path [a.b.0] is not valid")),
        ] {
            let mut doc = doc(json);
            let removed = doc.detach(&path(text)).map_err(|error| error.to_string());
            assert_eq!(removed.is_ok(), after.is_ok(), "{json} {text}");
            match after {
                Ok(after) => assert_eq!(doc.json(Doc::SOURCE), after, "{json} {text}"),
                Err(error) => assert_eq!(removed.unwrap_err(), error, "{json} {text}"),
            }
        }
    }

    #[test]
    fn parts_are_never_empty() {
        for text in [".a", "a..b"] {
            let error = FieldPath::parse_as(text, AccessPattern::Flexible).unwrap_err().to_string();
            assert_eq!(error, format!("path [{text}] is not valid"));
        }
        let mut doc = doc(r#"{"_source.a":1}"#);
        let node = doc.string("v");
        doc.set(&path("_source.a.b"), node).unwrap();
        assert_eq!(doc.json(Doc::SOURCE), r#"{"_source.a":1,"a.b":"v"}"#);
    }
}
