//! Which item of a response belongs to which document.
//!
//! Servers may answer in another order than they were asked, so items are matched by `_id`. Two things keep that from
//! being a plain look-up. One batch can hold an `_id` twice: its items are given out in turn. And a document that went
//! to the failure store is answered under an `_id` that the server made up: such items go to the documents that no
//! other item names, which is exact as long as both are equally many.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::VecDeque;

use event::{DocumentBatch, Verdict};

use super::outcome::Outcome;
use super::response::{BulkResponse, ItemBody};

/// An outcome for each document of a request, in the request's order.
pub(crate) type Answers = Vec<Outcome>;

/// Reads the response to a request for `documents`. The error says why it is not a whole answer.
pub(crate) fn read(batch: &DocumentBatch, documents: &[u32], body: &[u8]) -> Result<Answers, String> {
    let response: BulkResponse<'_> =
        serde_json::from_slice(body).map_err(|error| format!("not a bulk response ({error})"))?;
    let items: Vec<ItemBody<'_>> = response.items.into_iter().map(|item| item.0).collect();
    if items.len() != documents.len() {
        return Err(format!("{} items for {} documents", items.len(), documents.len()));
    }
    let ids: Vec<Cow<'_, str>> = documents.iter().map(|&document| id(batch, document)).collect();
    let order = if in_order(&ids, &items) { None } else { Some(places(&ids, &items)?) };
    let item = |place: usize| order.as_ref().map_or(place, |order| order[place]);
    let outcomes = (0..items.len()).map(|place| items[item(place)].outcome());
    outcomes.collect::<Option<Answers>>().ok_or_else(|| "an item without a status".to_owned())
}

/// A document's `_id` as the server shows it, without the escapes of JSON.
fn id(batch: &DocumentBatch, document: u32) -> Cow<'_, str> {
    let id = batch.id(&batch.documents[document as usize]);
    match id.contains('\\') {
        true => serde_json::from_str(&format!("\"{id}\"")).map_or(Cow::Borrowed(id), Cow::Owned),
        false => Cow::Borrowed(id),
    }
}

fn named<'a>(item: &'a ItemBody<'_>) -> Option<&'a str> {
    item.id.as_ref().map(|id| &*id.0)
}

fn in_order(ids: &[Cow<'_, str>], items: &[ItemBody<'_>]) -> bool {
    ids.iter().zip(items).all(|(id, item)| named(item) == Some(id))
}

/// For each document the place of its item.
fn places(ids: &[Cow<'_, str>], items: &[ItemBody<'_>]) -> Result<Vec<usize>, String> {
    let mut by_id: HashMap<&str, VecDeque<usize>> = HashMap::with_capacity(ids.len());
    for (place, id) in ids.iter().enumerate() {
        by_id.entry(id).or_default().push_back(place);
    }
    let mut order = vec![None; ids.len()];
    let mut made_up = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match named(item).and_then(|id| by_id.get_mut(id)).and_then(VecDeque::pop_front) {
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
