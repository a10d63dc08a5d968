//! Compiled pipelines and how they run.
//!
//! A processor that fails goes Elasticsearch's way: `ignore_failure` wins; else its `on_failure` processors run and
//! the pipeline goes on behind it; else the pipeline's `on_failure` processors run and the pipeline ends; else the
//! failure leaves the pipeline. A condition that fails is not the processor's failure: only the pipeline's handler
//! sees it. `terminate` ends the pipeline that it stands in, `drop` ends them all.

use std::collections::HashMap;
use std::sync::Arc;

use event::doc::{MAX_TEXT, MAX_VALUES, Place, Places};
use event::{Data, Doc, Key};
use smallvec::SmallVec;

use crate::failure::{Failure, Origin};
use crate::gate::{Gate, Gates};
use crate::script::{self, Condition};
use crate::watch::{About, Ended, Watch};

/// How a processor lets the pipeline go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// With the next processor.
    Continue,
    /// This pipeline ends here.
    Terminate,
    /// The document goes to another index, and all pipelines that are under way end here.
    Reroute,
    /// The document is dropped.
    Drop,
}

/// A compiled processor.
pub trait Processor: Send + Sync {
    /// Works on the document.
    ///
    /// # Errors
    /// A [`Failure`] in Elasticsearch's words; the document may be changed in part.
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure>;

    /// The place without something at which this processor is certain to do nothing, where there is such a one.
    fn idle_without(&self) -> Place {
        Place::NONE
    }

    /// What a row of documents does otherwise than each of them by itself.
    fn abreast(&self) -> Abreast {
        Abreast::Each
    }

    /// Has what it will look up for some documents fetched from memory, for all of them at once.
    fn foresee(&self, _docs: &mut dyn Iterator<Item = &Doc>) {}
}

/// What a processor is to several documents side by side.
#[derive(Clone, Copy, Debug)]
pub enum Abreast {
    /// Each of them runs it by itself.
    Each,
    /// It looks something up far away by the field at a place; [`Processor::foresee`] is asked first.
    Foresees(Place),
    /// It calls a pipeline, by its place in the set, and does nothing else.
    Calls(usize),
}

/// One processor of a pipeline, with what every processor can have.
pub(crate) struct Step {
    pub(crate) about: Box<About>,
    pub(crate) condition: Option<Condition>,
    pub(crate) processor: Box<dyn Processor>,
    /// What the processor says of itself.
    pub(crate) abreast: Abreast,
    pub(crate) ignore_failure: bool,
    pub(crate) on_failure: Option<Steps>,
}

/// Processors of a pipeline, in their order.
#[derive(Default)]
pub(crate) struct Steps {
    steps: Box<[Step]>,
    /// By step.
    gates: Gates,
}

impl From<Vec<Step>> for Steps {
    fn from(steps: Vec<Step>) -> Self {
        let gates = steps.iter().map(|step| Gate::of(step.condition.as_ref(), &*step.processor)).collect();
        Self { steps: steps.into(), gates }
    }
}

impl Steps {
    /// Each with its gate.
    pub(crate) fn with_gates(&self) -> impl Iterator<Item = (&Gate, &Step)> {
        self.gates.iter().zip(&self.steps)
    }
}

impl Step {
    /// Runs it if its condition says so.
    #[inline]
    pub(crate) fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        if let Some(condition) = &self.condition {
            match condition.test(run.doc) {
                Ok(true) => {}
                Ok(false) => return Ok(Flow::Continue),
                Err(error) => return Err(self.mark(script::failure(&error), "conditional")),
            }
        }
        match self.processor.run(run) {
            Ok(flow) => Ok(flow),
            Err(failure) => self.failed(run, failure),
        }
    }

    /// What comes of a processor's failure.
    #[cold]
    pub(crate) fn failed(&self, run: &mut Run<'_>, failure: Failure) -> Result<Flow, Failure> {
        let failure = self.mark(failure, self.failing_type());
        if self.ignore_failure {
            return Ok(Flow::Continue);
        }
        match &self.on_failure {
            Some(handlers) => run.handle(handlers, &failure),
            None => Err(failure),
        }
    }

    /// The type that Elasticsearch names for a failure: its wrapper's for a processor with a condition, unless the
    /// processor has handlers of its own, which stand inside the wrapper.
    fn failing_type(&self) -> &'static str {
        if self.condition.is_some() && self.on_failure.is_none() { "conditional" } else { self.about.kind }
    }

    /// Writes down where a failure comes from, unless somebody further in has.
    pub(crate) fn mark(&self, mut failure: Failure, processor_type: &'static str) -> Failure {
        failure.origin.get_or_insert_with(|| {
            let About { tag, pipeline, .. } = &*self.about;
            Box::new(Origin { processor_type, tag: tag.clone(), pipeline: (**pipeline).into() })
        });
        failure
    }
}

