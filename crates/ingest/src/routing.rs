//! What runs on a document on its way into an index: the pipelines of the request and of every index that it is sent to.
//!
//! The rules are those that an Elasticsearch 9.2 node answered with. A document goes through the pipeline of its request,
//! or else the index's `default_pipeline`, and then the index's `final_pipeline`. `reroute` sends it to another index,
//! whose two pipelines run then; a pipeline that sets `_index` skips the other index's `default_pipeline`. A final
//! pipeline sends nobody elsewhere, and nobody comes to an index again.

use event::doc::Text;
use event::{Data, Doc};
use smallvec::{SmallVec, smallvec};

use crate::failure::Failure;
use crate::pipeline::{Flow, Outcome, Pipelines, Run, Stack};
use crate::watch::Watch;

/// The pipelines of an index, by their ids. None, or `_none`, is no pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexPipelines {
    /// Its `default_pipeline`; for the index of a request, the request's pipeline where it names one.
    pub first: Option<String>,
    /// Its `final_pipeline`.
    pub last: Option<String>,
}

/// Tells the pipelines of indices. It is asked for each document that is sent to another index, so it does no I/O.
pub trait Indices: Send + Sync {
    /// The pipelines of an index, or of what would be made by this name.
    fn pipelines(&self, index: &str) -> IndexPipelines;
}

/// No index has pipelines.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoIndices;

impl Indices for NoIndices {
    fn pipelines(&self, _: &str) -> IndexPipelines {
        IndexPipelines::default()
    }
}

/// A document goes to this many indices at most: names that grow with every turn are no cycle that can be told.
const MAX_INDICES: usize = 100;

/// The indices that a document was sent to, its own first.
type Way = SmallVec<[Option<Text>; 4]>;

impl Pipelines {
    /// Runs what is to run on a document before it is in its index, `_index` of its metadata; `own` are that one's
    /// pipelines. `_index` is then where it goes.
    ///
    /// # Errors
    /// The [`Failure`] that no `on_failure` handled, a pipeline that is not there, and ways that lead nowhere.
    pub fn route(
        &self,
        own: &IndexPipelines,
        indices: &dyn Indices,
        doc: &mut Doc,
        timestamp: &str,
        watch: Option<&mut dyn Watch>,
    ) -> Result<Outcome, Failure> {
        let (mut stack, mut turns) = (Stack::new(), 0);
        let own_run = (&mut stack, &mut turns);
        match watch {
            None => self.begin(doc, timestamp, own_run, None),
            Some(watch) => self.begin(doc, timestamp, own_run, Some(watch)),
        }
        .travel(own, indices, None)
    }
}

/// What the first of an index's pipelines did, where it ran already.
#[derive(Clone, Copy)]
pub(crate) struct Ran {
    /// `_index` before it ran.
    pub(crate) before: Option<Text>,
    pub(crate) flow: Flow,
}

/// What the pipelines of an index did with a document.
enum Passed<'a> {
    Stays,
    Dropped,
    /// It goes to another index, by a pipeline, which may have said so with `reroute`.
    Moves {
        by: &'a str,
        rerouted: bool,
    },
}

impl IndexPipelines {
    /// The first of them that is one.
    pub(crate) fn named_first(&self) -> Option<&str> {
        named(&self.first)
    }
}

/// The id that is the name of a pipeline.
fn named(id: &Option<String>) -> Option<&str> {
    id.as_deref().filter(|id| *id != "_none")
}

