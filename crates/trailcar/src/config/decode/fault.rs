//! Why a value can not be decoded.

use serde::de;

/// Why a value can not be decoded.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is noted already.
    Told,
    /// Nothing is left of it: what it held is noted and given up.
    Hollow,
    /// A key that must be there is not.
    Missing(&'static str),
    /// What to do about the value.
    Says(String),
    /// What a library says of the value, which it may repeat.
    Quotes(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Told | Self::Hollow => f.write_str("it is wrong"),
            Self::Missing(key) => write!(f, "{key} is missing"),
            Self::Says(message) | Self::Quotes(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Quotes(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}
