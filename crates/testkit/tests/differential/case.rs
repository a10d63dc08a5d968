//! A case: a few processors and the documents they run on. What should come out is the node's to say.

use std::collections::BTreeMap;

use ingest::processors;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::compare::{Outcome, differences, node_limit};
use crate::coverage::{self, Coverage};
use crate::node::Node;
use crate::report::Report;
use crate::{engine, mutate, rewrite};

/// What `_simulate` calls a pipeline that has no id.
pub(crate) const INLINE: &str = "_simulate_pipeline";

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it is about.
    pub(crate) about: String,
    /// Its processors.
    pub(crate) processors: Vec<Value>,
    /// The documents: objects, or strings of JSON where the text matters (1.0, 1e5).
    pub(crate) documents: Vec<Value>,
    /// Handlers of the pipeline.
    #[serde(default)]
    pub(crate) on_failure: Option<Value>,
    /// Pipelines that it calls, by id.
    #[serde(default)]
    pub(crate) pipelines: BTreeMap<String, Value>,
    /// Stored scripts that it names, by id: their text.
    #[serde(default)]
    pub(crate) scripts: BTreeMap<String, String>,
    /// What comes out by the page, where the node has no such thing: for each document its source, or the reason of its failure
    /// as a text; with `_index`, that of the document, too.
    #[serde(default)]
    after: Option<Vec<Value>>,
    /// Why they differ, OpenSearch from Elasticsearch most often. Such a case must differ; then it is unproven.
    #[serde(default)]
    pub(crate) differs: Option<String>,
    /// Where that is documented: a page of Elasticsearch's, or of this project where the engine goes its own way.
    #[serde(default)]
    pub(crate) page: Option<String>,
    /// Whether its documents may be mutated.
    #[serde(default = "yes")]
    mutable: bool,
    /// Whether only that a document fails is compared, and not why.
    #[serde(skip)]
    pub(crate) loosely: bool,
}

fn yes() -> bool {
    true
}

/// Examples for which OpenSearch does something else than Elasticsearch does, whose page of the processor says so.
const DIFFER: &[(&str, &str)] = &[
    (
        "append: values may come from another field, and empty ones be left out",
        "OpenSearch's append has neither option",
    ),
    ("bytes: a part of a byte counts as one", FRACTIONS),
    ("bytes: units are powers of 1024, in any case", FRACTIONS),
    ("convert: an address is checked and left as it is", IP_WORDS),
    ("date: formats are tried in their order", "OpenSearch's date takes the last format that fits"),
    ("dissect: names and values belong together", "the node names a class of its own"),
    ("dot_expander: all fields of an object at once", "OpenSearch's dot_expander has no wildcard"),
    ("dot_expander: unless the new one replaces the old one", "OpenSearch's dot_expander never replaces"),
    ("foreach: fields of an object, and their names", "OpenSearch's foreach takes lists only"),
    (
        "foreach: what is neither is an error (seen by its handler)",
        "this failure of OpenSearch's foreach passes by all handlers",
    ),
    ("grok: a field that is captured twice becomes a list", "OpenSearch takes the first text"),
    ("json: text behind the value is an error", "OpenSearch's json is never strict"),
    ("remove: a missing field is an error", "OpenSearch's remove has words of its own"),
    ("script: a mistake in the script is told with its place", "here the reason itself names the place"),
    ("user_agent: a browser", "OpenSearch's user_agent tells no type of device"),
    ("user_agent: properties have names", "OpenSearch has more properties"),
];

const FRACTIONS: &str = "OpenSearch reads whole numbers alone";
const IP_WORDS: &str = "OpenSearch's convert to ip has words of its own";

/// The examples that the processors are documented with.
pub(crate) fn examples() -> Vec<Case> {
    let examples =
        processors::ALL.iter().flat_map(|info| info.examples.iter().map(move |example| (info, example)));
    examples
        .map(|(info, example)| (format!("{}: {}", info.name, example.about), example))
        .map(|(about, example)| Case {
            about,
            processors: vec![serde_saphyr::from_str(example.processor).expect("YAML of an example")],
            documents: vec![Value::String(example.before.to_owned())],
            on_failure: None,
            pipelines: BTreeMap::new(),
            scripts: BTreeMap::new(),
            after: None,
            differs: None,
            page: None,
            mutable: true,
            loosely: false,
        })
        .collect()
}

/// The cases of `tests/differential/*.yml`.
pub(crate) fn tables() -> Vec<Case> {
    let dir = testkit::root().join("tests/differential");
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let cases: Vec<Case> =
                serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let table = path.file_stem().unwrap().to_string_lossy().into_owned();
            cases.into_iter().map(move |case| {
                let about = format!("{table}: {}", case.about);
                assert_eq!(
                    case.differs.is_some() || case.after.is_some(),
                    case.page.is_some(),
                    "{about}: what differs names its page"
                );
                Case { about, ..case }
            })
        })
        .collect()
}

/// A document of a table as JSON: it may be written as such.
fn json_text(document: &Value) -> String {
    document.as_str().map_or_else(|| document.to_string(), str::to_owned)
}

/// Writes down what a handler sees of a failure.
fn witness() -> Value {
    let seen = ["message", "processor_type", "processor_tag", "pipeline"].map(|what| {
        json!({"set": {"field": format!("seen.{what}"), "value": format!("{{{{{{_ingest.on_failure_{what}}}}}}}")}})
    });
    Value::Array(seen.to_vec())
}

