//! Several documents through one pipeline, side by side.
//!
//! A long pipeline's code and tables are larger than the caches next to the processor. So each step is taken by all documents
//! of a row before the next one is: it is fetched once for all of
//! them. Documents do not see each other, and each fares as it would alone. Whatever is rare goes the way of one
//! document ([`Run`]): handlers of failures, and steps that other processors hold.

use event::Doc;
use event::doc::Place;
use smallvec::SmallVec;

use crate::failure::Failure;
use crate::pipeline::{Abreast, Flow, Outcome, Pipeline, Pipelines, Run, Stack, Step, Steps};
use crate::routing::{IndexPipelines, Indices, Ran};
use crate::script;

/// Some of the documents of a row, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lanes(u32);

/// How many documents a row has at most.
pub const MAX_LANES: usize = u32::BITS as usize;

impl Lanes {
    const NONE: Self = Self(0);

    fn first(count: usize) -> Self {
        Self(u32::MAX.checked_shr((MAX_LANES - count) as u32).unwrap_or(0))
    }

    fn add(&mut self, lane: usize) {
        self.0 |= 1 << lane;
    }

    fn remove(&mut self, lane: usize) {
        self.0 &= !(1 << lane);
    }
}

impl Iterator for Lanes {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let lane = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        (lane < MAX_LANES).then_some(lane)
    }
}

/// Documents that left a pipeline before its end, each with how.
type Ended = Vec<(usize, Result<Flow, Failure>)>;

impl Pipelines {
    /// [`Pipelines::route`] on some documents, at most [`MAX_LANES`], of the same index: how each of them ended, in their
    /// order.
    pub fn route_abreast(
        &self,
        own: &IndexPipelines,
        indices: &dyn Indices,
        docs: &mut [Doc],
        timestamp: &str,
    ) -> Vec<Result<Outcome, Failure>> {
        assert!(docs.len() <= MAX_LANES, "a row has at most {MAX_LANES} documents");
        for doc in &mut *docs {
            self.prepare(doc, timestamp);
        }
        let lanes = Lanes::first(docs.len());
        let mut row =
            Row { docs, pipelines: self, stack: Stack::new(), turns: [0; MAX_LANES], foreseen: Place::NONE };
        let before: SmallVec<[_; MAX_LANES]> = lanes.map(|lane| row.run(lane).index()).collect();
        let mut ended = Ended::new();
        let slot = own.named_first().and_then(|first| self.find(first));
        if let Some(slot) = slot {
            row.call(slot, lanes, &mut ended);
        }
        let mut flows: SmallVec<[_; MAX_LANES]> = lanes.map(|_| Ok(Flow::Continue)).collect();
        for (lane, how) in ended {
            flows[lane] = how;
        }
        let travel = |(lane, (how, before)): (usize, (Result<Flow, Failure>, _))| {
            let ran = slot.map(|_| how.map(|flow| Ran { before, flow })).transpose()?;
            row.run(lane).travel(own, indices, ran)
        };
        flows.into_iter().zip(before).enumerate().map(travel).collect()
    }
}

/// Documents on their way through pipelines.
struct Row<'a> {
    docs: &'a mut [Doc],
    pipelines: &'a Pipelines,
    stack: Stack,
    turns: [u32; MAX_LANES],
    /// The field by which something was looked up last.
    foreseen: Place,
}

