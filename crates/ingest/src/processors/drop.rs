//! `drop`: the document is not indexed, and that is no error.

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "drop",
    summary: "Drops the document without an error.",
    options: &[],
    examples: &[Example {
        about: "usually with a condition",
        processor: "drop: {}",
        before: r#"{"a":1}"#,
        after: Ok(r#""dropped""#),
    }],
    differences: &[],
    compile: |_| -> Compiled { Ok(Box::new(DropDocument)) },
};

struct DropDocument;

impl Processor for DropDocument {
    fn run(&self, _: &mut Run<'_>) -> Result<Flow, Failure> {
        Ok(Flow::Drop)
    }
}
