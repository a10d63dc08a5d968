//! Values while a script runs.
//!
//! A value is small and copied freely: a scalar, a span of the document's text, or a handle. Lists, maps, sets and
//! arrays are nodes of the document's arena, linked into the document or not, so putting a list that a script has
//! made into the document moves nothing. A node has one place: what is put into a second one is copied there. (In
//! Java both places would hold the same list.)

use std::rc::Rc;

use event::doc::{Text, Word};
use event::{Key, NodeId};

use crate::exception::Exception;
use crate::fixed::Fixed;
use crate::flat::Lambda;
use crate::pattern::{Groups, Pattern};

/// A value. `'c` is the life of the compiled script, which its constants are read from.
///
/// Each variant holds one word, so that a value goes around in two registers.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(crate) enum Value<'c> {
    Null,
    Bool(Word<bool>),
    Int(Word<i32>),
    Long(i64),
    Float(Word<f32>),
    Double(Word<f64>),
    /// A UTF-16 unit.
    Char(Word<u16>),
    /// A whole number beyond a long.
    Big(Text),
    /// A string of the document's text.
    Str(Text),
    /// A string of the script. Behind a thin pointer, which is one word.
    Lit(&'c Key),
    List(Word<NodeId>),
    Set(Word<NodeId>),
    Array(Word<NodeId>),
    Map(Word<NodeId>),
    /// A list or map that never changes: of `params`, or a literal that is only read.
    Fixed(&'c Fixed),
    /// `map.keySet()`
    Keys(Word<NodeId>),
    /// `map.values()`
    Values(Word<NodeId>),
    /// `map.entrySet()`
    Entries(Word<NodeId>),
    /// The map and the node of the entry's value.
    Entry(Word<(NodeId, NodeId)>),
    /// An entry of a map that never changes.
    Pair(&'c (Key, Fixed)),
    Pattern(&'c Pattern),
    /// An index into the run's objects.
    Object(usize),
}

impl Value<'_> {
    /// Whether it is the boolean that is true.
    #[inline]
    pub(crate) fn is_true(self) -> bool {
        matches!(self, Self::Bool(value) if value.get())
    }

    #[inline]
    pub(crate) fn bool(value: bool) -> Self {
        Self::Bool(value.into())
    }

    #[inline]
    pub(crate) fn int(value: i32) -> Self {
        Self::Int(value.into())
    }

    #[inline]
    pub(crate) fn float(value: f32) -> Self {
        Self::Float(value.into())
    }

    #[inline]
    pub(crate) fn double(value: f64) -> Self {
        Self::Double(value.into())
    }

    #[inline]
    pub(crate) fn char(value: u16) -> Self {
        Self::Char(value.into())
    }

    #[inline]
    pub(crate) fn list(value: NodeId) -> Self {
        Self::List(value.into())
    }

    #[inline]
    pub(crate) fn set(value: NodeId) -> Self {
        Self::Set(value.into())
    }

    #[inline]
    pub(crate) fn array(value: NodeId) -> Self {
        Self::Array(value.into())
    }

    #[inline]
    pub(crate) fn map(value: NodeId) -> Self {
        Self::Map(value.into())
    }

    #[inline]
    pub(crate) fn keys(value: NodeId) -> Self {
        Self::Keys(value.into())
    }

    #[inline]
    pub(crate) fn values(value: NodeId) -> Self {
        Self::Values(value.into())
    }

    #[inline]
    pub(crate) fn entries(value: NodeId) -> Self {
        Self::Entries(value.into())
    }
}

/// What has neither a place in a document nor a size to be copied.
#[derive(Debug)]
pub(crate) enum Object<'c> {
    Builder(String),
    Lambda {
        code: &'c Lambda,
        captured: Rc<[Value<'c>]>,
    },
    Exception(Exception),
    /// An index into the run's walks.
    Iterator(usize),
    Matcher(Matcher<'c>),
    Tokenizer(Tokenizer),
    /// The elements, which no step changes.
    Stream(Rc<[Value<'c>]>),
    Collector(Collector<'c>),
    Optional(Option<Value<'c>>),
    Moment(Moment),
    /// Nanoseconds.
    Duration(i128),
    /// A unit of so many nanoseconds.
    Unit(i128),
}

/// An instant, or with an offset a `ZonedDateTime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) at: jiff::Timestamp,
    pub(crate) offset: Option<jiff::tz::Offset>,
}

/// What becomes of a stream's elements.
#[derive(Clone, Debug)]
pub(crate) enum Collector<'c> {
    List,
    Set,
    Count,
    /// A text of their texts: what stands between, before and behind them.
    Text(Rc<[String; 3]>),
    /// A map by functions for the key, the value and, unless null, for two values of one key.
    Map([Value<'c>; 3]),
    /// A map of what another collector makes of the elements with one key.
    Groups {
        key: Value<'c>,
        each: Value<'c>,
    },
    /// What another collector makes of a function's answers.
    Mapped {
        by: Value<'c>,
        each: Value<'c>,
    },
}

/// A text that is taken apart token by token.
#[derive(Debug)]
pub(crate) struct Tokenizer {
    pub(crate) text: String,
    /// Characters, each of which separates tokens.
    pub(crate) delimiters: String,
    /// Where the next token is looked for, in bytes.
    pub(crate) at: usize,
    /// Whether separators are tokens too.
    pub(crate) gives_delimiters: bool,
}

/// A pattern at work on a text.
#[derive(Debug)]
pub(crate) struct Matcher<'c> {
    pub(crate) pattern: &'c Pattern,
    pub(crate) text: String,
    /// Where the next search starts, in bytes; `None` behind the last match.
    pub(crate) next: Option<usize>,
    pub(crate) groups: Option<Groups>,
}

/// Classes at run time, as methods are looked up by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Null,
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    Character,
    BigInteger,
    String,
    List,
    Set,
    Array,
    Map,
    Keys,
    Values,
    Entries,
    Entry,
    Pattern,
    Builder,
    Lambda,
    Exception,
    Iterator,
    Matcher,
    Tokenizer,
    Stream,
    Collector,
    Optional,
    Instant,
    ZonedDateTime,
    Duration,
    ChronoUnit,
}

impl Class {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::ChronoUnit as usize + 1;

    /// All of them but null's.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Boolean,
        Self::Integer,
        Self::Long,
        Self::Float,
        Self::Double,
        Self::Character,
        Self::BigInteger,
        Self::String,
        Self::List,
        Self::Set,
        Self::Array,
        Self::Map,
        Self::Keys,
        Self::Values,
        Self::Entries,
        Self::Entry,
        Self::Pattern,
        Self::Builder,
        Self::Lambda,
        Self::Exception,
        Self::Iterator,
        Self::Matcher,
        Self::Tokenizer,
        Self::Stream,
        Self::Collector,
        Self::Optional,
        Self::Instant,
        Self::ZonedDateTime,
        Self::Duration,
        Self::ChronoUnit,
    ];

    /// The name in Java.
    pub(crate) fn java(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "java.lang.Boolean",
            Self::Integer => "java.lang.Integer",
            Self::Long => "java.lang.Long",
            Self::Float => "java.lang.Float",
            Self::Double => "java.lang.Double",
            Self::Character => "java.lang.Character",
            Self::BigInteger => "java.math.BigInteger",
            Self::String => "java.lang.String",
            Self::List => "java.util.ArrayList",
            Self::Set => "java.util.HashSet",
            Self::Array => "java.lang.Object[]",
            Self::Map => "java.util.HashMap",
            Self::Keys => "java.util.HashMap$KeySet",
            Self::Values => "java.util.HashMap$Values",
            Self::Entries => "java.util.HashMap$EntrySet",
            Self::Entry => "java.util.HashMap$Node",
            Self::Pattern => "java.util.regex.Pattern",
            Self::Builder => "java.lang.StringBuilder",
            Self::Lambda => "a lambda",
            Self::Exception => "java.lang.Exception",
            Self::Iterator => "java.util.Iterator",
            Self::Matcher => "java.util.regex.Matcher",
            Self::Tokenizer => "java.util.StringTokenizer",
            Self::Stream => "java.util.stream.Stream",
            Self::Collector => "java.util.stream.Collector",
            Self::Optional => "java.util.Optional",
            Self::Instant => "java.time.Instant",
            Self::ZonedDateTime => "java.time.ZonedDateTime",
            Self::Duration => "java.time.Duration",
            Self::ChronoUnit => "java.time.temporal.ChronoUnit",
        }
    }

    /// The name that messages about casts use: primitive where there is one.
    pub(crate) fn unboxed(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Character => "char",
            other => other.java(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_two_words() {
        assert_eq!(size_of::<Value<'_>>(), 16);
        assert_eq!(size_of::<Result<Value<'_>, crate::exception::Thrown>>(), 16);
    }
}
