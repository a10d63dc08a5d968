//! Running flat code.

mod access;
mod arith;
mod call;
mod cast;
mod exec;
mod operand;
mod store;
mod text;
mod walk;

use std::collections::HashMap;

use event::doc::{Data, Mark, Text};
use event::{Doc, NodeId};
use smallvec::SmallVec;

use crate::exception::{Exception, Thrown};
use crate::fixed::Fixed;
use crate::flat::Program;
use crate::hash::FastHash;
use crate::value::{Class, Object, Value};

pub(crate) use access::{out_of_bounds, unmodifiable};
pub(crate) use arith::{as_double, compare_numbers, same_number};
pub(crate) use walk::Walk;

/// What evaluating gives.
pub(crate) type Outcome<'c> = Result<Value<'c>, Thrown>;

/// Turns of loops and calls of lambdas that one run may take: Elasticsearch's `max_loop_counter`.
pub(crate) const MAX_LOOPS: u32 = 1_000_000;

/// Levels of code that calls may stack up; with [`crate::parse::MAX_NESTING`] what keeps the thread's stack safe.
const MAX_LEVELS: usize = 800;

/// Levels that a call takes itself.
const CALL_LEVELS: usize = 2;

/// Bytes that one run may make the document grow by.
const MAX_GROWTH: usize = 40 << 20;

/// Slots that a frame has room for before it allocates.
const INLINE_SLOTS: usize = 24;

/// Nested lists and maps that one run may make before their depth is looked at.
const UNCHECKED_LINKS: usize = 64;

/// One run of a script on a document.
pub(crate) struct Run<'d, 'c> {
    pub(crate) doc: &'d mut Doc,
    program: &'c Program,
    pub(crate) objects: Vec<Object<'c>>,
    pub(crate) walks: SmallVec<[Walk<'c>; 2]>,
    /// Array nodes that are sets or Java arrays.
    kinds: HashMap<NodeId, Kind, FastHash>,
    /// Nodes that were replaced while somebody walks over their container, and what stands in their place now.
    replaced: HashMap<NodeId, NodeId, FastHash>,
    start: Mark,
    /// Bytes of the document when the run began.
    size: usize,
    /// Bytes that objects took so far.
    held: usize,
    loops: u32,
    levels: usize,
    links: usize,
    read_only: bool,
}

/// What an array node is, where it is no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Set,
    Array,
}

impl<'d, 'c> Run<'d, 'c> {
    /// A run; one that is `read_only` may not change the document.
    pub(crate) fn new(doc: &'d mut Doc, program: &'c Program, read_only: bool) -> Self {
        let (start, size) = (doc.mark(), doc.size());
        Self {
            doc,
            program,
            objects: Vec::new(),
            walks: SmallVec::new(),
            kinds: HashMap::default(),
            replaced: HashMap::default(),
            start,
            size,
            held: 0,
            loops: MAX_LOOPS,
            levels: 0,
            links: 0,
            read_only,
        }
    }

    /// Runs the script's body as a condition.
    pub(crate) fn condition(&mut self) -> Result<bool, Thrown> {
        let main = &self.program.main;
        // Without a return a function gives its type's default.
        Ok(self.enter(main, &[], [])?.is_true())
    }

    /// Runs the script's body for what it gives, as text.
    pub(crate) fn value(&mut self) -> Result<String, Thrown> {
        let value = self.enter(&self.program.main, &[], [])?;
        self.text_of(value)
    }

    /// Runs the script's body for what it does.
    pub(crate) fn statements(&mut self) -> Result<(), Thrown> {
        let main = &self.program.main;
        self.levels = main.levels + CALL_LEVELS;
        call::on_a_frame(main, |frame| self.exec(main, frame))?;
        if self.links > UNCHECKED_LINKS {
            self.check_depth(Doc::SOURCE)?;
        }
        Ok(())
    }

    /// Takes back what a read-only run made.
    pub(crate) fn rewind(self) {
        self.doc.rewind(self.start);
    }

    /// Counts a turn of a loop or a call, and looks at what the run has taken.
    #[inline]
    pub(crate) fn tick(&mut self) -> Result<(), Thrown> {
        match self.loops.checked_sub(1) {
            Some(left) => self.loops = left,
            None => return Err(too_many_turns()),
        }
        self.check_size(0)
    }

    /// Refuses `more` bytes beyond what a run may take.
    #[inline]
    pub(crate) fn check_size(&self, more: usize) -> Result<(), Thrown> {
        if self.doc.size().saturating_sub(self.size) + self.held + more > MAX_GROWTH {
            return Err(too_much());
        }
        Ok(())
    }

