//! Finds where a JSON value ends, by its quotes and brackets alone, in pieces of any size and without a stack.

use memchr::memchr2;

/// How far into a value the scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nest {
    kind: Kind,
    escaped: bool,
    quoted: bool,
    depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An object or array: ends with the bracket that closes the first one.
    Nested,
    /// Ends with its quote.
    Text,
    /// A number or literal, or nothing known: ends before a separator.
    Scalar,
}

impl Nest {
    /// Starts with the first byte of a value, which is looked at again by [`Nest::end`].
    pub fn start(first: u8) -> Self {
        let kind = match first {
            b'{' | b'[' => Kind::Nested,
            b'"' => Kind::Text,
            _ => Kind::Scalar,
        };
        Self { kind, escaped: false, quoted: false, depth: 0 }
    }

    /// Stands in an object, behind its opening brace.
    pub fn inside() -> Self {
        Self { depth: 1, ..Self::start(b'{') }
    }

    /// Scans on; the index behind the value's last byte, or nothing when all of `bytes` belongs to it.
    ///
    /// Which bracket closes which is not checked: the parser does that.
    pub fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.kind == Kind::Scalar {
            // The first byte is the value's, whatever it is.
            let from = usize::from(self.depth == 0);
            self.depth = 1;
            let rest = bytes.get(from..)?;
            let found = rest.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b',' | b']'));
            return found.map(|at| from + at);
        }
        let mut at = 0;
        while at < bytes.len() {
            if self.quoted {
                at = self.text_end(bytes, at)?;
            } else {
                at += bytes[at..].iter().position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']'))?;
                match bytes[at] {
                    b'"' => self.quoted = true,
                    b'{' | b'[' => self.depth += 1,
                    _ => self.depth -= 1,
                }
                at += 1;
            }
            if self.depth == 0 && !self.quoted {
                return Some(at);
            }
        }
        None
    }

    /// The index behind the closing quote.
    fn text_end(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            if self.escaped {
                bytes.get(at)?;
                self.escaped = false;
                at += 1;
            }
            at += memchr2(b'"', b'\\', bytes.get(at..)?)? + 1;
            if bytes[at - 1] == b'"' {
                self.quoted = false;
                return Some(at);
            }
            self.escaped = true;
        }
    }
}

/// Whether `bytes` is one JSON object by its brackets, with nothing but white space behind it.
pub fn is_whole_object(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'{')
        && Nest::start(b'{').end(bytes).is_some_and(|end| bytes[end..].trim_ascii().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end_in_pieces_of_any_size() {
        for (value, rest) in [
            (r#"{"a":"}]\"{","b":[{}]}"#, ", 2"),
            (r#"["\\",["]"]]"#, "]"),
            (r#""a\\\"b""#, ","),
            (r#""""#, r#""x""#),
            ("12.5e3", "]"),
            ("null", " ]"),
            ("}", ","),
        ] {
            let all = format!("{value}{rest}");
            for size in 1..=all.len() {
                let mut nest = Nest::start(all.as_bytes()[0]);
                let mut done = 0;
                let end = all.as_bytes().chunks(size).find_map(|chunk| {
                    let end = nest.end(chunk).map(|end| done + end);
                    done += chunk.len();
                    end
                });
                assert_eq!(end, Some(value.len()), "{all} in pieces of {size}");
            }
        }
    }

    #[test]
    fn an_object_is_whole_with_its_last_bracket() {
        assert!(is_whole_object(br#"{"a":"{"} "#));
        for part in [r#"{"a":1"#, r#"{"a":"}"#, r#"{} x"#, "[]", "", "12"] {
            assert!(!is_whole_object(part.as_bytes()), "{part}");
        }
    }
}