impl Run<'_> {
    /// The way of a document into its index, of whose pipelines the first may have run.
    pub(crate) fn travel(
        &mut self,
        own: &IndexPipelines,
        indices: &dyn Indices,
        ran: Option<Ran>,
    ) -> Result<Outcome, Failure> {
        let mut way: Way = smallvec![ran.map_or_else(|| self.index(), |ran| ran.before)];
        let mut of_other;
        let mut passed = self.through(own, ran)?;
        loop {
            let (by, rerouted) = match passed {
                Passed::Stays => return Ok(Outcome::Done),
                Passed::Dropped => return Ok(Outcome::Dropped),
                Passed::Moves { by, rerouted } => (by, rerouted),
            };
            way.push(self.index());
            self.check(&way, by)?;
            of_other = indices.pipelines(name(self.doc, self.index()));
            if !rerouted {
                of_other.first = None;
            }
            passed = self.through(&of_other, None)?;
        }
    }

    /// Runs the pipelines of one index.
    fn through<'a>(
        &mut self,
        pipelines: &'a IndexPipelines,
        ran: Option<Ran>,
    ) -> Result<Passed<'a>, Failure> {
        let before = ran.map_or_else(|| self.index(), |ran| ran.before);
        for (id, is_last) in [(&pipelines.first, false), (&pipelines.last, true)] {
            let Some(id) = named(id) else { continue };
            let flow = match ran.filter(|_| !is_last) {
                Some(ran) => ran.flow,
                None => match self.find_pipeline(id) {
                    Some(slot) => self.call_at(slot)?,
                    None => {
                        let reason = format!("pipeline with id [{id}] does not exist");
                        return Err(Failure::illegal_argument(reason));
                    }
                },
            };
            if flow == Flow::Drop {
                return Ok(Passed::Dropped);
            }
            let after = self.index();
            if before == after || name(self.doc, before) == name(self.doc, after) {
                continue;
            }
            if is_last {
                let [from, to] = [before, after].map(|index| name(self.doc, index));
                let reason = format!(
                    "final pipeline [{id}] can't change the target index (from [{from}] to [{to}]) for document [{}]",
                    self.id()
                );
                return Err(Failure::new("illegal_state_exception", reason));
            }
            return Ok(Passed::Moves { by: id, rerouted: flow == Flow::Reroute });
        }
        Ok(Passed::Stays)
    }

    /// Whether a document is new to the last index of its way, and has not come too far.
    fn check(&self, way: &Way, by: &str) -> Result<(), Failure> {
        let mut names = way.iter().map(|index| name(self.doc, *index));
        let last = names.next_back();
        let reason = if names.any(|name| Some(name) == last) {
            let names: Vec<&str> = way.iter().map(|index| name(self.doc, *index)).collect();
            let names = names.join(", ");
            format!(
                "index cycle detected while processing pipeline [{by}] for document [{}]: [{names}]",
                self.id()
            )
        } else if way.len() > MAX_INDICES {
            format!("pipeline [{by}] sends document [{}] to more than {MAX_INDICES} indices", self.id())
        } else {
            return Ok(());
        };
        Err(Failure::new("illegal_state_exception", reason))
    }

    /// `_index`
    pub(crate) fn index(&self) -> Option<Text> {
        match self.doc.data(self.doc.at_place(self.pipelines.names.index_at)?) {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    /// `_id`
    fn id(&self) -> &str {
        self.doc.get_named(Doc::METADATA, "_id").and_then(|id| self.doc.as_str(id)).unwrap_or("null")
    }
}

fn name(doc: &Doc, index: Option<Text>) -> &str {
    index.map_or("null", |index| doc.text(index))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::{Definition, Lookups, compile};

    /// Indices with their two pipelines.
    struct Settings(HashMap<&'static str, IndexPipelines>);

    impl Indices for Settings {
        fn pipelines(&self, index: &str) -> IndexPipelines {
            // Whatever grows has the pipeline that makes it grow.
            let index = if index.starts_with("grow") { "grow" } else { index };
            self.0.get(index).cloned().unwrap_or_default()
        }
    }

    /// Where a document of an index comes to and what it has then, as `index {…}`, or the failure.
    fn route(index: &str, request: Option<&str>) -> Result<String, String> {
        let pipelines = [
            (
                "to_b",
                "[{set: {field: to_b, value: 1}}, {reroute: {destination: b}}, {set: {field: late, value: 1}}]",
            ),
            ("calls", "[{pipeline: {name: to_b}}, {set: {field: late, value: 1}}]"),
            ("of_b", "[{set: {field: of_b, value: 1}}]"),
            ("last_a", "[{set: {field: last_a, value: 1}}]"),
            ("last_b", "[{set: {field: last_b, value: 1}}]"),
            ("sets_b", "[{set: {field: _index, value: b}}, {set: {field: on, value: 1}}]"),
            ("to_c2", "[{reroute: {destination: c2}}]"),
            ("to_c1", "[{reroute: {destination: c1}}]"),
            ("sets_c1", "[{set: {field: _index, value: c1}}]"),
            (
                "to_self",
                "[{set: {field: self, value: 1}}, {reroute: {destination: self}}, {set: {field: late, value: 1}}]",
            ),
            ("to_lacks", "[{reroute: {destination: lacks}}]"),
            ("drops", "[{drop: {}}]"),
            ("fails", "[{fail: {message: no}}]"),
            (
                "grows",
                "[{set: {field: n, value: '{{{data_stream.namespace}}}x'}}, {reroute: {namespace: '{{n}}'}}]",
            ),
        ];
        let definitions =
            pipelines.map(|(id, steps)| Definition::parse(id, id, &format!("processors: {steps}")).unwrap());
        let pipelines = compile(&definitions, &Lookups::default()).unwrap();
        let settings = [
            ("a", "to_b", "last_a"),
            ("b", "of_b", "last_b"),
            ("c1", "to_c2", ""),
            ("c2", "to_c1", ""),
            ("calls", "calls", "last_a"),
            ("set", "sets_b", "last_a"),
            ("self", "to_self", "last_b"),
            ("final", "", "sets_b"),
            ("final_reroute", "", "to_b"),
            ("set_back", "to_c2", ""),
            ("lacks", "nope", ""),
            ("far", "to_lacks", ""),
            ("none", "_none", "_none"),
            ("drop", "drops", "last_a"),
            ("fail", "fails", "last_a"),
            ("grow", "grows", ""),
        ];
        let named = |id: &str| Some(id.to_owned()).filter(|id| !id.is_empty());
        let of = |(index, first, last): (&'static str, &str, &str)| {
            (index, IndexPipelines { first: named(first), last: named(last) })
        };
        let settings = Settings(settings.map(of).into());
        let mut doc = Doc::new();
        let (root, name) = (doc.parse_str("{}").unwrap(), doc.string(index));
        doc.set_data(Doc::SOURCE, doc.data(root));
        doc.put_named(Doc::METADATA, "_index", name);
        let mut own = settings.pipelines(index);
        own.first = request.map(str::to_owned).or(own.first);
        let outcome = pipelines
            .route(&own, &settings, &mut doc, "2026-01-02T03:04:05.678Z", None)
            .map_err(|failure| format!("{}: {}", failure.kind, failure.reason))?;
        let index = doc.get_named(Doc::METADATA, "_index").and_then(|node| doc.as_str(node)).unwrap();
        let dropped = if outcome == Outcome::Dropped { "dropped " } else { "" };
        Ok(format!("{dropped}{index} {}", doc.json(Doc::SOURCE)))
    }

    /// The answers of Elasticsearch 9.2 to the same documents.
    #[test]
    fn documents_meet_the_pipelines_of_every_index_that_they_come_to() {
        let cycle = "illegal_state_exception: index cycle detected while processing pipeline";
        for (index, request, end) in [
            ("a", None, Ok(r#"b {"to_b":1,"of_b":1,"last_b":1}"#.to_owned())),
            ("other", Some("to_b"), Ok(r#"b {"to_b":1,"of_b":1,"last_b":1}"#.to_owned())),
            ("calls", None, Ok(r#"b {"to_b":1,"of_b":1,"last_b":1}"#.to_owned())),
            ("set", None, Ok(r#"b {"on":1,"last_b":1}"#.to_owned())),
            ("self", None, Ok(r#"self {"self":1,"last_b":1}"#.to_owned())),
            ("a", Some("_none"), Ok(r#"a {"last_a":1}"#.to_owned())),
            ("none", None, Ok("none {}".to_owned())),
            ("drop", None, Ok("dropped drop {}".to_owned())),
            ("fail", None, Err("fail_processor_exception: no".to_owned())),
            ("lacks", None, Err("illegal_argument_exception: pipeline with id [nope] does not exist".to_owned())),
            ("far", None, Err("illegal_argument_exception: pipeline with id [nope] does not exist".to_owned())),
            ("c1", None, Err(format!("{cycle} [to_c1] for document [null]: [c1, c2, c1]"))),
            ("c2", Some("sets_c1"), Ok("c1 {}".to_owned())),
            (
                "final",
                None,
                Err("illegal_state_exception: final pipeline [sets_b] can't change the target index (from [final] to [b]) for document [null]".to_owned()),
            ),
            (
                "final_reroute",
                None,
                Err("illegal_state_exception: final pipeline [to_b] can't change the target index (from [final_reroute] to [b]) for document [null]".to_owned()),
            ),
        ] {
            assert_eq!(route(index, request), end, "{index} {request:?}");
        }
    }

    #[test]
    fn ways_end() {
        let end = route("grow-a-b", None).unwrap_err();
        assert_eq!(
            end,
            "illegal_state_exception: pipeline [grows] sends document [null] to more than 100 indices"
        );
    }
}
