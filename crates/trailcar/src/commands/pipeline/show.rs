//! Values and differences as a person reads them.

use std::io::{self, Write};

use serde_json::Value;
use workbench::difference::Difference;

/// Longer values are cut.
const LONGEST: usize = 200;

/// A value on one line.
pub(super) fn value(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}

/// A line or two for each difference: what is gone with `-`, what is new with `+`.
pub(super) fn differences(out: &mut impl Write, differences: &[Difference], indent: &str) -> io::Result<()> {
    for Difference { path, left, right } in differences {
        let path = if path.is_empty() { "the document" } else { path };
        for (sign, side) in [('-', left), ('+', right)] {
            if let Some(side) = side {
                writeln!(out, "{indent}{sign} {path}: {}", value(side))?;
            }
        }
    }
    Ok(())
}
