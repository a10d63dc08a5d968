//! Dotted field paths, with the rules and the error texts of Elasticsearch's ingest documents.

use super::{Data, Doc, Key, NodeId, Place, Places};

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The name, for objects.
    pub key: Key,
    /// The name as a place from 0, for arrays.
    index: Option<i64>,
    /// Where it stands, when the path is one of a pipeline.
    pub(super) place: Place,
}

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRoot {
    /// The document's source.
    Source,
    /// The metadata: paths whose first part is one of its names.
    Metadata,
    /// `_ingest.…`
    Ingest,
}

/// The names of the metadata, and what each must be.
const METADATA: [(&str, &str); 8] = [
    ("_index", "java.lang.String"),
    ("_id", "java.lang.String"),
    ("_routing", "java.lang.String"),
    ("_version", "java.lang.Number"),
    ("_version_type", "java.lang.String"),
    ("_if_seq_no", "java.lang.Number"),
    ("_if_primary_term", "java.lang.Number"),
    ("_dynamic_templates", "java.util.Map"),
];

/// Parts that a path may have: each may become a level of the document.
const MAX_PARTS: usize = 250;

/// How a path is followed: Elasticsearch's `field_access_pattern`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessPattern {
    /// Each part is a name.
    #[default]
    Classic,
    /// Names may have dots, too (`flexible`).
    Flexible,
}

/// A dotted path, split and hashed once.
///
/// `_source.x` is `x`; `_ingest.x` reads what the pipeline knows of itself; a part that is a number is a place
/// where it meets an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath {
    text: Box<str>,
    root: PathRoot,
    pattern: AccessPattern,
    segments: Box<[Segment]>,
    /// The name of the last part once more: what writes there needs no other part.
    pub(super) name: Key,
    /// Whether no part of it can be a place in a list.
    names_only: bool,
    /// Where it leads and where what holds that is, when the path is one of a pipeline.
    pub(super) place: Place,
    pub(super) above: Place,
}

