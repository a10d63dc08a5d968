//! The JSON writer.

use super::{Data, Doc, MAX_DEPTH, NodeId, Text, double_text, float_text};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Marks, in the high bit of each byte, what can not stand in a JSON string as it is: `"`, `\` and controls.
/// Bits above the lowest mark may be wrong; the lowest is right.
pub(super) fn special(word: u64) -> u64 {
    // A byte below 0x80 gets its high bit from the subtraction alone.
    let below = |bytes: u64, limit: u64| bytes.wrapping_sub(ONES * limit);
    let equal = |byte: u64| below(word ^ (ONES * byte), 1);
    (below(word, 0x20) | equal(0x22) | equal(0x5c)) & !word & HIGHS
}

/// Index of the first byte from `at` on that JSON escapes or that ends a string; the length where there is none.
pub(super) fn find_special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes[at..].first_chunk::<8>() {
        let marks = special(u64::from_le_bytes(*word));
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < bytes.len() && !matches!(bytes[at], 0..0x20 | b'"' | b'\\') {
        at += 1;
    }
    at
}

/// Whether a text can stand between quotes as it is.
pub(super) fn is_clean(bytes: &[u8]) -> bool {
    find_special(bytes, 0) == bytes.len()
}

/// Appends a text as a JSON string.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bytes = text.as_bytes();
    out.push(b'"');
    let mut from = 0;
    loop {
        let to = find_special(bytes, from);
        out.extend_from_slice(&bytes[from..to]);
        let Some(&byte) = bytes.get(to) else { break };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
        from = to + 1;
    }
    out.push(b'"');
}

impl Doc {
    /// Appends a subtree as JSON on one line.
    pub fn write(&self, id: NodeId, out: &mut Vec<u8>) {
        self.write_at(id, out, 0);
    }

    /// A subtree as JSON text.
    pub fn json(&self, id: NodeId) -> String {
        let mut out = Vec::new();
        self.write(id, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn write_at(&self, id: NodeId, out: &mut Vec<u8>, depth: usize) {
        match self.data(id) {
            Data::Str(text) => self.write_text(text, out),
            Data::Object(links) => {
                out.push(b'{');
                self.write_children(links.first, out, depth, true);
                out.push(b'}');
            }
            Data::Array(links) => {
                out.push(b'[');
                self.write_children(links.first, out, depth, false);
                out.push(b']');
            }
            Data::Bool(true) => out.extend_from_slice(b"true"),
            Data::Bool(false) => out.extend_from_slice(b"false"),
            Data::Null => out.extend_from_slice(b"null"),
            Data::Int(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            Data::Long(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            Data::Number(text) => out.extend_from_slice(self.text(text).as_bytes()),
            Data::Float(value) => write_float(value.is_finite(), &float_text(value), out),
            // In this range Java and the shortest decimal form are the same.
            Data::Double(value) if (1e-3..1e7).contains(&value.abs()) => {
                out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
            }
            Data::Double(value) => write_float(value.is_finite(), &double_text(value), out),
        }
    }

    fn write_children(&self, first: NodeId, out: &mut Vec<u8>, depth: usize, keys: bool) {
        // Scripts can nest deeper than the parser lets in; what lies below the limit is cut, not followed.
        if depth >= 2 * MAX_DEPTH {
            return;
        }
        let mut at = first;
        while let Some(id) = at.some() {
            if at != first {
                out.push(b',');
            }
            let node = &self.nodes[id.0 as usize];
            if keys {
                self.write_key(node.key, out);
            }
            match node.data {
                Data::Str(text) => self.write_text(text, out),
                _ => self.write_at(id, out, depth + 1),
            }
            at = node.next;
        }
    }

    /// A key and its colon, in one piece where they stand so in the buffer, as in compact JSON that was parsed.
    fn write_key(&self, key: Text, out: &mut Vec<u8>) {
        let range = key.range();
        if key.is_quoted()
            && let Some(piece) = self.text.as_bytes().get(range.start - 1..range.end + 2)
            && piece.ends_with(b":")
        {
            push_short(piece, &self.text.as_bytes()[range.start - 1..], out);
            return;
        }
        self.write_text(key, out);
        out.push(b':');
    }

    fn write_text(&self, text: Text, out: &mut Vec<u8>) {
        let range = text.range();
        if text.is_quoted() {
            let from = &self.text.as_bytes()[range.start - 1..];
            push_short(&from[..text.len() + 2], from, out);
        } else {
            write_string(&self.text[range], out);
        }
    }
}

/// Appends a piece of which most are short, given with what stands behind it: so many bytes at once that no call is
/// needed, of which those too many are taken back.
#[inline]
fn push_short(piece: &[u8], with_rest: &[u8], out: &mut Vec<u8>) {
    const AT_ONCE: usize = 32;
    match with_rest.first_chunk::<AT_ONCE>() {
        Some(chunk) if piece.len() <= AT_ONCE => {
            let end = out.len() + piece.len();
            out.extend_from_slice(chunk);
            out.truncate(end);
        }
        _ => out.extend_from_slice(piece),
    }
}

/// JSON has no word for what is not finite; Jackson writes it as a string.
fn write_float(finite: bool, text: &str, out: &mut Vec<u8>) {
    if finite {
        out.extend_from_slice(text.as_bytes());
    } else {
        write_string(text, out);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn strings_are_written_as_serde_writes_them(text in ".*|[\\x00-\\x7f]{0,40}") {
            let mut out = Vec::new();
            write_string(&text, &mut out);
            let read: String = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(read, text.clone());
            let mut doc = Doc::new();
            let id = doc.string(&text);
            prop_assert_eq!(doc.json(id).into_bytes(), out);
        }
    }
}
