//! `pipeline`: runs another pipeline.

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;
use crate::pipeline::{Abreast, Flow, Processor, Run};
use crate::template::Template;

pub(super) const INFO: Info = Info {
    name: "pipeline",
    summary: "Runs another pipeline on the document.",
    options: &[
        ("name", "", "id of the pipeline; may be a template"),
        ("ignore_missing_pipeline", "false", "whether a pipeline that does not exist is no error"),
    ],
    examples: &[
        Example {
            about: "a pipeline that does not exist is an error",
            processor: "pipeline: {name: 'other-{{a}}'}",
            before: r#"{"a":1}"#,
            after: Err("Pipeline processor configured for non-existent pipeline [other-1]"),
        },
        Example {
            about: "unless it may be missing",
            processor: "pipeline: {name: other, ignore_missing_pipeline: true}",
            before: r#"{"a":1}"#,
            after: Ok(r#"{"a":1}"#),
        },
        Example {
            about: "a pipeline can not call itself",
            processor: "pipeline: {name: test}",
            before: "{}",
            after: Err("Cycle detected for pipeline: test"),
        },
    ],
    differences: &[],
    compile,
};

enum Name {
    /// With the pipeline's place in the set, at which there may be none.
    Fixed(String, usize),
    Template(Template),
}

struct Call {
    name: Name,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let text = options.string("name")?;
    let name = if crate::options::templated(&text) {
        let template = Template::compile(&text, crate::template::MediaType::Plain, options.places());
        Name::Template(template.map_err(|reason| crate::options::OptionError::of("name", reason))?)
    } else {
        let slot = options.compiler.slot(&text);
        Name::Fixed(text, slot)
    };
    Ok(Box::new(Call { name, ignore_missing: options.boolean("ignore_missing_pipeline", false)? }))
}

impl Processor for Call {
    fn abreast(&self) -> Abreast {
        match &self.name {
            Name::Fixed(_, slot) => Abreast::Calls(*slot),
            Name::Template(_) => Abreast::Each,
        }
    }

    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let filled;
        let (name, slot) = match &self.name {
            Name::Fixed(name, slot) => (name, Some(*slot).filter(|slot| run.pipelines.is_there(*slot))),
            Name::Template(template) => {
                let mut text = String::new();
                template.render(run.doc, &mut text);
                filled = text;
                (&filled, run.find_pipeline(&filled))
            }
        };
        match slot {
            Some(slot) => run.call_at(slot),
            None if self.ignore_missing => {
                if let Some(watch) = &mut run.watch {
                    watch.misses(name);
                }
                Ok(Flow::Continue)
            }
            None => run.call(name),
        }
    }
}