/// Why a path leads nowhere, in Elasticsearch's words, which `on_failure` pipelines read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum PathError {
    #[error("path cannot be null nor empty")]
    Empty,
    #[error("path [{path}] is not valid")]
    Invalid { path: String },
    #[error("a path of {parts} parts is not followed: {MAX_PARTS} are the most")]
    TooLong { parts: usize },
    #[error("field [{field}] not present as part of path [{path}]")]
    NotPresent { field: String, path: String },
    #[error("cannot {action} [{field}] from null as part of path [{path}]")]
    FromNull { action: &'static str, field: String, path: String },
    #[error("cannot {action} [{field}] from object of type [{class}] as part of path [{path}]")]
    FromType { action: &'static str, field: String, class: &'static str, path: String },
    #[error("cannot set [{field}] with null parent as part of path [{path}]")]
    NullParent { field: String, path: String },
    #[error("cannot set [{field}] with parent object of type [{class}] as part of path [{path}]")]
    ScalarParent { field: String, class: &'static str, path: String },
    #[error("[{field}] is not an integer, cannot be used as an index as part of path [{path}]")]
    NotAnIndex { field: String, path: String },
    #[error("{field} [{value}] is wrong type, expected assignable to [{wanted}], not [{class}]")]
    WrongType { field: String, value: String, wanted: &'static str, class: &'static str },
    #[error("[{index}] is out of bounds for array with length [{length}] as part of path [{path}]")]
    OutOfBounds { index: i64, length: usize, path: String },
}

impl Segment {
    fn new(name: &str) -> Self {
        Self { key: Key::new(name), index: name.parse::<i32>().ok().map(i64::from), place: Place::NONE }
    }
}

impl PathRoot {
    pub(super) fn place(self) -> Place {
        match self {
            Self::Source => Place::SOURCE,
            Self::Metadata => Place::METADATA,
            Self::Ingest => Place::INGEST,
        }
    }
}

impl FieldPath {
    /// Splits a dotted path.
    ///
    /// # Errors
    /// [`PathError::Empty`] and [`PathError::Invalid`].
    pub fn parse(path: &str) -> Result<Self, PathError> {
        if path.is_empty() {
            return Err(PathError::Empty);
        }
        let (root, rest) = match path.strip_prefix("_ingest.") {
            Some(rest) => (PathRoot::Ingest, rest),
            None => (PathRoot::Source, path.strip_prefix("_source.").unwrap_or(path)),
        };
        // As Java's split: empty parts at the end do not count.
        let trimmed = rest.trim_end_matches('.');
        if trimmed.is_empty() {
            return Err(PathError::Invalid { path: path.to_owned() });
        }
        let parts = trimmed.bytes().filter(|byte| *byte == b'.').count() + 1;
        if parts > MAX_PARTS {
            return Err(PathError::TooLong { parts });
        }
        let segments: Box<[Segment]> = trimmed.split('.').map(Segment::new).collect();
        let is_metadata = |name: &str| METADATA.iter().any(|(known, _)| *known == name);
        let root = match root {
            PathRoot::Source if is_metadata(segments[0].key.name()) => PathRoot::Metadata,
            root => root,
        };
        let names_only = segments.iter().all(|segment| segment.index.is_none());
        let name = segments[segments.len() - 1].key.clone();
        let (text, pattern) = (path.into(), AccessPattern::Classic);
        Ok(Self { text, root, pattern, segments, name, names_only, place: Place::NONE, above: Place::NONE })
    }

    /// [`FieldPath::parse`] of a path that is followed in one way or the other.
    ///
    /// # Errors
    /// As [`FieldPath::parse`]; a flexible path has no empty parts, either.
    pub fn parse_as(path: &str, pattern: AccessPattern) -> Result<Self, PathError> {
        let parsed = Self::parse(path)?;
        if pattern == AccessPattern::Classic {
            return Ok(parsed);
        }
        if parsed.segments.iter().any(|segment| segment.key.name().is_empty()) {
            return Err(PathError::Invalid { path: path.to_owned() });
        }
        // Without places nothing is certain of it before it is walked.
        Ok(Self { pattern, names_only: false, ..parsed })
    }

    /// [`FieldPath::parse`] of a path that a definition holds: documents that adopt the places know what is there.
    ///
    /// # Errors
    /// As [`FieldPath::parse`].
    pub fn known(path: &str, places: &mut Places) -> Result<Self, PathError> {
        let mut path = Self::parse(path)?;
        path.place = path.root.place();
        for segment in &mut path.segments {
            path.above = path.place;
            path.place = places.add(path.above, &segment.key);
            segment.place = path.place;
        }
        if path.root == PathRoot::Metadata {
            // What is set there is looked at first.
            path.above = Place::NONE;
        }
        Ok(path)
    }

    /// Its place among those of the pipelines; none for a path that is first known at run time.
    #[inline]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How it is followed.
    pub fn pattern(&self) -> AccessPattern {
        self.pattern
    }

    /// Where it starts.
    pub fn root(&self) -> PathRoot {
        self.root
    }

    /// Its parts, at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The place where there must be something for this path to lead anywhere; [`Place::NONE`] where that may be in a list.
    pub fn certain_place(&self) -> Place {
        if self.names_only { self.place() } else { Place::NONE }
    }

    /// Whether no part of it can be a place in a list.
    pub fn has_names_only(&self) -> bool {
        self.names_only
    }

    pub(super) fn start(&self) -> NodeId {
        match self.root {
            PathRoot::Source => Doc::SOURCE,
            PathRoot::Metadata => Doc::METADATA,
            PathRoot::Ingest => Doc::INGEST,
        }
    }

    pub(super) fn split(&self) -> (&[Segment], &Segment) {
        let last = self.segments.len() - 1;
        (&self.segments[..last], &self.segments[last])
    }

    fn owned(&self) -> String {
        self.text.to_string()
    }
}

impl Doc {
    /// The node at a path, null included; `None` when the path leads nowhere, for whatever reason.
    #[inline]
    pub fn find(&self, path: &FieldPath) -> Option<NodeId> {
        match self.at_place(path.place()) {
            None if !path.certain_place().is_some() => self.find_far(path),
            found => found,
        }
    }

    #[inline(never)]
    fn find_far(&self, path: &FieldPath) -> Option<NodeId> {
        if path.pattern == AccessPattern::Flexible {
            return self.resolve_flexible(path).ok();
        }
        let mut at = path.start();
        for segment in &path.segments {
            at = match self.data(at) {
                Data::Object(_) => self.get(at, &segment.key)?,
                Data::Array(_) => self.element(at, usize::try_from(segment.index?).ok()?)?,
                _ => return None,
            };
        }
        Some(at)
    }

    /// The node at a path, or why there is none.
    ///
    /// # Errors
    /// [`PathError`] in Elasticsearch's words.
    pub fn resolve(&self, path: &FieldPath) -> Result<NodeId, PathError> {
        if let Some(node) = self.at_place(path.place()) {
            return Ok(node);
        }
        if path.pattern == AccessPattern::Flexible {
            return self.resolve_flexible(path);
        }
        let mut at = path.start();
        for segment in &path.segments {
            at = self.step("resolve", at, segment, path)?;
        }
        Ok(at)
    }

    fn step(
        &self,
        action: &'static str,
        at: NodeId,
        segment: &Segment,
        path: &FieldPath,
    ) -> Result<NodeId, PathError> {
        let field = || segment.key.name().to_owned();
        match self.data(at) {
            Data::Object(_) => self
                .get(at, &segment.key)
                .ok_or_else(|| PathError::NotPresent { field: field(), path: path.owned() }),
            Data::Array(_) => self.step_into_array(at, segment, path),
            Data::Null => Err(PathError::FromNull { action, field: field(), path: path.owned() }),
            _ => {
                let class = self.class_name(at);
                Err(PathError::FromType { action, field: field(), class, path: path.owned() })
            }
        }
    }

    fn step_into_array(&self, at: NodeId, segment: &Segment, path: &FieldPath) -> Result<NodeId, PathError> {
        let Some(index) = segment.index else {
            let field = segment.key.name().to_owned();
            return Err(PathError::NotAnIndex { field, path: path.owned() });
        };
        usize::try_from(index)
            .ok()
            .and_then(|place| self.element(at, place))
            .ok_or_else(|| PathError::OutOfBounds { index, length: self.len(at), path: path.owned() })
    }

    /// Puts a detached node at a path. Objects that are missing on the way are made.
    ///
    /// # Errors
    /// [`PathError`] in Elasticsearch's words; the document is then as it was, but for objects made on the way.
    #[inline]
    pub fn set(&mut self, path: &FieldPath, node: NodeId) -> Result<(), PathError> {
        if self.put_at(path.above, &path.name, path.place, node).is_some() {
            return Ok(());
        }
        self.set_far(path, node)
    }

    #[inline(never)]
    fn set_far(&mut self, path: &FieldPath, node: NodeId) -> Result<(), PathError> {
        if path.root == PathRoot::Metadata && path.segments.len() == 1 {
            self.check_metadata(path.segments[0].key.name(), node)?;
        }
        self.put_along(path, node)
    }

    /// Whether a value is one for a name of the metadata; a null is one for each.
    fn check_metadata(&self, field: &str, value: NodeId) -> Result<(), PathError> {
        let wanted = METADATA.iter().find(|(known, _)| *known == field).map_or("", |(_, wanted)| wanted);
        let fits = match self.data(value) {
            Data::Null => true,
            Data::Str(_) => wanted == "java.lang.String",
            Data::Object(_) => wanted == "java.util.Map",
            Data::Bool(_) | Data::Array(_) => false,
            _ => wanted == "java.lang.Number",
        };
        if fits {
            return Ok(());
        }
        let mut text = String::new();
        self.append_text(value, &mut text);
        let class = self.class_name(value);
        Err(PathError::WrongType { field: field.to_owned(), value: text, wanted, class })
    }

    fn put_along(&mut self, path: &FieldPath, node: NodeId) -> Result<(), PathError> {
        if path.place.is_some()
            && let Some(object) = self.make_way(path)
        {
            self.put_for(object, &path.name, path.place, self.at_place(path.place), node);
            return Ok(());
        }
        if path.pattern == AccessPattern::Flexible {
            return self.put_flexible(path, node);
        }
        let (parents, last) = path.split();
        let mut at = path.start();
        for segment in parents {
            at = match self.data(at) {
                Data::Object(_) => match self.get(at, &segment.key) {
                    Some(child) => child,
                    None => {
                        let made = self.node(Data::EMPTY_OBJECT);
                        self.put(at, &segment.key, made);
                        made
                    }
                },
                _ => self.step("resolve", at, segment, path)?,
            };
        }
        let field = || last.key.name().to_owned();
        match self.data(at) {
            Data::Object(_) => {
                self.put(at, &last.key, node);
            }
            Data::Array(_) => {
                let old = self.step_into_array(at, last, path)?;
                self.replace(at, old, node);
            }
            Data::Null => return Err(PathError::NullParent { field: field(), path: path.owned() }),
            _ => {
                let class = self.class_name(at);
                return Err(PathError::ScalarParent { field: field(), class, path: path.owned() });
            }
        }
        Ok(())
    }

    /// Takes the node at a path out of the document.
    ///
    /// # Errors
    /// [`PathError`] in Elasticsearch's words.
    #[inline]
    pub fn detach(&mut self, path: &FieldPath) -> Result<NodeId, PathError> {
        match self.take(path) {
            Some(node) => Ok(node),
            None => self.detach_far(path),
        }
    }

    /// [`Doc::detach`] where the place of the path tells that something is there; `None` and nothing done where it does
    /// not.
    pub fn take(&mut self, path: &FieldPath) -> Option<NodeId> {
        let (object, node) = (self.object_at(path.above)?, self.at_place(path.place)?);
        self.unlink(object, node);
        Some(node)
    }

    #[inline(never)]
    fn detach_far(&mut self, path: &FieldPath) -> Result<NodeId, PathError> {
        if path.pattern == AccessPattern::Flexible {
            return self.detach_flexible(path);
        }
        let (parents, last) = path.split();
        let mut at = path.start();
        for segment in parents {
            at = self.step("resolve", at, segment, path)?;
        }
        let node = self.step("remove", at, last, path)?;
        self.unlink(at, node);
        Ok(node)
    }

    /// Whether there is a node at a path; null counts.
    pub fn has(&self, path: &FieldPath) -> bool {
        self.find(path).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(json: &str) -> Doc {
        let mut doc = Doc::new();
        let id = doc.parse_str(json).unwrap();
        doc.set_data(Doc::SOURCE, doc.data(id));
        doc
    }

    fn path(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    #[test]
    fn paths_that_lead_nowhere_say_why() {
        let doc = doc(r#"{"a":{"b":1},"n":null,"l":[1,{"x":2}],"s":"t"}"#);
        for (text, error) in [
            ("a.c", "field [c] not present as part of path [a.c]"),
            ("z.c", "field [z] not present as part of path [z.c]"),
            ("n.x", "cannot resolve [x] from null as part of path [n.x]"),
            ("s.x", "cannot resolve [x] from object of type [java.lang.String] as part of path [s.x]"),
            ("a.b.c", "cannot resolve [c] from object of type [java.lang.Integer] as part of path [a.b.c]"),
            ("l.x", "[x] is not an integer, cannot be used as an index as part of path [l.x]"),
            ("l.2", "[2] is out of bounds for array with length [2] as part of path [l.2]"),
            ("l.-1", "[-1] is out of bounds for array with length [2] as part of path [l.-1]"),
        ] {
            assert_eq!(doc.resolve(&path(text)).unwrap_err().to_string(), error);
            assert_eq!(doc.find(&path(text)), None);
        }
        assert_eq!(doc.as_i64(doc.resolve(&path("l.1.x")).unwrap()), Some(2));
        assert!(doc.has(&path("_source.a.b")));
    }

    #[test]
    fn setting_makes_objects_and_refuses_scalars() {
        let mut doc = doc(r#"{"n":null,"l":[1,2],"s":"t"}"#);
        for (text, result) in [
            ("a.b.c", Ok(())),
            ("l.1", Ok(())),
            ("_ingest._value", Ok(())),
            ("n.x", Err("cannot set [x] with null parent as part of path [n.x]")),
            ("n.x.y", Err("cannot resolve [x] from null as part of path [n.x.y]")),
            (
                "s.x",
                Err("cannot set [x] with parent object of type [java.lang.String] as part of path [s.x]"),
            ),
            ("l.5", Err("[5] is out of bounds for array with length [2] as part of path [l.5]")),
        ] {
            let node = doc.string("v");
            assert_eq!(
                doc.set(&path(text), node).map_err(|error| error.to_string()),
                result.map_err(str::to_owned)
            );
        }
        assert_eq!(doc.json(Doc::SOURCE), r#"{"n":null,"l":[1,"v"],"s":"t","a":{"b":{"c":"v"}}}"#);
        assert_eq!(doc.json(Doc::INGEST), r#"{"_value":"v"}"#);
    }

    /// The answers of Elasticsearch 9.2.
    #[test]
    fn metadata_have_their_types() {
        let mut places = Places::default();
        let wrong = "is wrong type, expected assignable to";
        for (text, json, result) in [
            ("_id", "\"x\"", Ok(())),
            ("_id", "5", Err(format!("_id [5] {wrong} [java.lang.String], not [java.lang.Integer]"))),
            ("_routing", "null", Ok(())),
            (
                "_version",
                "\"x\"",
                Err(format!("_version [x] {wrong} [java.lang.Number], not [java.lang.String]")),
            ),
            ("_if_seq_no", "7", Ok(())),
            ("_dynamic_templates", "{\"a\":\"b\"}", Ok(())),
            ("_dynamic_templates.a", "\"b\"", Ok(())),
            (
                "_dynamic_templates",
                "\"x\"",
                Err(format!("_dynamic_templates [x] {wrong} [java.util.Map], not [java.lang.String]")),
            ),
        ] {
            for path in [path(text), FieldPath::known(text, &mut places).unwrap()] {
                let mut doc = doc("{}");
                doc.adopt(&std::sync::Arc::new(places.clone()));
                let node = doc.parse_str(json).unwrap();
                let set = doc.set(&path, node).map_err(|error| error.to_string());
                assert_eq!(set, result, "{text} {json}");
                assert_eq!(doc.has(&path), result.is_ok(), "{text} {json}");
            }
        }
    }

    #[test]
    fn detaching_takes_elements_out() {
        let mut doc = doc(r#"{"l":[1,2,3],"o":{"x":1},"s":""}"#);
        assert!(doc.detach(&path("l.1")).is_ok());
        assert!(doc.detach(&path("o.x")).is_ok());
        let error = doc.detach(&path("s.x")).unwrap_err().to_string();
        assert_eq!(error, "cannot remove [x] from object of type [java.lang.String] as part of path [s.x]");
        assert_eq!(doc.json(Doc::SOURCE), r#"{"l":[1,3],"o":{},"s":""}"#);
    }

    #[test]
    fn paths_are_split_as_java_splits_them() {
        for (text, parts) in
            [("a.b", 2), ("a..b", 3), ("a.b.", 2), ("_source.a", 1), ("_ingest.timestamp", 1)]
        {
            assert_eq!(path(text).segments().len(), parts, "{text}");
        }
        assert_eq!(path("_id").root(), PathRoot::Metadata);
        assert_eq!(FieldPath::parse(""), Err(PathError::Empty));
        assert!(FieldPath::parse(".").is_err());
    }
}
