//! What users are called.

use std::fmt;
use std::sync::Arc;

/// The longest name.
const MAX: usize = 64;

/// A name that can stand in logs, pages and command lines as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// A text that is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no name of a user: it has 1 to 64 letters (a-z), digits, and `.`, `_`, `-`, `@` or `+`, and begins with a letter or \
     digit, ada or ada@example.com for instance"
)]
pub struct InvalidName(String);

impl Name {
    /// Reads a name.
    ///
    /// # Errors
    /// [`InvalidName`] says what names are like.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+');
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && text.len() <= MAX && text.chars().all(fits) {
            return Ok(Self(text.into()));
        }
        Err(InvalidName(text.chars().take(MAX).collect()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        for name in ["a", "7", "ada", "Ada.Byron-2_x", "ada+logs@example.com", &"x".repeat(64)] {
            assert_eq!(Name::new(name).unwrap().as_str(), name);
        }
        for name in ["", " ", "-a", "@x", "a b", "a\n", "ä", "a/b", "<b>", "a\u{0}", &"x".repeat(65)] {
            let error = Name::new(name).unwrap_err().to_string();
            assert!(error.contains("is no name of a user") && error.len() < 700, "{error}");
            assert!(!error.contains('\n') && !error.contains('\0'), "{error}");
        }
    }
}
