//! What is proven of every processor and option: by the node, or by documentation alone.
//!
//! `docs/reference/proof.md` says it, written from a run of the examples and the tables; the test fails when it is not current.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ingest::processors::{self, Info};
use serde_json::{Map, Value};

use crate::compare::Outcome;
use crate::node::Node;
use crate::random::known;

/// A processor and an option of it; the empty one is the processor itself.
type Used = BTreeSet<(String, String)>;

/// What every processor can have.
const COMMON: &[&str] = &["if", "tag", "description", "ignore_failure", "on_failure"];

/// How one option fares.
#[derive(Clone, Default)]
struct Row {
    /// Documents that came out of both alike, and such that failed alike.
    done: usize,
    failed: usize,
    /// How many of those a script stood in for.
    by_stand_in: usize,
    /// Where it is documented how Elasticsearch differs from the node.
    pages: BTreeSet<String>,
}

/// The tally.
#[derive(Default)]
pub(crate) struct Coverage(BTreeMap<(String, String), Row>);

/// The processors and options of pipelines.
pub(crate) fn used(definitions: &BTreeMap<String, Map<String, Value>>) -> Used {
    let mut used = Used::new();
    for body in definitions.values() {
        for list in ["processors", "on_failure"] {
            processors_in(body.get(list).unwrap_or(&Value::Null), &mut used);
        }
    }
    used
}

fn processors_in(list: &Value, used: &mut Used) {
    for processor in list.as_array().into_iter().flatten() {
        let Some((name, Value::Object(options))) = processor.as_object().and_then(|it| it.iter().next())
        else {
            continue;
        };
        used.insert((name.clone(), String::new()));
        used.extend(options.keys().map(|option| (name.clone(), option.clone())));
        processors_in(options.get("on_failure").unwrap_or(&Value::Null), used);
        if let Some(inner) = options.get("processor") {
            processors_in(&Value::from(vec![inner.clone()]), used);
        }
    }
}

impl Coverage {
    /// A document that both did the same to.
    pub(crate) fn proven(&mut self, used: &Used, theirs: &Outcome, by_stand_in: bool) {
        for of in used {
            let row = self.0.entry(of.clone()).or_default();
            match theirs {
                Outcome::Failed { .. } | Outcome::Refused { .. } => row.failed += 1,
                Outcome::Document { .. } | Outcome::Dropped => row.done += 1,
            }
            row.by_stand_in += usize::from(by_stand_in);
        }
    }

    /// A document of a case that the node is known to do something else to.
    pub(crate) fn documented(&mut self, used: &Used, page: &str) {
        for of in used {
            self.0.entry(of.clone()).or_default().pages.insert(page.to_owned());
        }
    }

    /// Compares it with the report that is kept, or writes that with `UPDATE_EXPECT`.
    pub(crate) fn finish(&self, node: &Node) {
        if !node.processors.contains("geoip") {
            // A node without databases proves less; the kept report is of one that has some.
            return;
        }
        let path = testkit::root().join("docs/reference/proof.md");
        let text = self.page();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "docs/reference/proof.md is not what this run proved; `UPDATE_EXPECT=1 tests/run differential` rewrites it"
        );
    }

    fn page(&self) -> String {
        let mut rows = String::new();
        let mut counts = BTreeMap::<&str, usize>::new();
        for info in processors::ALL {
            let own = info.options.iter().map(|(name, ..)| *name);
            for option in std::iter::once("").chain(own) {
                let (how, row) = self.row(info, option, &mut counts);
                let shown = if option.is_empty() { String::new() } else { format!("`{option}`") };
                writeln!(rows, "| {} | {shown} | {how} | {row} |", info.name).unwrap();
            }
        }
        for option in COMMON {
            let all = self.0.iter().filter(|((_, of), _)| of == option).map(|(_, row)| row);
            let sum = all.fold(Row::default(), |sum, row| Row {
                done: sum.done + row.done,
                failed: sum.failed + row.failed,
                ..sum
            });
            let how = if sum.done + sum.failed > 0 { "server" } else { "unproven" };
            *counts.entry(how).or_default() += 1;
            writeln!(
                rows,
                "| every processor | `{option}` | {how} | {} done, {} failed |",
                sum.done, sum.failed
            )
            .unwrap();
        }
        let summary: Vec<String> = counts.iter().map(|(how, count)| format!("{count} {how}")).collect();
        let mut reasons = String::new();
        for (why, pages) in known::reasons() {
            let pages: Vec<String> = pages.into_iter().map(link).collect();
            writeln!(reasons, "- {why} ({})", pages.join(", ")).unwrap();
        }
        let summary = summary.join(", ");
        format!("{HEAD}{summary}.\n\n{KNOWN}{reasons}\n{TABLE}{rows}")
    }

    fn row<'c>(&self, info: &Info, option: &str, counts: &mut BTreeMap<&'c str, usize>) -> (&'c str, String) {
        let row = self.0.get(&(info.name.to_owned(), option.to_owned())).cloned().unwrap_or_default();
        let in_example = |option: &str| {
            option.is_empty()
                || info.examples.iter().any(|example| example.processor.contains(&format!("{option}:")))
        };
        let (how, what) = if row.done + row.failed > row.by_stand_in {
            ("server", format!("{} done, {} failed", row.done, row.failed))
        } else if row.by_stand_in > 0 {
            ("server, by a script that stands in", format!("{} done, {} failed", row.done, row.failed))
        } else if !row.pages.is_empty() {
            ("documentation", row.pages.iter().map(|page| link(page)).collect::<Vec<_>>().join(", "))
        } else if in_example(option) {
            ("documentation", link(&info.page()))
        } else {
            ("unproven", String::new())
        };
        *counts.entry(how).or_default() += 1;
        (how, what)
    }
}

/// A link to a page of Elasticsearch's, or from this report to another of this project.
fn link(page: &str) -> String {
    match page.strip_prefix("docs/") {
        None => format!("<{page}>"),
        Some(own) => {
            let own = own.strip_prefix("reference/").map_or_else(|| format!("../{own}"), str::to_owned);
            format!("[{own}]({own})")
        }
    }
}

const TABLE: &str = "## By processor and option

| processor | option | proven by | by what |
|---|---|---|---|
";

const KNOWN: &str = "## Where the two are known to differ

Random chains are not compared where one of these explains the difference; each is told as narrowly as it can be.

";

const HEAD: &str = "<!-- Written by UPDATE_EXPECT=1 tests/run differential -->

# What is proven of processors and options

**server**: the same pipelines gave the same documents, or failed with the same type and reason, on a real OpenSearch 3.8; counted
are documents of [tests/differential](../../tests/differential) and of the examples, by what came of them. **documentation**: OpenSearch
lacks it or does something else; an example or a case, which is run as a test, says what Elasticsearch's page, or ours, does.
**unproven**: neither. How that is found out, and how many random pipelines agree besides, is in [proof](../proof.md).

Options: ";
