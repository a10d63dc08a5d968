//! `redact`: puts names in the place of what grok patterns match.
//!
//! OpenSearch has none, so what is expected is what Elastic's page "Redact processor" says.

use event::doc::Place;
use event::{Data, FieldPath};

use super::grok::expression::Expression;
use super::grok::expressions;
use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "redact",
    summary: "Replaces what grok expressions capture, addresses for instance, by the names of the captures.",
    options: &[
        ("field", "", "text to redact"),
        ("patterns", "", "list of grok expressions with ECS patterns; what they capture by name is redacted"),
        ("pattern_definitions", "{}", "patterns of one's own, by name"),
        ("prefix", "<", "what stands before a name"),
        ("suffix", ">", "what stands behind a name"),
        ("ignore_missing", "true", "whether a missing or null field is no error"),
        ("trace_redact", "false", "whether _ingest._redact._is_redacted is set when something was redacted"),
        ("skip_if_unlicensed", "false", "accepted; no licence is asked for here"),
    ],
    examples: &[
        Example {
            about: "every match is replaced",
            processor: "redact: {field: m, patterns: ['%{IP:CLIENT}', '%{EMAILADDRESS:MAIL}']}",
            before: r#"{"m":"1.2.3.4 wrote to me@example.com by 5.6.7.8"}"#,
            after: Ok(r#"{"m":"<CLIENT> wrote to <MAIL> by <CLIENT>"}"#),
        },
        Example {
            about: "the name's surroundings and the patterns can be one's own",
            processor: "redact: {field: m, patterns: ['%{GITHUB_NAME:NAME}'], pattern_definitions: {GITHUB_NAME: '@%{USERNAME}'}, prefix: '*', suffix: '*'}",
            before: r#"{"m":"asked @jo"}"#,
            after: Ok(r#"{"m":"asked *NAME*"}"#),
        },
        Example {
            about: "a missing field may be an error",
            processor: "redact: {field: m, patterns: ['%{IP:IP}'], ignore_missing: false}",
            before: "{}",
            after: Err("field [m] is null or missing"),
        },
    ],
    differences: &["no licence is asked for"],
    compile,
};

struct Redact {
    field: FieldPath,
    expressions: Vec<Expression>,
    prefix: String,
    suffix: String,
    trace: Option<FieldPath>,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let expressions = expressions(options, true)?;
    options.boolean("skip_if_unlicensed", false)?;
    let trace = options.boolean("trace_redact", false)?;
    Ok(Box::new(Redact {
        field,
        expressions,
        prefix: options.optional_string("prefix")?.unwrap_or_else(|| "<".to_owned()),
        suffix: options.optional_string("suffix")?.unwrap_or_else(|| ">".to_owned()),
        trace: trace.then(|| options.known("trace_redact", "_ingest._redact._is_redacted")).transpose()?,
        ignore_missing: options.boolean("ignore_missing", true)?,
    }))
}

impl Processor for Redact {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let Some(node) = doc.find(&self.field).filter(|node| doc.data(*node) != Data::Null) else {
            if self.ignore_missing {
                return Ok(Flow::Continue);
            }
            let reason = format!("field [{}] is null or missing", self.field.as_str());
            return Err(Failure::illegal_argument(reason));
        };
        let Some(text) = doc.as_str(node) else {
            return Err(wrong_class(self.field.as_str(), doc.class_name(node), "java.lang.String"));
        };
        if let Some(redacted) = self.redacted(text)? {
            let node = doc.string(&redacted);
            doc.set(&self.field, node)?;
            if let Some(trace) = &self.trace {
                let yes = doc.node(Data::bool(true));
                doc.set(trace, yes)?;
            }
        }
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

/// A part of a text that goes, and the name that stands in for it.
struct Part<'a> {
    start: usize,
    end: usize,
    name: &'a str,
    /// Length of what gave the name: of parts that overlap, the longest names them all.
    named: usize,
}

impl Redact {
    /// The text without what is to be redacted; `None` when there is nothing.
    fn redacted(&self, text: &str) -> Result<Option<String>, Failure> {
        let mut parts = Vec::new();
        for expression in &self.expressions {
            find_all(expression, text, &mut parts)?;
        }
        if parts.is_empty() {
            return Ok(None);
        }
        parts.sort_by_key(|part| (part.start, std::cmp::Reverse(part.end)));
        let mut merged: Vec<Part<'_>> = Vec::with_capacity(parts.len());
        for part in parts {
            match merged.last_mut().filter(|last| part.start < last.end) {
                Some(last) => {
                    last.end = last.end.max(part.end);
                    if part.named > last.named {
                        (last.name, last.named) = (part.name, part.named);
                    }
                }
                None => merged.push(part),
            }
        }
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for part in merged {
            out.push_str(&text[from..part.start]);
            for piece in [&self.prefix, part.name, &self.suffix] {
                out.push_str(piece);
            }
            from = part.end;
        }
        out.push_str(&text[from..]);
        Ok(Some(out))
    }
}

fn find_all<'a>(expression: &'a Expression, text: &str, parts: &mut Vec<Part<'a>>) -> Result<(), Failure> {
    let mut from = 0;
    while from <= text.len()
        && let Some(groups) = expression.find(text, from)?
    {
        let Some(Some(whole)) = groups.first().cloned() else { break };
        for capture in &expression.captures {
            if let Some(range) = capture.range(&groups).filter(|range| !range.is_empty()) {
                parts.push(Part {
                    start: range.start,
                    end: range.end,
                    name: &capture.field,
                    named: range.len(),
                });
            }
        }
        let next = text[whole.end..].chars().next().map_or(1, char::len_utf8);
        from = if whole.is_empty() { whole.end + next } else { whole.end };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn overlapping_matches_are_one_and_have_the_longest_s_name() {
        let processor =
            r"redact: {field: m, patterns: ['(?<SHORT>\d{2})', '(?<LONG>a\d+b)', '(?<EMPTY>x*)']}";
        let after = run(processor, r#"{"m":"-a1234b- 56é"}"#).unwrap();
        assert_eq!(after["m"], "-<LONG>- <SHORT>é");
    }

    #[test]
    fn what_was_redacted_can_be_seen() {
        let processor = "redact: {field: m, patterns: ['%{IP:IP}'], trace_redact: true}}, {set: {field: seen, value: '{{_ingest._redact._is_redacted}}'}";
        assert_eq!(run(processor, r#"{"m":"::1"}"#).unwrap()["seen"], "true");
        assert_eq!(run(processor, r#"{"m":"x"}"#).unwrap()["seen"], "");
    }
}
