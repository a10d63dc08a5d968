//! `terminate`: ends the pipeline that it stands in.

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "terminate",
    summary: "Ends the current pipeline; a pipeline that called it goes on.",
    options: &[],
    examples: &[Example {
        about: "the document is indexed as it is",
        processor: "terminate: {}",
        before: r#"{"a":1}"#,
        after: Ok(r#"{"a":1}"#),
    }],
    differences: &[],
    compile: |_| -> Compiled { Ok(Box::new(Terminate)) },
};

struct Terminate;

impl Processor for Terminate {
    fn run(&self, _: &mut Run<'_>) -> Result<Flow, Failure> {
        Ok(Flow::Terminate)
    }
}
