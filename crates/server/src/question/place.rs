//! Where a page begins, as it stands in a URL: behind an event of the store, or behind one of another destination.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use store::{Cursor, CursorError};

/// A page's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the store.
    Here(Cursor),
    /// In another destination.
    There(Edge),
}

/// Which way from an event that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Older,
    Newer,
}

/// The events on one side of one that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) way: Way,
    pub(crate) spot: Spot,
}

/// An event's place in the order of another destination, as `_search` tells and takes it.
///
/// Events of the same millisecond are told apart by their id and, where they have none or it is stored twice, by the index and by their
/// number in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Milliseconds since 1970.
    time: i64,
    /// `event.id`.
    id: Option<String>,
    index: String,
    /// `_seq_no`.
    number: i64,
}

impl Spot {
    /// What an event is put in order by.
    pub(crate) const FIELDS: [&str; 4] = ["@timestamp", "event.id", "_index", "_seq_no"];

    /// Reads the `sort` of a hit, or what it was written as; `None` for any other value.
    pub(crate) fn read(sort: &serde_json::Value) -> Option<Self> {
        let (time, id, index, number) = Deserialize::deserialize(sort).ok()?;
        Some(Self { time, id, index, number })
    }

    /// As `search_after` takes it.
    pub(crate) fn values(&self) -> serde_json::Value {
        serde_json::json!([self.time, self.id, self.index, self.number])
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(cursor) => cursor.fmt(f),
            Self::There(Edge { way, spot }) => {
                let way = match way {
                    Way::Older => "eo",
                    Way::Newer => "en",
                };
                write!(f, "{way}{}", URL_SAFE_NO_PAD.encode(spot.values().to_string()))
            }
        }
    }
}

impl FromStr for Place {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (way, spot) = match (text.strip_prefix("eo"), text.strip_prefix("en")) {
            (Some(spot), _) => (Way::Older, spot),
            (_, Some(spot)) => (Way::Newer, spot),
            _ => return text.parse().map(Self::Here),
        };
        let json = URL_SAFE_NO_PAD.decode(spot).map_err(|_| CursorError)?;
        let json = serde_json::from_slice(&json).map_err(|_| CursorError)?;
        let spot = Spot::read(&json).ok_or(CursorError)?;
        Ok(Self::There(Edge { way, spot }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_survive_their_text() {
        for sort in [json!([1_777_852_800_001_i64, "e9", ".ds-a", 8]), json!([-1, null, "ü\"", 0])] {
            let spot = Spot::read(&sort).unwrap();
            assert_eq!(spot.values(), sort);
            for way in [Way::Older, Way::Newer] {
                let place = Place::There(Edge { way, spot: spot.clone() });
                assert_eq!(place.to_string().parse(), Ok(place));
            }
        }
        assert!(matches!("o5_7".parse(), Ok(Place::Here(_))));
        for sort in
            [json!([1, "e", "i"]), json!(["x", "e", "i", 1]), json!([1, 2, "i", 1]), json!({}), json!([])]
        {
            assert_eq!(Spot::read(&sort), None, "{sort}");
            let text = format!("eo{}", URL_SAFE_NO_PAD.encode(sort.to_string()));
            assert!(text.parse::<Place>().is_err());
        }
        for text in ["e", "eo", "eo!", "en5", "eoW10"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
