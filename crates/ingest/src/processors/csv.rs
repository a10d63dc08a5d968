//! `csv`: the cells of one line, each in a field of its own.
//!
//! The rules are those of Elasticsearch, which has a reader of its own: white space around a quoted cell is skipped, a
//! quote inside an unquoted one is an error, and what follows the last named cell is not read.

use std::borrow::Cow;
use std::ops::Range;

use event::doc::{Place, Text};
use event::{Data, Doc, FieldPath, Fragment};

use super::string::text_of;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::Field;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "csv",
    summary: "Splits a line of comma-separated values into fields.",
    options: &[
        ("field", "", "line to split"),
        ("target_fields", "", "list of the fields that the cells go to, in their order"),
        ("separator", ",", "character between cells"),
        ("quote", "\"", "character around cells; twice inside of one, it stands for itself"),
        ("trim", "false", "whether spaces and tabs around unquoted cells are removed"),
        ("empty_value", "", "value for an empty cell; without it the field is not set"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "an empty cell leaves its field as it was",
            processor: "csv: {field: m, target_fields: [a, b.c, d]}",
            before: r#"{"m":"1,\"x, \"\"y\"\"\",","d":0}"#,
            after: Ok(r#"{"m":"1,\"x, \"\"y\"\"\",","d":0,"a":"1","b":{"c":"x, \"y\""}}"#),
        },
        Example {
            about: "unless it has a value of its own",
            processor: "csv: {field: m, target_fields: [a, b], separator: ;, trim: true, empty_value: none}",
            before: r#"{"m":" ; x ;more"}"#,
            after: Ok(r#"{"m":" ; x ;more","a":"none","b":"x"}"#),
        },
        Example {
            about: "a quote stands around a whole cell",
            processor: "csv: {field: m, target_fields: [a]}",
            before: r#"{"m":"a\"b"}"#,
            after: Err("Illegal character inside unquoted field at 1"),
        },
        Example {
            about: "and is closed",
            processor: "csv: {field: m, target_fields: [a]}",
            before: r#"{"m":"\"ab"}"#,
            after: Err("Unmatched quote"),
        },
    ],
    differences: &[],
    compile,
};

struct Csv {
    field: FieldPath,
    targets: Vec<Field>,
    separator: char,
    quote: char,
    trim: bool,
    empty: Option<Fragment>,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let quote = character(options, "quote", '"', "quote has to be single character like \" or '")?;
    let separator = character(options, "separator", ',', "separator has to be single character like , or ;")?;
    let trim = options.boolean("trim", false)?;
    let empty = options.take("empty_value").map(|value| Fragment::from_value(&value));
    let ignore_missing = options.boolean("ignore_missing", false)?;
    let names = options.list("target_fields")?;
    let names = names.ok_or_else(|| OptionError::of("target_fields", "required property is missing"))?;
    if names.is_empty() {
        return Err(OptionError::of("target_fields", "target fields list can't be empty"));
    }
    let targets = names.iter().map(|name| target(options, name)).collect::<Result<_, _>>()?;
    Ok(Box::new(Csv { field, targets, separator, quote, trim, empty, ignore_missing }))
}

/// A field that a cell goes to: no template, and an empty name is wrong only when something is to be set.
fn target(options: &mut Options<'_, '_>, name: &str) -> Result<Field, OptionError> {
    if name.is_empty() { Ok(Field::Empty) } else { options.known("target_fields", name).map(Field::Fixed) }
}

fn character(
    options: &mut Options<'_, '_>,
    name: &str,
    default: char,
    reason: &str,
) -> Result<char, OptionError> {
    let Some(text) = options.optional_string(name)? else { return Ok(default) };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        // Java's characters end where UTF-16 needs two.
        (Some(only), None) if only.len_utf16() == 1 => Ok(only),
        _ => Err(OptionError::of(name, reason)),
    }
}

