//! The types that a script can name, and which values they hold.

use crate::exception::{self, ExceptionClass};
use crate::value::Class;

/// A type of a variable, a cast, an `instanceof` or a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Anything, told at run time.
    Def,
    Void,
    Boolean,
    Byte,
    Short,
    Char,
    Int,
    Long,
    Float,
    Double,
    /// A class whose values are of these run time classes.
    Class(&'static ClassType),
    Exception(&'static ExceptionClass),
    /// An array of anything.
    Array,
    /// One of some run time classes, a bit each: what several `instanceof` of one value ask.
    OneOf(u32),
}

/// A class by its name in scripts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClassType {
    pub(crate) name: &'static str,
    pub(crate) java: &'static str,
    /// Run time classes of its values, a bit each; none for classes that only hold static methods.
    holds: u32,
    /// A number whose values other numbers do not turn into without a cast.
    pub(crate) boxed: Option<Type>,
}

const fn bits(classes: &[Class]) -> u32 {
    let (mut bits, mut at) = (0, 0);
    while at < classes.len() {
        bits |= 1 << classes[at] as u32;
        at += 1;
    }
    bits
}

const fn class(name: &'static str, java: &'static str, holds: &'static [Class]) -> ClassType {
    ClassType { name, java, holds: bits(holds), boxed: None }
}

const fn boxed(name: &'static str, java: &'static str, holds: &'static [Class], of: Type) -> ClassType {
    ClassType { name, java, holds: bits(holds), boxed: Some(of) }
}

const COLLECTIONS: &[Class] = &[Class::List, Class::Set, Class::Keys, Class::Values, Class::Entries];
const NUMBERS: &[Class] = &[Class::Integer, Class::Long, Class::Float, Class::Double, Class::BigInteger];

/// All classes but the exceptions.
static CLASSES: &[ClassType] = &[
    class("Object", "java.lang.Object", Class::ALL),
    class("String", "java.lang.String", &[Class::String]),
    class("CharSequence", "java.lang.CharSequence", &[Class::String, Class::Builder]),
    boxed("Boolean", "java.lang.Boolean", &[Class::Boolean], Type::Boolean),
    boxed("Byte", "java.lang.Byte", &[], Type::Byte),
    boxed("Short", "java.lang.Short", &[], Type::Short),
    boxed("Character", "java.lang.Character", &[Class::Character], Type::Char),
    boxed("Integer", "java.lang.Integer", &[Class::Integer], Type::Int),
    boxed("Long", "java.lang.Long", &[Class::Long], Type::Long),
    boxed("Float", "java.lang.Float", &[Class::Float], Type::Float),
    boxed("Double", "java.lang.Double", &[Class::Double], Type::Double),
    class("Number", "java.lang.Number", NUMBERS),
    class("BigInteger", "java.math.BigInteger", &[Class::BigInteger]),
    class("Iterable", "java.lang.Iterable", COLLECTIONS),
    class("Collection", "java.util.Collection", COLLECTIONS),
    class("List", "java.util.List", &[Class::List]),
    class("ArrayList", "java.util.ArrayList", &[Class::List]),
    class("Map", "java.util.Map", &[Class::Map]),
    class("HashMap", "java.util.HashMap", &[Class::Map]),
    class("LinkedHashMap", "java.util.LinkedHashMap", &[Class::Map]),
    class("Set", "java.util.Set", &[Class::Set, Class::Keys, Class::Entries]),
    class("HashSet", "java.util.HashSet", &[Class::Set]),
    class("LinkedHashSet", "java.util.LinkedHashSet", &[Class::Set]),
    class("StringBuilder", "java.lang.StringBuilder", &[Class::Builder]),
    class("StringTokenizer", "java.util.StringTokenizer", &[Class::Tokenizer]),
    class("Iterator", "java.util.Iterator", &[Class::Iterator]),
    class("Map.Entry", "java.util.Map$Entry", &[Class::Entry]),
    class("Pattern", "java.util.regex.Pattern", &[Class::Pattern]),
    class("Matcher", "java.util.regex.Matcher", &[Class::Matcher]),
    class("Function", "java.util.function.Function", &[Class::Lambda]),
    class("Predicate", "java.util.function.Predicate", &[Class::Lambda]),
    class("Supplier", "java.util.function.Supplier", &[Class::Lambda]),
    class("Consumer", "java.util.function.Consumer", &[Class::Lambda]),
    class("BiFunction", "java.util.function.BiFunction", &[Class::Lambda]),
    class("Comparator", "java.util.Comparator", &[Class::Lambda]),
    class("Stream", "java.util.stream.Stream", &[Class::Stream]),
    class("IntStream", "java.util.stream.IntStream", &[Class::Stream]),
    class("LongStream", "java.util.stream.LongStream", &[Class::Stream]),
    class("DoubleStream", "java.util.stream.DoubleStream", &[Class::Stream]),
    class("Collector", "java.util.stream.Collector", &[Class::Collector]),
    class("Collectors", "java.util.stream.Collectors", &[]),
    class("Optional", "java.util.Optional", &[Class::Optional]),
    class("Instant", "java.time.Instant", &[Class::Instant]),
    class("ZonedDateTime", "java.time.ZonedDateTime", &[Class::ZonedDateTime]),
    class("Duration", "java.time.Duration", &[Class::Duration]),
    class("ChronoUnit", "java.time.temporal.ChronoUnit", &[Class::ChronoUnit]),
    class("Math", "java.lang.Math", &[]),
    class("Objects", "java.util.Objects", &[]),
    class("Arrays", "java.util.Arrays", &[]),
    class("Collections", "java.util.Collections", &[]),
];

