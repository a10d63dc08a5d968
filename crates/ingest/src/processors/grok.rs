//! `grok`: takes a text apart by patterns that have names.
//!
//! [`mod@library`] has the patterns, [`expression`] fills them in, [`oniguruma`] puts their syntax into other words; this file
//! writes what was found into the document.

pub(super) mod expression;
mod library;
mod oniguruma;

use std::collections::HashMap;

use event::doc::{Place, Text};
use event::{Data, Doc, FieldPath, NodeId};
use painless::pattern::Groups;
use serde_json::Value;
use smallvec::SmallVec;

use self::expression::{Expression, Type};
pub use self::library::library;
use super::convert::number_of;
use super::string::text_of;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "grok",
    summary: "Extracts fields of a text with patterns that have names.",
    options: &[
        ("field", "", "text to look into"),
        (
            "patterns",
            "",
            "list of expressions: regular expressions in Oniguruma's syntax with %{PATTERN}, %{PATTERN:field} and \
             %{PATTERN:field:type} in them; the one that matches first in the text counts",
        ),
        ("pattern_definitions", "{}", "patterns of one's own, by name"),
        ("ecs_compatibility", "disabled", "disabled for the legacy patterns, v1 for those with ECS names"),
        ("trace_match", "false", "whether _ingest._grok_match_index gets the number of the expression"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "captured texts become fields, with types",
            processor: "grok: {field: m, patterns: ['%{IP:client} %{WORD:method} %{URIPATHPARAM:request} \
                        %{NUMBER:bytes:int} %{NUMBER:duration:double}']}",
            before: r#"{"m":"55.3.244.1 GET /index.html 15824 0.043"}"#,
            after: Ok(
                r#"{"m":"55.3.244.1 GET /index.html 15824 0.043","client":"55.3.244.1","method":"GET","request":"/index.html","bytes":15824,"duration":0.043}"#,
            ),
        },
        Example {
            about: "expressions are tried in their order, with patterns of one's own",
            processor: r"grok: {field: m, patterns: ['%{COLOR:c} (?<n>\d+)', '%{DOG:dog.name}'], pattern_definitions: {DOG: beagle, COLOR: red|green}}",
            before: r#"{"m":"I love my beagle"}"#,
            after: Ok(r#"{"m":"I love my beagle","dog":{"name":"beagle"}}"#),
        },
        Example {
            about: "a field that is captured twice becomes a list",
            processor: "grok: {field: m, patterns: ['%{WORD:w} %{WORD:w}']}",
            before: r#"{"m":"a b"}"#,
            after: Ok(r#"{"m":"a b","w":["a","b"]}"#),
        },
        Example {
            about: "what does not match is an error",
            processor: "grok: {field: m, patterns: ['%{INT:n}']}",
            before: r#"{"m":"x"}"#,
            after: Err("Provided Grok expressions do not match field value: [x]"),
        },
        Example {
            about: "a pattern that there is not is told at load",
            processor: "grok: {field: m, patterns: ['%{NOPE:n}']}",
            before: r#"{"m":"x"}"#,
            after: Err(
                "[patterns] Invalid regex pattern found in: [%{NOPE:n}]. Unable to find pattern [NOPE] in Grok's \
                 pattern dictionary",
            ),
        },
    ],
    differences: &["an expression that takes too many steps fails; Elasticsearch stops it after a second"],
    compile,
};

struct Grok {
    field: FieldPath,
    expressions: Vec<Expression>,
    /// By expression: the fields in their order, each with the captures that go there.
    targets: Vec<Vec<(FieldPath, Vec<usize>)>>,
    trace: Option<FieldPath>,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let ecs = match options.optional_string("ecs_compatibility")?.as_deref() {
        None | Some("disabled") => false,
        Some("v1") => true,
        Some(other) => {
            let reason = format!("unsupported mode '{other}'");
            return Err(OptionError::of("ecs_compatibility", reason));
        }
    };
    let trace = options.boolean("trace_match", false)?;
    let trace = trace.then(|| options.known("trace_match", "_ingest._grok_match_index")).transpose()?;
    let ignore_missing = options.boolean("ignore_missing", false)?;
    let expressions = expressions(options, ecs)?;
    let targets =
        expressions.iter().map(|expression| targets(options, expression)).collect::<Result<_, _>>()?;
    Ok(Box::new(Grok { field, expressions, targets, trace, ignore_missing }))
}

/// The expressions of a processor, with the patterns of its own and those of a library.
///
/// # Errors
/// When there are none, or one is wrong.
pub(super) fn expressions(options: &mut Options<'_, '_>, ecs: bool) -> Result<Vec<Expression>, OptionError> {
    let sources = options.list("patterns")?;
    let sources = sources.ok_or_else(|| OptionError::of("patterns", "required property is missing"))?;
    if sources.is_empty() {
        return Err(OptionError::of("patterns", "List of patterns must not be empty"));
    }
    let own = definitions(options)?;
    Expression::compile_all(&sources, &own, ecs).map_err(|reason| OptionError::of("patterns", reason))
}

fn definitions(options: &mut Options<'_, '_>) -> Result<HashMap<String, String>, OptionError> {
    const NAME: &str = "pattern_definitions";
    let Some(Value::Object(fields)) = options.map_of(NAME)? else { return Ok(HashMap::new()) };
    fields
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(pattern) => Ok((name, pattern)),
            _ => Err(OptionError::of(NAME, format!("the pattern [{name}] is no string"))),
        })
        .collect()
}

