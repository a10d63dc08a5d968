//! What the store reads from a document: the time, the terms, the words, the columns of a table.

use event::{Data, Doc, NodeId};
use jiff::Timestamp;

use crate::terms::{DIMENSIONS, Dimension, MAX_VALUE, Writing};
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
        let mut term = Writing::default();
        for field in dimension.fields() {
            term.begin_field();
            field_texts(doc, root, field, &mut |text| term.add(cut(text)));
        }
        match dimension {
            Dimension::Kind => {
                term.begin_field();
                term.add(cut(&dataset(doc, root, stream)));
            }
            Dimension::Stream => {
                term.begin_field();
                term.add_anything(stream);
            }
            Dimension::User | Dimension::Scope => {}
        }
        term.finish()
    })
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

/// Replaces what is in `words` by the words of a document, and the values of its fields that are no words.
pub(crate) fn words(doc: &Doc, root: NodeId, words: &mut Words) {
    words.clear();
    texts(doc, root, &mut |text| words.add(text));
    values_in(doc, root, &Path { name: "", above: None }, words);
}

/// Where a field is, from the field up.
struct Path<'a> {
    name: &'a str,
    above: Option<&'a Self>,
}

impl Path<'_> {
    /// As it is written in a filter; `None` for one that no filter can name, since a name in it has a dot.
    fn written(&self) -> Option<String> {
        let names: Vec<&str> = std::iter::successors(Some(self), |path| path.above)
            .filter(|path| path.above.is_some())
            .map(|path| path.name)
            .collect();
        let has_dot = names.iter().any(|name| name.contains('.'));
        (!has_dot).then(|| names.into_iter().rev().collect::<Vec<_>>().join("."))
    }
}

/// Adds the values below a field, or below the elements of arrays there, that are no words.
fn values_in(doc: &Doc, id: NodeId, path: &Path<'_>, words: &mut Words) {
    let add = |text: &str, words: &mut Words| {
        if let Some(written) = path.written().filter(|written| is_indexed(written)) {
            words.add_value(&written, text);
        }
    };
    match doc.data(id) {
        Data::Object(_) => {
            for child in doc.children(id) {
                values_in(doc, child, &Path { name: doc.key(child), above: Some(path) }, words);
            }
        }
        Data::Array(_) => {
            for child in doc.children(id) {
                values_in(doc, child, path, words);
            }
        }
        Data::Str(text) => {
            let text = doc.text(text);
            if may_be_number(text) && !is_indexed_text(text) {
                add(text, words);
            }
        }
        Data::Int(_) | Data::Long(_) | Data::Null => {}
        _ => {
            if let Some(text) = doc.scalar_text(id) {
                add(&text, words);
            }
        }
    }
}

/// Whether a text begins like a number or a boolean: what [`is_indexed_text`] takes for one does.
fn may_be_number(text: &str) -> bool {
    matches!(
        text.as_bytes().first(),
        Some(b'0'..=b'9' | b'.' | b'-' | b'+' | b'i' | b'I' | b'n' | b'N' | b't' | b'f')
    )
}
