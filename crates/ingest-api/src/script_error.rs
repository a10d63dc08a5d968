//! What goes wrong in a script, with the place in it.

use painless::{CompileError, RuntimeError};
use serde_json::json;

use crate::error::Exception;

/// Characters of a script that are shown on each side of the place.
const SHOWN: usize = 25;

/// A script that does not compile.
pub(crate) fn compile(source: &str, error: &CompileError) -> Exception {
    let line = source.split('\n').take(error.line - 1).map(|line| line.chars().count() + 1).sum::<usize>();
    let cause = Exception::new("illegal_argument_exception", &*error.reason);
    at("compile error", source, line + error.column - 1).caused_by(cause)
}

/// A script that threw something.
pub(crate) fn runtime(source: &str, error: &RuntimeError) -> Exception {
    let offset = source.get(..error.offset).map_or(0, |before| before.chars().count());
    at("runtime error", source, offset).caused_by(thrown(error))
}

/// What a script threw, by itself.
pub(crate) fn thrown(error: &RuntimeError) -> Exception {
    match &error.message {
        Some(message) => Exception::new(&*error.kind, &**message),
        None => Exception::new(&*error.kind, "").with("reason", serde_json::Value::Null),
    }
}

fn at(reason: &str, source: &str, offset: usize) -> Exception {
    let characters: Vec<char> = source.chars().collect();
    let start = offset.saturating_sub(SHOWN).min(characters.len());
    let end = (offset + SHOWN).min(characters.len());
    let before = if start > 0 { "... " } else { "" };
    let after = if end < characters.len() { " ..." } else { "" };
    let shown: String = characters[start..end].iter().collect();
    let pointer = format!("{}^---- HERE", " ".repeat(before.len() + offset - start));
    Exception::new("script_exception", reason)
        .with("script_stack", json!([format!("{before}{shown}{after}"), pointer]))
        .with("script", source)
        .with("lang", "painless")
        .with("position", json!({ "offset": offset, "start": start, "end": end }))
}
