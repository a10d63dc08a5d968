//! `remove`: takes fields out, or all but some.

use event::doc::{AccessPattern, Place};
use event::{Data, Doc, FieldPath, NodeId};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::Field;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "remove",
    summary: "Removes fields, or all fields but those to keep.",
    options: &[
        ("field", "", "field or list of fields to remove, unless keep is given; may be templates"),
        ("keep", "", "field or list of fields that alone stay, unless field is given; may be templates"),
        ("ignore_missing", "false", "whether a missing field is no error"),
    ],
    examples: &[
        Example {
            about: "several at once",
            processor: "remove: {field: [a, b.c]}",
            before: r#"{"a":1,"b":{"c":2,"d":3}}"#,
            after: Ok(r#"{"b":{"d":3}}"#),
        },
        Example {
            about: "a missing field is an error",
            processor: "remove: {field: x.y}",
            before: r#"{"x":{}}"#,
            after: Err("field [y] not present as part of path [x.y]"),
        },
        Example {
            about: "unless it may be missing",
            processor: "remove: {field: [x.y, a], ignore_missing: true}",
            before: r#"{"a":1}"#,
            after: Ok("{}"),
        },
        Example {
            about: "only what is to be kept stays",
            processor: "remove: {keep: [a, b.c]}",
            before: r#"{"a":{"x":1},"b":{"c":2,"d":3},"e":4}"#,
            after: Ok(r#"{"a":{"x":1},"b":{"c":2}}"#),
        },
    ],
    differences: &[],
    compile,
};

enum Remove {
    Fields { fields: Vec<Field>, ignore_missing: bool },
    AllBut(Vec<Field>),
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let fields = fields(options, "field")?;
    let keep = fields_to_keep(options)?;
    let ignore_missing = options.boolean("ignore_missing", false)?;
    match (fields, keep) {
        (Some(fields), None) => Ok(match fields.as_slice() {
            [Field::Fixed(path)] => Box::new(RemoveOne { path: path.clone(), ignore_missing }),
            _ => Box::new(Remove::Fields { fields, ignore_missing }),
        }),
        (None, Some(keep)) => Ok(Box::new(Remove::AllBut(keep))),
        (None, None) => Err(OptionError::of("keep", "or [field] must be specified")),
        (Some(_), Some(_)) => {
            Err(OptionError::of("keep", "and [field] cannot both be used in the same processor"))
        }
    }
}

fn fields_to_keep(options: &mut Options<'_, '_>) -> Result<Option<Vec<Field>>, OptionError> {
    fields(options, "keep")
}

fn fields(options: &mut Options<'_, '_>, name: &str) -> Result<Option<Vec<Field>>, OptionError> {
    let Some(names) = options.strings(name)? else { return Ok(None) };
    names.iter().map(|text| options.field_of(name, text)).collect::<Result<_, _>>().map(Some)
}

impl Processor for Remove {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        match self {
            Self::Fields { fields, ignore_missing } => {
                for field in fields {
                    field.with_path(doc, |doc, path| remove(doc, path, *ignore_missing))?;
                }
            }
            Self::AllBut(keep) => keep_alone(doc, keep)?,
        }
        Ok(Flow::Continue)
    }
}

/// What most are: one field that is known at load.
struct RemoveOne {
    path: FieldPath,
    ignore_missing: bool,
}

impl Processor for RemoveOne {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        remove(run.doc, &self.path, self.ignore_missing)?;
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.path.certain_place() } else { Place::NONE }
    }
}

#[inline]
fn remove(doc: &mut Doc, path: &FieldPath, ignore_missing: bool) -> Result<(), Failure> {
    match doc.take(path) {
        Some(_) => Ok(()),
        None => remove_far(doc, path, ignore_missing),
    }
}

/// The same for a field whose place does not tell where it is.
#[inline(never)]
fn remove_far(doc: &mut Doc, path: &FieldPath, ignore_missing: bool) -> Result<(), Failure> {
    if ignore_missing && !doc.has(path) {
        return Ok(());
    }
    doc.detach(path)?;
    Ok(())
}

/// Removes all fields but some.
fn keep_alone(doc: &mut Doc, keep: &[Field]) -> Result<(), Failure> {
    let keep = keep.iter().map(|field| field.path(doc).map(|path| path.into_owned()));
    let keep: Vec<FieldPath> = keep.collect::<Result<_, _>>()?;
    remove_all_but(doc, Doc::SOURCE, &keep, 0);
    Ok(())
}

/// How far into a path a field leads that stands so many parts into it; `None` where the path is another's.
fn leads_to(path: &FieldPath, depth: usize, name: &str) -> Option<usize> {
    let parts = path.segments().iter().skip(depth).map(|part| part.key.name());
    let (count, same) = match path.pattern() {
        AccessPattern::Classic => (1, parts.take(1).eq([name])),
        // A name with dots is several parts.
        AccessPattern::Flexible => {
            let count = name.split('.').count();
            (count, parts.take(count).eq(name.split('.')))
        }
    };
    same.then_some(depth + count)
}

/// Removes the fields below `object`, which stands `depth` parts into the paths, that no path keeps.
fn remove_all_but(doc: &mut Doc, object: NodeId, keep: &[FieldPath], depth: usize) {
    let mut next = doc.first_child(object);
    while let Some(child) = next {
        next = doc.next_sibling(child);
        let name = doc.key(child);
        let inside: Vec<FieldPath> =
            keep.iter().filter(|path| leads_to(path, depth, name).is_some()).cloned().collect();
        let below = inside.first().and_then(|path| leads_to(path, depth, name)).unwrap_or(depth + 1);
        if inside.is_empty() {
            doc.unlink(object, child);
        } else if inside.iter().all(|path| path.segments().len() > below)
            && matches!(doc.data(child), Data::Object(_))
        {
            remove_all_but(doc, child, &inside, below);
        }
    }
}
