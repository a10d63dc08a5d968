//! Random chains of processors on random documents.
//!
//! A chain and its documents follow from the seed and a number, so that a run can be had again. Where the engines differ,
//! chain and document are made smaller as long as they differ ([`shrink`]), and printed as a case for
//! `tests/differential`. [`known`] is the one table of differences that are none of the engine.

mod chains;
mod dice;
mod documents;
pub(crate) mod known;
mod options;
mod painless;
mod shrink;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};

use self::chains::Chain;
use self::dice::Dice;
use self::shrink::Seen;
use crate::case::INLINE;
use crate::compare::{Outcome, differences, node_limit};
use crate::node::Node;
use crate::report::Report;
use crate::{engine, rewrite};

/// Documents of one chain.
const DOCUMENTS: usize = 4;
/// Chains that share a library of pipelines.
const BATCH: usize = 250;
/// Requests under way at a time.
const REQUESTS: usize = 3;
/// Differences that are made smaller, of one kind and in all, and how often one is tried.
const SHRUNK_OF_A_KIND: usize = 2;
const SHRUNK: usize = 40;
const TRIALS: usize = 1500;

/// How much is compared.
pub(crate) struct Extent {
    documents: usize,
    seed: u64,
}

impl Extent {
    /// 5,000 documents, 200,000 with `tests/run --long`; or as the environment says.
    pub(crate) fn asked_for() -> Self {
        let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect(name));
        let usual = if std::env::var_os("TRAILCAR_TEST_LONG").is_some() { 200_000 } else { 5_000 };
        Self {
            documents: number("TRAILCAR_TEST_RANDOM_DOCUMENTS")
                .map_or(usual, |it: u64| usize::try_from(it).unwrap()),
            seed: number("TRAILCAR_TEST_SEED").unwrap_or(20_261_128),
        }
    }
}

/// What came of the documents, by the names of their chain's processors.
#[derive(Default)]
struct Tally {
    chains: usize,
    refused: usize,
    documents: BTreeMap<&'static str, usize>,
    /// Documents that a chain with the processor was compared on: all, and those that came out otherwise than they came in.
    processors: BTreeMap<String, (usize, usize)>,
    known: BTreeMap<&'static str, (usize, &'static str)>,
    kinds: BTreeMap<String, usize>,
}

/// Compares as many documents as asked for.
pub(crate) async fn compare(node: &Node, report: &mut Report, extent: &Extent) {
    let mut tally = Tally::default();
    let batches = extent.documents.div_ceil(BATCH * DOCUMENTS);
    let started = std::time::Instant::now();
    for batch in 0..batches {
        let chains = BATCH.min((extent.documents - batch * BATCH * DOCUMENTS).div_ceil(DOCUMENTS));
        one(node, report, &mut tally, extent.seed, batch, chains).await;
    }
    let known: usize = tally.known.values().map(|(count, _)| count).sum();
    report.note(format!(
        "seed {}: {} chains, of which {} were refused by both; documents: {:?}; {known} of them differ as is known; {} s",
        extent.seed,
        tally.chains,
        tally.refused,
        tally.documents,
        started.elapsed().as_secs()
    ));
    for (processor, (all, changed)) in &tally.processors {
        report.note(format!(
            "{processor}: on {all} documents, of which {changed} came out otherwise than they came in"
        ));
    }
    for (why, (count, page)) in &tally.known {
        report.note(format!("known to differ on {count} documents: {why} ({page})"));
    }
    for (kind, count) in &tally.kinds {
        report.note(format!("{count} differ: {kind}"));
    }
}

async fn one(node: &Node, report: &mut Report, tally: &mut Tally, seed: u64, batch: usize, count: usize) {
    let first = (batch * BATCH) as u64;
    let mut library = chains::library(&mut Dice::new(!seed, first));
    let refused = node.put(&rewrite::all(&library, &node.processors).definitions).await;
    library.retain(|name, _| !refused.contains(name));
    let chains = (0..count as u64).map(|at| chains::chain(&mut Dice::new(seed, first + at), DOCUMENTS));
    let library = &library;
    let compared = stream::iter(chains).map(|chain| async move {
        let seen: Vec<Seen> =
            chain.documents.iter().map(|document| seen(&chain, library, document)).collect();
        let outcomes = outcomes(node, &seen, Put::AreThere).await;
        (chain, seen, outcomes)
    });
    let mut compared = compared.buffered(REQUESTS);
    let mut differing = Vec::new();
    while let Some((chain, seen, outcomes)) = compared.next().await {
        tally.chain(&chain, &outcomes);
        for (seen, pair) in seen.into_iter().zip(outcomes) {
            match pair.verdict(&seen) {
                Verdict::Same => report.proven(),
                Verdict::Known(why, page) => tally.known.entry(why).or_insert((0, page)).0 += 1,
                Verdict::Different => differing.push((seen, pair)),
            }
        }
    }
    drop(compared);
    for (seen, pair) in differing {
        let kind = pair.kind();
        let so_far = tally.kinds.entry(kind.clone()).or_default();
        *so_far += 1;
        if *so_far <= SHRUNK_OF_A_KIND && tally.kinds.len() <= SHRUNK {
            let (seen, pair) = shrunk(node, seen, pair).await;
            report.wrong(&seen.case(), "it", &pair.differences());
        } else {
            report.wrong(&format!("one more, {kind}: {}", seen.case()), "it", &pair.differences());
        }
    }
}

