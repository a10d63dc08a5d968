//! Tables of comma-separated values that are safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

/// A table that is being written. Lines end as RFC 4180 says.
pub struct Table<W: Write>(csv::Writer<W>);

impl<W: Write> Table<W> {
    /// Begins a table.
    pub fn new(out: W) -> Self {
        let mut builder = csv::WriterBuilder::new();
        Self(builder.terminator(csv::Terminator::CRLF).from_writer(out))
    }

    /// Writes a row, its cells defused.
    ///
    /// # Errors
    /// The output can not be written.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> io::Result<()> {
        for cell in cells {
            self.0.write_field(defused(cell.as_ref()).as_bytes()).map_err(io::Error::from)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(io::Error::from)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The output can not be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A text that no spreadsheet takes for a formula: where it begins like one, be it after blanks, it gets a `'` in front.
fn defused(text: &str) -> Cow<'_, str> {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '|' | '%');
    let is_formula = text.starts_with(['\t', '\r', '\n'])
        || text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).starts_with(begins);
    if is_formula { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_defused() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("a-b=c", "a-b=c"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" \u{a0}=1", "' \u{a0}=1"),
            ("\t=1", "'\t=1"),
            ("\rx", "\"'\rx\""),
            ("\0=1", "'\0=1"),
            ("＝1", "'＝1"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
        ] {
            let mut out = Vec::new();
            let mut table = Table::new(&mut out);
            table.row([cell, "end"]).unwrap();
            table.finish().unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("{written},end\r\n"), "{cell:?}");
        }
    }
}
