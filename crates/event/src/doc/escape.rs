//! What JSON escapes in its strings.

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Doc;

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