impl Processor for Csv {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let Some(text) = text_of(doc, &self.field, self.ignore_missing)? else {
            return Ok(Flow::Continue);
        };
        let mut at = 0;
        for target in &self.targets {
            let Some(cell) = self.cell(doc.text(text), at)? else { break };
            at = cell.next;
            self.set(doc, target, text, &cell)?;
        }
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

/// A cell of a line: where it stands, whether quotes in it are doubled, and where the next one begins.
struct Cell {
    range: Range<usize>,
    doubled: bool,
    next: usize,
}

impl Csv {
    /// The cell that begins at a place; none where there is nothing but white space up to the end.
    fn cell(&self, line: &str, from: usize) -> Result<Option<Cell>, Failure> {
        let rest = &line[from.min(line.len())..];
        let skipped = rest.find(|c| !is_space(c) || c == self.separator).unwrap_or(rest.len());
        let start = from + skipped;
        match rest[skipped..].chars().next() {
            None => Ok(None),
            Some(c) if c == self.quote => self.quoted(line, start + c.len_utf8()).map(Some),
            Some(c) if c == self.separator => {
                Ok(Some(Cell { range: start..start, doubled: false, next: start + c.len_utf8() }))
            }
            Some(_) => self.unquoted(line, if self.trim { start } else { from }, start).map(Some),
        }
    }

    fn unquoted(&self, line: &str, start: usize, from: usize) -> Result<Cell, Failure> {
        let illegal = |c: char| c == self.separator || c == self.quote || matches!(c, '\n' | '\r');
        // The first character is none of them, or a line's end, which Elasticsearch does not look at there.
        let first = line[from..].chars().next().map_or(0, char::len_utf8);
        let (end, next) = match line[from + first..].find(illegal).map(|length| first + length) {
            None => (line.len(), line.len()),
            Some(length) => {
                let found = line[from + length..].chars().next().unwrap_or(self.separator);
                if found != self.separator || found == self.quote || matches!(found, '\n' | '\r') {
                    let at = line[..from + length].encode_utf16().count();
                    let reason = format!("Illegal character inside unquoted field at {at}");
                    return Err(Failure::illegal_argument(reason));
                }
                (from + length, from + length + found.len_utf8())
            }
        };
        // Elasticsearch trims the end of a cell when it meets the separator, and the last one has none.
        let trims = self.trim && next > end;
        let end = if trims { start + line[start..end].trim_end_matches(is_space).len() } else { end };
        Ok(Cell { range: start..end, doubled: false, next })
    }

    fn quoted(&self, line: &str, start: usize) -> Result<Cell, Failure> {
        let width = self.quote.len_utf8();
        let mut doubled = false;
        let mut at = start;
        let end = loop {
            let Some(length) = line[at..].find(self.quote) else {
                return Err(Failure::illegal_argument("Unmatched quote"));
            };
            let found = at + length;
            if !line[found + width..].starts_with(self.quote) {
                break found;
            }
            doubled = true;
            at = found + 2 * width;
        };
        let tail = &line[end + width..];
        let behind = tail.find(|c| c == self.separator || !is_space(c)).unwrap_or(tail.len());
        let next = match tail[behind..].chars().next() {
            None => line.len(),
            Some(c) if c == self.separator => end + width + behind + c.len_utf8(),
            Some(c) => {
                let at = line[..end + width + behind].encode_utf16().count();
                let reason = format!("character '{c}' after quoted field at {at}");
                return Err(Failure::illegal_argument(reason));
            }
        };
        Ok(Cell { range: start..end, doubled, next })
    }

    fn set(&self, doc: &mut Doc, target: &Field, line: Text, cell: &Cell) -> Result<(), Failure> {
        let node = if cell.range.is_empty() {
            let Some(empty) = &self.empty else { return Ok(()) };
            doc.graft(empty)
        } else if cell.doubled {
            let (one, two) = (self.quote.to_string(), [self.quote; 2].iter().collect::<String>());
            let text = Cow::Owned::<str>(doc.text(line)[cell.range.clone()].replace(&two, &one));
            doc.string(&text)
        } else {
            let text = doc.copy_text(line, cell.range.clone());
            doc.node(Data::Str(text))
        };
        doc.set(&*target.path(doc)?, node)?;
        Ok(())
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::run;

    proptest! {
        #[test]
        fn cells_come_back_as_they_were_written(cells in prop::collection::vec("[^\\x00]{1,8}", 1..5)) {
            let line = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect::<Vec<_>>();
            let before = serde_json::json!({ "m": line.join(",") }).to_string();
            let after = run("csv: {field: m, target_fields: [a0, a1, a2, a3]}", &before).unwrap();
            for (at, cell) in cells.iter().enumerate() {
                prop_assert_eq!(after[format!("a{at}")].as_str(), Some(cell.as_str()));
            }
        }

        #[test]
        fn nothing_breaks_it(line in "[a,\" \\té]{0,20}|\\PC*", trim: bool) {
            let before = serde_json::json!({ "m": line }).to_string();
            drop(run(&format!("csv: {{field: m, target_fields: [a, b, c], trim: {trim}}}"), &before));
        }
    }
}
