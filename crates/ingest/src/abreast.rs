//! Several documents through one pipeline, side by side.
//!
//! What a long pipeline costs is mostly the waiting for its own code and tables, which are larger than the caches next to
//! the processor. So each step is taken by all documents of a row before the next one is: it is fetched once for all of
//! them. Documents do not see each other, and each fares as it would alone. Whatever is rare goes the way of one
//! document ([`Run`]): handlers of failures, and steps that other processors hold.

use event::Doc;

use crate::failure::Failure;
use crate::pipeline::{Flow, Outcome, Pipeline, Pipelines, Run, Stack, Step, Steps};
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
    /// [`Pipelines::run`] on some documents, at most [`MAX_LANES`]: how each of them ended, in their order.
    pub fn run_abreast(&self, id: &str, docs: &mut [Doc], timestamp: &str) -> Vec<Result<Outcome, Failure>> {
        assert!(docs.len() <= MAX_LANES, "a row has at most {MAX_LANES} documents");
        let Some(slot) = self.find(id) else {
            return docs.iter_mut().map(|doc| self.run(id, doc, timestamp)).collect();
        };
        for doc in &mut *docs {
            self.prepare(doc, timestamp);
        }
        let mut outcomes: Vec<_> = docs.iter().map(|_| Ok(Outcome::Done)).collect();
        let lanes = Lanes::first(docs.len());
        let (mut row, mut ended) = (Row { docs, pipelines: self, stack: Stack::new() }, Ended::new());
        row.call(slot, lanes, &mut ended);
        for (lane, how) in ended {
            outcomes[lane] = how.map(Outcome::from);
        }
        outcomes
    }
}

/// Documents on their way through pipelines.
struct Row<'a> {
    docs: &'a mut [Doc],
    pipelines: &'a Pipelines,
    stack: Stack,
}

impl<'a> Row<'a> {
    /// One of them by itself.
    #[inline]
    fn run(&mut self, lane: usize) -> Run<'_> {
        Run { doc: &mut self.docs[lane], pipelines: self.pipelines, stack: &mut self.stack, watch: None }
    }

    /// As [`Run::call_at`].
    fn call(&mut self, slot: usize, lanes: Lanes, ended: &mut Ended) {
        let Some(pipeline) = self.pipelines.may_enter(slot, &self.stack) else {
            ended.extend(lanes.map(|lane| (lane, self.run(lane).call_at(slot))));
            return;
        };
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
            match self.called(step, open) {
                Some(slot) => self.step_call(step, slot, open, &mut left),
                None => {
                    for lane in open {
                        match step.run(&mut self.run(lane)) {
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

    /// The pipeline that a step calls, where it calls the same for all of a row.
    fn called(&mut self, step: &Step, lanes: Lanes) -> Option<usize> {
        let lane = lanes.into_iter().next()?;
        step.processor.calls(&self.run(lane))
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
