//! `append`: adds values to a list.

use event::{Data, Doc, FieldPath, NodeId};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::Field;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};
use crate::value::From;

pub(super) const INFO: Info = Info {
    name: "append",
    summary: "Adds one or more values to a list; a field that is no list becomes one.",
    options: &[
        ("field", "", "field to add to; may be a template"),
        ("value", "", "value or list of values, unless copy_from is given; strings may be templates"),
        ("copy_from", "", "field whose value or values are added, unless value is given; may be a template"),
        ("allow_duplicates", "true", "whether values that are in the list already are added again"),
        ("ignore_empty_values", "false", "whether nulls and empty texts are not added"),
        ("media_type", "application/json", "what {{x}} in value is escaped for"),
    ],
    examples: &[
        Example {
            about: "a scalar becomes a list",
            processor: "append: {field: tags, value: [b, c]}",
            before: r#"{"tags":"a"}"#,
            after: Ok(r#"{"tags":["a","b","c"]}"#),
        },
        Example {
            about: "a missing field is made",
            processor: "append: {field: related.user, value: '{{u}}'}",
            before: r#"{"u":"x"}"#,
            after: Ok(r#"{"u":"x","related":{"user":["x"]}}"#),
        },
        Example {
            about: "duplicates can be left out",
            processor: "append: {field: a, value: [x, y], allow_duplicates: false}",
            before: r#"{"a":["x"]}"#,
            after: Ok(r#"{"a":["x","y"]}"#),
        },
        Example {
            about: "a scalar that gets nothing new stays a scalar",
            processor: "append: {field: a, value: [x], allow_duplicates: false}",
            before: r#"{"a":"x"}"#,
            after: Ok(r#"{"a":"x"}"#),
        },
        Example {
            about: "values may come from another field, and empty ones be left out",
            processor: "append: {field: a, copy_from: b, ignore_empty_values: true}",
            before: r#"{"a":["x"],"b":["","y",null]}"#,
            after: Ok(r#"{"a":["x","y"],"b":["","y",null]}"#),
        },
        Example {
            about: "a null is an element like any other",
            processor: "append: {field: a, value: x}",
            before: r#"{"a":null}"#,
            after: Ok(r#"{"a":[null,"x"]}"#),
        },
        Example {
            about: "a value in the way is an error",
            processor: "append: {field: a.b, value: x}",
            before: r#"{"a":"s"}"#,
            after: Err("cannot set [b] with parent object of type [java.lang.String] as part of path [a.b]"),
        },
    ],
    differences: &["a mistake in a template is told in words of the engine's own"],
    compile,
};

struct Append {
    field: Field,
    from: From,
    allow_duplicates: bool,
    ignore_empty: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.field("field")?;
    let from = From::compile(options)?;
    let allow_duplicates = options.boolean("allow_duplicates", true)?;
    let ignore_empty = options.boolean("ignore_empty_values", false)?;
    Ok(Box::new(Append { field, from, allow_duplicates, ignore_empty }))
}

impl Processor for Append {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        self.field.with_path(run.doc, |doc, path| {
            let added = match &self.from {
                From::Value(value) => value.make(doc),
                From::Copy(field) => field.with_path(doc, |doc, from| {
                    let node = doc.resolve(from)?;
                    Ok(doc.copy(node))
                })?,
            };
            if !self.ignore_empty || !without_empty(doc, added) {
                append(doc, path, added, self.allow_duplicates)?;
            }
            Ok(Flow::Continue)
        })
    }
}

/// Takes nulls and empty texts out of a list; whether nothing is left to add.
fn without_empty(doc: &mut Doc, added: NodeId) -> bool {
    let empty = |doc: &Doc, node: NodeId| match doc.data(node) {
        Data::Null => true,
        Data::Str(text) => text.is_empty(),
        _ => false,
    };
    if !matches!(doc.data(added), Data::Array(_)) {
        return empty(doc, added);
    }
    let mut next = doc.first_child(added);
    while let Some(value) = next {
        next = doc.next_sibling(value);
        if empty(doc, value) {
            doc.unlink(added, value);
        }
    }
    doc.is_empty(added)
}

fn append(doc: &mut Doc, path: &FieldPath, added: NodeId, allow_duplicates: bool) -> Result<(), Failure> {
    let Some(old) = doc.find(path) else {
        let list = match doc.data(added) {
            Data::Array(_) => added,
            _ => list_of(doc, added),
        };
        return Ok(doc.set(path, list)?);
    };
    let list = match doc.data(old) {
        Data::Array(_) => old,
        _ => {
            if !allow_duplicates && !any_new(doc, added, |doc, value| doc.equals(old, value)) {
                return Ok(());
            }
            let copy = doc.copy(old);
            let list = list_of(doc, copy);
            doc.set(path, list)?;
            list
        }
    };
    if !matches!(doc.data(added), Data::Array(_)) {
        add_one(doc, list, added, allow_duplicates);
        return Ok(());
    }
    let mut next = doc.first_child(added);
    while let Some(value) = next {
        next = doc.next_sibling(value);
        add_one(doc, list, value, allow_duplicates);
    }
    Ok(())
}

fn add_one(doc: &mut Doc, list: NodeId, value: NodeId, allow_duplicates: bool) {
    if allow_duplicates || !doc.children(list).any(|old| doc.equals(old, value)) {
        doc.push(list, value);
    }
}

/// Adds a value, or the elements of a list, to what a field has; duplicates too.
///
/// # Errors
/// When the field can not be set.
pub(super) fn add_to(doc: &mut Doc, path: &FieldPath, added: NodeId) -> Result<(), Failure> {
    append(doc, path, added, true)
}

fn list_of(doc: &mut Doc, first: NodeId) -> NodeId {
    let list = doc.node(Data::EMPTY_ARRAY);
    doc.push(list, first);
    list
}

fn any_new(doc: &Doc, added: NodeId, known: impl Fn(&Doc, NodeId) -> bool) -> bool {
    match doc.data(added) {
        Data::Array(_) => doc.children(added).any(|value| !known(doc, value)),
        _ => !known(doc, added),
    }
}
