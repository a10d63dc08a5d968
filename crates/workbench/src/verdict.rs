//! What became of the events of a test file.

use ingest::Pipelines;
use serde_json::{Value, json};

use crate::case::{Case, find, take};
use crate::difference::{Difference, differences};
use crate::simulation::{Document, Simulated, simulate};

/// What came of one event.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// What was expected.
    Same,
    /// Another document than was expected: what is expected stands left.
    Different(Vec<Difference>),
    /// It failed in the pipeline, and nobody handled that.
    Failed(String),
}

/// What came of the events of a file.
#[derive(Debug)]
pub struct Judged {
    /// By event, with what came out: null for one that was dropped or failed.
    pub events: Vec<(Verdict, Value)>,
    /// What is wrong with the file itself: no expectation, or one of another number of events.
    pub of_file: Option<String>,
}

impl Judged {
    /// Whether all is as expected.
    pub fn is_good(&self) -> bool {
        self.of_file.is_none() && self.events.iter().all(|(verdict, _)| *verdict == Verdict::Same)
    }

    /// What came out, as `…-expected.json` has it.
    pub fn as_expected(&self) -> Value {
        json!({"expected": self.events.iter().map(|(_, document)| document).collect::<Vec<_>>()})
    }
}

/// Runs the events of a test file through a pipeline and compares what comes out.
///
/// # Errors
/// A pattern of the file's configuration that is none.
pub fn judge(pipelines: &Pipelines, entry: &str, case: &Case, timestamp: &str) -> Result<Judged, String> {
    let dynamic = case.config.dynamic()?;
    let mut events = Vec::with_capacity(case.events.len());
    for (at, event) in case.events.iter().enumerate() {
        let simulated = simulate(pipelines, entry, &Document::new(event.clone()), timestamp, None);
        let document = match simulated {
            Simulated::Done(document) => document.source,
            Simulated::Dropped => Value::Null,
            Simulated::Failed(failure) => {
                events.push((Verdict::Failed(failure.to_string()), Value::Null));
                continue;
            }
        };
        let verdict = match case.expected.as_ref().and_then(|all| all.get(at)) {
            None => Verdict::Same,
            Some(expected) => {
                let (mut expected, mut found) = (expected.clone(), document.clone());
                for (name, pattern) in &dynamic {
                    let value = find(&found, name);
                    if value.is_some_and(|it| pattern.is_match(it.as_str().unwrap_or(&it.to_string()))) {
                        take(&mut found, name);
                        take(&mut expected, name);
                    }
                }
                match differences(&expected, &found) {
                    none if none.is_empty() => Verdict::Same,
                    some => Verdict::Different(some),
                }
            }
        };
        events.push((verdict, document));
    }
    let of_file = match &case.expected {
        None => Some("nothing is expected of it yet: write what comes out with --generate".to_owned()),
        Some(expected) if expected.len() != events.len() => {
            Some(format!("it has {} events, and {} are expected", events.len(), expected.len()))
        }
        Some(_) => None,
    };
    Ok(Judged { events, of_file })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ingest::{Definition, Lookups, compile};

    use super::*;

    fn pipelines(text: &str) -> Pipelines {
        compile(&[Definition::parse("p", "p", text).unwrap()], &Lookups::default()).unwrap()
    }

    fn judged(text: &str, files: &[(&str, &str)]) -> Judged {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(root.path().join(name), text).unwrap();
        }
        let case = Case::read(&root.path().join(Path::new(files[0].0))).unwrap();
        judge(&pipelines(text), "p", &case, "2026-01-02T03:04:05.678Z").unwrap()
    }

    const PIPELINE: &str = "processors: [
      {drop: {if: ctx.message == 'drop'}},
      {fail: {message: no good, if: ctx.message == 'fail'}},
      {set: {field: event.ingested, value: '{{{_ingest.timestamp}}}'}}]";

    #[test]
    fn each_event_is_judged_by_itself() {
        let expected = r#"{"expected":[
          {"message":"a","event":{"ingested":"whenever"}}, null, {"message":"c"}, {"message":"d","x":1}]}"#;
        let judged = judged(
            PIPELINE,
            &[
                ("test-a.log", "a\ndrop\nfail\nd\n"),
                ("test-a.log-expected.json", expected),
                ("test-a.log-config.yml", "dynamic_fields: {event.ingested: '^2026-'}"),
            ],
        );
        assert!(!judged.is_good());
        assert_eq!(judged.events[0].0, Verdict::Same);
        assert_eq!(judged.events[1], (Verdict::Same, Value::Null));
        assert_eq!(judged.events[2].0, Verdict::Failed("no good".to_owned()));
        let Verdict::Different(found) = &judged.events[3].0 else { panic!("{:?}", judged.events[3]) };
        assert_eq!((found[0].path.as_str(), found.len()), ("x", 2));
    }

    #[test]
    fn a_dynamic_field_must_match_its_pattern() {
        let judged = judged(
            PIPELINE,
            &[
                ("test-a.log", "a"),
                ("test-a.log-expected.json", r#"{"expected":[{"message":"a","event":{"ingested":"x"}}]}"#),
                ("test-a.log-config.yml", "dynamic_fields: {event.ingested: '^1999-'}"),
            ],
        );
        assert!(matches!(&judged.events[0].0, Verdict::Different(_)));
    }

    #[test]
    fn what_came_out_can_be_written_down_and_then_holds() {
        let first = judged(PIPELINE, &[("test-a.log", "a\ndrop")]);
        assert!(!first.is_good() && first.of_file.is_some());
        let written = first.as_expected().to_string();
        let second = judged(PIPELINE, &[("test-a.log", "a\ndrop"), ("test-a.log-expected.json", &written)]);
        assert!(second.is_good());
        let third = judged(PIPELINE, &[("test-a.log", "a"), ("test-a.log-expected.json", &written)]);
        assert_eq!(third.of_file.unwrap(), "it has 1 events, and 2 are expected");
    }
}