impl Case {
    /// The same processors on mutations of the documents, compared loosely: why a document fails is compared where it
    /// is written by hand. None where the two are known to differ.
    pub(crate) fn mutated(&self, count: usize) -> Option<Self> {
        // By name, so that a new case does not change what the others are tried with.
        let seed =
            self.about.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        let documents: Vec<String> = self.documents.iter().map(json_text).collect();
        let mutations = mutate::mutations(&documents, count, seed);
        let mut about = self.about.clone();
        about.push_str(", mutated");
        // A document is an object, whatever is in it.
        let documents =
            mutations.into_iter().filter(|json| json.starts_with('{')).map(Value::String).collect();
        (self.mutable && self.differs.is_none() && self.after.is_none()).then(|| Self {
            about,
            documents,
            loosely: true,
            ..self.clone()
        })
    }

    fn definition(&self, on_failure: Option<Value>) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("processors".to_owned(), self.processors.clone().into());
        if let Some(handlers) = on_failure {
            body.insert("on_failure".to_owned(), handlers);
        }
        body
    }

    fn definitions(&self, main: Map<String, Value>) -> BTreeMap<String, Map<String, Value>> {
        let mut all: BTreeMap<String, Map<String, Value>> = self
            .pipelines
            .iter()
            .map(|(id, body)| (id.clone(), body.as_object().expect("a pipeline").clone()))
            .collect();
        all.insert(INLINE.to_owned(), main);
        all
    }

    /// Runs it in both and reports.
    pub(crate) async fn compare(&self, node: &Node, report: &mut Report, coverage: &mut Coverage) {
        if let Some(after) = &self.after {
            return self.is_as_documented(after, report, coverage);
        }
        let documents: Vec<String> = self.documents.iter().map(json_text).collect();
        let failed = self.run(node, (report, coverage), &documents, self.on_failure.clone(), "").await;
        if self.on_failure.is_none() && !failed.is_empty() {
            self.run(node, (report, coverage), &failed, Some(witness()), " (seen by its handler)").await;
        }
    }

    /// Compares what comes out with what the page says.
    fn is_as_documented(&self, after: &[Value], report: &mut Report, coverage: &mut Coverage) {
        assert_eq!(after.len(), self.documents.len(), "{}: what comes out of each document", self.about);
        let definitions = self.definitions(self.definition(self.on_failure.clone()));
        let pipelines = engine::compile(&definitions, &self.scripts);
        for (document, wanted) in self.documents.iter().map(json_text).zip(after) {
            let found = match engine::run(INLINE, &pipelines, &document, None) {
                Outcome::Document { index, source, .. } if wanted.get("_index").is_some() => {
                    let mut found = source;
                    found["_index"] = index.into();
                    found
                }
                Outcome::Document { source, .. } => source,
                Outcome::Dropped => Value::Null,
                Outcome::Failed { reason, .. } | Outcome::Refused { reason, .. } => reason.into(),
            };
            coverage.documented(&coverage::used(&definitions), self.page.as_deref().unwrap_or_default());
            if found == *wanted {
                report.proven();
            } else {
                report.wrong(&self.about, &document, &[format!("page   {wanted}\n     engine {found}")]);
            }
        }
    }

    /// One comparison; the documents that failed in both.
    async fn run(
        &self,
        node: &Node,
        (report, coverage): (&mut Report, &mut Coverage),
        documents: &[String],
        on_failure: Option<Value>,
        how: &str,
    ) -> Vec<String> {
        let definitions = self.definitions(self.definition(on_failure));
        let rewritten = rewrite::all(&definitions, &node.processors);
        let theirs = node.simulate(INLINE, &rewritten.definitions, &self.scripts, documents).await;
        let about = format!("{}{how}", self.about);
        let known = DIFFER.iter().find(|(of, _)| *of == about).map(|(_, why)| *why);
        let differs = known.or(self.differs.as_deref());
        let pipelines = engine::compile(&definitions, &self.scripts);
        let used = coverage::used(&definitions);
        let of = self.about.split(':').next().and_then(processors::find);
        let page = self.page.clone().or_else(|| of.map(processors::Info::page)).unwrap_or_default();
        let mut failed = Vec::new();
        let mut differing = 0;
        for (document, theirs) in documents.iter().zip(theirs) {
            let ours = engine::run(INLINE, &pipelines, document, theirs.timestamp.as_deref());
            let mut found = differences(&ours, &theirs.outcome, rewritten.is_script || self.loosely);
            // A handler would see the stand-in's failure, not the processor's.
            let comparable = found.is_empty() && !rewritten.is_script && !self.loosely;
            if matches!(theirs.outcome, Outcome::Failed { .. }) && comparable {
                failed.push(document.clone());
            }
            if let Some(left_out) = &theirs.left_out {
                report.unproven(&about, document, left_out);
            } else if let Some(differs) = differs {
                differing += usize::from(!found.is_empty());
                coverage.documented(&used, &page);
                report.unproven(&about, document, differs);
            } else if found.is_empty() {
                coverage.proven(&used, &theirs.outcome, rewritten.is_script);
                report.proven();
            } else if let Some(limit) = node_limit(&theirs.outcome) {
                report.unproven(&about, document, limit);
            } else {
                found.insert(0, format!("processors: {}", Value::from(self.processors.clone())));
                report.wrong(&about, document, &found);
            }
        }
        if differs.is_some() && differing == 0 && (known.is_some() || how.is_empty()) {
            report.wrong(&about, "", &["is said to differ and does not".to_owned()]);
        }
        failed
    }
}
