//! `rename`: moves a field.

use event::doc::Shift;

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::Field;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "rename",
    summary: "Moves a field to another name.",
    options: &[
        ("field", "", "field to move; may be a template"),
        ("target_field", "", "its new name; may be a template"),
        ("ignore_missing", "false", "whether a missing field is no error"),
        ("override", "false", "whether a target that is there already is replaced"),
    ],
    examples: &[
        Example {
            about: "objects on the way are made",
            processor: "rename: {field: message, target_field: event.original}",
            before: r#"{"message":"m"}"#,
            after: Ok(r#"{"event":{"original":"m"}}"#),
        },
        Example {
            about: "null is a value like any other",
            processor: "rename: {field: a, target_field: b, ignore_missing: true}",
            before: r#"{"a":null}"#,
            after: Ok(r#"{"b":null}"#),
        },
        Example {
            about: "a missing field is an error",
            processor: "rename: {field: a.b.c, target_field: z}",
            before: r#"{"a":1}"#,
            after: Err("field [a.b.c] doesn't exist"),
        },
        Example {
            about: "unless it may be missing",
            processor: "rename: {field: a, target_field: z, ignore_missing: true}",
            before: "{}",
            after: Ok("{}"),
        },
        Example {
            about: "a target that is there is an error, null included",
            processor: "rename: {field: a, target_field: b}",
            before: r#"{"a":1,"b":null}"#,
            after: Err("field [b] already exists"),
        },
        Example {
            about: "unless it may be replaced",
            processor: "rename: {field: a, target_field: b, override: true}",
            before: r#"{"a":1,"b":2}"#,
            after: Ok(r#"{"b":1}"#),
        },
        Example {
            about: "a target that can not be set leaves the field where it was",
            processor: "rename: {field: a, target_field: b.c}",
            before: r#"{"a":1,"b":"s"}"#,
            after: Err("cannot set [c] with parent object of type [java.lang.String] as part of path [b.c]"),
        },
    ],
    compile,
};

struct Rename {
    field: Field,
    target: Field,
    ignore_missing: bool,
    overrides: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    Ok(Box::new(Rename {
        field: options.field("field")?,
        target: options.field("target_field")?,
        ignore_missing: options.boolean("ignore_missing", false)?,
        overrides: options.boolean("override", false)?,
    }))
}

impl Processor for Rename {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let path = match self.field.path(doc) {
            Ok(path) => path,
            Err(_) if self.ignore_missing => return Ok(Flow::Continue),
            Err(_) => return Err(Failure::illegal_argument("field path cannot be null nor empty")),
        };
        if let (Some(from), Some(to)) = (self.field.fixed(), self.target.fixed()) {
            match doc.shift(from, to) {
                Shift::Done => return Ok(Flow::Continue),
                Shift::Missing if self.ignore_missing && from.has_names_only() => return Ok(Flow::Continue),
                Shift::Missing | Shift::NotPlain => {}
            }
        }
        if !doc.has(&path) {
            return match doc.resolve(&path) {
                Err(error @ event::PathError::OutOfBounds { .. }) => Err(error.into()),
                _ if self.ignore_missing => Ok(Flow::Continue),
                _ => Err(Failure::illegal_argument(format!("field [{}] doesn't exist", path.as_str()))),
            };
        }
        let target = self.target.path(doc)?;
        if !self.overrides && doc.has(&target) {
            return Err(Failure::illegal_argument(format!("field [{}] already exists", target.as_str())));
        }
        let node = doc.detach(&path)?;
        if let Err(error) = doc.set(&target, node) {
            doc.set(&path, node)?;
            return Err(error.into());
        }
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Option<&event::Key> {
        self.field.fixed().filter(|_| self.ignore_missing)?.certain_key()
    }
}
