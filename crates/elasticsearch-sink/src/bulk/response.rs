//! The `_bulk` response, read without copying.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A text of the response, borrowed where it holds no escapes.
#[derive(Debug, Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// The whole response. Without `items` it is none.
#[derive(Debug, Deserialize)]
pub(crate) struct BulkResponse<'a> {
    #[serde(borrow)]
    pub(crate) items: Vec<Item<'a>>,
}

/// What became of one document: the value beside the name of its action.
#[derive(Debug)]
pub(crate) struct Item<'a>(pub(crate) ItemBody<'a>);

/// The parts of an item that its verdict depends on.
#[derive(Debug, Deserialize)]
pub(crate) struct ItemBody<'a> {
    /// Of the document sent, or one that the server made up for a document in the failure store.
    #[serde(borrow, rename = "_id")]
    pub(crate) id: Option<Text<'a>>,
    pub(crate) status: Option<u16>,
    #[serde(borrow)]
    pub(crate) error: Option<Cause<'a>>,
    /// `used`: the data stream's failure store has the document, the data stream has not.
    #[serde(borrow)]
    pub(crate) failure_store: Option<Text<'a>>,
}

/// Why something failed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Cause<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) caused_by: Option<Box<Self>>,
}

/// The body of a request that failed as a whole.
#[derive(Debug, Deserialize)]
pub(crate) struct Failure<'a> {
    #[serde(borrow)]
    pub(crate) error: Cause<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneAction;
        impl<'de> Visitor<'de> for OneAction {
            type Value = Item<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with one action")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item<'de>, A::Error> {
                let missing = serde::de::Error::custom("an item without an action");
                let (_, body) = map.next_entry::<IgnoredAny, ItemBody<'de>>()?.ok_or(missing)?;
                Ok(Item(body))
            }
        }
        deserializer.deserialize_map(OneAction)
    }
}

impl Cause<'_> {
    /// The exception's type, empty where none is given.
    pub(crate) fn kind(&self) -> &str {
        self.kind.as_ref().map_or("", |kind| &kind.0)
    }

    /// Type, reason and causes in one line of bounded length, without control characters.
    pub(crate) fn words(&self) -> String {
        let causes = std::iter::successors(Some(self), |cause| cause.caused_by.as_deref());
        let mut words = String::new();
        for cause in causes.take(5) {
            for part in [&cause.kind, &cause.reason].into_iter().flatten() {
                words.push_str(if words.is_empty() { "" } else { ": " });
                words.extend(part.0.chars().map(|c| if c.is_control() { ' ' } else { c }).take(600));
            }
        }
        words
    }
}

/// The cause of a request that failed as a whole; an answer that is no JSON of these servers gives none.
pub(crate) fn failure(body: &[u8]) -> Cause<'_> {
    serde_json::from_slice::<Failure<'_>>(body).map(|failure| failure.error).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_borrowed_and_causes_joined() {
        let body = br#"{"took":1,"errors":true,"items":[
            {"create":{"_index":"i","_id":"a","status":201,"_shards":{"total":1}}},
            {"create":{"_id":"b","status":400,"error":{"type":"document_parsing_exception","reason":"bad\nline",
              "caused_by":{"type":"illegal","reason":"why","caused_by":null}}}},
            {"create":{"_id":"c","status":201,"failure_store":"used"}}]}"#;
        let response: BulkResponse<'_> = serde_json::from_slice(body).unwrap();
        let items: Vec<_> = response.items.iter().map(|item| &item.0).collect();
        assert!(matches!(&items[0].id, Some(Text(Cow::Borrowed("a")))));
        assert_eq!(
            items[1].error.as_ref().unwrap().words(),
            "document_parsing_exception: bad line: illegal: why"
        );
        assert_eq!(items[2].failure_store.as_ref().unwrap().0, "used");
    }

    #[test]
    fn what_is_not_a_whole_response_is_none() {
        for body in
            ["", "<html>", "{}", r#"{"items":[{}]}"#, r#"{"items":[{"create":{"status":201}}"#, "[]", "null"]
        {
            assert!(serde_json::from_str::<BulkResponse<'_>>(body).is_err(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for item in serde_json::from_slice::<BulkResponse<'_>>(&bytes).into_iter().flat_map(|all| all.items) {
                prop_assert!(item.0.outcome().is_none() || item.0.status.is_some());
            }
            failure(&bytes).words();
        }
    }
}
