//! `fail`: an error of the pipeline's own.

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};
use crate::template::Template;

pub(super) const INFO: Info = Info {
    name: "fail",
    summary: "Fails with a message.",
    options: &[("message", "", "what went wrong; may be a template")],
    examples: &[Example {
        about: "the message names what it saw",
        processor: "fail: {message: 'no such kind: {{kind}}'}",
        before: r#"{"kind":"x"}"#,
        after: Err("no such kind: x"),
    }],
    differences: &[],
    compile,
};

struct Fail(Template);

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    Ok(Box::new(Fail(options.template("message")?)))
}

impl Processor for Fail {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let mut message = String::new();
        self.0.render(run.doc, &mut message);
        Err(Failure::new("fail_processor_exception", message))
    }
}
