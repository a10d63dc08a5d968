//! Tables: comma-separated values (RFC 4180) whose first line names the columns.
//!
//! A stream is a table when its first line holds three or more names, all different and nothing else. Each row behind it
//! becomes a JSON object of texts, by these names. Names of several words, or with a capital first letter, are written
//! as fields are: `Created At` is `created_at`.

use bytes::{Bytes, BytesMut};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use event::RawEvent;

use crate::framing::{BYTE_ORDER_MARK, LOOK_AHEAD};
use crate::inflate::{Inflate, InflateError};
use crate::splitter::Piece;

/// Fewer names are more likely words of a text.
const FEWEST_COLUMNS: usize = 3;

/// What a stream's first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// It is a table; the bytes of its first line, with its end.
    Names(usize),
    /// More bytes are needed.
    Unknown,
    /// It is none.
    Not,
}

/// Looks at a stream's first bytes, behind a byte order mark; `is_all` when no more matter.
pub(crate) fn head(bytes: &[u8], is_all: bool) -> Head {
    if !bytes.first().is_some_and(|first| first.is_ascii_alphabetic() || b"_\"".contains(first)) {
        return Head::Not;
    }
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let length = match end {
        Some(end) => end + 1,
        None if is_all => bytes.len(),
        None => return Head::Unknown,
    };
    if Table::header(&bytes[..length]).is_some() { Head::Names(length) } else { Head::Not }
}

/// Finds ends of rows: a line feed outside of quotes, so that a row and the carriage return before it stay together.
pub(crate) fn row_reader() -> Box<Reader> {
    Box::new(ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build())
}

/// Reads on in a row; whether it ends, and how many bytes belong to it.
pub(crate) fn row_end(reader: &mut Reader, bytes: &[u8]) -> (bool, usize) {
    let (mut cells, mut ends) = ([0; 4096], [0; 64]);
    let mut read = 0;
    while read < bytes.len() {
        let (result, length, ..) = reader.read_record(&bytes[read..], &mut cells, &mut ends);
        read += length;
        if result == ReadRecordResult::Record {
            return (true, read);
        }
    }
    (false, read)
}

/// The columns of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Their names.
    names: Vec<String>,
}

impl Table {
    /// The columns that a first line names; nothing when it holds anything but names.
    pub(crate) fn header(line: &[u8]) -> Option<Self> {
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        let (mut names, mut cells) = (Vec::new(), Cells::default());
        for cell in cells.of(line) {
            let name = std::str::from_utf8(cell).ok().filter(|name| is_name(name))?;
            let is_title = name.contains([' ', '-']) || name.starts_with(|c: char| c.is_ascii_uppercase());
            names.push(if is_title { name.replace([' ', '-'], "_").to_lowercase() } else { name.to_owned() });
        }
        let mut sorted: Vec<&String> = names.iter().collect();
        sorted.sort();
        sorted.dedup();
        (names.len() >= FEWEST_COLUMNS && sorted.len() == names.len()).then_some(Self { names })
    }

    /// The columns of a stream that is read from its start; nothing when it is no table.
    ///
    /// # Errors
    /// [`InflateError`].
    pub fn at_start<R: std::io::Read>(stream: &mut Inflate<R>) -> Result<Option<Self>, InflateError> {
        let mut start = vec![0; LOOK_AHEAD];
        let mut filled = 0;
        while filled < start.len() && !start[..filled].contains(&b'\n') {
            match stream.read(&mut start[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        let line = start[..filled].split_inclusive(|byte| *byte == b'\n').next();
        Ok(line.and_then(Self::header))
    }

    /// Rows become objects.
    pub(crate) fn render(&self, piece: Piece) -> Piece {
        let mut buffer = BytesMut::with_capacity(piece.buffer.len() * 2);
        let mut cells = Cells::default();
        let mut events = Vec::with_capacity(piece.events.len());
        for RawEvent { span, offset } in piece.events {
            let start = buffer.len();
            self.object(cells.of(&piece.buffer[span]), &mut buffer);
            events.push(RawEvent { span: start..buffer.len(), offset });
        }
        Piece { buffer: Bytes::from(buffer), events, ..piece }
    }

    /// Cells without a column are called by their numbers; columns without a cell are left out.
    fn object<'a>(&self, cells: impl Iterator<Item = &'a [u8]>, out: &mut BytesMut) {
        out.extend_from_slice(b"{");
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                out.extend_from_slice(b",");
            }
            match self.names.get(at) {
                Some(name) => text(name.as_bytes(), out),
                None => text(format!("column_{}", at + 1).as_bytes(), out),
            }
            out.extend_from_slice(b":");
            text(cell, out);
        }
        out.extend_from_slice(b"}");
    }
}

