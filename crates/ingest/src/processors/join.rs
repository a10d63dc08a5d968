//! `join`: makes one text of a list.

use event::{Data, Doc, FieldPath, NodeId};

use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};
use crate::scratch;
use crate::template::java_text;

pub(super) const INFO: Info = Info {
    name: "join",
    summary: "Joins the elements of a list into one text.",
    options: &[
        ("field", "", "list to join"),
        ("separator", "", "what stands between the elements"),
        ("target_field", "field", "where the text goes"),
    ],
    examples: &[
        Example {
            about: "elements are written as Java writes them",
            processor: "join: {field: a, separator: '-'}",
            before: r#"{"a":[1,"x",{"b":1.0}]}"#,
            after: Ok(r#"{"a":"1-x-{b=1.0}"}"#),
        },
        Example {
            about: "what is no list is an error",
            processor: "join: {field: a, separator: '-'}",
            before: r#"{"a":"x"}"#,
            after: Err("field [a] of type [java.lang.String] cannot be cast to [java.util.List]"),
        },
        Example {
            about: "null is an error",
            processor: "join: {field: a, separator: '-'}",
            before: r#"{"a":null}"#,
            after: Err("field [a] is null, cannot join."),
        },
    ],
    differences: &["a null in the list has a message"],
    compile,
};

struct Join {
    field: FieldPath,
    target: Option<FieldPath>,
    separator: String,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    Ok(Box::new(Join {
        field: options.path("field")?,
        separator: options.string("separator")?,
        target: options.optional_path("target_field")?,
    }))
}

impl Processor for Join {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let node = doc.resolve(&self.field)?;
        let field = self.field.as_str();
        match doc.data(node) {
            Data::Array(_) => {}
            Data::Null => {
                return Err(Failure::illegal_argument(format!("field [{field}] is null, cannot join.")));
            }
            _ => return Err(wrong_class(field, doc.class_name(node), "java.util.List")),
        }
        let joined = scratch::with(|text| self.joined(doc, node, text))?;
        doc.set(self.target.as_ref().unwrap_or(&self.field), joined)?;
        Ok(Flow::Continue)
    }
}

impl Join {
    fn joined(&self, doc: &mut Doc, list: NodeId, text: &mut String) -> Result<NodeId, Failure> {
        for (at, value) in doc.children(list).enumerate() {
            if doc.data(value) == Data::Null {
                let field = self.field.as_str();
                return Err(Failure::new("null_pointer_exception", format!("field [{field}] holds a null")));
            }
            if at > 0 {
                text.push_str(&self.separator);
            }
            java_text(doc, value, false, text);
        }
        Ok(doc.string(text))
    }
}