/// The names of all classes but the exceptions, and the class of their values at run time where there is one.
pub(crate) fn names() -> impl Iterator<Item = (&'static str, Option<Class>)> {
    // Of a few that are alike the first: a set, and the views of a map that are sets.
    const ALIKE: u32 = 3;
    CLASSES.iter().map(|own| {
        let mut held = Class::ALL.iter().copied().filter(|class| own.holds >> *class as u32 & 1 != 0);
        (own.name, held.next().filter(|_| own.holds.count_ones() <= ALIKE))
    })
}

impl Type {
    /// The type of a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        if let Some(element) = name.strip_suffix("[]") {
            return Self::parse(element).map(|_| Self::Array);
        }
        Some(match name {
            "def" | "var" => Self::Def,
            "void" => Self::Void,
            "boolean" => Self::Boolean,
            "byte" => Self::Byte,
            "short" => Self::Short,
            "char" => Self::Char,
            "int" => Self::Int,
            "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            _ => match CLASSES.iter().find(|class| class.name == name) {
                Some(class) => Self::Class(class),
                None => Self::Exception(exception::find(name)?),
            },
        })
    }

    /// The type as Java names it.
    pub(crate) fn java(self) -> &'static str {
        match self {
            Self::Def => "def",
            Self::Void => "void",
            Self::Boolean => "boolean",
            Self::Byte => "byte",
            Self::Short => "short",
            Self::Char => "char",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Class(class) => class.java,
            Self::Exception(class) => class.java,
            Self::Array => "def[]",
            Self::OneOf(_) => "java.lang.Object",
        }
    }

    /// Whether it is one of Java's primitive types, which hold no null.
    pub(crate) fn is_primitive(self) -> bool {
        !matches!(
            self,
            Self::Def | Self::Void | Self::Class(_) | Self::Exception(_) | Self::Array | Self::OneOf(_)
        )
    }

    /// The run time classes of its values, a bit each, where `instanceof` asks for no more than these.
    pub(crate) fn classes(self) -> Option<u32> {
        match self {
            Self::Class(own) => Some(own.holds),
            Self::OneOf(classes) => Some(classes),
            _ => None,
        }
    }

    /// The run time classes for which `instanceof` holds, a bit each; exceptions are told apart elsewhere.
    pub(crate) fn bits(self) -> u32 {
        let own = |class: Class| 1 << class as u32;
        match self {
            // Even null is one.
            Self::Def => bits(Class::ALL) | own(Class::Null),
            Self::Class(class) => class.holds,
            Self::OneOf(classes) => classes,
            Self::Array => own(Class::Array),
            Self::Boolean => own(Class::Boolean),
            Self::Char => own(Class::Character),
            Self::Int => own(Class::Integer),
            Self::Long => own(Class::Long),
            Self::Float => own(Class::Float),
            Self::Double => own(Class::Double),
            Self::Void | Self::Byte | Self::Short | Self::Exception(_) => 0,
        }
    }

    /// The run time classes whose values a variable of the type takes as they are, a bit each.
    pub(crate) fn fits(self) -> u32 {
        let null = 1 << Class::Null as u32;
        match self {
            Self::Def | Self::Void => u32::MAX,
            class if class.is_primitive() => class.bits(),
            class => class.bits() | null,
        }
    }

    /// Whether `instanceof` holds for values of a run time class; exceptions are told apart elsewhere.
    pub(crate) fn holds(self, class: Class) -> bool {
        self.bits() & 1 << class as u32 != 0
    }
}
