//! Documents of events that no pipeline could turn into one.
//!
//! The shipped pipelines handle their own failures, with what they know so far. Here are those of pipelines without
//! `on_failure`, and events that are no text.

use event::{Data, Doc, Key, NodeId};
use ingest::Failure;

use crate::base::PRESERVE_ORIGINAL;

/// What is said of a failure: processor, tag, pipeline and cause.
pub fn message(failure: &Failure) -> String {
    let cause = failure.root_message();
    match &failure.origin {
        Some(origin) => format!(
            "processor [{}] with tag [{}] in pipeline [{}] failed: {cause}",
            origin.processor_type,
            origin.tag.as_deref().unwrap_or_default(),
            origin.pipeline
        ),
        None => cause.to_owned(),
    }
}

/// The text of bytes that are not UTF-8: what is wrong stands as `\xNN`. The second value says what and where.
pub fn escape_invalid(bytes: &[u8]) -> (String, String) {
    let mut text = String::with_capacity(bytes.len() + 16);
    let mut first = None;
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        at += chunk.valid().len();
        for byte in chunk.invalid() {
            first.get_or_insert((at, *byte));
            text.push_str(&format!("\\x{byte:02X}"));
        }
        at += chunk.invalid().len();
    }
    let (at, byte) = first.unwrap_or_default();
    (
        text,
        format!(
            "the event is not UTF-8: byte 0x{byte:02X} at offset {at} of the event; it is kept as \\x{byte:02X}"
        ),
    )
}

/// Puts the raw event of a document that its pipeline is done with where it belongs in one that failed.
pub(crate) fn keep_original(doc: &mut Doc, text: &str) {
    let event = object(doc, Doc::SOURCE, &Key::new("event"));
    let text = doc.string(text);
    doc.put(event, &Key::new("original"), text);
    doc.remove(Doc::SOURCE, &Key::new("message"));
}

/// Marks a document as failed: the raw event moves from `message` to `event.original`, `event.kind` and
/// `error.message` say what happened, behind what the pipeline says. `ingested` is the time of normalization.
pub(crate) fn mark(doc: &mut Doc, reason: &str, ingested: &str) {
    let key = Key::new;
    let event = object(doc, Doc::SOURCE, &key("event"));
    if let Some(message) = doc.remove(Doc::SOURCE, &key("message")) {
        doc.put(event, &key("original"), message);
    }
    for (name, text) in [("kind", "pipeline_error"), ("ingested", ingested)] {
        let text = doc.string(text);
        doc.put(event, &key(name), text);
    }
    let error = object(doc, Doc::SOURCE, &key("error"));
    let said = list(doc, error, &key("message"));
    let text = doc.string(reason);
    doc.push(said, text);
    let tags = list(doc, Doc::SOURCE, &key("tags"));
    if !doc.children(tags).any(|tag| doc.as_str(tag) == Some(PRESERVE_ORIGINAL)) {
        let tag = doc.string(PRESERVE_ORIGINAL);
        doc.push(tags, tag);
    }
}

/// The array of that name; a single value becomes one.
fn list(doc: &mut Doc, parent: NodeId, key: &Key) -> NodeId {
    let found = doc.get(parent, key);
    if let Some(found) = found
        && matches!(doc.data(found), Data::Array(_))
    {
        return found;
    }
    let made = doc.node(Data::EMPTY_ARRAY);
    doc.put(parent, key, made);
    if let Some(found) = found {
        doc.push(made, found);
    }
    made
}

fn object(doc: &mut Doc, parent: NodeId, key: &Key) -> NodeId {
    match doc.get(parent, key) {
        Some(found) if matches!(doc.data(found), Data::Object(_)) => found,
        _ => {
            let made = doc.node(Data::EMPTY_OBJECT);
            doc.put(parent, key, made);
            made
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_shown_and_named() {
        let (text, reason) = escape_invalid(b"a\xff\xc3b\xc3\xa9");
        assert_eq!(text, "a\\xFF\\xC3bé");
        assert_eq!(reason, "the event is not UTF-8: byte 0xFF at offset 1 of the event; it is kept as \\xFF");
    }
}
