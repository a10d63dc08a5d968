//! `reroute`: sends a document to another index or data stream.
//!
//! OpenSearch has none, so what is expected is what Elastic's page "Reroute processor" says.

use std::borrow::Cow;

use event::{Data, Doc, FieldPath, Key};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "reroute",
    summary: "Sends a document to another index or data stream; the pipelines that are under way end with it.",
    options: &[
        (
            "destination",
            "",
            "index that the document goes to, unless parts of a data stream's name are given",
        ),
        ("type", "{{data_stream.type}}", "first part of the data stream's name, or a list of fallbacks"),
        (
            "dataset",
            "{{data_stream.dataset}}",
            "second part of its name: a text, {{field}}, or a list of fallbacks",
        ),
        ("namespace", "{{data_stream.namespace}}", "last part of its name, in the same way"),
    ],
    examples: &[
        Example {
            about: "a destination becomes _index as it is, and nothing runs behind it",
            processor: "reroute: {destination: other}",
            before: r#"{"a":1}"#,
            after: Ok(r#"{"a":1}"#),
        },
        Example {
            about: "a name that is no data stream's has no parts",
            processor: "reroute: {dataset: nginx}",
            before: "{}",
            after: Err(
                "invalid data stream name: [null]; must follow naming scheme <type>-<dataset>-<namespace>",
            ),
        },
        Example {
            about: "a dataset has no hyphen",
            processor: "reroute: {dataset: a-b}",
            before: "{}",
            after: Err("[dataset] 'a-b' contains disallowed characters"),
        },
    ],
    differences: &[],
    compile,
};

/// The parts of a data stream's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Type,
    Dataset,
    Namespace,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Dataset => "dataset",
            Self::Namespace => "namespace",
        }
    }

    /// A text without the characters that this part can not have.
    fn sanitized(self, text: &str) -> Cow<'_, str> {
        const MAX_LENGTH: usize = 100;
        let illegal = |c: char| r#"\/*?"<>| ,#:"#.contains(c) || (c == '-' && self != Self::Namespace);
        let clean = |c: char| !illegal(c) && c.to_lowercase().eq([c]);
        if text.chars().all(clean) && text.chars().count() <= MAX_LENGTH {
            return Cow::Borrowed(text);
        }
        let lower = text.to_lowercase();
        Cow::Owned(lower.chars().map(|c| if illegal(c) { '_' } else { c }).take(MAX_LENGTH).collect())
    }
}

/// A value of a part: as it is written, or that of a field.
enum Source {
    Text(String),
    Field(FieldPath),
}

struct Choice {
    part: Part,
    sources: Vec<Source>,
    /// `data_stream.…`, which is set to what was chosen.
    field: FieldPath,
}

enum Reroute {
    To(String, Key),
    Stream { parts: Box<[Choice; 3]>, event_dataset: FieldPath, index: Key },
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let destination = options.optional_string("destination")?;
    let index = Key::new("_index");
    if let Some(destination) = destination {
        if ["type", "dataset", "namespace"].iter().any(|part| options.has(part)) {
            let reason = "can only be set if type, dataset, and namespace are not set";
            return Err(OptionError::of("destination", reason));
        }
        return Ok(Box::new(Reroute::To(destination, index)));
    }
    let mut part = |part| choice(options, part);
    let parts = Box::new([part(Part::Type)?, part(Part::Dataset)?, part(Part::Namespace)?]);
    let event_dataset = options.known("dataset", "event.dataset")?;
    Ok(Box::new(Reroute::Stream { parts, event_dataset, index }))
}

fn choice(options: &mut Options<'_, '_>, part: Part) -> Result<Choice, OptionError> {
    let name = part.name();
    let field = format!("data_stream.{name}");
    let texts = options.strings(name)?.filter(|texts| !texts.is_empty());
    let texts = texts.unwrap_or_else(|| vec![format!("{{{{{field}}}}}")]);
    let sources = texts.into_iter().map(|text| source(options, part, text)).collect::<Result<_, _>>()?;
    Ok(Choice { part, sources, field: options.known(name, &field)? })
}

fn source(options: &mut Options<'_, '_>, part: Part, text: String) -> Result<Source, OptionError> {
    let name = part.name();
    if text.starts_with("{{") || text.ends_with("}}") {
        let inner = text.strip_prefix("{{{").and_then(|rest| rest.strip_suffix("}}}"));
        let inner = inner.or_else(|| text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")));
        let field = inner.map(str::trim).filter(|field| !field.is_empty() && !field.contains(['{', '}']));
        return match field {
            Some(field) => options.known(name, field).map(Source::Field),
            None => Err(OptionError::of(name, format!("'{text}' is not a valid field reference"))),
        };
    }
    if part.sanitized(&text) != text {
        return Err(OptionError::of(name, format!("'{text}' contains disallowed characters")));
    }
    Ok(Source::Text(text))
}

impl Choice {
    /// The first value that there is; that of the name where there is none.
    fn choose<'a>(&'a self, doc: &'a Doc, fallback: &'a str) -> Cow<'a, str> {
        let found = self.sources.iter().find_map(|source| match source {
            Source::Text(text) => Some(Cow::Borrowed(text.as_str())),
            Source::Field(path) => {
                let text = doc.find(path).and_then(|node| doc.as_str(node))?;
                Some(self.part.sanitized(text))
            }
        });
        found.unwrap_or(Cow::Borrowed(fallback))
    }
}

