//! `json`: parses a text.

use event::doc::{ParseIntoError, ParseOptions, Text};
use event::{Data, Doc, FieldPath, JsonError, NodeId};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};
use crate::template::java_text;

pub(super) const INFO: Info = Info {
    name: "json",
    summary: "Parses a text as JSON.",
    options: &[
        ("field", "", "text to parse"),
        ("target_field", "field", "where the parsed value goes"),
        (
            "add_to_root",
            "false",
            "whether the fields of the parsed object go to the top of the document instead",
        ),
        ("add_to_root_conflict_strategy", "replace", "replace or merge fields that are at the top already"),
        (
            "allow_duplicate_keys",
            "false",
            "whether the last of fields with the same name counts; else an error",
        ),
        ("strict_json_parsing", "true", "whether text behind the first value is an error"),
    ],
    examples: &[
        Example {
            about: "a text becomes an object",
            processor: "json: {field: message, target_field: event_data}",
            before: r#"{"message":"{\"a\":[1,null]}"}"#,
            after: Ok(r#"{"message":"{\"a\":[1,null]}","event_data":{"a":[1,null]}}"#),
        },
        Example {
            about: "its fields can go to the top",
            processor: "json: {field: m, add_to_root: true}",
            before: r#"{"m":"{\"a\":{\"y\":2}}","a":{"x":1}}"#,
            after: Ok(r#"{"m":"{\"a\":{\"y\":2}}","a":{"y":2}}"#),
        },
        Example {
            about: "and be merged there",
            processor: "json: {field: m, add_to_root: true, add_to_root_conflict_strategy: merge}",
            before: r#"{"m":"{\"a\":{\"y\":2}}","a":{"x":1}}"#,
            after: Ok(r#"{"m":"{\"a\":{\"y\":2}}","a":{"x":1,"y":2}}"#),
        },
        Example {
            about: "only an object can go to the top",
            processor: "json: {field: m, add_to_root: true}",
            before: r#"{"m":"[1]"}"#,
            after: Err("cannot add non-map fields to root of document"),
        },
        Example {
            about: "text behind the value is an error",
            processor: "json: {field: m}",
            before: r#"{"m":"{} x"}"#,
            after: Err(
                "field [m] is not JSON: there is more text behind the end of the JSON value at byte 3",
            ),
        },
        Example {
            about: "unless parsing is not strict",
            processor: "json: {field: m, strict_json_parsing: false}",
            before: r#"{"m":"12 \"x"}"#,
            after: Ok(r#"{"m":12}"#),
        },
        Example {
            about: "an empty text is null, and a number is itself",
            processor: "json: {field: m}",
            before: r#"{"m":""}"#,
            after: Ok(r#"{"m":null}"#),
        },
    ],
    differences: &[
        "what is wrong with a text is told in the words of the engine's parser",
        "fields like _index and _id in JSON that is added to the top stay in the document: who sends a text does not choose its index",
    ],
    compile,
};

#[derive(Clone)]
enum Target {
    Field(FieldPath),
    /// The top of the document. The field is looked for there too, by its name and not as a path.
    Root {
        merging: bool,
    },
}

struct Json {
    field: FieldPath,
    target: Target,
    options: ParseOptions,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let target = options.optional_path("target_field")?;
    let to_root = options.boolean("add_to_root", false)?;
    let strategy = options.optional_string("add_to_root_conflict_strategy")?;
    let target = match (to_root, target, strategy.as_deref()) {
        (true, Some(_), _) => {
            let reason = "Cannot set a target field while also setting `add_to_root` to true";
            return Err(OptionError::of("target_field", reason));
        }
        (false, _, Some(_)) => {
            let reason = "Cannot set `add_to_root_conflict_strategy` if `add_to_root` is false";
            return Err(OptionError::of("add_to_root_conflict_strategy", reason));
        }
        (false, target, None) => Target::Field(target.unwrap_or_else(|| field.clone())),
        (true, None, None | Some("replace")) => Target::Root { merging: false },
        (true, None, Some("merge")) => Target::Root { merging: true },
        (true, None, Some(other)) => {
            let reason = format!("conflict strategy [{other}] not supported, cannot convert field.");
            return Err(OptionError::of("add_to_root_conflict_strategy", reason));
        }
    };
    let options = ParseOptions {
        allow_duplicate_keys: options.boolean("allow_duplicate_keys", false)?,
        ignore_trailing: !options.boolean("strict_json_parsing", true)?,
    };
    Ok(Box::new(Json { field, target, options }))
}

impl Processor for Json {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        match &self.target {
            Target::Field(target) => {
                let node = doc.resolve(&self.field)?;
                match source(doc, node) {
                    Source::Text(text) => match doc.parse_into(target, text, self.options) {
                        Err(ParseIntoError::Json(error)) => return Err(self.no_json(&error)),
                        Err(ParseIntoError::Path(error)) => return Err(error.into()),
                        Ok(()) => {}
                    },
                    Source::Value(node) => doc.set(target, node)?,
                }
            }
            Target::Root { merging } => {
                let name = self.field.as_str();
                let at_top = doc.get_named(Doc::SOURCE, name).or_else(|| doc.get_named(Doc::METADATA, name));
                let parsed = match at_top {
                    None => None,
                    Some(node) => match source(doc, node) {
                        Source::Text(text) => {
                            Some(doc.parse(text, self.options).map_err(|error| self.no_json(&error))?)
                        }
                        Source::Value(node) => Some(node),
                    },
                };
                let Some(parsed) = parsed.filter(|node| matches!(doc.data(*node), Data::Object(_))) else {
                    return Err(Failure::illegal_argument("cannot add non-map fields to root of document"));
                };
                merge(doc, Doc::SOURCE, parsed, *merging);
            }
        }
        Ok(Flow::Continue)
    }
}

/// What a field has to be parsed.
enum Source {
    Text(Text),
    /// It is the value itself, as a new node.
    Value(NodeId),
}

fn source(doc: &mut Doc, node: NodeId) -> Source {
    match doc.data(node) {
        Data::Str(text) if doc.text(text).trim_ascii().is_empty() => Source::Value(doc.node(Data::Null)),
        Data::Str(text) => Source::Text(text),
        Data::Object(_) | Data::Array(_) => {
            let mut text = String::new();
            java_text(doc, node, false, &mut text);
            Source::Text(doc.add_text(&text))
        }
        data => Source::Value(doc.node(data)),
    }
}

impl Json {
    #[cold]
    fn no_json(&self, error: &JsonError) -> Failure {
        Failure::illegal_argument(format!("field [{}] is not JSON: {error}", self.field.as_str()))
            .caused_by(error.to_string())
    }
}

/// Moves the fields of an object into another; with `deep`, objects on both sides are merged.
fn merge(doc: &mut Doc, into: NodeId, from: NodeId, deep: bool) {
    let mut next = doc.first_child(from);
    while let Some(child) = next {
        next = doc.next_sibling(child);
        let key = doc.key_text(child);
        let old = doc.get_named(into, doc.key(child));
        match old {
            Some(old)
                if deep && matches!((doc.data(old), doc.data(child)), (Data::Object(_), Data::Object(_))) =>
            {
                merge(doc, old, child, true);
            }
            _ => {
                doc.unlink(from, child);
                doc.put_text(into, key, child);
            }
        }
    }
}
