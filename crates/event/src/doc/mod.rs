//! The document value: a tree in an arena, made for pipelines.
//!
//! ## Layout
//! All nodes of a [`Doc`] lie in one vector, all characters in one text buffer; a [`NodeId`] is an index. A node
//! knows its key, its siblings and its [`Data`]; an object or array knows its first and last child. So
//! renaming or moving a subtree relinks one node and copies nothing but the new key, ids stay valid while the tree
//! changes, and a cleared `Doc` is used again for the next event without allocating.
//!
//! ## Text
//! A [`Text`] is a span of the buffer. Its *quoted* flag says that the span stands between two `"` in the buffer and
//! holds nothing that JSON escapes: the writer then copies it as it is. Strings of parsed input keep pointing into the
//! input.
//!
//! ## Keys
//! A key is compared by a 32-bit hash, then by its bytes; pipelines hash theirs once, when they are compiled
//! ([`Key`]). Where the fields are that a pipeline names, a table tells without a walk (`places`); of the other names a
//! small Bloom filter tells that one occurs nowhere in the document, which spares most walks.
//! Children keep their order.
//!
//! ## Java's types
//! Elasticsearch's documents are Java objects and its rules speak of their classes, so numbers keep theirs:
//! [`Data::Int`] and [`Data::Long`] are `Integer` and `Long`. A parsed number with a fraction, an exponent or more
//! digits than a long keeps its text ([`Data::Number`]) until somebody computes with it: nothing is rounded on the way.

mod address;
mod beginning;
mod constants;
mod escape;
mod flexible;
mod fragment;
mod key;
mod number;
mod parse;
mod path;
mod places;
mod shift;
mod tree;
mod word;
mod write;

pub use escape::write_string;
pub use fragment::{Fragment, Shape};
pub use key::Key;
pub use number::{double_text, float_text};
pub use parse::{JsonError, ParseIntoError, ParseOptions};
pub use path::{AccessPattern, FieldPath, PathError, PathRoot, Segment};
pub use places::{Place, Places};
pub use shift::Shift;
pub use tree::Children;
pub use word::{Small, Word};

use std::fmt;
use std::sync::Arc;

use key::KeyFilter;

/// How deep objects and arrays may be nested in a document that is parsed (Jackson's default as well).
pub const MAX_DEPTH: usize = 1000;

/// How deep a subtree is followed: what pipelines do can nest deeper than the parser lets in.
const DEEPEST: usize = 2 * MAX_DEPTH;

/// Bytes of text that pipelines may make of a document.
pub const MAX_TEXT: usize = 256 << 20;

/// Values that pipelines may make of a document, those included that are no more in it.
pub const MAX_VALUES: usize = 8 << 20;

/// A node of one [`Doc`]; meaningless in any other and after [`Doc::clear`].
/// Younger nodes are greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// "No node" in links.
    const NONE: Self = Self(u32::MAX);

    fn some(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

/// A span of a document's text buffer: where it starts, in the upper half its length and whether it is quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text(u64);

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Text({:?})", self.range())
    }
}

impl Text {
    const QUOTED: u64 = 1 << 63;
    const EMPTY: Self = Self(0);

    fn new(start: usize, len: usize, quoted: bool) -> Self {
        debug_assert!(start <= u32::MAX as usize && len < 1 << 31, "text over 2 GiB");
        Self(start as u64 | (len as u64) << 32 | if quoted { Self::QUOTED } else { 0 })
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        ((self.0 & !Self::QUOTED) >> 32) as usize
    }

    /// Whether it has no characters.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Its length where it is quoted; else more than any text has.
    #[inline]
    fn quoted_len(self) -> usize {
        ((self.0 ^ Self::QUOTED) >> 32) as usize
    }

    fn is_quoted(self) -> bool {
        self.0 & Self::QUOTED != 0
    }

    fn start(self) -> usize {
        self.0 as u32 as usize
    }

    fn range(self) -> std::ops::Range<usize> {
        let start = self.start();
        start..start + self.len()
    }

    fn moved(self, by: u32) -> Self {
        Self(self.0 + u64::from(by))
    }