/// Words of letters, digits and the like, with single blanks between, as a column is called.
fn is_name(name: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    };
    name.len() <= 100 && name.split(' ').all(is_word)
}

/// Bytes as a JSON text; those that are no UTF-8 stay as they are, for the one who judges that.
fn text(bytes: &[u8], out: &mut BytesMut) {
    out.extend_from_slice(b"\"");
    for byte in bytes {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.extend_from_slice(&[*byte]),
        }
    }
    out.extend_from_slice(b"\"");
}

/// The cells of a row, in memory that is used again.
#[derive(Default)]
struct Cells {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    fn of(&mut self, row: &[u8]) -> impl Iterator<Item = &[u8]> {
        // No cell is longer than the row, and none has less than its comma.
        self.bytes.resize(row.len() + 1, 0);
        self.ends.resize(row.len() + 2, 0);
        let mut reader = Reader::new();
        let (mut read, mut written, mut count) = (0, 0, 0);
        // A row without a line break is ended by an empty input.
        loop {
            let (result, length, more, ends) =
                reader.read_record(&row[read..], &mut self.bytes[written..], &mut self.ends[count..]);
            read += length;
            written += more;
            count += ends;
            if result != ReadRecordResult::InputEmpty {
                break;
            }
        }
        let bytes = &self.bytes;
        let mut start = 0;
        self.ends[..count].iter().map(move |end| {
            let cell = &bytes[start..*end];
            start = *end;
            cell
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_names_begins_a_table() {
        for (line, names) in [
            ("id,created_at,category\n", Some(vec!["id", "created_at", "category"])),
            ("\"id\",\"Created At\",Actor IP\r\n", Some(vec!["id", "created_at", "actor_ip"])),
            ("\u{feff}a,b,c.d", Some(vec!["a", "b", "c.d"])),
            ("a,b\n", None),
            ("a,b,a\n", None),
            ("a, b, c\n", None),
            ("a,b,7\n", None),
            ("a,b,\n", None),
            ("a,b,c=d\n", None),
            ("", None),
        ] {
            let found = Table::header(line.as_bytes()).map(|table| table.names);
            assert_eq!(found, names.map(|names| names.into_iter().map(str::to_owned).collect()), "{line}");
        }
        assert_eq!(head(b"a,b,c", false), Head::Unknown);
        assert_eq!(head(b"a,b,c", true), Head::Names(5));
        assert_eq!(head(b"a,b,c\nd", false), Head::Names(6));
        assert_eq!(head(b"{\"a\":1}", false), Head::Not);
    }

    #[test]
    fn rows_become_objects_of_texts() {
        let table = Table::header(b"a,b,c").unwrap();
        for (row, object) in [
            ("1,two,\"t,h\"\"r\nee\"\n", r#"{"a":"1","b":"two","c":"t,h\"r\nee"}"#),
            ("1,2,3", r#"{"a":"1","b":"2","c":"3"}"#),
            ("1,,\r\n", r#"{"a":"1","b":"","c":""}"#),
            ("\n1\n", r#"{"a":"1"}"#),
            ("1,2,3,4\n", r#"{"a":"1","b":"2","c":"3","column_4":"4"}"#),
            ("\"{\"\"k\"\":\"\"v\"\"}\",\\,\t\n", r#"{"a":"{\"k\":\"v\"}","b":"\\","c":"\u0009"}"#),
            (",,", r#"{"a":"","b":"","c":""}"#),
        ] {
            let mut out = BytesMut::new();
            table.object(Cells::default().of(row.as_bytes()), &mut out);
            assert_eq!(std::str::from_utf8(&out).unwrap(), object, "{row}");
        }
    }
}