fn targets(
    options: &mut Options<'_, '_>,
    expression: &Expression,
) -> Result<Vec<(FieldPath, Vec<usize>)>, OptionError> {
    let mut targets: Vec<(FieldPath, Vec<usize>)> = Vec::new();
    for (at, capture) in expression.captures.iter().enumerate() {
        match targets.iter_mut().find(|(path, _)| path.as_str() == capture.field) {
            Some((_, captures)) => captures.push(at),
            None => targets.push((options.known("patterns", &capture.field)?, vec![at])),
        }
    }
    Ok(targets)
}

impl Processor for Grok {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let Some(text) = text_of(doc, &self.field, self.ignore_missing)? else {
            return Ok(Flow::Continue);
        };
        let Some((which, groups)) = self.find(doc.text(text))? else {
            let text = doc.text(text);
            let reason = format!("Provided Grok expressions do not match field value: [{text}]");
            return Err(Failure::illegal_argument(reason));
        };
        if let Some(trace) = &self.trace {
            let index = doc.string(&which.to_string());
            doc.set(trace, index)?;
        }
        let captures = &self.expressions[which].captures;
        let mut values: SmallVec<[Option<NodeId>; 16]> = SmallVec::new();
        for (_, of) in &self.targets[which] {
            let mut value: Option<NodeId> = None;
            let mut many = false;
            for capture in of.iter().map(|at| &captures[*at]) {
                let Some(range) = capture.range(&groups) else { continue };
                let data = converted(doc, text, range, capture.to)?;
                let next = doc.node(data);
                value = Some(match value {
                    None => next,
                    Some(list) if many => {
                        doc.push(list, next);
                        list
                    }
                    Some(first) => {
                        many = true;
                        let list = doc.node(Data::EMPTY_ARRAY);
                        doc.push(list, first);
                        doc.push(list, next);
                        list
                    }
                });
            }
            values.push(value);
        }
        for ((path, _), value) in self.targets[which].iter().zip(values) {
            if let Some(value) = value {
                doc.set(path, value)?;
            }
        }
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

impl Grok {
    /// The expression that matches first in the text, and of those that begin at one place the first.
    fn find(&self, text: &str) -> Result<Option<(usize, Groups)>, Failure> {
        let mut best: Option<(usize, usize, Groups)> = None;
        for (which, expression) in self.expressions.iter().enumerate() {
            let Some(groups) = expression.find(text, 0)? else { continue };
            let start = groups.first().cloned().flatten().map_or(0, |whole| whole.start);
            if best.as_ref().is_none_or(|(_, known, _)| start < *known) {
                best = Some((which, start, groups));
            }
            if start == 0 {
                break;
            }
        }
        Ok(best.map(|(which, _, groups)| (which, groups)))
    }
}

fn converted(doc: &mut Doc, text: Text, range: std::ops::Range<usize>, to: Type) -> Result<Data, Failure> {
    let captured = &doc.text(text)[range.clone()];
    match to {
        Type::String => Ok(Data::Str(doc.copy_text(text, range))),
        Type::Boolean => Ok(Data::bool(captured.eq_ignore_ascii_case("true"))),
        to => number_of(captured, to),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::super::tests::run;
    use super::*;

    #[test]
    fn an_expression_that_backtracks_without_end_is_given_up() {
        let before = format!(r#"{{"m":"{}"}}"#, "x".repeat(60));
        let reason = run(r"grok: {field: m, patterns: ['(?<q>(x+x+)+)y\k<q>']}", &before).unwrap_err();
        assert!(reason.starts_with("grok pattern matching was interrupted"), "{reason}");
    }

    #[test]
    fn names_of_ecs_come_with_their_types() {
        let line = r#"1.2.3.4 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.gif HTTP/1.0\" 200 2326"#;
        let before = format!(r#"{{"m":"{line}"}}"#);
        let after = run("grok: {field: m, patterns: ['%{COMMONAPACHELOG}'], ecs_compatibility: v1}", &before)
            .unwrap();
        assert_eq!(after["source"]["address"], "1.2.3.4");
        assert_eq!(after["http"]["response"]["status_code"], 200);
        assert_eq!(after["user"]["name"], "frank");
    }

    /// Expressions are compiled once: that takes longer than matching them.
    static EXPRESSIONS: LazyLock<Vec<Expression>> = LazyLock::new(|| {
        let sources = ["%{IP:a} %{NUMBER:b:int}", "%{URI:c}|%{QS:d}", "%{SYSLOGBASE}", "%{GREEDYDATA:e}"];
        Expression::compile_all(&sources.map(str::to_owned), &HashMap::new(), false).unwrap()
    });

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "([ -~]|\\PC){0,60}") {
            for expression in EXPRESSIONS.iter() {
                if let Some(groups) = expression.find(&text, 0).unwrap() {
                    for range in expression.captures.iter().filter_map(|capture| capture.range(&groups)) {
                        prop_assert!(text.get(range).is_some());
                    }
                }
            }
        }
    }
}
