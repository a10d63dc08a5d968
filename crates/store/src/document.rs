//! What the store reads from a document: the time, the terms, the words, the columns of a table.

use event::{Data, Doc, NodeId};
use jiff::Timestamp;

use crate::terms::{self, DIMENSIONS, Dimension, MAX_VALUE};
use crate::words::Words;

/// Fields of the document whose words nobody looks for: times, what is the same in every event, and what only
/// repeats other fields.
const NOT_INDEXED: [&str; 4] = ["@timestamp", "ecs", "data_stream", "related"];
/// The same inside `event`.
const NOT_INDEXED_EVENT: [&str; 9] =
    ["created", "ingested", "start", "end", "kind", "module", "provider", "dataset", "original"];

/// The field at a dotted path, through objects.
pub(crate) fn find(doc: &Doc, root: NodeId, path: &str) -> Option<NodeId> {
    path.split('.').try_fold(root, |at, name| doc.get_named(at, name))
}

/// Calls `each` with the text of a scalar, or of every scalar of an array.
fn scalars(doc: &Doc, id: NodeId, each: &mut impl FnMut(&str)) {
    match doc.data(id) {
        Data::Str(text) => each(doc.text(text)),
        Data::Array(_) => {
            for child in doc.children(id) {
                scalars(doc, child, each);
            }
        }
        Data::Object(_) | Data::Null => {}
        _ => {
            if let Some(text) = doc.scalar_text(id) {
                each(&text);
            }
        }
    }
}

/// Calls `each` with every value at a dotted path, through objects and the elements of arrays.
pub(crate) fn field_texts(doc: &Doc, root: NodeId, path: &str, each: &mut impl FnMut(&str)) {
    if let Data::Array(_) = doc.data(root) {
        for child in doc.children(root) {
            field_texts(doc, child, path, each);
        }
        return;
    }
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    match (doc.get_named(root, name), rest) {
        (Some(field), Some(rest)) => field_texts(doc, field, rest, each),
        (Some(field), None) => scalars(doc, field, each),
        (None, _) => {}
    }
}

/// The first text at a path; empty where there is none.
pub(crate) fn first_text(doc: &Doc, root: NodeId, path: &str) -> String {
    let mut first = String::new();
    field_texts(doc, root, path, &mut |text| {
        if first.is_empty() {
            text.clone_into(&mut first);
        }
    });
    first
}

/// The first of these fields that has a text.
pub(crate) fn first_of(doc: &Doc, root: NodeId, paths: &[&str]) -> String {
    paths.iter().map(|path| first_text(doc, root, path)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// Microseconds since 1970 of `@timestamp`: a text as Elasticsearch writes it, or milliseconds.
pub(crate) fn time(doc: &Doc, root: NodeId) -> Option<i64> {
    let id = doc.get_named(root, "@timestamp")?;
    let time = match doc.as_str(id) {
        Some(text) => text.parse().ok(),
        None => Timestamp::from_millisecond(doc.as_i64(id)?).ok(),
    };
    time.map(Timestamp::as_microsecond)
}

/// Whether the pipeline of an event failed.
pub(crate) fn failed(doc: &Doc, root: NodeId) -> bool {
    find(doc, root, "event.kind").and_then(|id| doc.as_str(id)) == Some("pipeline_error")
}

/// The dataset that a document names, or else its data stream, `logs-<dataset>-<namespace>`.
pub(crate) fn dataset(doc: &Doc, root: NodeId, stream: &str) -> String {
    let own = first_text(doc, root, "data_stream.dataset");
    if own.is_empty() { stream.split('-').nth(1).unwrap_or_default().to_owned() } else { own }
}

/// The terms of a document, empty where it has no value in any field of the dimension.
pub(crate) fn terms(doc: &Doc, root: NodeId, stream: &str) -> [String; DIMENSIONS] {
    Dimension::ALL.map(|dimension| {
        let mut fields: Vec<_> = dimension.fields().iter().map(|field| values(doc, root, field)).collect();
        match dimension {
            Dimension::Kind => {
                let dataset = dataset(doc, root, stream);
                fields.push(if dataset.is_empty() { Vec::new() } else { vec![cut(&dataset).to_owned()] });
            }
            Dimension::Stream => fields.push(vec![stream.to_owned()]),
            Dimension::User | Dimension::Scope => {}
        }
        terms::text(&fields)
    })
}

/// The distinct values of a field.
fn values(doc: &Doc, root: NodeId, field: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    field_texts(doc, root, field, &mut |text| {
        let text = cut(text);
        if !text.is_empty() && !values.iter().any(|value| value == text) {
            values.push(text.to_owned());
        }
    });
    values
}

fn cut(value: &str) -> &str {
    &value[..value.floor_char_boundary(MAX_VALUE)]
}

/// Whether the words of a field are indexed.
pub(crate) fn is_indexed(path: &str) -> bool {
    let mut names = path.split('.');
    let (first, second) = (names.next().unwrap_or_default(), names.next());
    let hidden_event = || second.is_some_and(|name| NOT_INDEXED_EVENT.contains(&name));
    !NOT_INDEXED.contains(&first) && (first != "event" || !hidden_event())
}

/// Whether a value is indexed whatever its type: not what may be a fraction, a huge number or a boolean.
pub(crate) fn is_indexed_text(value: &str) -> bool {
    value.parse::<f64>().is_err() && value.parse::<bool>().is_err() || value.parse::<i64>().is_ok()
}

/// Calls `each` with every indexed text and whole number.
pub(crate) fn texts(doc: &Doc, root: NodeId, each: &mut impl FnMut(&str)) {
    let failed = failed(doc, root);
    for field in doc.children(root) {
        let name = doc.key(field);
        if NOT_INDEXED.contains(&name) {
            continue;
        }
        if name != "event" {
            leaves(doc, field, each);
            continue;
        }
        for part in doc.children(field) {
            let name = doc.key(part);
            if !NOT_INDEXED_EVENT.contains(&name) || (failed && name == "original") {
                leaves(doc, part, each);
            }
        }
    }
}

fn leaves(doc: &Doc, id: NodeId, each: &mut impl FnMut(&str)) {
    match doc.data(id) {
        Data::Str(text) => each(doc.text(text)),
        Data::Int(_) | Data::Long(_) => {
            if let Some(text) = doc.scalar_text(id) {
                each(&text);
            }
        }
        Data::Array(_) | Data::Object(_) => {
            for child in doc.children(id) {
                leaves(doc, child, each);
            }
        }
        _ => {}
    }
}

/// Replaces what is in `words` by the words of a document.
pub(crate) fn words(doc: &Doc, root: NodeId, words: &mut Words) {
    words.clear();
    texts(doc, root, &mut |text| words.add(text));
}