    /// Its length and whether it is quoted, for [`Text::of_length_word`].
    fn length_word(self) -> u64 {
        self.0 >> 32 << 32
    }

    /// A text of a [`Text::length_word`] that starts elsewhere.
    fn of_length_word(word: u64, start: u32) -> Self {
        Self(word | u64::from(start))
    }
}

/// First and last child of an object or array.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Links(Word<(NodeId, NodeId)>);

impl Links {
    const EMPTY: Self = Self(Word::NO_NODES);

    fn new(first: NodeId, last: NodeId) -> Self {
        Self((first, last).into())
    }

    fn first(self) -> NodeId {
        self.0.get().0
    }

    fn last(self) -> NodeId {
        self.0.get().1
    }

    fn set_first(&mut self, first: NodeId) {
        *self = Self::new(first, self.last());
    }

    /// The last child from before.
    fn set_last(&mut self, last: NodeId) -> NodeId {
        std::mem::replace(self, Self::new(self.first(), last)).last()
    }
}

/// What a node holds. The variants stand for the Java classes that Elasticsearch would hold.
///
/// Each holds one word, so that it goes around in two registers; see [`Word`].
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(u64)]
pub enum Data {
    /// `null`
    Null,
    /// `java.lang.Boolean`
    Bool(Word<bool>),
    /// `java.lang.Integer`
    Int(Word<i32>),
    /// `java.lang.Long`
    Long(i64),
    /// `java.lang.Float`
    Float(Word<f32>),
    /// `java.lang.Double`
    Double(Word<f64>),
    /// A number as its text came in: a `java.lang.Double`, or a `java.math.BigInteger` when it has digits only.
    Number(Text),
    /// `java.lang.String`
    Str(Text),
    /// `java.util.ArrayList`
    Array(Links),
    /// `java.util.HashMap`; here the order of insertion is kept.
    Object(Links),
}

/// The variants of [`Data`] by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "they are those of Data")]
pub enum Kind {
    Null,
    Bool,
    Int,
    Long,
    Float,
    Double,
    Number,
    Str,
    Array,
    Object,
}

impl Kind {
    /// All of them, by number.
    const ALL: [Self; 10] = [
        Self::Null,
        Self::Bool,
        Self::Int,
        Self::Long,
        Self::Float,
        Self::Double,
        Self::Number,
        Self::Str,
        Self::Array,
        Self::Object,
    ];
}

impl Data {
    /// A `java.lang.Boolean`.
    #[inline]
    pub fn bool(value: bool) -> Self {
        Self::Bool(value.into())
    }

    /// A `java.lang.Integer`.
    #[inline]
    pub fn int(value: i32) -> Self {
        Self::Int(value.into())
    }

    /// A `java.lang.Float`.
    #[inline]
    pub fn float(value: f32) -> Self {
        Self::Float(value.into())
    }

    /// A `java.lang.Double`.
    #[inline]
    pub fn double(value: f64) -> Self {
        Self::Double(value.into())
    }

    /// Which variant it is.
    #[inline]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Long(_) => Kind::Long,
            Self::Float(_) => Kind::Float,
            Self::Double(_) => Kind::Double,
            Self::Number(_) => Kind::Number,
            Self::Str(_) => Kind::Str,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }

    /// An array without elements.
    pub const EMPTY_ARRAY: Self = Self::Array(Links::EMPTY);
    /// An object without fields.
    pub const EMPTY_OBJECT: Self = Self::Object(Links::EMPTY);

    /// Whether it is an array or object.
    pub fn is_container(self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    data: Data,
    key: Text,
    hash: u32,
    next: NodeId,
    /// The sibling before it; none for a first child, anything for a detached node.
    before: NodeId,
    /// Where it stands, of the places that pipelines ask for.
    place: Place,
}

/// A point in a document's life, between what was there and what was made after it.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    node: NodeId,
    text: usize,
}

impl Mark {
    /// Whether a node was there already.
    pub fn is_before(self, id: NodeId) -> bool {
        id < self.node
    }
}

