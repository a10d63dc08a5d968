//! The parameters of a URL, each read as what it has to be. What does not fit is refused with a sentence, never bent until
//! it fits.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::Timestamp;

use crate::page::PageError;
use crate::question::{self, MAX_TEXT};

/// The parameters that were given.
pub(crate) struct Parameters<'a>(&'a [(String, String)]);

impl<'a> Parameters<'a> {
    /// Takes the names and values of a query, of which the names must be known and none may come twice.
    ///
    /// # Errors
    /// A sentence for a name or value that can not be.
    pub(crate) fn read(pairs: &'a [(String, String)], known: &[&str]) -> Result<Self, PageError> {
        for (at, (name, value)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                return Err(PageError::Bad(format!("There is no parameter {name:?}: there are {known}.")));
            }
            if pairs[..at].iter().any(|(other, _)| other == name) {
                return Err(PageError::Bad(format!("{name} is given twice: give it once.")));
            }
            if value.len() > MAX_TEXT {
                return Err(PageError::Bad(format!("{name} is longer than {MAX_TEXT} bytes: shorten it.")));
            }
        }
        Ok(Self(pairs))
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A text; an empty one is none.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    /// One of some texts; an empty one is none.
    ///
    /// # Errors
    /// It is none of them.
    pub(crate) fn choice<'c>(&self, name: &str, choices: &[&'c str]) -> Result<Option<&'c str>, PageError> {
        let Some(value) = self.text(name) else { return Ok(None) };
        let choice = choices.iter().find(|choice| **choice == value).copied();
        let one_of = if choices.len() > 1 { "one of " } else { "" };
        let unknown =
            || PageError::Bad(format!("{name} is {one_of}{}, and not {value:?}.", choices.join(", ")));
        choice.map(Some).ok_or_else(unknown)
    }

    /// A whole number.
    ///
    /// # Errors
    /// It is none, or out of its range.
    pub(crate) fn number<N>(&self, name: &str, range: RangeInclusive<N>, default: N) -> Result<N, PageError>
    where
        N: FromStr + PartialOrd + Display,
    {
        let Some(value) = self.value(name) else { return Ok(default) };
        value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            PageError::Bad(format!(
                "{name} is a whole number from {} to {}, and not {value:?}.",
                range.start(),
                range.end()
            ))
        })
    }

    /// A time; UTC where it does not say.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, PageError> {
        let read = |value| {
            question::time(value).map_err(|error| PageError::Bad(format!("{name} can not be read: {error}")))
        };
        self.value(name).map(read).transpose()
    }
}
