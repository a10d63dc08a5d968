//! `dissect`: takes a text apart at the delimiters that a pattern names.
//!
//! [`pattern`] reads the pattern and matches it; this file writes what was found into the document.

mod pattern;

use event::doc::{AccessPattern, Place};
use event::{Data, Doc, FieldPath, NodeId};
use smallvec::SmallVec;

use self::pattern::{Found, Pattern};
use super::string::text_of;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "dissect",
    summary: "Splits a text into fields at fixed delimiters, without a regular expression.",
    options: &[
        ("field", "", "text to split"),
        (
            "pattern",
            "",
            "keys and what stands between them: %{key}, with -> behind it for delimiters that repeat, + to append \
             (/n for the order), ? or nothing to skip, * for a name and & for its value",
        ),
        ("append_separator", "", "what stands between texts that are appended"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "delimiters are found one after the other",
            processor: "dissect: {field: m, pattern: '%{client.ip} [%{@timestamp}] \"%{verb} %{path}\"'}",
            before: r#"{"m":"1.2.3.4 [30/Apr/1998] \"GET /a b\""}"#,
            after: Ok(
                r#"{"m":"1.2.3.4 [30/Apr/1998] \"GET /a b\"","client":{"ip":"1.2.3.4"},"@timestamp":"30/Apr/1998","verb":"GET","path":"/a b"}"#,
            ),
        },
        Example {
            about: "an arrow takes delimiters that repeat",
            processor: "dissect: {field: m, pattern: '%{ts->} %{level}'}",
            before: r#"{"m":"1998    WARN"}"#,
            after: Ok(r#"{"m":"1998    WARN","ts":"1998","level":"WARN"}"#),
        },
        Example {
            about: "texts are appended in their own order",
            processor: "dissect: {field: m, pattern: '%{+name/2} %{+name/1} %{?skipped}', append_separator: ','}",
            before: r#"{"m":"john jacob x"}"#,
            after: Ok(r#"{"m":"john jacob x","name":"jacob,john"}"#),
        },
        Example {
            about: "names may stand in the text",
            processor: "dissect: {field: m, pattern: '[%{ts}] %{*k}:%{&k}'}",
            before: r#"{"m":"[1998] ip:1.2.3.4"}"#,
            after: Ok(r#"{"m":"[1998] ip:1.2.3.4","ts":"1998","ip":"1.2.3.4"}"#),
        },
        Example {
            about: "what does not match is an error",
            processor: "dissect: {field: m, pattern: '%{a} %{b}'}",
            before: r#"{"m":"x"}"#,
            after: Err("Unable to find match for dissect pattern: %{a} %{b} against source: x"),
        },
        Example {
            about: "names and values belong together",
            processor: "dissect: {field: m, pattern: '%{*k} %{x}'}",
            before: r#"{"m":"x"}"#,
            after: Err(
                "[pattern] Unable to parse pattern: %{*k} %{x} Reason: Found invalid key/reference associations: \
                 'k' Please ensure each '*<key>' is matched with a matching '&<key>",
            ),
        },
    ],
    differences: &[],
    compile,
};

struct Dissect {
    field: FieldPath,
    pattern: Pattern,
    source: String,
    /// By output of the pattern.
    targets: Vec<FieldPath>,
    separator: String,
    ignore_missing: bool,
    access: AccessPattern,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let source = options.string("pattern")?;
    let separator = options.optional_string("append_separator")?.unwrap_or_default();
    let ignore_missing = options.boolean("ignore_missing", false)?;
    let pattern = Pattern::compile(&source).map_err(|reason| OptionError::of("pattern", reason))?;
    let targets = pattern.outputs.iter().map(|output| options.known("pattern", &output.name));
    let targets = targets.collect::<Result<_, _>>()?;
    Ok(Box::new(Dissect {
        field,
        pattern,
        source,
        targets,
        separator,
        ignore_missing,
        access: options.pattern(),
    }))
}

impl Processor for Dissect {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let Some(text) = text_of(doc, &self.field, self.ignore_missing)? else {
            return Ok(Flow::Continue);
        };
        let found =
            self.pattern.find(doc.text(text)).filter(|found| self.names_differ(doc.text(text), found));
        let Some(found) = found else {
            let text = doc.text(text);
            let reason =
                format!("Unable to find match for dissect pattern: {} against source: {text}", self.source);
            return Err(Failure::new("find_match", reason));
        };
        // A name that is none fails before anything is set.
        let names = self.pattern.references.iter().map(|(name, _)| found[*name].clone());
        let named: SmallVec<[FieldPath; 4]> = names
            .map(|name| FieldPath::parse_as(&doc.text(text)[name], self.access))
            .collect::<Result<_, _>>()?;
        for (output, target) in self.pattern.outputs.iter().zip(&self.targets) {
            let value = self.value(doc, text, &found, &output.parts);
            doc.set(target, value)?;
        }
        for ((_, value), path) in self.pattern.references.iter().zip(named) {
            let value = doc.copy_text(text, found[*value].clone());
            let value = doc.node(Data::Str(value));
            doc.set(&path, value)?;
        }
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

impl Dissect {
    /// Whether no name that the text gives is given twice: fewer fields than the pattern has are no match.
    fn names_differ(&self, text: &str, found: &Found) -> bool {
        if self.pattern.references.is_empty() {
            return true;
        }
        let names = self.pattern.references.iter().map(|(name, _)| &text[found[*name].clone()]);
        let mut all: SmallVec<[&str; 16]> =
            self.pattern.outputs.iter().map(|output| output.name.as_str()).chain(names).collect();
        all.sort_unstable();
        all.windows(2).all(|pair| pair[0] != pair[1])
    }

    fn value(&self, doc: &mut Doc, text: event::doc::Text, found: &Found, parts: &[usize]) -> NodeId {
        if let [only] = parts {
            let text = doc.copy_text(text, found[*only].clone());
            return doc.node(Data::Str(text));
        }
        let source = doc.text(text);
        let texts: SmallVec<[&str; 8]> = parts.iter().map(|part| &source[found[*part].clone()]).collect();
        let joined = texts.join(&self.separator);
        drop(texts);
        doc.string(&joined)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::run;

    proptest! {
        #[test]
        fn nothing_breaks_it(
            pattern in "(%\\{[+*&?]?[a-c]?(/[12])?(->)?\\}| |:|é|%|\\{|\\}|x){0,12}",
            text in "([a-c :éx%{}]){0,30}",
        ) {
            let before = serde_json::json!({ "m": text }).to_string();
            drop(run(&format!("dissect: {{field: m, pattern: '{pattern}'}}"), &before));
        }

        #[test]
        fn values_without_delimiters_come_back(a in "[^ :]{1,9}", b in "[^ :]{1,9}", c in "[^ :]{1,9}") {
            let before = serde_json::json!({ "m": format!("{a}: {b}   {c}") }).to_string();
            let after = run("dissect: {field: m, pattern: '%{a}: %{b->} %{c}'}", &before).unwrap();
            prop_assert_eq!([&after["a"], &after["b"], &after["c"]], [&a, &b, &c]);
        }
    }
}