/// One event while its pipeline runs: the source, the metadata (`_index`, `_id`, …) and `_ingest`.
#[derive(Clone, Debug)]
pub struct Doc {
    nodes: Vec<Node>,
    text: String,
    /// Strings with escapes while a text is parsed.
    scratch: String,
    /// Open containers while a text is parsed.
    open: Vec<parse::Open>,
    keys: KeyFilter,
    constants: constants::Constants,
    places: Arc<Places>,
    /// By place: the node that stands there.
    found: Vec<places::Found>,
    /// The order of the fields in texts that were parsed.
    order: parse::Order,
    /// How the last one began, until that is no longer so.
    beginning: Option<beginning::Beginning>,
    address: address::LastAddress,
}

impl Default for Doc {
    fn default() -> Self {
        Self::new()
    }
}

impl Doc {
    /// The object that becomes the document's `_source`.
    pub const SOURCE: NodeId = NodeId(0);
    /// The metadata fields: `_index`, `_id`, `_routing`, `_version`.
    pub const METADATA: NodeId = NodeId(1);
    /// What `_ingest.…` reads: timestamp, pipeline, `_value`, `on_failure_…`.
    pub const INGEST: NodeId = NodeId(2);

    const ROOTS: [(NodeId, Place); 3] =
        [(Self::SOURCE, Place::SOURCE), (Self::METADATA, Place::METADATA), (Self::INGEST, Place::INGEST)];

    /// An empty document.
    pub fn new() -> Self {
        let mut doc = Self {
            nodes: Vec::with_capacity(128),
            text: String::with_capacity(4096),
            scratch: String::new(),
            open: Vec::new(),
            keys: KeyFilter::default(),
            constants: constants::Constants::default(),
            places: Arc::default(),
            found: vec![places::Found::NOTHING; 4],
            order: parse::Order::default(),
            beginning: None,
            address: address::LastAddress::default(),
        };
        doc.clear();
        doc
    }

    /// Empties it for the next event; buffers stay allocated, unless one outsized event blew them up.
    pub fn clear(&mut self) {
        self.empty();
        self.make_roots();
    }

    fn make_roots(&mut self) {
        for (root, place) in Self::ROOTS {
            self.node(Data::EMPTY_OBJECT);
            self.settle(root, place);
        }
    }

    /// Takes everything out of it, the roots as well.
    fn empty(&mut self) {
        const KEEP_NODES: usize = 1 << 15;
        const KEEP_TEXT: usize = 1 << 20;
        self.forget_places();
        self.nodes.clear();
        self.clear_text();
        self.scratch.clear();
        self.address.set(None);
        if self.nodes.capacity() > KEEP_NODES {
            self.nodes.shrink_to(KEEP_NODES);
        }
        if self.text.capacity() > KEEP_TEXT {
            self.text.shrink_to(KEEP_TEXT);
            self.scratch.shrink_to(KEEP_TEXT);
        }
        self.keys.clear();
    }

    /// Bytes of memory that this document's nodes and text take now: what a limit on scripts counts.
    pub fn size(&self) -> usize {
        self.nodes.len() * size_of::<Node>() + self.text.len()
    }

    /// Whether it has more text or values than a document may have. Whoever lets it grow asks now and then.
    #[inline]
    pub fn is_too_large(&self) -> bool {
        self.text.len() > MAX_TEXT || self.nodes.len() > MAX_VALUES
    }

    /// The present point.
    pub fn mark(&self) -> Mark {
        Mark { node: NodeId(self.nodes.len() as u32), text: self.text.len() }
    }

    /// Forgets the nodes and the text made since a mark. Nothing older may have been changed in between.
    pub fn rewind(&mut self, mark: Mark) {
        self.nodes.truncate(mark.node.0 as usize);
        self.text.truncate(mark.text);
        self.address.set(None);
    }

