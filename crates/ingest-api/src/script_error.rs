//! What goes wrong in a script, with the place in it.

use painless::{CompileError, RuntimeError, ScriptPlace};
use serde_json::json;

use crate::error::Exception;

/// Characters of a script that are its name.
const LONGEST_NAME: usize = 256;

/// A script that does not compile.
pub(crate) fn compile(source: &str, error: &CompileError) -> Exception {
    let place = ScriptPlace::of_mistake(source, error);
    let before = if place.shown.start > 0 { "... " } else { "" };
    let after = if place.shown.end < source.chars().count() { " ..." } else { "" };
    let cause = Exception::new("illegal_argument_exception", &*error.reason);
    at("compile error", source, &place, [before, after]).with("script", source).caused_by(cause)
}

/// A script that threw something: shown is the statement that it came from.
pub(crate) fn runtime(source: &str, error: &RuntimeError) -> Exception {
    let place = ScriptPlace::of_exception(source, error);
    at("runtime error", source, &place, ["", ""]).with("script", name(source)).caused_by(thrown(error))
}

/// What a script that has run is called: its first line, cut.
fn name(source: &str) -> String {
    let line = source.split(['\n', '\r']).next().unwrap_or_default();
    let shown: String = line.chars().take(LONGEST_NAME).collect();
    if shown.len() == source.len() { shown } else { format!("{shown} ...") }
}

fn thrown(error: &RuntimeError) -> Exception {
    match &error.message {
        Some(message) => Exception::new(&*error.kind, &**message),
        None => Exception::new(&*error.kind, "").with("reason", serde_json::Value::Null),
    }
}

/// An exception at a place; marks stand where more of the script is left away.
fn at(reason: &str, source: &str, place: &ScriptPlace, [before, after]: [&str; 2]) -> Exception {
    let ScriptPlace { offset, shown } = place;
    let text: String = source.chars().skip(shown.start).take(shown.len()).collect();
    let pointer = format!("{}^---- HERE", " ".repeat(before.len() + offset - shown.start));
    Exception::new("script_exception", reason)
        .with("script_stack", json!([format!("{before}{text}{after}"), pointer]))
        .with("lang", "painless")
        .with("position", json!({ "offset": offset, "start": shown.start, "end": shown.end }))
}