/// A compiled pipeline.
pub struct Pipeline {
    pub(crate) id: Arc<str>,
    /// Its id as `_ingest.pipeline` gives it.
    pub(crate) name: Key,
    pub(crate) steps: Steps,
    pub(crate) on_failure: Option<Steps>,
    /// The stored scripts that it names.
    pub(crate) scripts: Box<[String]>,
}

impl Pipeline {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let how = run.steps(&self.steps);
        self.end(how, run)
    }

    /// What comes of a document whose way through its steps ended so.
    #[inline]
    pub(crate) fn end(&self, how: Result<Flow, Failure>, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let flow = match how {
            Err(failure) => match &self.on_failure {
                Some(handlers) => run.handle(handlers, &failure)?,
                None => return Err(failure),
            },
            Ok(flow) => flow,
        };
        Ok(if flow == Flow::Terminate { Flow::Continue } else { flow })
    }
}

/// A set of pipelines that can call each other.
pub struct Pipelines {
    pub(crate) pipelines: Vec<Option<Arc<Pipeline>>>,
    pub(crate) slots: HashMap<String, usize>,
    pub(crate) names: Names,
    pub(crate) places: Arc<Places>,
}

/// The keys that every run writes under `_ingest`.
pub(crate) struct Names {
    timestamp: Key,
    pipeline: Key,
    /// Whether anybody reads the name of the pipeline.
    asks_for_pipeline: bool,
    /// Whether pipelines may look at any field.
    any_field: bool,
    /// Where it stands.
    pipeline_at: Place,
    /// Where `_index` stands.
    pub(crate) index_at: Place,
    message: Key,
    processor_type: Key,
    tag: Key,
    failed_pipeline: Key,
}

impl Names {
    /// The keys, for pipelines that look at these places, or at any field when `any`.
    pub(crate) fn new(places: &mut Places, any: bool) -> Self {
        let pipeline = Key::new("pipeline");
        Self {
            asks_for_pipeline: any || places.has(Place::INGEST, &pipeline),
            any_field: any,
            timestamp: Key::new("timestamp"),
            pipeline_at: places.add(Place::INGEST, &pipeline),
            index_at: places.add(Place::METADATA, &Key::new("_index")),
            pipeline,
            message: Key::new("on_failure_message"),
            processor_type: Key::new("on_failure_processor_type"),
            tag: Key::new("on_failure_processor_tag"),
            failed_pipeline: Key::new("on_failure_pipeline"),
        }
    }
}

impl Names {
    /// Whether anybody reads the name of the pipeline.
    pub(crate) fn asks_for_pipeline(&self) -> bool {
        self.asks_for_pipeline
    }

    /// Whether pipelines may look at any field.
    pub(crate) fn any_field(&self) -> bool {
        self.any_field
    }
}

/// What came of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is to be indexed.
    Done,
    /// A `drop` processor took it.
    Dropped,
}

impl From<Flow> for Outcome {
    fn from(flow: Flow) -> Self {
        if flow == Flow::Drop { Self::Dropped } else { Self::Done }
    }
}

impl Pipelines {
    /// Whether there is a pipeline of this id.
    pub fn contains(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    /// The ids of all pipelines, sorted.
    pub fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.pipelines.iter().flatten().map(|pipeline| pipeline.id()).collect();
        ids.sort_unstable();
        ids
    }

    fn slot(&self, id: &str) -> Option<usize> {
        self.slots.get(id).copied()
    }

    /// Runs a pipeline on a document. `timestamp` is what `_ingest.timestamp` gives.
    ///
    /// # Errors
    /// The [`Failure`] that no `on_failure` handled; the document is as the failing processor left it.
    pub fn run(&self, id: &str, doc: &mut Doc, timestamp: &str) -> Result<Outcome, Failure> {
        self.begin(doc, timestamp, (&mut Stack::new(), &mut 0), None).call(id).map(Outcome::from)
    }

    /// [`Pipelines::run`] while somebody watches. Nothing is passed over then without being looked at.
    ///
    /// # Errors
    /// As [`Pipelines::run`].
    pub fn watch(
        &self,
        id: &str,
        doc: &mut Doc,
        timestamp: &str,
        watch: &mut dyn Watch,
    ) -> Result<Outcome, Failure> {
        self.begin(doc, timestamp, (&mut Stack::new(), &mut 0), Some(watch)).call(id).map(Outcome::from)
    }

