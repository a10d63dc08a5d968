//! Seeing a run step by step: what `_simulate?verbose` shows, and where time goes.

use std::sync::Arc;

use event::Doc;

use crate::failure::Failure;
use crate::pipeline::Flow;

/// A processor of a pipeline, as its definition has it.
#[derive(Debug)]
pub struct About {
    /// The pipeline that it stands in.
    pub pipeline: Arc<str>,
    /// Where in it, counted from 1: `processors[3].set`.
    pub place: Box<str>,
    /// Its type.
    pub kind: &'static str,
    /// Its tag.
    pub tag: Option<Box<str>>,
    /// Its description.
    pub description: Option<Box<str>>,
    /// Its `if`.
    pub condition: Option<Box<str>>,
}

/// How a processor ended.
#[derive(Debug)]
pub enum Ended<'a> {
    /// Its condition was false.
    Skipped,
    /// It did what it does.
    Done(Flow),
    /// Its condition failed, and with it the pipeline.
    Undecided(&'a Failure),
    /// It failed. Its handlers run next, if it has some.
    Failed {
        /// Why.
        failure: &'a Failure,
        /// Whether the pipeline goes on as if nothing had happened.
        ignored: bool,
    },
}

/// Whoever watches a run. Processors that others hold (`foreach`) are their holder's affair and not told of; those of a
/// called pipeline are told of between beginning and end of the processor that calls it.
pub trait Watch {
    /// A processor is about to run, or to be passed over.
    fn begins(&mut self, about: &About);

    /// The processor that has begun last calls a pipeline that there is not, which is no error to it.
    fn misses(&mut self, _id: &str) {}

    /// It has ended, and left the document like this.
    fn ended(&mut self, about: &About, how: &Ended<'_>, doc: &Doc);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Definition, Lookups, compile};

    /// A line for each call, indented by how deep it is.
    #[derive(Default)]
    struct Notes {
        depth: usize,
        lines: Vec<String>,
    }

    impl Watch for Notes {
        fn begins(&mut self, about: &About) {
            self.lines.push(format!("{}{}", " ".repeat(self.depth), about.place));
            self.depth += 1;
        }

        fn ended(&mut self, _: &About, how: &Ended<'_>, doc: &Doc) {
            self.depth -= 1;
            let how = match how {
                Ended::Skipped => "skipped".to_owned(),
                Ended::Done(flow) => format!("{flow:?} {}", doc.json(Doc::SOURCE)),
                Ended::Undecided(failure) => format!("condition: {failure}"),
                Ended::Failed { failure, ignored } => format!("{failure}, ignored: {ignored}"),
            };
            self.lines.push(format!("{}= {how}", " ".repeat(self.depth)));
        }
    }

    #[test]
    fn every_step_is_told_of_in_its_order() {
        let texts = [
            (
                "outer",
                "processors: [
                   {set: {field: a, value: 1, if: ctx.b == null}},
                   {set: {field: a, value: 2, if: ctx.b != null}},
                   {pipeline: {name: inner}},
                   {fail: {message: no, ignore_failure: true}},
                   {fail: {message: no, on_failure: [{remove: {field: a}}]}},
                   {terminate: {}},
                   {drop: {}}]",
            ),
            ("inner", "processors: [{rename: {field: x, target_field: y, ignore_missing: true}}]"),
        ];
        let definitions = texts.map(|(id, text)| Definition::parse(id, id, text).unwrap());
        let pipelines = compile(&definitions, &Lookups::default()).unwrap();
        let (mut doc, mut notes) = (Doc::new(), Notes::default());
        pipelines.watch("outer", &mut doc, "2026-01-01T00:00:00Z", &mut notes).unwrap();
        let expected = r#"
processors[1].set
= Continue {"a":1}
processors[2].set
= skipped
processors[3].pipeline
 processors[1].rename
 = Continue {"a":1}
= Continue {"a":1}
processors[4].fail
= no, ignored: true
processors[5].fail
= no, ignored: false
processors[5].fail.on_failure[1].remove
= Continue {}
processors[6].terminate
= Terminate {}
"#;
        assert_eq!(notes.lines.join("\n"), expected.trim());
    }
}
