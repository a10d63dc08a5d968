//! `script`: runs a painless script on the document.

use std::sync::Arc;

use painless::Script;

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;
use crate::pipeline::{Flow, Processor, Run};
use crate::script::{ScriptDefinition, failure, thrown};

pub(super) const INFO: Info = Info {
    name: "script",
    summary: "Runs a painless script, which reads and changes the document as ctx.",
    options: &[
        ("source", "", "text of the script"),
        ("lang", "painless", "language of the script; there is no other"),
        ("params", "{}", "constants that the script reads as params"),
        ("id", "", "name of a stored script, in place of source"),
    ],
    examples: &[
        Example {
            about: "a table in params",
            processor: "script: {source: 'def c = params.table[ctx.action]; if (c != null) { ctx.category = c }', \
                        params: {table: {login: [authentication], logout: [authentication]}}}",
            before: r#"{"action":"login"}"#,
            after: Ok(r#"{"action":"login","category":["authentication"]}"#),
        },
        Example {
            about: "fields that are null are taken out, at every depth",
            processor: "script: {source: 'boolean clean(def v) { if (v instanceof Map) { v.values().removeIf(x -> \
                        clean(x)); return v.isEmpty() } return v == null } clean(ctx)'}",
            before: r#"{"a":null,"b":{"c":null},"d":1}"#,
            after: Ok(r#"{"d":1}"#),
        },
        Example {
            about: "a list is walked and made anew",
            processor: "script: {source: \"ctx.out = []; for (x in ctx.in) { if (x > params.least) { \
                        ctx.out.add('n' + x) } }\", params: {least: 1}}",
            before: r#"{"in":[1,2,3]}"#,
            after: Ok(r#"{"in":[1,2,3],"out":["n2","n3"]}"#),
        },
        Example {
            about: "an exception is the processor's failure; its message is in _ingest.on_failure_message",
            processor: "script: {source: \"throw new IllegalArgumentException('no such thing')\", on_failure: \
                        [{set: {field: error, value: '{{{_ingest.on_failure_message}}}'}}]}",
            before: "{}",
            after: Ok(r#"{"error":"no such thing"}"#),
        },
        Example {
            about: "without a handler it is a runtime error",
            processor: "script: {source: 'ctx.a.b = 1'}",
            before: "{}",
            after: Err("runtime error"),
        },
        Example {
            about: "a mistake in the script is told with its place",
            processor: "script: {source: 'ctx.a = ctx.b +'}",
            before: "{}",
            after: Err(
                "[source] compile error at line 1, column 16: unexpected end of script, expected a value \
                        [ctx.a = ctx.b + <-- here --> ]",
            ),
        },
    ],
    differences: &[
        "other languages than painless are not supported",
        "an object or list that is assigned to a second field is copied, so that a change of one is no change of the other",
        "what [the reference of painless](../painless.md) does not list is not there",
        "operators between types that do not fit fail when the script runs; Elasticsearch refuses some of them when it is compiled",
        "a script that takes too many steps or too much memory fails",
    ],
    compile,
};

struct Scripted {
    script: Script,
    source: Arc<str>,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let lookups = options.compiler.lookups;
    let definition = ScriptDefinition::take("source", &mut options.map, &lookups.scripts)?;
    options.compiler.scripts.extend(definition.id.clone());
    let script = Script::compile(&definition.source, &definition.params, options.places())
        .map_err(|error| definition.mistake(&error))?;
    Ok(Box::new(Scripted { script, source: definition.source.as_ref().into() }))
}

impl Processor for Scripted {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        self.script.run(run.doc).map_err(|error| failure(&thrown(&self.source, error)))?;
        Ok(Flow::Continue)
    }
}