    /// A run of a document that is about to begin.
    pub(crate) fn begin<'a>(
        &'a self,
        doc: &'a mut Doc,
        timestamp: &str,
        (stack, turns): (&'a mut Stack, &'a mut u32),
        watch: Option<&'a mut dyn Watch>,
    ) -> Run<'a> {
        self.prepare(doc, timestamp);
        Run { doc, pipelines: self, stack, turns, watch }
    }

    /// What every document needs before its first step.
    pub(crate) fn prepare(&self, doc: &mut Doc, timestamp: &str) {
        doc.adopt(&self.places);
        let node = doc.string(timestamp);
        doc.put(Doc::INGEST, &self.names.timestamp, node);
    }

    /// The place of a pipeline in the set; `None` where there is none of this id.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.slot(id).filter(|slot| self.is_there(*slot))
    }

    /// Whether there is a pipeline at a place in the set.
    pub(crate) fn is_there(&self, slot: usize) -> bool {
        self.pipelines[slot].is_some()
    }

    /// The pipeline at a place, where those that are under way let it be called.
    pub(crate) fn may_enter(&self, slot: usize, stack: &Stack) -> Option<&Pipeline> {
        let free = stack.len() < MAX_CALLS && !stack.contains(&slot);
        self.pipelines[slot].as_deref().filter(|_| free)
    }
}

/// The pipelines that are under way, outermost first.
pub(crate) type Stack = SmallVec<[usize; 8]>;

/// One document on its way through pipelines.
pub struct Run<'a> {
    /// The document.
    pub doc: &'a mut Doc,
    pub(crate) pipelines: &'a Pipelines,
    pub(crate) stack: &'a mut Stack,
    pub(crate) watch: Option<&'a mut dyn Watch>,
    /// What [`Run::turn`] counted.
    pub(crate) turns: &'a mut u32,
}

/// Pipelines may call each other this deep.
const MAX_CALLS: usize = 100;

/// Calls of pipelines, and elements that `foreach` runs on, of one document.
const MAX_TURNS: u32 = 1_000_000;

#[cold]
fn too_large() -> Failure {
    let reason = format!(
        "the document takes more than {} MiB of text or {MAX_VALUES} values in its pipelines",
        MAX_TEXT >> 20
    );
    Failure::illegal_argument(reason)
}

