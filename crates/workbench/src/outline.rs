//! What a pipeline does, read from its definition: its processors in their order, with those of pipelines that it calls.

use ingest::Definition;
use serde_json::{Map, Value};

/// How deep called pipelines are followed.
const MAX_CALLS: usize = 100;

/// A processor.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// How far it lies within others: called pipelines, handlers, loops.
    pub depth: usize,
    /// What it is.
    pub what: What,
}

/// What a line of an outline is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A processor: its type, what it is about in a few words, its tag and its condition.
    Processor {
        /// Its type.
        kind: String,
        /// Its main options.
        about: String,
        /// Its tag.
        tag: Option<String>,
        /// Its `if`.
        condition: Option<String>,
    },
    /// What follows, one level deeper, runs when what stands above fails.
    OnFailure,
    /// The pipeline that is called is not there.
    Missing(String),
    /// It calls one that is under way already, which fails.
    Cycle(String),
}

/// The outline of a pipeline; nothing where there is none of this id.
pub fn outline(definitions: &[Definition], id: &str) -> Vec<Line> {
    let mut lines = Lines { definitions, lines: Vec::new(), under_way: Vec::new() };
    lines.pipeline(id, 0);
    lines.lines
}

struct Lines<'a> {
    definitions: &'a [Definition],
    lines: Vec<Line>,
    under_way: Vec<String>,
}

impl Lines<'_> {
    fn add(&mut self, depth: usize, what: What) {
        self.lines.push(Line { depth, what });
    }

    fn pipeline(&mut self, id: &str, depth: usize) {
        let Some(definition) = self.definitions.iter().rfind(|definition| definition.id == id) else {
            return self.add(depth, What::Missing(id.to_owned()));
        };
        if self.under_way.iter().any(|other| other == id) || self.under_way.len() >= MAX_CALLS {
            return self.add(depth, What::Cycle(id.to_owned()));
        }
        self.under_way.push(id.to_owned());
        self.processors(definition.body.get("processors"), depth);
        self.handlers(&definition.body, depth);
        self.under_way.pop();
    }

    fn handlers(&mut self, body: &Map<String, Value>, depth: usize) {
        if let Some(handlers) = body.get("on_failure") {
            self.add(depth, What::OnFailure);
            self.processors(Some(handlers), depth + 1);
        }
    }

    fn processors(&mut self, list: Option<&Value>, depth: usize) {
        for value in list.and_then(Value::as_array).into_iter().flatten() {
            self.processor(value, depth);
        }
    }

    fn processor(&mut self, value: &Value, depth: usize) {
        let Some((kind, Value::Object(options))) = value.as_object().and_then(|it| it.iter().next()) else {
            return;
        };
        let text = |name: &str| options.get(name).and_then(Value::as_str).map(str::to_owned);
        let condition = options.get("if").map(|condition| {
            let source = condition.get("source").unwrap_or(condition);
            source.as_str().map_or_else(|| source.to_string(), str::to_owned)
        });
        let what = What::Processor { kind: kind.clone(), about: about(options), tag: text("tag"), condition };
        self.add(depth, what);
        if kind == "pipeline"
            && let Some(name) = text("name").filter(|name| !name.contains("{{"))
        {
            self.pipeline(&name, depth + 1);
        }
        if let Some(inner) = options.get("processor").filter(|_| kind == "foreach") {
            self.processor(inner, depth + 1);
        }
        self.handlers(options, depth + 1);
    }
}

/// What a processor is about: the options that say which fields and values, in the order of its definition.
fn about(options: &Map<String, Value>) -> String {
    const COMMON: &[&str] =
        &["tag", "description", "if", "on_failure", "processor", "source", "params", "lang"];
    const LONGEST: usize = 60;
    let told = options.iter().filter(|(name, _)| !COMMON.contains(&name.as_str())).map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut cut: String = value.chars().take(LONGEST).collect();
        if cut.len() < value.len() {
            cut.push('…');
        }
        format!("{name}: {cut}")
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_loops_and_handlers_are_followed() {
        let parse = |id: &str, text: &str| Definition::parse(id, id, text).unwrap();
        let definitions = [
            parse(
                "a",
                "{processors: [{pipeline: {name: b, if: ctx.x != null}}, {pipeline: {name: c}}], on_failure: [{drop: {}}]}",
            ),
            parse(
                "b",
                "{processors: [{foreach: {field: l, processor: {trim: {field: _ingest._value}}, on_failure: [{fail: {message: m}}]}}, {pipeline: {name: a}}]}",
            ),
        ];
        let told: Vec<String> = outline(&definitions, "a")
            .into_iter()
            .map(|line| {
                let what = match line.what {
                    What::Processor { kind, about, condition, .. } => {
                        format!("{kind} ({about}) {}", condition.unwrap_or_default())
                    }
                    other => format!("{other:?}"),
                };
                format!("{}{}", " ".repeat(line.depth), what.trim_end())
            })
            .collect();
        assert_eq!(
            told,
            [
                "pipeline (name: b) ctx.x != null",
                " foreach (field: l)",
                "  trim (field: _ingest._value)",
                "  OnFailure",
                "   fail (message: m)",
                " pipeline (name: a)",
                "  Cycle(\"a\")",
                "pipeline (name: c)",
                " Missing(\"c\")",
                "OnFailure",
                " drop ()",
            ]
        );
    }
}
