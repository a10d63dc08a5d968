//! The JSON writer.

use super::escape::write_string;
use super::{Data, Doc, MAX_DEPTH, NodeId, Text, double_text, float_text};

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
