//! Which item of a response belongs to which document.
//!
//! Servers may answer in another order than they were asked, so items are matched by `_id`. Two things keep that from
//! being a plain look-up. One batch can hold an `_id` twice: its items are given out in turn. And a document that went
//! to the failure store is answered under an `_id` that the server made up: such items go to the documents that no
//! other item names, which is exact as long as both are equally many.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use event::{DocumentBatch, Verdict};

use super::outcome::Outcome;
use super::response::{BulkResponse, ItemBody};

/// An outcome for each document of a request, in the request's order.
pub(crate) type Answers = Vec<Outcome>;

/// Reads the response to a request for `documents`. The error says why it is not a whole answer.
pub(crate) fn read(batch: &DocumentBatch, documents: &[u32], body: &[u8]) -> Result<Answers, String> {
    let ids: Vec<Id<'_>> = documents.iter().map(|&document| id(batch, document)).collect();
    answers(&ids, body)
}

fn answers(ids: &[Id<'_>], body: &[u8]) -> Result<Answers, String> {
    // As one text: its many short ones are not looked at one by one then.
    let text = std::str::from_utf8(body).map_err(|error| format!("not a bulk response ({error})"))?;
    let response: BulkResponse<'_> =
        serde_json::from_str(text).map_err(|error| format!("not a bulk response ({error})"))?;
    let items: Vec<ItemBody<'_>> = response.items.into_iter().map(|item| item.0).collect();
    if items.len() != ids.len() {
        return Err(format!("{} items for {} documents", items.len(), ids.len()));
    }
    let order = if in_order(ids, &items) { None } else { Some(places(ids, &items)?) };
    let item = |place: usize| order.as_ref().map_or(place, |order| order[place]);
    let outcomes = (0..items.len()).map(|place| items[item(place)].outcome());
    outcomes.collect::<Option<Answers>>().ok_or_else(|| "an item without a status".to_owned())
}

/// The bytes of an `_id` as the server shows it, without the escapes of JSON.
type Id<'a> = Cow<'a, [u8]>;

fn id(batch: &DocumentBatch, document: u32) -> Id<'_> {
    let id = batch.id_bytes(&batch.documents[document as usize]);
    if !id.contains(&b'\\') {
        return Cow::Borrowed(id);
    }
    let plain = serde_json::from_slice::<String>(&[b"\"", id, b"\""].concat());
    plain.map_or(Cow::Borrowed(id), |plain| Cow::Owned(plain.into_bytes()))
}

fn named<'a>(item: &'a ItemBody<'_>) -> Option<&'a str> {
    item.id.as_ref().map(|id| &*id.0)
}

fn in_order(ids: &[Id<'_>], items: &[ItemBody<'_>]) -> bool {
    ids.iter().zip(items).all(|(id, item)| named(item).map(str::as_bytes) == Some(id))
}

/// For each document the place of its item.
fn places(ids: &[Id<'_>], items: &[ItemBody<'_>]) -> Result<Vec<usize>, String> {
    let mut by_id: HashMap<&[u8], VecDeque<usize>> = HashMap::with_capacity(ids.len());
    for (place, id) in ids.iter().enumerate() {
        by_id.entry(id).or_default().push_back(place);
    }
    let mut order = vec![None; ids.len()];
    let mut made_up = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match named(item).and_then(|id| by_id.get_mut(id.as_bytes())).and_then(VecDeque::pop_front) {
            Some(place) => order[place] = Some(index),
            None if item.outcome() == Some(Outcome::Known(Verdict::Diverted)) => made_up.push(index),
            None => {
                return Err(format!("an item for [{}], which was not sent", named(item).unwrap_or_default()));
            }
        }
    }
    let mut made_up = made_up.into_iter();
    let filled = order.into_iter().map(|place| place.or_else(|| made_up.next()));
    filled.collect::<Option<Vec<usize>>>().ok_or_else(|| "documents without an item".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const CREATED: Outcome = Outcome::Known(Verdict::Created);
    const THERE: Outcome = Outcome::Known(Verdict::AlreadyThere);
    const DIVERTED: Outcome = Outcome::Known(Verdict::Diverted);

    fn read(ids: &[&str], items: &[(&str, u16, bool)]) -> Result<Answers, String> {
        let ids: Vec<Id<'_>> = ids.iter().map(|&id| Cow::Borrowed(id.as_bytes())).collect();
        let items = items.iter().map(|&(id, status, diverted)| match diverted {
            true => json!({"create": {"_id": id, "status": status, "failure_store": "used"}}),
            false => json!({"create": {"_id": id, "status": status}}),
        });
        answers(&ids, json!({"items": items.collect::<Vec<_>>()}).to_string().as_bytes())
    }

    #[test]
    fn items_go_by_id() {
        let answers = read(&["a", "b", "c"], &[("c", 409, false), ("a", 201, false), ("b", 409, false)]);
        assert_eq!(answers.unwrap(), [CREATED, THERE, THERE]);
    }

    #[test]
    fn an_id_that_is_there_twice_gets_both_its_items() {
        let answers = read(&["a", "b", "a"], &[("a", 201, false), ("a", 409, false), ("b", 201, false)]);
        assert_eq!(answers.unwrap(), [CREATED, CREATED, THERE]);
    }

    #[test]
    fn what_the_failure_store_took_has_an_id_of_the_server() {
        let answers = read(&["a", "b", "c"], &[("a", 201, false), ("made-up", 201, true), ("c", 201, false)]);
        assert_eq!(answers.unwrap(), [CREATED, DIVERTED, CREATED]);
        let answers = read(&["a", "b", "c"], &[("x", 201, true), ("y", 201, true), ("a", 409, false)]);
        assert_eq!(answers.unwrap(), [THERE, DIVERTED, DIVERTED]);
    }

    #[test]
    fn items_of_others_are_no_answer() {
        assert!(read(&["a", "b"], &[("a", 201, false), ("x", 201, false)]).is_err());
        assert!(read(&["a", "b"], &[("a", 201, false), ("a", 409, false)]).is_err());
        assert!(read(&["a", "b"], &[("a", 201, false)]).is_err());
        assert!(read(&["a"], &[("a", 201, false), ("b", 201, false)]).is_err());
    }

    proptest! {
        #[test]
        fn the_order_of_items_does_not_matter(
            statuses in proptest::collection::vec(prop_oneof![Just(201u16), Just(409), Just(429), Just(500)], 1..30),
            shuffle in any::<u64>(),
        ) {
            let ids: Vec<String> = (0..statuses.len()).map(|n| format!("id{n}")).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut items: Vec<_> = ids.iter().zip(&statuses).map(|(&id, &status)| (id, status, false)).collect();
            let in_order = read(&ids, &items);
            items.sort_by_key(|(id, ..)| id.bytes().fold(shuffle, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)));
            prop_assert_eq!(read(&ids, &items), in_order);
        }
    }
}
