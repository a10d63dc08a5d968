//! Values that must never be shown.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

/// A key or password. `Debug` shows that it is there, never what it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret over; white space around it, as a file's last newline is, does not belong to it.
    pub fn new(value: &str) -> Self {
        Self(value.trim().to_owned())
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "\"\"" } else { "[redacted]" })
    }
}

/// Where a secret stands: whoever needs it reads its file again, so that a new one is taken up while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// Here.
    Value(Secret),
    /// In a file.
    File(PathBuf),
}

impl SecretPlace {
    /// The place of a secret that settings give by value, or by the file that `file_key` names. `None`: by neither.
    ///
    /// # Errors
    /// What is wrong with the value: it is given beside a file, or empty.
    pub fn of(value: Option<Secret>, file_key: &str, file: Option<PathBuf>) -> Result<Option<Self>, String> {
        match (value, file) {
            (Some(_), Some(_)) => Err(format!("is given beside {file_key}: keep one of the two")),
            (Some(value), None) if value.expose().is_empty() => Err("is empty".to_owned()),
            (Some(value), None) => Ok(Some(Self::Value(value))),
            (None, file) => Ok(file.map(Self::File)),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|value| Self::new(&value))
    }
}
