//! `set`: puts a value into a field.

use event::doc::Place;
use event::{Data, Doc, FieldPath, Key};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::Field;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};
use crate::value::{From, ValueSource};

pub(super) const INFO: Info = Info {
    name: "set",
    summary: "Sets a field to a value, a filled template, or a copy of another field.",
    options: &[
        ("field", "", "field to set; may be a template"),
        ("value", "", "value to set, unless copy_from is given; its strings may be templates"),
        ("copy_from", "", "field to copy, unless value is given; may be a template"),
        ("override", "true", "whether a field that has a value other than null is set all the same"),
        (
            "ignore_empty_value",
            "false",
            "whether nothing is done when the value is null, an empty text, or missing",
        ),
        ("media_type", "application/json", "what {{x}} in value is escaped for"),
    ],
    examples: &[
        Example {
            about: "a template reads other fields",
            processor: "set: {field: event.action, value: '{{kind}}-{{{n}}}'}",
            before: r#"{"kind":"login","n":5}"#,
            after: Ok(r#"{"kind":"login","n":5,"event":{"action":"login-5"}}"#),
        },
        Example {
            about: "a copy is deep",
            processor: "set: {field: b, copy_from: a}",
            before: r#"{"a":{"x":[1]}}"#,
            after: Ok(r#"{"a":{"x":[1]},"b":{"x":[1]}}"#),
        },
        Example {
            about: "a null may be overwritten even without override",
            processor: "set: {field: a, value: 1, override: false}",
            before: r#"{"a":null}"#,
            after: Ok(r#"{"a":1}"#),
        },
        Example {
            about: "what is there stays without override",
            processor: "set: {field: a, value: 1, override: false}",
            before: r#"{"a":0}"#,
            after: Ok(r#"{"a":0}"#),
        },
        Example {
            about: "an empty template sets nothing when told so",
            processor: "set: {field: a, value: '{{b}}', ignore_empty_value: true}",
            before: "{}",
            after: Ok("{}"),
        },
        Example {
            about: "maps and lists may hold templates, in keys too",
            processor: "set: {field: z, value: {'x{{a}}': ['{{a}}', 1]}}",
            before: r#"{"a":"q"}"#,
            after: Ok(r#"{"a":"q","z":{"xq":["q",1]}}"#),
        },
        Example {
            about: "{{x}} is escaped for JSON, {{{x}}} is not",
            processor: "set: {field: z, value: '{{a}} {{{a}}}'}",
            before: r#"{"a":"x\"y"}"#,
            after: Ok(r#"{"a":"x\"y","z":"x\\\"y x\"y"}"#),
        },
        Example {
            about: "a field that is missing can not be copied",
            processor: "set: {field: z, copy_from: a.b}",
            before: r#"{"a":{}}"#,
            after: Err("field [b] not present as part of path [a.b]"),
        },
        Example {
            about: "a value in the way is an error",
            processor: "set: {field: a.b, value: 1}",
            before: r#"{"a":1}"#,
            after: Err("cannot set [b] with parent object of type [java.lang.Integer] as part of path [a.b]"),
        },
    ],
    differences: &["a mistake in a template is told in words of the engine's own"],
    compile,
};

struct Set {
    field: Field,
    from: From,
    overrides: bool,
    ignore_empty: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.field("field")?;
    let from = From::compile(options)?;
    let overrides = options.boolean("override", true)?;
    let ignore_empty = options.boolean("ignore_empty_value", false)?;
    Ok(match (field, from) {
        (Field::Fixed(path), From::Value(ValueSource::Text(text))) if overrides => {
            Box::new(SetText { path, text })
        }
        (field, from) => Box::new(Set { field, from, overrides, ignore_empty }),
    })
}

/// What most are: a text for a field that is known at load, whatever is there.
struct SetText {
    path: FieldPath,
    text: Key,
}

impl Processor for SetText {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let node = run.doc.constant_string(&self.text);
        run.doc.set(&self.path, node)?;
        Ok(Flow::Continue)
    }
}

impl Processor for Set {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        self.field.with_path(run.doc, |doc, path| {
            if !self.overrides && doc.find(path).is_some_and(|old| doc.data(old) != Data::Null) {
                return Ok(Flow::Continue);
            }
            self.put(doc, path)
        })
    }

    fn idle_without(&self) -> Place {
        match &self.from {
            From::Copy(Field::Fixed(path)) if self.ignore_empty => path.certain_place(),
            _ => Place::NONE,
        }
    }
}

impl Set {
    #[inline(never)]
    fn put(&self, doc: &mut Doc, path: &FieldPath) -> Result<Flow, Failure> {
        // A constant is set as it is, an empty one too.
        let mut may_be_empty = !self.ignore_empty;
        let node = match &self.from {
            From::Value(value) => {
                may_be_empty |= !matches!(value, ValueSource::Template(_));
                value.make(doc)
            }
            From::Copy(field) => {
                match field.with_path(doc, |doc, from| Ok(doc.resolve(from).map(|node| doc.copy(node))))? {
                    Ok(copy) => copy,
                    Err(_) if self.ignore_empty => return Ok(Flow::Continue),
                    Err(error) => return Err(error.into()),
                }
            }
        };
        if may_be_empty || !is_empty(doc, node) {
            doc.set(path, node)?;
        }
        Ok(Flow::Continue)
    }
}

fn is_empty(doc: &Doc, node: event::NodeId) -> bool {
    match doc.data(node) {
        Data::Null => true,
        Data::Str(text) => text.is_empty(),
        _ => false,
    }
}
