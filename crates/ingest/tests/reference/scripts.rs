//! The page of conditions and scripts.

use std::fmt::Write as _;

use crate::run::{Came, run};

const HEAD: &str = "# Painless

Conditions (`if`) and the [script](processors/script.md) processor are written in painless, Elasticsearch's language. It is compiled
when a pipeline is loaded; a mistake is told with its place.

## Conditions

A condition is an expression that gives a boolean, or statements with `return`. `ctx` is the document with its metadata
(`ctx._index`, `ctx._id`), `?.` stops at what is missing. What each gives on the documents beside it:

";

/// Conditions, and documents to try them on.
const CONDITIONS: &[(&str, &[&str])] = &[
    ("ctx.a == 'x'", &[r#"{"a":"x"}"#, r#"{"a":1}"#, "{}"]),
    ("ctx.user?.name != null", &[r#"{"user":{"name":"jo"}}"#, r#"{"user":null}"#, "{}"]),
    ("ctx.user.name != null", &[r#"{"user":{}}"#, "{}"]),
    ("ctx.n > 5 && ctx.n < 9", &[r#"{"n":7}"#, r#"{"n":5.5}"#, r#"{"n":"7"}"#, "{}"]),
    ("ctx.tags instanceof List && ctx.tags.contains('x')", &[r#"{"tags":["x"]}"#, r#"{"tags":"x"}"#]),
    ("['get', 'head'].contains(ctx.method?.toLowerCase())", &[r#"{"method":"GET"}"#, "{}"]),
    ("ctx.message =~ /^[a-z]+$/", &[r#"{"message":"abc"}"#, r#"{"message":"Abc"}"#]),
    ("ctx.containsKey('a') ? ctx.a instanceof String : ctx.b != null", &[r#"{"a":""}"#, r#"{"b":0}"#]),
];

const CLASSES: &str = "
## Classes

Methods with the number of their arguments, functions that are called by the name of the class (`new` makes a value), and
constants. A name that is not here is a mistake when the pipeline is loaded.

";

const LIMITS: &str = "
## Limits

A million turns of loops, 64 KiB of source, 100 levels of nesting in a script and a bounded depth of calls, and 40 MiB of memory: a
script that goes beyond fails, and no `catch` takes that.

## Differences from Elasticsearch

- An object or list that is assigned to a second field is copied: in Java both would go on to share it.
- Maps keep the order in which their keys came; as texts they are written in the order of Java's.
- A character that is put into a list or map becomes a text.
- A step of a stream runs for all elements before the next step, Java takes one element through all steps. The sum of no fractions is a
  whole 0.
- Of the classes for dates there are those above: a `ZonedDateTime` has an offset and no named zone, a day has 24 hours, and years go from
  -9999 to 9999.
- The field API is not there.
- Operators between types that do not fit fail when the script runs; Elasticsearch refuses some when it is compiled.
- `==` between a truth value and a number is false; Elasticsearch fails at some, by what the same place has seen before.

Elasticsearch documents the language in <https://www.elastic.co/docs/reference/scripting-languages/painless/painless-language-specification>.
";

/// The page.
pub(crate) fn page() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("| condition | document | gives |\n|---|---|---|\n");
    for (condition, documents) in CONDITIONS {
        for document in *documents {
            writeln!(
                out,
                "| `{}` | `{document}` | {} |",
                condition.replace('|', "\\|"),
                given(condition, document)
            )
            .unwrap();
        }
    }
    out.push_str(CLASSES);
    for class in painless::listing() {
        let rest = [
            ("methods", class.methods),
            ("functions", class.functions),
            ("constants", class.constants.iter().map(ToString::to_string).collect()),
        ];
        let rest: Vec<String> = rest
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(what, names)| format!("{what} `{}`", names.join("`, `")))
            .collect();
        let rest = if rest.is_empty() { String::new() } else { format!(": {}", rest.join("; ")) };
        writeln!(out, "- **{}**{rest}", class.name).unwrap();
    }
    out.push_str(LIMITS);
    out
}

/// What a condition gives.
fn given(condition: &str, document: &str) -> String {
    let options = serde_json::json!({"field": "given", "value": true, "if": condition});
    match run("set", options.as_object().unwrap(), document) {
        Came::Document(after) => if after.get("given").is_some() { "true" } else { "false" }.to_owned(),
        Came::Failed(reason) | Came::Refused(reason) => format!("fails: {reason}"),
        Came::Dropped => panic!("a set that drops"),
    }
}
