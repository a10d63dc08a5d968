//! A page for each processor, and their index.

use std::fmt::Write as _;

use ingest::processors::{self, Example, Info};
use serde_json::{Map, Value, json};

use crate::run::{Came, parsed, run};

/// The index, with what all processors have in common.
pub(crate) fn index() -> String {
    let mut out = "# Processors\n\nWhat a pipeline is made of. Each page has the options, examples, which run as tests, \
        what becomes of values that the processor does not expect, and where it differs from Elasticsearch.\n\n\
        | processor | what it does |\n|---|---|\n"
        .to_owned();
    for info in processors::ALL {
        writeln!(out, "| [{0}]({0}.md) | {1} |", info.name, cell(info.summary)).unwrap();
    }
    out.push_str(COMMON);
    out
}

const COMMON: &str = "
## Options of every processor

| option | default | meaning |
|---|---|---|
| `if` | | condition in [painless](../painless.md); the processor runs when it gives true |
| `tag` | | name of the processor, for messages and metrics |
| `description` | | what it is for |
| `ignore_failure` | `false` | whether the pipeline goes on as if nothing had happened when the processor fails |
| `on_failure` | | processors that run when it fails; the pipeline then goes on behind it |

A failure that no `on_failure` of a processor takes goes to that of the pipeline, which ends it; one that nobody takes fails the
document. Handlers read `_ingest.on_failure_message`, `_ingest.on_failure_processor_type`, `_ingest.on_failure_processor_tag` and
`_ingest.on_failure_pipeline`. A condition that fails passes the processor's own handlers by.

A pipeline is refused as a whole, with all its mistakes, when an option is missing, has the wrong type or is not known. A path
that is empty is refused then as well, where Elasticsearch fails each document.
";

/// The page of a processor.
pub(crate) fn page(info: &Info) -> String {
    let mut out = format!("# {}\n\n{}\n\n", info.name, info.summary);
    options(info, &mut out);
    out.push_str("## Examples\n\n");
    for example in info.examples {
        shown(example, &mut out);
    }
    other_values(info, &mut out);
    out.push_str("## Differences from Elasticsearch\n\n");
    if info.differences.is_empty() {
        out.push_str("None is known.\n\n");
    }
    for difference in info.differences {
        writeln!(out, "- {difference}").unwrap();
    }
    writeln!(out, "\nElasticsearch documents it in <{}>.", info.page()).unwrap();
    out
}

fn options(info: &Info, out: &mut String) {
    out.push_str("## Options\n\n");
    if info.options.is_empty() {
        out.push_str(
            "None of its own; [those of every processor](README.md#options-of-every-processor).\n\n",
        );
        return;
    }
    out.push_str("| option | default | meaning |\n|---|---|---|\n");
    for (name, default, meaning) in info.options {
        let default = match *default {
            "" if is_required(info, name) => "required".to_owned(),
            "" => String::new(),
            default => format!("`{}`", cell(default)),
        };
        writeln!(out, "| `{name}` | {default} | {} |", cell(meaning)).unwrap();
    }
    out.push_str("\nAnd [those of every processor](README.md#options-of-every-processor).\n\n");
}

/// Whether no example does without an option, and none loads without it.
fn is_required(info: &Info, option: &str) -> bool {
    info.examples.iter().all(|example| {
        let (name, mut options) = parsed(example.processor);
        let loads = |options: &Map<String, Value>| !matches!(run(&name, options, "{}"), Came::Refused(_));
        !loads(&options) || (options.shift_remove(option).is_some() && !loads(&options))
    })
}

fn shown(example: &Example, out: &mut String) {
    writeln!(out, "{}:\n\n```yaml\n{}\n```", capital(example.about), example.processor).unwrap();
    let after = match example.after {
        Ok("\"dropped\"") => "the document is dropped".to_owned(),
        Ok(json) => json.to_owned(),
        Err(reason) => format!("fails: {reason}"),
    };
    writeln!(out, "```\nbefore  {}\nafter   {after}\n```\n", example.before).unwrap();
}

/// What becomes of the first example when its field holds something else.
fn other_values(info: &Info, out: &mut String) {
    let Some((name, options, before, field)) = info.examples.iter().find_map(|example| {
        let (name, options) = parsed(example.processor);
        let before: Value = serde_json::from_str(example.before).unwrap();
        let field = options.get("field")?.as_str()?.to_owned();
        (example.after.is_ok() && before.get(&field).is_some()).then_some((name, options, before, field))
    }) else {
        return;
    };
    writeln!(out, "## Other values\n\nThe first example, when `{field}` holds something else:\n").unwrap();
    out.push_str("| value | what becomes of the document |\n|---|---|\n");
    let others = [
        None,
        Some(json!(null)),
        Some(json!("")),
        Some(json!(5)),
        Some(json!(true)),
        Some(json!(["x"])),
        Some(json!({"k": "x"})),
    ];
    for value in others {
        let mut document = before.clone();
        match &value {
            Some(value) => document[&field] = value.clone(),
            None => drop(document.as_object_mut().unwrap().shift_remove(&field)),
        }
        let came = match run(&name, &options, &document.to_string()) {
            Came::Document(after) if after == document => "stays as it is".to_owned(),
            Came::Document(after) => format!("`{}`", cell(&after.to_string())),
            Came::Dropped => "is dropped".to_owned(),
            Came::Failed(reason) | Came::Refused(reason) => format!("fails: {}", cell(&reason)),
        };
        let value = value.map_or_else(|| "missing".to_owned(), |value| format!("`{value}`"));
        writeln!(out, "| {value} | {came} |").unwrap();
    }
    out.push('\n');
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "\\<").replace('*', "\\*")
}