impl Processor for Reroute {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let (name, index) = match self {
            Self::To(destination, index) => (destination.clone(), index),
            Self::Stream { parts, event_dataset, index } => {
                let old = doc.get(Doc::METADATA, index).and_then(|node| doc.as_str(node)).map(str::to_owned);
                let old = old.unwrap_or_else(|| "null".to_owned());
                let mut fallbacks = old.splitn(3, '-');
                let (Some(kind), Some(dataset), Some(namespace)) =
                    (fallbacks.next(), fallbacks.next(), fallbacks.next())
                else {
                    let reason = format!(
                        "invalid data stream name: [{old}]; must follow naming scheme <type>-<dataset>-<namespace>"
                    );
                    return Err(Failure::illegal_argument(reason));
                };
                let mut chosen = [kind, dataset, namespace].map(str::to_owned);
                for (value, choice) in chosen.iter_mut().zip(parts.iter()) {
                    *value = choice.choose(doc, value).into_owned();
                }
                for (value, choice) in chosen.iter().zip(parts.iter()) {
                    let node = doc.string(value);
                    doc.set(&choice.field, node)?;
                }
                if doc.find(event_dataset).is_some_and(|node| doc.data(node) != Data::Null) {
                    let node = doc.string(&chosen[1]);
                    doc.set(event_dataset, node)?;
                }
                (chosen.join("-"), index)
            }
        };
        let node = doc.string(&name);
        doc.put(Doc::METADATA, index, node);
        Ok(Flow::Reroute)
    }
}

#[cfg(test)]
mod tests {
    use event::Doc;

    use crate::{Definition, Lookups, compile};

    /// Index and source of a document that was in a data stream.
    fn routed(pipelines: &[(&str, &str)], before: &str) -> (String, String) {
        let parsed = pipelines.iter().map(|(id, text)| Definition::parse(id, id, text).unwrap());
        let definitions: Vec<Definition> = parsed.collect();
        let pipelines = compile(&definitions, &Lookups::default()).unwrap();
        let mut doc = Doc::new();
        let root = doc.parse_str(before).unwrap();
        doc.set_data(Doc::SOURCE, doc.data(root));
        let index = doc.string("logs-generic-default");
        doc.put_named(Doc::METADATA, "_index", index);
        pipelines.run("main", &mut doc, "2026-01-02T03:04:05.678Z").unwrap();
        let index =
            doc.get_named(Doc::METADATA, "_index").and_then(|node| doc.as_str(node)).unwrap().to_owned();
        (index, doc.json(Doc::SOURCE))
    }

    #[test]
    fn parts_come_from_fields_texts_and_the_old_name() {
        for (options, before, index) in [
            ("{dataset: nginx}", "{}", "logs-nginx-default"),
            (
                "{dataset: '{{service.name}}', namespace: ['{{env}}', other]}",
                r#"{"service":{"name":"My-App/1"}}"#,
                "logs-my_app_1-other",
            ),
            ("{namespace: '{{{env}}}'}", r#"{"env":"a-b"}"#, "logs-generic-a-b"),
            ("{}", r#"{"data_stream":{"dataset":"x","type":"metrics"}}"#, "metrics-x-default"),
            ("{dataset: ['{{a}}', '{{b}}']}", r#"{"a":5,"b":null}"#, "logs-generic-default"),
            ("{destination: any}", "{}", "any"),
        ] {
            let text = format!("processors: [{{reroute: {options}}}, {{set: {{field: late, value: 1}}}}]");
            let (found, source) = routed(&[("main", &text)], before);
            assert_eq!(found, index, "{options}");
            assert!(!source.contains("late"), "{options}");
        }
    }

    #[test]
    fn the_fields_of_the_data_stream_follow() {
        let text = "processors: [{reroute: {dataset: nginx}}]";
        let (_, source) = routed(&[("main", text)], r#"{"event":{"dataset":"old"}}"#);
        let wanted = r#"{"event":{"dataset":"nginx"},"data_stream":{"type":"logs","dataset":"nginx","namespace":"default"}}"#;
        assert_eq!(source, wanted);
    }

    #[test]
    fn pipelines_that_call_end_as_well() {
        let outer = "processors: [{pipeline: {name: inner}}, {set: {field: late, value: 1}}]";
        let (index, source) =
            routed(&[("main", outer), ("inner", "processors: [{reroute: {destination: z}}]")], "{}");
        assert_eq!((index.as_str(), source.as_str()), ("z", "{}"));
    }
}
