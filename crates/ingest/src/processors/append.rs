//! `append`: adds values to a list.

use event::{Data, Doc, NodeId};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::Field;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};
use crate::value::ValueSource;

pub(super) const INFO: Info = Info {
    name: "append",
    summary: "Adds one or more values to a list; a field that is no list becomes one.",
    options: &[
        ("field", "", "field to add to; may be a template"),
        ("value", "", "value or list of values; strings may be templates"),
        ("allow_duplicates", "true", "whether values that are in the list already are added again"),
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
    compile,
};

struct Append {
    field: Field,
    value: ValueSource,
    allow_duplicates: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.field("field")?;
    let value = options.required("value")?;
    let media = options.media_type()?;
    let value = options.value("value", &value, media)?;
    let allow_duplicates = options.boolean("allow_duplicates", true)?;
    Ok(Box::new(Append { field, value, allow_duplicates }))
}

impl Processor for Append {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let path = self.field.path(doc)?;
        let added = self.value.make(doc);
        let Some(old) = doc.find(&path) else {
            let list = match doc.data(added) {
                Data::Array(_) => added,
                _ => list_of(doc, added),
            };
            doc.set(&path, list)?;
            return Ok(Flow::Continue);
        };
        let list = match doc.data(old) {
            Data::Array(_) => old,
            _ => {
                if !self.allow_duplicates && !any_new(doc, added, |doc, value| doc.equals(old, value)) {
                    return Ok(Flow::Continue);
                }
                let copy = doc.copy(old);
                let list = list_of(doc, copy);
                doc.set(&path, list)?;
                list
            }
        };
        self.add(doc, list, added);
        Ok(Flow::Continue)
    }
}

impl Append {
    /// Moves a value, or the elements of a list, to the end of a list.
    fn add(&self, doc: &mut Doc, list: NodeId, added: NodeId) {
        if !matches!(doc.data(added), Data::Array(_)) {
            self.add_one(doc, list, added);
            return;
        }
        let mut next = doc.first_child(added);
        while let Some(value) = next {
            next = doc.next_sibling(value);
            self.add_one(doc, list, value);
        }
    }

    fn add_one(&self, doc: &mut Doc, list: NodeId, value: NodeId) {
        if self.allow_duplicates || !doc.children(list).any(|old| doc.equals(old, value)) {
            doc.push(list, value);
        }
    }
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