    /// A string as a value.
    pub(crate) fn string(&mut self, text: &str) -> Outcome<'c> {
        self.check_size(text.len())?;
        Ok(Value::Str(self.doc.add_text(text)))
    }

    /// The characters of a string; `None` for anything else.
    #[inline]
    pub(crate) fn as_str<'a>(&'a self, value: Value<'c>) -> Option<&'a str>
    where
        'c: 'a,
    {
        match value {
            Value::Str(text) => Some(self.doc.text(text)),
            Value::Lit(text) => Some(text.name()),
            _ => None,
        }
    }

    /// Counts bytes that are held outside of the document until the run ends.
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Thrown> {
        self.held += bytes;
        self.check_size(0)
    }

    /// Keeps an object; its handle.
    pub(crate) fn object(&mut self, object: Object<'c>) -> Value<'c> {
        self.held += size_of::<Object<'_>>()
            + match &object {
                Object::Builder(text) => text.len(),
                Object::Matcher(matcher) => matcher.text.len(),
                Object::Tokenizer(tokenizer) => tokenizer.text.len() + tokenizer.delimiters.len(),
                Object::Lambda { captured, .. } => size_of_val(&**captured),
                Object::Stream(values) => size_of_val(&**values),
                Object::Exception(_)
                | Object::Iterator(_)
                | Object::Collector(_)
                | Object::Optional(_)
                | Object::Moment(_)
                | Object::Duration(_)
                | Object::Unit(_) => 0,
            };
        self.objects.push(object);
        Value::Object(self.objects.len() - 1)
    }

    /// The value of a node.
    #[inline]
    pub(crate) fn read(&self, id: NodeId) -> Value<'c> {
        match self.doc.data(id) {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::bool(value.get()),
            Data::Int(value) => Value::int(value.get()),
            Data::Long(value) => Value::Long(value),
            Data::Float(value) => Value::float(value.get()),
            Data::Double(value) => Value::double(value.get()),
            Data::Str(text) => Value::Str(text),
            Data::Object(_) => Value::map(id),
            Data::Number(text) => self.read_number(text),
            Data::Array(_) if self.kinds.is_empty() => Value::list(id),
            Data::Array(_) => match self.kinds.get(&id) {
                None => Value::list(id),
                Some(Kind::Set) => Value::set(id),
                Some(Kind::Array) => Value::array(id),
            },
        }
    }

    #[inline(never)]
    fn read_number(&self, text: Text) -> Value<'c> {
        let digits = self.doc.text(text);
        if digits.contains(['.', 'e', 'E']) {
            Value::double(digits.parse().unwrap_or(f64::INFINITY))
        } else {
            Value::Big(text)
        }
    }

    /// The class of a value, as methods are looked up by it.
    #[inline]
    pub(crate) fn class(&self, value: Value<'c>) -> Class {
        // What the tag alone tells is read from a table; a jump for each tag would be foretold wrongly too often.
        match value {
            Value::Null => Class::Null,
            Value::Bool(_) => Class::Boolean,
            Value::Int(_) => Class::Integer,
            Value::Long(_) => Class::Long,
            Value::Float(_) => Class::Float,
            Value::Double(_) => Class::Double,
            Value::Char(_) => Class::Character,
            Value::Big(_) => Class::BigInteger,
            Value::Str(_) | Value::Lit(_) => Class::String,
            Value::List(_) => Class::List,
            Value::Map(_) => Class::Map,
            Value::Set(_) => Class::Set,
            Value::Array(_) => Class::Array,
            Value::Keys(_) => Class::Keys,
            Value::Values(_) => Class::Values,
            Value::Entries(_) => Class::Entries,
            Value::Entry(_) | Value::Pair(_) => Class::Entry,
            Value::Pattern(_) => Class::Pattern,
            Value::Fixed(_) | Value::Object(_) => self.class_inside(value),
        }
    }

    /// The class of a value whose tag does not tell it.
    #[inline(never)]
    fn class_inside(&self, value: Value<'c>) -> Class {
        match value {
            Value::Object(index) => match &self.objects[index] {
                Object::Builder(_) => Class::Builder,
                Object::Lambda { .. } => Class::Lambda,
                Object::Exception(_) => Class::Exception,
                Object::Iterator(_) => Class::Iterator,
                Object::Matcher(_) => Class::Matcher,
                Object::Tokenizer(_) => Class::Tokenizer,
                Object::Stream(_) => Class::Stream,
                Object::Collector(_) => Class::Collector,
                Object::Optional(_) => Class::Optional,
                Object::Moment(moment) if moment.offset.is_none() => Class::Instant,
                Object::Moment(_) => Class::ZonedDateTime,
                Object::Duration(_) => Class::Duration,
                Object::Unit(_) => Class::ChronoUnit,
            },
            Value::Fixed(Fixed::List(_)) => Class::List,
            _ => Class::Map,
        }
    }

    /// The Java class of a value as messages name it.
    pub(crate) fn java_class(&self, value: Value<'c>) -> &'static str {
        match value {
            Value::Object(index) => match &self.objects[index] {
                Object::Exception(exception) => exception.class.java,
                _ => self.class(value).java(),
            },
            _ => self.class(value).java(),
        }
    }
}

#[cold]
fn too_many_turns() -> Thrown {
    let reason = "The maximum number of statements that can be executed in a loop has been reached.";
    Exception::new("PainlessError", reason)
}

#[cold]
fn too_much() -> Thrown {
    let reason = format!("a script may take {} MiB for one document, this one needs more", MAX_GROWTH >> 20);
    Exception::new("OutOfMemoryError", reason)
}

/// What reading something of null throws.
#[cold]
pub(crate) fn null_reference(name: &str) -> Thrown {
    Exception::null_pointer(format!("cannot access method/field [{name}] from a null def reference"))
}
