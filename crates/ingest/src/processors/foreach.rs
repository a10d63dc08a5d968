//! `foreach`: runs a processor on every element.

use event::doc::Place;
use event::{Data, Doc, FieldPath, Key, NodeId};
use serde_json::Value;
use smallvec::SmallVec;

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options, wrong_type};
use crate::pipeline::{Flow, Processor, Run, Step};

pub(super) const INFO: Info = Info {
    name: "foreach",
    summary: "Runs a processor on every element of a list or every field of an object.",
    options: &[
        ("field", "", "list or object"),
        ("processor", "", "the processor; _ingest._value is the element, _ingest._key the name of a field"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "elements are changed in place",
            processor: "foreach: {field: a, processor: {uppercase: {field: _ingest._value}}}",
            before: r#"{"a":["x","y"]}"#,
            after: Ok(r#"{"a":["X","Y"]}"#),
        },
        Example {
            about: "fields of an object, and their names",
            processor: "foreach: {field: a, processor: {set: {field: _ingest._key, value: '{{_ingest._key}}{{_ingest._value}}'}}}",
            before: r#"{"a":{"x":1,"y":2}}"#,
            after: Ok(r#"{"a":{"x1":1,"y2":2}}"#),
        },
        Example {
            about: "a field whose name is emptied is gone",
            processor: "foreach: {field: a, processor: {set: {field: _ingest._key, value: '{{_ingest._value.n}}'}}}",
            before: r#"{"a":{"x":{"n":"y"},"z":{"n":""}}}"#,
            after: Ok(r#"{"a":{"y":{"n":"y"}}}"#),
        },
        Example {
            about: "what is neither is an error",
            processor: "foreach: {field: a, processor: {uppercase: {field: _ingest._value}}}",
            before: r#"{"a":"x"}"#,
            after: Err("field [a] of type [java.lang.String] cannot be cast to [java.util.List]"),
        },
        Example {
            about: "null is an error",
            processor: "foreach: {field: a, processor: {uppercase: {field: _ingest._value}}}",
            before: r#"{"a":null}"#,
            after: Err("field [a] is null, cannot loop over its elements."),
        },
    ],
    differences: &[],
    compile,
};

struct Foreach {
    field: FieldPath,
    step: Step,
    ignore_missing: bool,
    value: Key,
    key: Key,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let ignore_missing = options.boolean("ignore_missing", false)?;
    let processor = options.required("processor")?;
    match &processor {
        Value::Object(fields) if fields.len() == 1 => {}
        Value::Object(_) => {
            return Err(OptionError::of("processor", "Must specify exactly one processor type"));
        }
        other => return Err(wrong_type("processor", "a map", other)),
    }
    let place = format!("{}.processor", options.place);
    let Some(step) = options.compiler.step(processor, &place) else {
        return Err(OptionError::told());
    };
    Ok(Box::new(Foreach { field, step, ignore_missing, value: Key::new("_value"), key: Key::new("_key") }))
}

impl Processor for Foreach {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let node = match run.doc.resolve(&self.field) {
            Ok(node) => node,
            Err(_) if self.ignore_missing => return Ok(Flow::Continue),
            Err(error) => return Err(error.into()),
        };
        match run.doc.data(node) {
            Data::Array(_) => self.each(run, node, false),
            Data::Object(_) => self.each(run, node, true),
            Data::Null if self.ignore_missing => Ok(Flow::Continue),
            Data::Null => {
                let field = self.field.as_str();
                Err(Failure::illegal_argument(format!(
                    "field [{field}] is null, cannot loop over its elements."
                )))
            }
            _ => {
                let class = run.doc.class_name(node);
                Err(super::string::wrong_class(self.field.as_str(), class, "java.util.List"))
            }
        }
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

impl Foreach {
    /// Works on a copy, which takes the field's place when all went well. When not, elements that are lists or objects
    /// stay as far as they were changed: Elasticsearch changes those in place.
    fn each(&self, run: &mut Run<'_>, node: NodeId, object: bool) -> Result<Flow, Failure> {
        let outer = [&self.value, &self.key].map(|key| run.doc.remove(Doc::INGEST, key));
        let result = run.doc.node(if object { Data::EMPTY_OBJECT } else { Data::EMPTY_ARRAY });
        let elements: SmallVec<[NodeId; 16]> = run.doc.children(node).collect();
        let any = !elements.is_empty();
        let mut flow = Ok(Flow::Continue);
        for element in elements {
            flow = self.one(run, element, result, object);
            if flow != Ok(Flow::Continue) {
                break;
            }
        }
        if flow.is_err() {
            if let Some(value) = run.doc.remove(Doc::INGEST, &self.value)
                && !object
            {
                run.doc.push(result, value);
            }
            keep_changed(run.doc, node, result);
        }
        for ((key, old), used) in [&self.value, &self.key].into_iter().zip(outer).zip([any, any && object]) {
            match old {
                Some(old) => run.doc.put(Doc::INGEST, key, old),
                // What was not there before is null then.
                None if used => {
                    let null = run.doc.node(Data::Null);
                    run.doc.put(Doc::INGEST, key, null)
                }
                None => run.doc.remove(Doc::INGEST, key),
            };
        }
        if flow == Ok(Flow::Continue) {
            run.doc.set(&self.field, result)?;
        }
        flow
    }

    fn one(&self, run: &mut Run<'_>, element: NodeId, result: NodeId, object: bool) -> Result<Flow, Failure> {
        run.turn()?;
        let value = run.doc.copy(element);
        run.doc.put(Doc::INGEST, &self.value, value);
        if object {
            let name = Data::Str(run.doc.key_text(element));
            let name = run.doc.node(name);
            run.doc.put(Doc::INGEST, &self.key, name);
        }
        let flow = run.step(&self.step)?;
        let value = run.doc.remove(Doc::INGEST, &self.value);
        let value = value.unwrap_or_else(|| run.doc.node(Data::Null));
        if object {
            let name = run.doc.get(Doc::INGEST, &self.key).and_then(|key| run.doc.scalar_text(key));
            // An element whose key was emptied is gone.
            if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
                run.doc.put_named(result, &name, value);
            }
        } else {
            run.doc.push(result, value);
        }
        Ok(flow)
    }
}

/// Puts the lists and objects among `changed` in the places of the elements that they were.
fn keep_changed(doc: &mut Doc, elements: NodeId, changed: NodeId) {
    let pairs: Vec<(NodeId, NodeId)> = doc.children(elements).zip(doc.children(changed)).collect();
    for (old, new) in pairs {
        if [old, new].iter().all(|id| matches!(doc.data(*id), Data::Array(_) | Data::Object(_))) {
            doc.set_data(old, doc.data(new));
        }
    }
}