impl Run<'_> {
    /// Runs a pipeline by its id.
    ///
    /// # Errors
    /// When there is none, when it is under way already, or as the pipeline fails.
    pub fn call(&mut self, id: &str) -> Result<Flow, Failure> {
        match self.find_pipeline(id) {
            Some(slot) => self.call_at(slot),
            None => {
                let reason = format!("Pipeline processor configured for non-existent pipeline [{id}]");
                Err(Failure::new("illegal_state_exception", reason))
            }
        }
    }

    /// Runs the pipeline at a place that [`Run::find_pipeline`] gave.
    ///
    /// # Errors
    /// When it is under way already, or as the pipeline fails.
    pub fn call_at(&mut self, slot: usize) -> Result<Flow, Failure> {
        let Some(pipeline) = &self.pipelines.pipelines[slot] else { return Ok(Flow::Continue) };
        if self.stack.contains(&slot) {
            let reason = format!("Cycle detected for pipeline: {}", pipeline.id);
            return Err(Failure::new("illegal_state_exception", reason));
        }
        if self.stack.len() >= MAX_CALLS {
            let reason = format!("Too many nested pipelines: more than {MAX_CALLS}, at [{}]", pipeline.id);
            return Err(Failure::new("illegal_state_exception", reason));
        }
        self.turn()?;
        self.stack.push(slot);
        self.name_pipeline();
        let flow = pipeline.run(self);
        self.stack.pop();
        self.name_pipeline();
        flow
    }

    /// Counts a call of a pipeline, or an element that a processor runs on.
    ///
    /// # Errors
    /// When there were too many on this document, or when it is too large.
    pub(crate) fn turn(&mut self) -> Result<(), Failure> {
        *self.turns += 1;
        if *self.turns > MAX_TURNS {
            let reason = format!("pipelines were called and elements taken more than {MAX_TURNS} times");
            return Err(Failure::new("illegal_state_exception", reason));
        }
        if self.doc.is_too_large() { Err(too_large()) } else { Ok(()) }
    }

    /// The place of a pipeline in the set, for [`Run::call_at`]; `None` where there is none of this id.
    pub fn find_pipeline(&self, id: &str) -> Option<usize> {
        self.pipelines.find(id)
    }

    /// Keeps `_ingest.pipeline` at the innermost pipeline.
    pub(crate) fn name_pipeline(&mut self) {
        let pipelines = self.pipelines;
        if pipelines.names.asks_for_pipeline
            && let Some(pipeline) = self.stack.last().and_then(|slot| pipelines.pipelines[*slot].as_ref())
        {
            let name = Data::Str(self.doc.constant(&pipeline.name));
            let Names { pipeline: key, pipeline_at: place, .. } = &pipelines.names;
            match self.doc.at_place(*place) {
                Some(node) => self.doc.set_data(node, name),
                None => {
                    let node = self.doc.node(name);
                    self.doc.put(Doc::INGEST, key, node);
                }
            }
        }
    }

    fn steps(&mut self, steps: &Steps) -> Result<Flow, Failure> {
        if self.watch.is_some() {
            return self.watched(steps);
        }
        let mut at = 0;
        while let Some(open) = steps.gates.next_open(at, self.doc)
            && let Some(step) = steps.steps.get(open)
        {
            match self.take(step)? {
                Flow::Continue => at = open + 1,
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Continue)
    }

    /// Runs a step of a pipeline, behind which the document may not be too large.
    #[inline]
    pub(crate) fn take(&mut self, step: &Step) -> Result<Flow, Failure> {
        let flow = step.run(self)?;
        if self.doc.is_too_large() {
            return Err(step.mark(too_large(), step.about.kind));
        }
        Ok(flow)
    }

    /// Runs all steps, and tells of each how it began and ended.
    #[inline(never)]
    fn watched(&mut self, steps: &Steps) -> Result<Flow, Failure> {
        for step in &steps.steps {
            if let Some(watch) = &mut self.watch {
                watch.begins(&step.about);
            }
            let result = match &step.condition {
                None => Some(step.processor.run(self)),
                Some(condition) => match condition.test(self.doc) {
                    Ok(true) => Some(step.processor.run(self)),
                    Ok(false) => None,
                    Err(error) => {
                        let failure = step.mark(script::failure(&error), "conditional");
                        self.tell(step, &Ended::Undecided(&failure));
                        return Err(failure);
                    }
                },
            };
            let flow = match result {
                None => {
                    self.tell(step, &Ended::Skipped);
                    Flow::Continue
                }
                Some(Ok(flow)) => {
                    self.tell(step, &Ended::Done(flow));
                    flow
                }
                Some(Err(failure)) => {
                    let failure = step.mark(failure, step.failing_type());
                    self.tell(step, &Ended::Failed { failure: &failure, ignored: step.ignore_failure });
                    step.failed(self, failure)?
                }
            };
            if self.doc.is_too_large() {
                return Err(step.mark(too_large(), step.about.kind));
            }
            if flow != Flow::Continue {
                return Ok(flow);
            }
        }
        Ok(Flow::Continue)
    }

    fn tell(&mut self, step: &Step, how: &Ended<'_>) {
        if let Some(watch) = &mut self.watch {
            watch.ended(&step.about, how, self.doc);
        }
    }

    /// Runs a step that another processor holds: its failure is the holder's, unless the step has handlers.
    pub(crate) fn step(&mut self, step: &Step) -> Result<Flow, Failure> {
        step.run(self).map_err(|mut failure| {
            // Of a step with handlers only what its condition throws leaves it.
            let kinds = [(step.about.kind, step.on_failure.is_none()), ("conditional", true)];
            let of_step = |origin: &Origin| {
                kinds.contains(&(origin.processor_type, true)) && origin.tag == step.about.tag
            };
            if failure.origin.as_deref().is_some_and(of_step) {
                failure.origin = None;
            }
            failure
        })
    }

    /// Runs the handlers of a failure, which read it under `_ingest.on_failure_…`.
    fn handle(&mut self, handlers: &Steps, failure: &Failure) -> Result<Flow, Failure> {
        let names = &self.pipelines.names;
        let (kind, tag, pipeline) = match &failure.origin {
            Some(origin) => (origin.processor_type, origin.tag.as_deref(), &*origin.pipeline),
            None => ("unknown", None, ""),
        };
        let fields = [
            (&names.message, Some(failure.root_message())),
            (&names.processor_type, Some(kind)),
            (&names.tag, tag),
            (&names.failed_pipeline, Some(pipeline)),
        ];
        for (key, text) in fields {
            let node = match text {
                Some(text) => self.doc.string(text),
                None => self.doc.node(Data::Null),
            };
            self.doc.put(Doc::INGEST, key, node);
        }
        let flow = self.steps(handlers);
        for (key, _) in fields {
            self.doc.remove(Doc::INGEST, key);
        }
        flow
    }
}
