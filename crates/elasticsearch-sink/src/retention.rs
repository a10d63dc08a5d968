//! How long events are kept, in days.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// A retention, `365d`: the age after rollover at which an index is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention(NonZeroU32);

impl FromStr for Retention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let days = text.trim().strip_suffix('d').and_then(|days| days.parse().ok());
        days.map(Self).ok_or_else(|| format!("[{text}] is no retention: write whole days, 365d for instance"))
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

impl<'de> Deserialize<'de> for Retention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_days_and_nothing_else() {
        assert_eq!("365d".parse::<Retention>().unwrap().to_string(), "365d");
        for bad in ["", "365", "0d", "1h", "-1d", "d"] {
            assert!(bad.parse::<Retention>().is_err(), "{bad}");
        }
    }
}
