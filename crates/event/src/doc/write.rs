//! The JSON writer.
//!
//! Most of a document is short texts that need no escapes. They are put on a stage of a fixed size in chunks of a fixed
//! length, which takes no calls and hardly a check; what is copied too much is written over by what follows. When the
//! stage is full, and for everything that is long or rare, it is emptied into the output.

use super::escape::write_string;
use super::number::is_written_shortest;
use super::{DEEPEST, Data, Doc, Links, Node, NodeId, Text, double_text, float_text};

/// A chunk for names, and one for values, among which are ids of 36 characters.
const NAME: usize = 32;
const VALUE: usize = 64;

const STAGE: usize = 1024;

impl Doc {
    /// Appends a subtree as JSON on one line.
    pub fn write(&self, id: NodeId, out: &mut Vec<u8>) {
        let mut stage = [0; STAGE];
        let mut writer = Writer { doc: self, text: self.text.as_bytes(), out };
        let end = writer.value(&mut stage, self.at(id), 0, 0);
        writer.out.extend_from_slice(&stage[..end]);
        // The comma.
        writer.out.pop();
    }

    /// A subtree as JSON text.
    pub fn json(&self, id: NodeId) -> String {
        let mut out = Vec::new();
        self.write(id, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// What it writes it puts at a place of the stage, and gives where that goes on.
struct Writer<'a> {
    doc: &'a Doc,
    text: &'a [u8],
    out: &'a mut Vec<u8>,
}

type Stage = [u8; STAGE];

impl Writer<'_> {
    /// A value and a comma.
    #[inline]
    fn value(&mut self, stage: &mut Stage, node: &Node, at: usize, depth: usize) -> usize {
        match node.data {
            Data::Str(text) => self.string::<VALUE>(stage, text, b',', at),
            Data::Object(links) => self.container::<true>(stage, links, at, depth),
            Data::Array(links) => self.container::<false>(stage, links, at, depth),
            data => self.scalar(stage, data, at),
        }
    }

    /// An object or array and a comma.
    fn container<const NAMES: bool>(
        &mut self,
        stage: &mut Stage,
        links: Links,
        at: usize,
        depth: usize,
    ) -> usize {
        let (start, end) = if NAMES { (b'{', b'}') } else { (b'[', b']') };
        let mut at = self.bytes(stage, [start], at);
        let mut next = if depth < DEEPEST { links.first() } else { NodeId::NONE };
        if next == NodeId::NONE {
            return self.bytes(stage, [end, b','], at);
        }
        let doc = self.doc;
        // The end of the links is no index, so one check of bounds tells both.
        while let Some(node) = doc.nodes.get(next.index()) {
            if NAMES {
                at = self.string::<NAME>(stage, node.key, b':', at);
            }
            at = self.value(stage, node, at, depth + 1);
            next = node.next;
        }
        // The end takes the place of the last comma.
        match at.checked_sub(1) {
            Some(at) => self.bytes(stage, [end, b','], at),
            None => {
                self.out.pop();
                self.bytes(stage, [end, b','], 0)
            }
        }
    }

    /// A string and what comes behind it: at once where it is short and needs no escapes.
    #[inline]
    fn string<const CHUNK: usize>(&mut self, stage: &mut Stage, text: Text, behind: u8, at: usize) -> usize {
        let (start, length) = (text.start(), text.quoted_len());
        if length <= CHUNK
            && at <= STAGE - CHUNK - 3
            && let Some(from) = self.text.get(start..start + CHUNK)
        {
            stage[at] = b'"';
            stage[at + 1..at + 1 + CHUNK].copy_from_slice(from);
            stage[at + 1 + length] = b'"';
            stage[at + 2 + length] = behind;
            return at + length + 3;
        }
        self.other_string(stage, text, behind, at)
    }

    #[inline(never)]
    fn other_string(&mut self, stage: &mut Stage, text: Text, behind: u8, at: usize) -> usize {
        self.out.extend_from_slice(&stage[..at]);
        match text.range() {
            range if text.is_quoted() => {
                self.out.extend_from_slice(&self.text[range.start - 1..range.end + 1]);
            }
            _ => write_string(self.doc.text(text), self.out),
        }
        self.bytes(stage, [behind], 0)
    }

    /// A scalar other than a string, and a comma.
    #[inline(never)]
    fn scalar(&mut self, stage: &mut Stage, data: Data, at: usize) -> usize {
        match data {
            Data::Bool(value) if value.get() => self.bytes(stage, *b"true,", at),
            Data::Bool(_) => self.bytes(stage, *b"false,", at),
            Data::Int(value) => self.plain(stage, itoa::Buffer::new().format(value.get()), at),
            Data::Long(value) => self.plain(stage, itoa::Buffer::new().format(value), at),
            Data::Number(text) => self.plain(stage, self.doc.text(text), at),
            Data::Float(value) => self.float(stage, value.get().is_finite(), float_text(value.get()), at),
            Data::Double(value) if is_written_shortest(value.get()) => {
                self.plain(stage, ryu::Buffer::new().format_finite(value.get()), at)
            }
            Data::Double(value) => self.float(stage, value.get().is_finite(), double_text(value.get()), at),
            _ => self.bytes(stage, *b"null,", at),
        }
    }

    /// JSON has no word for what is not finite; Jackson writes it as a string.
    fn float(&mut self, stage: &mut Stage, finite: bool, text: String, at: usize) -> usize {
        self.plain(stage, &if finite { text } else { format!("\"{text}\"") }, at)
    }

    /// A text as it is, and a comma.
    fn plain(&mut self, stage: &mut Stage, text: &str, at: usize) -> usize {
        let end = at + text.len();
        if let Some(to) = stage.get_mut(at..end) {
            to.copy_from_slice(text.as_bytes());
            return self.bytes(stage, [b','], end);
        }
        self.out.extend_from_slice(&stage[..at]);
        self.out.extend_from_slice(text.as_bytes());
        self.bytes(stage, [b','], 0)
    }

    /// A few bytes.
    #[inline]
    fn bytes<const LENGTH: usize>(&mut self, stage: &mut Stage, bytes: [u8; LENGTH], mut at: usize) -> usize {
        if at > STAGE - LENGTH {
            self.out.extend_from_slice(&stage[..at]);
            at = 0;
        }
        stage[at..at + LENGTH].copy_from_slice(&bytes);
        at + LENGTH
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is long or short, with escapes or without, and wherever the stage ends.
        #[test]
        fn documents_of_any_length_are_written_as_serde_writes_them(
            texts in prop::collection::vec("[a-z]{0,70}|[a-z]{0,20}|[a-z\"é\n]{0,90}", 0..80),
            long in 0_usize..2000,
        ) {
            let mut doc = Doc::new();
            let mut value = serde_json::Map::new();
            for (at, text) in texts.iter().enumerate() {
                let inner = serde_json::json!([text, at, 0.5, { text: text, "e": {} }, null, true, false, []]);
                value.insert(format!("{at}{text}"), inner);
            }
            value.insert("long".to_owned(), "x".repeat(long).into());
            let value = serde_json::Value::Object(value);
            let id = doc.build(&value);
            prop_assert_eq!(doc.json(id), value.to_string());
        }
    }

    #[test]
    fn what_is_too_deep_is_cut() {
        let mut doc = Doc::new();
        let mut node = doc.node(Data::int(1));
        for _ in 0..DEEPEST + 2 {
            let array = doc.node(Data::EMPTY_ARRAY);
            doc.push(array, node);
            node = array;
        }
        assert_eq!(doc.json(node), "[".repeat(DEEPEST + 1) + &"]".repeat(DEEPEST + 1));
    }
}
