//! Exceptions: their classes, and one on its way to a `catch`.

/// A class of exceptions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ExceptionClass {
    pub(crate) name: &'static str,
    pub(crate) java: &'static str,
    parent: &'static str,
}

const fn class(name: &'static str, java: &'static str, parent: &'static str) -> ExceptionClass {
    ExceptionClass { name, java, parent }
}

/// The classes that scripts can throw and catch. `Error`s are not caught by `catch (Exception e)`.
static CLASSES: &[ExceptionClass] = &[
    class("Exception", "java.lang.Exception", ""),
    class("RuntimeException", "java.lang.RuntimeException", "Exception"),
    class("ArithmeticException", "java.lang.ArithmeticException", "RuntimeException"),
    class("ClassCastException", "java.lang.ClassCastException", "RuntimeException"),
    class("ConcurrentModificationException", "java.util.ConcurrentModificationException", "RuntimeException"),
    class("IllegalArgumentException", "java.lang.IllegalArgumentException", "RuntimeException"),
    class("IllegalStateException", "java.lang.IllegalStateException", "RuntimeException"),
    class("IndexOutOfBoundsException", "java.lang.IndexOutOfBoundsException", "RuntimeException"),
    class(
        "ArrayIndexOutOfBoundsException",
        "java.lang.ArrayIndexOutOfBoundsException",
        "IndexOutOfBoundsException",
    ),
    class(
        "StringIndexOutOfBoundsException",
        "java.lang.StringIndexOutOfBoundsException",
        "IndexOutOfBoundsException",
    ),
    class("NegativeArraySizeException", "java.lang.NegativeArraySizeException", "RuntimeException"),
    class("NoSuchElementException", "java.util.NoSuchElementException", "RuntimeException"),
    class("NullPointerException", "java.lang.NullPointerException", "RuntimeException"),
    class("NumberFormatException", "java.lang.NumberFormatException", "IllegalArgumentException"),
    class("UnsupportedOperationException", "java.lang.UnsupportedOperationException", "RuntimeException"),
    class("PatternSyntaxException", "java.util.regex.PatternSyntaxException", "IllegalArgumentException"),
    class("DateTimeException", "java.time.DateTimeException", "RuntimeException"),
    class("DateTimeParseException", "java.time.format.DateTimeParseException", "DateTimeException"),
    class("WrongMethodTypeException", "java.lang.invoke.WrongMethodTypeException", "RuntimeException"),
    class("PainlessError", "org.elasticsearch.painless.PainlessError", ""),
    class("StackOverflowError", "java.lang.StackOverflowError", ""),
    class("OutOfMemoryError", "java.lang.OutOfMemoryError", ""),
];

/// The class of a name.
pub(crate) fn find(name: &str) -> Option<&'static ExceptionClass> {
    CLASSES.iter().find(|class| class.name == name)
}

impl ExceptionClass {
    /// Whether it is another class or stands below it.
    pub(crate) fn is_a(&self, other: &Self) -> bool {
        self.name == other.name || find(self.parent).is_some_and(|parent| parent.is_a(other))
    }

    /// Elasticsearch's name: `null_pointer_exception`.
    pub(crate) fn snake_case(&self) -> String {
        let mut out = String::new();
        for c in self.name.chars() {
            if c.is_ascii_uppercase() && !out.is_empty() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        }
        out
    }
}

/// An exception on its way.
#[derive(Clone, Debug)]
pub(crate) struct Exception {
    pub(crate) class: &'static ExceptionClass,
    pub(crate) message: Option<String>,
    /// Where it was thrown; set by the innermost expression that knows its place.
    pub(crate) at: Option<usize>,
}

/// An exception as errors carry it.
pub(crate) type Thrown = Box<Exception>;

impl Exception {
    pub(crate) fn new(name: &'static str, message: impl Into<String>) -> Thrown {
        Self::bare(name, Some(message.into()))
    }

    /// An exception whose message may be null.
    pub(crate) fn bare(name: &'static str, message: Option<String>) -> Thrown {
        Box::new(Self { class: find(name).unwrap_or(&CLASSES[0]), message, at: None })
    }

    pub(crate) fn illegal_argument(message: impl Into<String>) -> Thrown {
        Self::new("IllegalArgumentException", message)
    }

    pub(crate) fn class_cast(message: impl Into<String>) -> Thrown {
        Self::new("ClassCastException", message)
    }

    pub(crate) fn null_pointer(message: impl Into<String>) -> Thrown {
        Self::new("NullPointerException", message)
    }

    /// What `toString` gives.
    pub(crate) fn text(&self) -> String {
        match &self.message {
            Some(message) => format!("{}: {message}", self.class.java),
            None => self.class.java.to_owned(),
        }
    }
}

impl From<crate::pattern::PatternError> for Thrown {
    fn from(error: crate::pattern::PatternError) -> Self {
        Exception::new(error.class, error.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parent_is_there_and_names_turn_to_elasticsearchs() {
        for class in CLASSES {
            assert!(class.parent.is_empty() || find(class.parent).is_some(), "{}", class.name);
            assert!(class.java.ends_with(class.name));
        }
        let format = find("NumberFormatException").unwrap();
        assert_eq!(format.snake_case(), "number_format_exception");
        assert!(format.is_a(find("RuntimeException").unwrap()));
        assert!(!find("PainlessError").unwrap().is_a(find("Exception").unwrap()));
    }
}