/// A document of a chain, with the pipelines that are called.
fn seen(chain: &Chain, library: &BTreeMap<String, Map<String, Value>>, document: &Value) -> Seen {
    Seen {
        processors: chain.processors.clone(),
        on_failure: chain.on_failure.clone(),
        pipelines: library.clone(),
        document: document.clone(),
    }
    .without_unused()
}

/// What both made of a document.
struct Pair {
    ours: Outcome,
    theirs: Outcome,
}

enum Verdict {
    Same,
    Known(&'static str, &'static str),
    Different,
}

impl Pair {
    fn differences(&self) -> Vec<String> {
        differences(&self.ours, &self.theirs, false)
    }

    fn verdict(&self, seen: &Seen) -> Verdict {
        if self.differences().is_empty() {
            return Verdict::Same;
        }
        if let Some(known) = known::of(seen, &self.ours, &self.theirs) {
            return Verdict::Known(known.why, known.page);
        }
        match node_limit(&self.theirs) {
            Some(why) => Verdict::Known(why, "docs/proof.md"),
            None => Verdict::Different,
        }
    }

    /// What kind of difference it is, in a few words.
    fn kind(&self) -> String {
        match (&self.ours, &self.theirs) {
            (Outcome::Document { .. }, Outcome::Document { .. }) => {
                generalised(self.differences().first().map_or("", String::as_str))
            }
            (ours, theirs) => format!("{} / {}", words(ours), words(theirs)),
        }
    }
}

/// An outcome without what is a document's own.
fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Document { .. } => "document".to_owned(),
        Outcome::Dropped => "dropped".to_owned(),
        Outcome::Failed { kind, reason } => format!("failed {kind} {}", generalised(reason)),
        Outcome::Refused { kind, reason } => format!("refused {kind} {}", generalised(reason)),
    }
}

/// A reason without what stands in brackets and quotes.
fn generalised(reason: &str) -> String {
    let mut depth = 0_usize;
    let kept = reason.chars().filter(|c| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && !c.is_ascii_digit(),
        }
        false
    });
    kept.take(60).collect()
}

/// Whether the pipelines that a chain calls are on the node.
enum Put {
    AreThere,
    First,
}

/// Both engines on the documents of one chain.
async fn outcomes(node: &Node, seen: &[Seen], put: Put) -> Vec<Pair> {
    let Some(one) = seen.first() else { return Vec::new() };
    let mut definitions = one.definitions();
    let rewritten = rewrite::all(&definitions, &node.processors);
    assert!(rewritten.left_out.is_empty(), "processors that the node lacks: {:?}", rewritten.left_out);
    if let Put::First = put {
        let refused = node.put(&rewritten.definitions).await;
        definitions.retain(|name, _| !refused.contains(name));
    }
    let documents: Vec<String> = seen.iter().map(|seen| seen.document.to_string()).collect();
    let answers = node.inline(&rewritten.definitions[INLINE], &documents).await;
    let pipelines = engine::compile(&definitions, &BTreeMap::new());
    let run =
        |document: &String, timestamp: Option<&str>| engine::run(INLINE, &pipelines, document, timestamp);
    documents
        .iter()
        .zip(answers)
        .map(|(document, theirs)| Pair {
            ours: run(document, theirs.timestamp.as_deref()),
            theirs: theirs.outcome,
        })
        .collect()
}

/// The smallest on which they still differ in the same way.
async fn shrunk(node: &Node, mut seen: Seen, mut pair: Pair) -> (Seen, Pair) {
    let sort = |pair: &Pair| {
        [&pair.ours, &pair.theirs]
            .map(|outcome| words(outcome).split(' ').take(2).collect::<Vec<_>>().join(" "))
    };
    let mut tried = BTreeSet::new();
    let mut trials = 0;
    'again: loop {
        for smaller in seen.smaller() {
            if trials >= TRIALS || !tried.insert(smaller.case()) {
                continue;
            }
            trials += 1;
            let found =
                outcomes(node, std::slice::from_ref(&smaller), Put::First).await.pop().expect("an outcome");
            if matches!(found.verdict(&smaller), Verdict::Different) && sort(&found) == sort(&pair) {
                (seen, pair) = (smaller, found);
                continue 'again;
            }
        }
        return (seen, pair);
    }
}

impl Tally {
    fn chain(&mut self, chain: &Chain, outcomes: &[Pair]) {
        self.chains += 1;
        self.refused +=
            usize::from(outcomes.iter().all(|pair| matches!(pair.theirs, Outcome::Refused { .. })));
        let mut names = BTreeSet::new();
        names_in(&json!(chain.processors), &mut names);
        for (pair, document) in outcomes.iter().zip(&chain.documents) {
            let (what, changed) = match &pair.theirs {
                Outcome::Document { source, .. } => ("done", source != document),
                Outcome::Dropped => ("dropped", true),
                Outcome::Failed { .. } => ("failed", false),
                Outcome::Refused { .. } => ("refused", false),
            };
            *self.documents.entry(what).or_default() += 1;
            for name in &names {
                let (all, other) = self.processors.entry(name.clone()).or_default();
                *all += 1;
                *other += usize::from(changed);
            }
        }
    }
}

/// The types of all processors in a list, and in those.
fn names_in(list: &Value, names: &mut BTreeSet<String>) {
    for processor in list.as_array().into_iter().flatten() {
        let Some((name, options)) = processor.as_object().and_then(|it| it.iter().next()) else { continue };
        names.insert(name.clone());
        names_in(&options["on_failure"], names);
        if let Some(inner) = options.get("processor") {
            names_in(&json!([inner]), names);
        }
    }
}
