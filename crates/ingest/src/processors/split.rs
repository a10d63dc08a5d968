//! `split`: cuts a text into a list.

use event::doc::Place;
use event::{Data, FieldPath};

use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};
use painless::pattern::Pattern;

pub(super) const INFO: Info = Info {
    name: "split",
    summary: "Splits a text into a list at the matches of a regular expression.",
    options: &[
        ("field", "", "text to split"),
        ("separator", "", "regular expression in Java's syntax"),
        ("target_field", "field", "where the list goes"),
        ("preserve_trailing", "false", "whether empty texts at the end stay"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "empty texts at the end do not count",
            processor: "split: {field: a, separator: ','}",
            before: r#"{"a":"a,b,,c,,"}"#,
            after: Ok(r#"{"a":["a","b","","c"]}"#),
        },
        Example {
            about: "unless they are to stay",
            processor: "split: {field: a, separator: ',', preserve_trailing: true}",
            before: r#"{"a":"a,,"}"#,
            after: Ok(r#"{"a":["a","",""]}"#),
        },
        Example {
            about: "an empty separator gives the characters",
            processor: "split: {field: a, separator: ''}",
            before: r#"{"a":"abc"}"#,
            after: Ok(r#"{"a":["a","b","c"]}"#),
        },
        Example {
            about: "an empty text is a list of one",
            processor: "split: {field: a, separator: ','}",
            before: r#"{"a":""}"#,
            after: Ok(r#"{"a":[""]}"#),
        },
        Example {
            about: "null is an error",
            processor: "split: {field: a, separator: ','}",
            before: r#"{"a":null}"#,
            after: Err("field [a] is null, cannot split."),
        },
    ],
    differences: &[
        "a pattern that takes too many steps fails, instead of running on; a mistake in one is told in words of the engine's own",
    ],
    compile,
};

struct Split {
    field: FieldPath,
    target: Option<FieldPath>,
    separator: Pattern,
    preserve_trailing: bool,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let separator = options.string("separator")?;
    Ok(Box::new(Split {
        field,
        target: options.optional_path("target_field")?,
        separator: Pattern::compile(&separator)
            .map_err(|reason| OptionError::of("separator", format!("Invalid regex pattern. {reason}")))?,
        preserve_trailing: options.boolean("preserve_trailing", false)?,
        ignore_missing: options.boolean("ignore_missing", false)?,
    }))
}

impl Processor for Split {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let node = match doc.resolve(&self.field) {
            Ok(node) => node,
            Err(_) if self.ignore_missing => return Ok(Flow::Continue),
            Err(error) => return Err(error.into()),
        };
        let field = self.field.as_str();
        let text = match doc.data(node) {
            Data::Str(text) => text,
            Data::Null if self.ignore_missing => return Ok(Flow::Continue),
            Data::Null => {
                return Err(Failure::illegal_argument(format!("field [{field}] is null, cannot split.")));
            }
            _ => return Err(wrong_class(field, doc.class_name(node), "java.lang.String")),
        };
        let parts = self.separator.split(doc.text(text), self.preserve_trailing)?;
        let list = doc.node(Data::EMPTY_ARRAY);
        for part in parts {
            let part = doc.copy_text(text, part);
            let node = doc.node(Data::Str(part));
            doc.push(list, node);
        }
        doc.set(self.target.as_ref().unwrap_or(&self.field), list)?;
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}
