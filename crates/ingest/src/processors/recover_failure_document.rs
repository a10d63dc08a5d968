//! `recover_failure_document`: makes the original of a document of a failure store.
//!
//! OpenSearch has none, so what is expected is what Elastic's page "Recover Failure Document processor" says.

use event::{Data, Doc, FieldPath, Key};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "recover_failure_document",
    summary: "Restores a document of a failure store to what it was before it failed.",
    options: &[],
    examples: &[
        Example {
            about: "the original takes the document's place; the rest goes to _ingest.pre_recovery",
            processor: "recover_failure_document: {}",
            before: r#"{"@timestamp":"2025-05-09T06:41:24.775Z","document":{"id":"1","index":"logs","source":{"a":5}},"error":{"message":"no"}}"#,
            after: Ok(r#"{"a":5}"#),
        },
        Example {
            about: "another document has nothing to restore",
            processor: "recover_failure_document: {}",
            before: r#"{"a":5}"#,
            after: Err("field [document] is missing: this is no document of a failure store"),
        },
    ],
    differences: &[],
    compile,
};

struct Recover {
    document: FieldPath,
    source: FieldPath,
    error: FieldPath,
    /// Fields of the failed document, each with the metadata that it becomes.
    metadata: [(FieldPath, Key, bool); 3],
    kept: Key,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let mut known = |path: &str| -> Result<FieldPath, OptionError> { options.known("document", path) };
    Ok(Box::new(Recover {
        document: known("document")?,
        source: known("document.source")?,
        error: known("error")?,
        metadata: [
            (known("document.index")?, Key::new("_index"), true),
            (known("document.id")?, Key::new("_id"), false),
            (known("document.routing")?, Key::new("_routing"), false),
        ],
        kept: Key::new("pre_recovery"),
    }))
}

impl Processor for Recover {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        for path in [&self.document, &self.error] {
            is_object(doc, path)?;
        }
        is_object(doc, &self.source)?;
        if let Some((index, ..)) = self.metadata.iter().find(|(path, _, needed)| *needed && !doc.has(path)) {
            return Err(missing(index));
        }
        let source = doc.detach(&self.source)?;
        for (path, key, _) in &self.metadata {
            if let Some(value) = doc.find(path).filter(|node| doc.data(*node) != Data::Null) {
                let copy = doc.copy(value);
                doc.put(Doc::METADATA, key, copy);
            }
        }
        let kept = doc.node(Data::EMPTY_OBJECT);
        let old = doc.copy(Doc::SOURCE);
        let data = doc.data(old);
        doc.set_data(kept, data);
        doc.put(Doc::INGEST, &self.kept, kept);
        doc.set_data(Doc::SOURCE, doc.data(source));
        Ok(Flow::Continue)
    }
}

fn is_object(doc: &Doc, path: &FieldPath) -> Result<(), Failure> {
    match doc.find(path) {
        Some(node) if matches!(doc.data(node), Data::Object(_)) => Ok(()),
        _ => Err(missing(path)),
    }
}

fn missing(path: &FieldPath) -> Failure {
    let field = path.as_str();
    Failure::illegal_argument(format!("field [{field}] is missing: this is no document of a failure store"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn metadata_and_what_was_about_the_failure_are_kept() {
        let processor = "recover_failure_document: {}}, {set: {field: why, value: '{{{_ingest.pre_recovery.error.message}}} {{{_ingest.pre_recovery.document.id}}} {{{_index}}} {{{_id}}} {{{_routing}}}'}";
        let before = r#"{"document":{"id":"1","index":"logs","routing":"r","source":{"a":5}},"error":{"message":"no"}}"#;
        assert_eq!(run(processor, before).unwrap()["why"], "no 1 logs 1 r");
    }

    #[test]
    fn what_is_no_document_of_a_failure_store_stays() {
        for before in [
            r#"{"document":{"source":{}},"error":{}}"#,
            r#"{"document":{"index":"x"},"error":{}}"#,
            r#"{"document":5}"#,
        ] {
            assert!(run("recover_failure_document: {}", before).is_err(), "{before}");
        }
    }
}
