//! `rename`: moves a field.

use event::doc::Place;
use event::doc::Shift;
use event::{Doc, FieldPath};

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
    differences: &[],
    compile,
};

struct Rename {
    field: Field,
    target: Field,
    ignore_missing: bool,
    overrides: bool,
    /// No field is no error, and there are no lists on its way that it could be in.
    missing_is_fine: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.field("field")?;
    let target = options.field("target_field")?;
    let ignore_missing = options.boolean("ignore_missing", false)?;
    let overrides = options.boolean("override", false)?;
    let missing_is_fine = ignore_missing && field.fixed().is_some_and(FieldPath::has_names_only);
    Ok(Box::new(Rename { field, target, ignore_missing, overrides, missing_is_fine }))
}

impl Processor for Rename {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        if let (Some(from), Some(to)) = (self.field.fixed(), self.target.fixed()) {
            match doc.shift(from, to) {
                Shift::Done => return Ok(Flow::Continue),
                Shift::Missing if self.missing_is_fine => return Ok(Flow::Continue),
                Shift::Missing | Shift::NotPlain => {}
            }
        }
        self.run_at_large(doc)
    }

    fn idle_without(&self) -> Place {
        let field = self.field.fixed().filter(|_| self.ignore_missing);
        field.map_or(Place::NONE, FieldPath::certain_place)
    }
}

impl Rename {
    /// For templates, lists on the way, targets that are there, and errors.
    #[inline(never)]
    fn run_at_large(&self, doc: &mut Doc) -> Result<Flow, Failure> {
        let path = match self.field.path(doc) {
            Ok(path) => path,
            Err(_) if self.ignore_missing => return Ok(Flow::Continue),
            Err(_) => return Err(Failure::illegal_argument("field path cannot be null nor empty")),
        };
        if !doc.has(&path) {
            return match doc.resolve(&path) {
                Err(error @ event::PathError::OutOfBounds { .. }) => Err(error.into()),
                _ if self.ignore_missing => Ok(Flow::Continue),
                _ => Err(Failure::illegal_argument(format!("field [{}] doesn't exist", path.as_str()))),
            };
        }
        let target = self.target.path(doc)?;
        if let Err(error @ event::PathError::OutOfBounds { .. }) = doc.resolve(&target) {
            return Err(error.into());
        }
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
}
