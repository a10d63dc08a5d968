//! Where in a script something went wrong, as Elasticsearch tells it: its code has the place of the dot of an access and of what is
//! thrown, and shows the statement around an exception.

use std::ops::Range;

use crate::parse::statements;
use crate::{CompileError, RuntimeError};

/// Characters that are shown on each side of a mistake.
const SHOWN: usize = 25;

/// A place, in characters from the start of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptPlace {
    /// Where it is.
    pub offset: usize,
    /// What is shown around it.
    pub shown: Range<usize>,
}

impl ScriptPlace {
    /// Where a script does not compile, with what stands around it.
    pub fn of_mistake(source: &str, error: &CompileError) -> Self {
        let line: usize = source.split_inclusive('\n').take(error.line - 1).map(str::len).sum();
        let column = source[line..].char_indices().nth(error.column - 1);
        let offset = column.map_or(source.len(), |(at, _)| line + at);
        let (offset, end) = (characters(source, dot(source, offset)), source.chars().count());
        Self { offset, shown: offset.saturating_sub(SHOWN).min(end)..(offset + SHOWN).min(end) }
    }

    /// Where a script threw something, with the statement that it is in: up to where the next one begins, or the script ends.
    pub fn of_exception(source: &str, error: &RuntimeError) -> Self {
        let offset = thrown(source, dot(source, error.offset));
        // What ran has been parsed before.
        let starts = statements(source).unwrap_or_default();
        let next = starts.partition_point(|start| *start <= offset);
        let start = next.checked_sub(1).map_or(0, |at| starts[at]);
        let end = starts.get(next).copied().unwrap_or(source.len());
        let shown = characters(source, start)..characters(source, end);
        Self { offset: characters(source, offset), shown }
    }
}

fn characters(source: &str, bytes: usize) -> usize {
    source.get(..bytes).map_or(0, |before| before.chars().count())
}

/// The dot in front of a name, or the name's place where there is none.
fn dot(source: &str, offset: usize) -> usize {
    let (before, behind) = source.split_at_checked(offset).unwrap_or_default();
    if !behind.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        return offset;
    }
    let before = before.trim_end();
    match before.strip_suffix('.') {
        Some(before) => before.strip_suffix('?').unwrap_or(before).len(),
        None => offset,
    }
}

/// Behind the word `throw`.
fn thrown(source: &str, offset: usize) -> usize {
    let behind = source.get(offset..).and_then(|rest| rest.strip_prefix("throw"));
    match behind.filter(|rest| rest.starts_with(char::is_whitespace)) {
        Some(rest) => source.len() - rest.trim_start().len(),
        None => offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_in_statements() {
        for (source, wanted) in [
            ("int x = 0; int y = ctx.a.^b; ctx.z = 1", "y = ctx.a|.b; "),
            ("if (ctx.a?. ^b) { ctx.z = 1 } else { ctx.y = 2 }", "if (ctx.a|?. b) { "),
            ("int f(def x) { return x[^b] } f(1)", "return x[|b] } "),
            ("ctx.l.forEach(x -> x.^y)", "x -> x|.y)"),
            ("for (int i = 0; i < ctx.a.^b; i++) { ctx.b = 1 }", "i = 0; i < ctx.a|.b; i++) { "),
            ("try { ctx['ä'].^b = 1 } catch (Exception e) { ctx.c = 1 }", "ctx['ä']|.b = 1 } "),
            ("do { ctx.c = 1 } while (ctx.a.^b)", "ctx.c = 1 } while (ctx.a|.b)"),
            ("int a = 1; ^throw  new Exception()", "throw  |new Exception()"),
            ("^", "|"),
            ("ctx.^ä = 1", "ctx.|ä = 1"),
        ] {
            let (offset, source) = (source.find('^').unwrap(), source.replace('^', ""));
            let error = RuntimeError { kind: String::new(), message: None, offset };
            let ScriptPlace { offset, shown } = ScriptPlace::of_exception(&source, &error);
            let text =
                |range: Range<usize>| source.chars().skip(range.start).take(range.len()).collect::<String>();
            let found = format!("{}|{}", text(shown.start..offset), text(offset..shown.end));
            assert_eq!(found, wanted, "{source}");
        }
    }
}