impl<'a> Row<'a> {
    /// One of them by itself.
    #[inline]
    fn run(&mut self, lane: usize) -> Run<'_> {
        let (doc, turns) = (&mut self.docs[lane], &mut self.turns[lane]);
        Run { doc, pipelines: self.pipelines, stack: &mut self.stack, turns, watch: None }
    }

    /// As [`Run::call_at`].
    fn call(&mut self, slot: usize, mut lanes: Lanes, ended: &mut Ended) {
        let Some(pipeline) = self.pipelines.may_enter(slot, &self.stack) else {
            ended.extend(lanes.map(|lane| (lane, self.run(lane).call_at(slot))));
            return;
        };
        for lane in lanes {
            if let Err(failure) = self.run(lane).turn() {
                lanes.remove(lane);
                ended.push((lane, Err(failure)));
            }
        }
        self.stack.push(slot);
        self.name_pipeline(lanes);
        self.pipeline(pipeline, lanes, ended);
        self.stack.pop();
        self.name_pipeline(lanes);
    }

    fn name_pipeline(&mut self, lanes: Lanes) {
        if self.pipelines.names.asks_for_pipeline() {
            lanes.for_each(|lane| self.run(lane).name_pipeline());
        }
    }

    fn pipeline(&mut self, pipeline: &'a Pipeline, lanes: Lanes, ended: &mut Ended) {
        let mut left = Ended::new();
        self.steps(&pipeline.steps, lanes, &mut left);
        for (lane, how) in left {
            match pipeline.end(how, &mut self.run(lane)) {
                Ok(Flow::Continue) => {}
                how => ended.push((lane, how)),
            }
        }
    }

    fn steps(&mut self, steps: &'a Steps, mut lanes: Lanes, ended: &mut Ended) {
        let mut left = Ended::new();
        for (gate, step) in steps.with_gates() {
            let mut open = Lanes::NONE;
            for lane in lanes {
                if !gate.is_shut(&self.docs[lane]) {
                    open.add(lane);
                }
            }
            if open == Lanes::NONE {
                continue;
            }
            match step.abreast {
                Abreast::Calls(slot) if self.pipelines.is_there(slot) => {
                    self.step_call(step, slot, open, &mut left);
                }
                other => {
                    if let Abreast::Foresees(place) = other {
                        self.foresee(step, place, open);
                    }
                    for lane in open {
                        match self.run(lane).take(step) {
                            Ok(Flow::Continue) => {}
                            how => left.push((lane, how)),
                        }
                    }
                }
            }
            for (lane, how) in left.drain(..) {
                lanes.remove(lane);
                ended.push((lane, how));
            }
            if lanes == Lanes::NONE {
                return;
            }
        }
    }

    /// Has what a step will look up fetched for all documents at once, unless the step before it asked for the same.
    #[inline(never)]
    fn foresee(&mut self, step: &Step, place: Place, lanes: Lanes) {
        if place.is_some() && std::mem::replace(&mut self.foreseen, place) != place {
            step.processor.foresee(&mut lanes.map(|lane| &self.docs[lane]));
        }
    }

    /// A step that calls a pipeline, by all that its condition lets through.
    fn step_call(&mut self, step: &'a Step, slot: usize, open: Lanes, ended: &mut Ended) {
        let mut going = Lanes::NONE;
        for lane in open {
            match step.condition.as_ref().map_or(Ok(true), |condition| condition.test(&mut self.docs[lane])) {
                Ok(true) => going.add(lane),
                Ok(false) => {}
                Err(error) => ended.push((lane, Err(step.mark(script::failure(&error), "conditional")))),
            }
        }
        if going == Lanes::NONE {
            return;
        }
        let mut left = Ended::new();
        self.call(slot, going, &mut left);
        for (lane, how) in left {
            match how.or_else(|failure| step.failed(&mut self.run(lane), failure)) {
                Ok(Flow::Continue) => {}
                how => ended.push((lane, how)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Definition, Lookups, compile};

    const PIPELINES: [(&str, &str); 6] = [
        (
            "main",
            "processors:
              - set: {field: by, value: '{{{_ingest.pipeline}}}'}
              - pipeline: {name: inner, if: 'ctx.a.b != null'}
              - pipeline: {name: '{{{called}}}', ignore_missing_pipeline: true}
              - pipeline: {name: falls, if: ctx.falls != null, on_failure: [{set: {field: caught, value: '{{{_ingest.on_failure_message}}}'}}]}
              - pipeline: {name: none, if: ctx.none != null}
              - rename: {field: a, target_field: c, ignore_missing: true}
              - terminate: {if: ctx.stop != null}
              - set: {field: end, value: true}",
        ),
        (
            "inner",
            "on_failure: [{set: {field: failed, value: '{{{_ingest.on_failure_processor_type}}} {{{_ingest.on_failure_pipeline}}}'}}]
processors:
  - rename: {field: a.b, target_field: b}
  - drop: {if: \"ctx.b == 'drop'\"}
  - terminate: {if: \"ctx.b == 'stop'\"}
  - reroute: {dataset: other, if: \"ctx.b == 'go'\"}
  - pipeline: {name: main, if: \"ctx.b == 'round'\"}
  - uppercase: {field: b}",
        ),
        ("falls", "processors: [{fail: {message: 'no {{{falls}}}'}}]"),
        ("named", "processors: [{set: {field: named, value: '{{{_ingest.pipeline}}}'}}]"),
        ("other", "processors: [{set: {field: other, value: true}}, {fail: {message: no, if: ctx.falls != null}}]"),
        ("last", "processors: [{set: {field: last, value: '{{{by}}}'}}]"),
    ];

    struct Others;

    impl Indices for Others {
        fn pipelines(&self, index: &str) -> IndexPipelines {
            let first = index.contains("other").then(|| "other".to_owned());
            IndexPipelines { first, last: Some("last".to_owned()) }
        }
    }

    fn all(doc: &Doc) -> String {
        [Doc::SOURCE, Doc::METADATA, Doc::INGEST].map(|root| doc.json(root)).join(" ")
    }

    fn doc(json: &str) -> Doc {
        let mut doc = Doc::new();
        let source = doc.parse_str(json).unwrap();
        doc.set_data(Doc::SOURCE, doc.data(source));
        let index = doc.string("logs-own-default");
        doc.put_named(Doc::METADATA, "_index", index);
        doc
    }

    fn documents() -> impl Strategy<Value = Vec<String>> {
        let a = prop::sample::select(vec![
            "",
            r#""a":1,"#,
            r#""a":{},"#,
            r#""a":{"b":"x"},"#,
            r#""a":{"b":"drop"},"#,
            r#""a":{"b":"stop"},"#,
            r#""a":{"b":"go"},"#,
            r#""a":{"b":"round"},"#,
            r#""a":{"b":7},"#,
        ]);
        let more = prop::sample::subsequence(
            vec![
                r#""falls":1,"#,
                r#""none":1,"#,
                r#""stop":1,"#,
                r#""called":"named","#,
                r#""by":"nobody","#,
            ],
            0..=3,
        );
        let document = (a, more).prop_map(|(a, more)| format!("{{{a}{}\"z\":0}}", more.concat()));
        prop::collection::vec(document, 0..=MAX_LANES)
    }

    proptest! {
        #[test]
        fn a_row_fares_as_its_documents_would_alone(
            texts in documents(),
            first in prop::option::of(prop::sample::select(vec!["main", "inner", "nobody", "_none"])),
            last in prop::option::of(Just("last")),
        ) {
            let definitions = PIPELINES.map(|(id, text)| Definition::parse(id, id, text).unwrap());
            let pipelines = compile(&definitions, &Lookups::default()).unwrap();
            let own = IndexPipelines { first: first.map(str::to_owned), last: last.map(str::to_owned) };
            let now = "2026-01-02T03:04:05.678Z";
            let mut row: Vec<Doc> = texts.iter().map(|text| doc(text)).collect();
            let outcomes = pipelines.route_abreast(&own, &Others, &mut row, now);
            prop_assert_eq!(outcomes.len(), texts.len());
            for ((text, together), outcome) in texts.iter().zip(&row).zip(outcomes) {
                let mut alone = doc(text);
                let expected = pipelines.route(&own, &Others, &mut alone, now, None);
                prop_assert_eq!(format!("{outcome:?}"), format!("{expected:?}"), "{}", text);
                prop_assert_eq!(all(together), all(&alone), "{}", text);
            }
        }
    }

    #[test]
    fn a_document_that_grows_too_large_fails_by_itself() {
        let twice = "set: {field: a, value: '{{{a}}}{{{a}}}'}";
        let text = format!("processors: [{}]", vec![format!("{{{twice}}}"); 30].join(","));
        let definition = Definition::parse("main", "main", &text).unwrap();
        let pipelines = compile(&[definition], &Lookups::default()).unwrap();
        let own = IndexPipelines { first: Some("main".to_owned()), last: None };
        let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(1 << 20));
        let mut row = [doc("{}"), doc(&large)];
        let outcomes = pipelines.route_abreast(&own, &Others, &mut row, "2026-01-02T03:04:05.678Z");
        assert!(outcomes[0].is_ok(), "{outcomes:?}");
        let message = outcomes[1].as_ref().unwrap_err().to_string();
        assert!(message.contains("more than 256 MiB of text"), "{message}");
    }

    #[test]
    fn lanes_are_counted_from_the_first() {
        assert_eq!(Lanes::first(0).count(), 0);
        assert_eq!(Lanes::first(3).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(Lanes::first(MAX_LANES).count(), MAX_LANES);
    }
}