    /// A new detached node.
    #[inline]
    pub fn node(&mut self, data: Data) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            data,
            key: Text::EMPTY,
            hash: 0,
            next: NodeId::NONE,
            before: NodeId::NONE,
            place: Place::NONE,
        });
        id
    }

    /// A new detached string node with a copy of `text`.
    pub fn string(&mut self, text: &str) -> NodeId {
        let text = self.add_text(text);
        self.node(Data::Str(text))
    }

    /// What a node holds.
    pub fn data(&self, id: NodeId) -> Data {
        self.nodes[id.0 as usize].data
    }

    /// What kind of value a node holds.
    #[inline]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.nodes[id.0 as usize].data.kind()
    }

    /// Replaces what a node holds, where it stands. The children of a replaced container are forgotten.
    pub fn set_data(&mut self, id: NodeId, data: Data) {
        let node = &mut self.nodes[id.0 as usize];
        if !node.data.is_container() && !data.is_container() {
            node.data = data;
            let place = node.place;
            if place.is_some() {
                self.found[place.index()] = places::Found::new(id, data.kind());
            }
            return;
        }
        let place = node.place;
        if place.is_some()
            && let Data::Object(links) = self.data(id)
        {
            self.unsettle_children(links.first());
        }
        self.nodes[id.0 as usize].data = data;
        if place.is_some() {
            self.settle(id, place);
        }
    }

    /// The characters of a span.
    #[inline]
    pub fn text(&self, text: Text) -> &str {
        &self.text[text.range()]
    }

    /// The bytes of a span, for comparisons: a slice of bytes has no boundaries to look at.
    pub(crate) fn bytes(&self, text: Text) -> &[u8] {
        &self.text.as_bytes()[text.range()]
    }

    /// Whether a span has a key's characters.
    #[inline]
    pub fn is_key(&self, text: Text, key: &Key) -> bool {
        tree::same(self.bytes(text), key.bytes())
    }

    /// A node's string as a span, where it is one.
    #[inline]
    pub fn str_at(&self, id: NodeId) -> Option<Text> {
        match self.data(id) {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A node's string, where it is one.
    pub fn as_str(&self, id: NodeId) -> Option<&str> {
        match self.data(id) {
            Data::Str(text) => Some(self.text(text)),
            _ => None,
        }
    }

    /// Copies characters into the buffer.
    pub fn add_text(&mut self, text: &str) -> Text {
        let quoted = escape::is_clean(text.as_bytes());
        self.text.reserve(text.len() + 2);
        self.text.push('"');
        let start = self.text.len();
        self.text.push_str(text);
        self.text.push('"');
        Text::new(start, text.len(), quoted)
    }

    /// Part of a string of the buffer, copied; the range is in bytes and must lie on character boundaries.
    pub fn copy_text(&mut self, text: Text, part: std::ops::Range<usize>) -> Text {
        let start = text.range().start;
        let from = start + part.start..start + part.end;
        let quoted = text.is_quoted() || escape::is_clean(&self.text.as_bytes()[from.clone()]);
        self.text.push('"');
        let start = self.text.len();
        self.text.extend_from_within(from.clone());
        self.text.push('"');
        Text::new(start, from.len(), quoted)
    }

    /// The name of the Java class that Elasticsearch would hold here, as its error messages give it.
    pub fn class_name(&self, id: NodeId) -> &'static str {
        match self.data(id) {
            Data::Null => "null",
            Data::Bool(_) => "java.lang.Boolean",
            Data::Int(_) => "java.lang.Integer",
            Data::Long(_) => "java.lang.Long",
            Data::Float(_) => "java.lang.Float",
            Data::Double(_) => "java.lang.Double",
            Data::Number(text) if number::is_integer(self.text(text)) => "java.math.BigInteger",
            Data::Number(_) => "java.lang.Double",
            Data::Str(_) => "java.lang.String",
            Data::Array(_) => "java.util.ArrayList",
            Data::Object(_) => "java.util.HashMap",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_small() {
        assert_eq!(size_of::<Node>(), 40);
    }

    #[test]
    fn copied_text_is_the_part_that_was_asked_for() {
        let mut doc = Doc::new();
        let text = doc.add_text("grüße");
        let part = doc.copy_text(text, 0..4);
        assert_eq!(doc.text(part), "grü");
        assert_eq!(doc.text(text), "grüße");
    }
}
