//! The JSON parser: RFC 8259, one pass, straight into the arena.
//!
//! It reads text that stands in the document's own buffer, so a string without escapes becomes a span and is not
//! copied. Strings with escapes are unescaped into `scratch`, which is appended to the buffer at the end; their
//! spans are computed against that end from the start. Nesting is kept on a stack of ours, not on the thread's.

use std::collections::HashSet;
use std::mem::take;

use super::key::hash;
use super::write::{find_special, is_clean};
use super::{Data, Doc, MAX_DEPTH, NodeId, Text};

/// Above this many fields an object gets an index to find duplicates by, so that wide objects stay linear.
const WIDE: u32 = 64;

/// A container whose end has not been read yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    node: NodeId,
    /// Members so far.
    fields: u32,
    is_object: bool,
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct JsonError {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// What was found or is missing there.
    pub reason: String,
}

/// What the `json` processor lets its user choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// Of fields with the same name the last one counts; otherwise they are an error.
    pub allow_duplicate_keys: bool,
    /// What follows the first value is not looked at; otherwise it is an error.
    pub ignore_trailing: bool,
}

impl Doc {
    /// Parses a text of the buffer into a detached node.
    ///
    /// # Errors
    /// [`JsonError`]; nodes made until then stay unreachable.
    pub fn parse(&mut self, source: Text, options: ParseOptions) -> Result<NodeId, JsonError> {
        let text = take(&mut self.text);
        let mut parser = Parser {
            base: source.range().start,
            at: source.range().start,
            bytes: &text.as_bytes()[..source.range().end],
            text: &text,
            scratch: take(&mut self.scratch),
            wide: Vec::new(),
            options,
            doc: self,
        };
        let result = parser.document();
        let scratch = take(&mut parser.scratch);
        self.text = text;
        self.text.push_str(&scratch);
        self.scratch = scratch;
        self.scratch.clear();
        self.open.clear();
        result
    }

    /// Copies a text into the buffer and parses it with the default options.
    ///
    /// # Errors
    /// As [`Doc::parse`].
    pub fn parse_str(&mut self, json: &str) -> Result<NodeId, JsonError> {
        let text = self.add_text(json);
        self.parse(text, ParseOptions::default())
    }
}

struct Parser<'a> {
    doc: &'a mut Doc,
    text: &'a str,
    bytes: &'a [u8],
    base: usize,
    at: usize,
    scratch: String,
    /// The names in each open object that is wide, with its place on the stack.
    wide: Vec<(usize, HashSet<Box<str>>)>,
    options: ParseOptions,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<NodeId, JsonError> {
        let root = self.value()?;
        while let Some(place) = self.doc.open.len().checked_sub(1) {
            self.member(place)?;
        }
        if self.peek_behind_space().is_some() && !self.options.ignore_trailing {
            return self.fail("there is more text behind the end of the JSON value");
        }
        Ok(root)
    }

    /// One step inside the innermost open container: a member, or its end.
    fn member(&mut self, place: usize) -> Result<(), JsonError> {
        let Open { node: container, fields, is_object } = self.doc.open[place];
        let empty = fields == 0;
        match self.peek_behind_space() {
            Some(b'}') if is_object => return self.close(),
            Some(b']') if !is_object => return self.close(),
            Some(b',') if !empty => self.at += 1,
            None => {
                return self.fail(if is_object {
                    "an object is not closed"
                } else {
                    "an array is not closed"
                });
            }
            Some(_) if !empty => {
                return self.fail(if is_object { "expected , or }" } else { "expected , or ]" });
            }
            Some(_) => {}
        }
        if !is_object {
            let value = self.value()?;
            self.doc.chain(container, value);
            self.doc.open[place].fields = fields.saturating_add(1);
            return Ok(());
        }
        if self.peek_behind_space() != Some(b'"') {
            return self.fail("expected a field name in double quotes");
        }
        let from = self.at;
        let key = self.string()?;
        if self.peek_behind_space() != Some(b':') {
            return self.fail("expected : after a field name");
        }
        self.at += 1;
        let value = self.value()?;
        self.link_field(place, key, value, from)
    }

    fn link_field(&mut self, place: usize, key: Text, value: NodeId, from: usize) -> Result<(), JsonError> {
        let object = self.doc.open[place].node;
        let hash = hash(self.name_bytes(key));
        let new = self.doc.name_node(value, key, hash);
        if !new && let Some(old) = self.find(place, hash, key) {
            if !self.options.allow_duplicate_keys {
                let reason = format!("Duplicate field '{}'", self.name(key));
                return Err(JsonError { offset: from - self.base, reason });
            }
            self.doc.replace(object, old, value);
            return Ok(());
        }
        self.doc.chain(object, value);
        self.note_name(place, key);
        Ok(())
    }

    /// A field of this name in an object that is still being read.
    fn find(&self, place: usize, hash: u32, key: Text) -> Option<NodeId> {
        let name = self.name(key);
        if self.wide.iter().any(|(at, names)| *at == place && !names.contains(name)) {
            return None;
        }
        self.doc.children(self.doc.open[place].node).find(|child| {
            self.doc.nodes[child.0 as usize].hash == hash && self.name(self.doc.key_text(*child)) == name
        })
    }

    /// Counts a field; an object that gets wide gets an index of its names.
    fn note_name(&mut self, place: usize, key: Text) {
        let Open { node: object, fields, .. } = &mut self.doc.open[place];
        *fields = fields.saturating_add(1);
        if *fields >= WIDE {
            let object = *object;
            self.note_wide(place, object, key);
        }
    }

    #[inline(never)]
    fn note_wide(&mut self, place: usize, object: NodeId, key: Text) {
        let name: Box<str> = self.name(key).into();
        if let Some((_, names)) = self.wide.iter_mut().find(|(at, _)| *at == place) {
            names.insert(name);
        } else {
            let names = self.doc.children(object).map(|child| self.name(self.doc.key_text(child)).into());
            let names = names.collect();
            self.wide.push((place, names));
        }
    }

    fn name_bytes(&self, key: Text) -> &[u8] {
        match self.bytes.get(key.range()) {
            Some(name) => name,
            None => self.name(key).as_bytes(),
        }
    }

    /// The characters of a key, which stands in the input or among the unescaped strings.
    fn name(&self, key: Text) -> &str {
        let (base, range) = (self.text.len(), key.range());
        if range.start < base {
            &self.text[range]
        } else {
            &self.scratch[range.start - base..range.end - base]
        }
    }

    fn close(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        self.doc.open.pop();
        let place = self.doc.open.len();
        self.wide.pop_if(|(at, _)| *at == place);
        Ok(())
    }

    /// A scalar, or the opening of a container, which then is the innermost open one.
    fn value(&mut self) -> Result<NodeId, JsonError> {
        let data = match self.peek_behind_space() {
            Some(b'"') => Data::Str(self.string()?),
            Some(b'{') => return self.open(Data::EMPTY_OBJECT, true),
            Some(b'[') => return self.open(Data::EMPTY_ARRAY, false),
            Some(b't') => self.word("true", Data::Bool(true))?,
            Some(b'f') => self.word("false", Data::Bool(false))?,
            Some(b'n') => self.word("null", Data::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return self.fail("expected a JSON value"),
            None => return self.fail("the text ends where a JSON value should be"),
        };
        Ok(self.doc.node(data))
    }

    fn open(&mut self, data: Data, is_object: bool) -> Result<NodeId, JsonError> {
        if self.doc.open.len() >= MAX_DEPTH {
            return self.fail(&format!("objects and arrays are nested deeper than {MAX_DEPTH} levels"));
        }
        self.at += 1;
        let id = self.doc.node(data);
        self.doc.open.push(Open { node: id, fields: 0, is_object });
        Ok(id)
    }

    fn word(&mut self, word: &str, data: Data) -> Result<Data, JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.fail("expected a JSON value");
        }
        self.at += word.len();
        Ok(data)
    }

    fn number(&mut self) -> Result<Data, JsonError> {
        let from = self.at;
        let negative = self.eat(b'-');
        let digits = self.at;
        let mut value: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let count = self.at - digits;
        if count == 0 || (count > 1 && self.bytes[digits] == b'0') {
            return self.fail("a number is malformed");
        }
        let mut integer = true;
        if self.eat(b'.') {
            integer = false;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            integer = false;
            self.at += 1;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        // Up to 18 digits fit a long whatever they are; "-0" is kept as its text.
        if integer && count <= 18 && !(negative && value == 0) {
            let value = if negative { -value } else { value };
            return Ok(i32::try_from(value).map_or(Data::Long(value), Data::Int));
        }
        let text = Text::new(from, self.at - from, false);
        match self.text[from..self.at].parse::<i64>() {
            Ok(value) if integer && value != 0 => Ok(Data::Long(value)),
            _ => Ok(Data::Number(text)),
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == from { self.fail("a number is malformed") } else { Ok(()) }
    }

    /// A string; `at` stands on its opening quote.
    fn string(&mut self) -> Result<Text, JsonError> {
        let from = self.at + 1;
        let to = find_special(self.bytes, from);
        match self.bytes.get(to) {
            Some(b'"') => {
                self.at = to + 1;
                Ok(Text::new(from, to - from, true))
            }
            _ => self.escaped_string(from, to),
        }
    }

    fn escaped_string(&mut self, from: usize, mut to: usize) -> Result<Text, JsonError> {
        self.scratch.push('"');
        let start = self.scratch.len();
        let mut copied = from;
        loop {
            self.scratch.push_str(&self.text[copied..to]);
            self.at = to;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return self.fail("a control character stands unescaped in a string"),
                None => return self.fail("a string is not closed"),
            }
            copied = self.at;
            to = find_special(self.bytes, copied);
        }
        self.at += 1;
        let quoted = is_clean(&self.scratch.as_bytes()[start..]);
        let length = self.scratch.len() - start;
        self.scratch.push('"');
        Ok(Text::new(self.text.len() + start, length, quoted))
    }

    /// One escape; a surrogate without its partner becomes U+FFFD.
    fn escape(&mut self) -> Result<(), JsonError> {
        let plain = match self.bytes.get(self.at + 1) {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => return self.unicode_escape(),
            _ => return self.fail("an escape in a string is malformed"),
        };
        self.scratch.push(plain);
        self.at += 2;
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<(), JsonError> {
        let Some(unit) = self.code_unit(self.at) else {
            return self.fail("\\u in a string lacks its four hexadecimal digits");
        };
        self.at += 6;
        let mut code = u32::from(unit);
        if (0xd800..0xdc00).contains(&unit)
            && let Some(low) = self.code_unit(self.at).filter(|low| (0xdc00..0xe000).contains(low))
        {
            self.at += 6;
            code = 0x10000 + ((u32::from(unit) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
        }
        self.scratch.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    /// The code unit of `\uXXXX` at a place.
    fn code_unit(&self, at: usize) -> Option<u16> {
        let escape = self.bytes.get(at..at + 6)?;
        if !escape.starts_with(b"\\u") || !escape[2..].iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        u16::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek_behind_space(&mut self) -> Option<u8> {
        match self.peek() {
            Some(b' ' | b'\n' | b'\r' | b'\t') => {
                while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
                    self.at += 1;
                }
                self.peek()
            }
            byte => byte,
        }
    }

    fn fail<T>(&self, reason: &str) -> Result<T, JsonError> {
        Err(JsonError { offset: self.at - self.base, reason: reason.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> Result<String, String> {
        let mut doc = Doc::new();
        doc.parse_str(text).map(|id| doc.json(id)).map_err(|error| error.to_string())
    }

    #[test]
    fn values_come_out_as_they_went_in() {
        for text in [
            "null",
            "[]",
            "{}",
            "[[],{}]",
            r#"{"a":[1,-2,3.50,1e3,123456789012345678901234567890,-0]}"#,
            r#"{"":"","é":"ü \" \\ / \n\u0001"}"#,
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
        ] {
            assert_eq!(json(text).as_deref(), Ok(text));
        }
        assert_eq!(
            json(r#" { "a" : [ 1 , "\u0041\ud83d\ude00\ud800x\/" ] } "#).unwrap(),
            "{\"a\":[1,\"A😀\u{fffd}x/\"]}"
        );
    }

    #[test]
    fn what_is_not_json_is_named_with_its_place() {
        for (text, error) in [
            ("", "the text ends where a JSON value should be at byte 0"),
            ("{", "an object is not closed at byte 1"),
            ("[1", "an array is not closed at byte 2"),
            ("{\"a\" 1}", "expected : after a field name at byte 5"),
            ("{a:1}", "expected a field name in double quotes at byte 1"),
            ("[1,]", "expected a JSON value at byte 3"),
            ("{\"a\":1,}", "expected a field name in double quotes at byte 7"),
            ("[1 2]", "expected , or ] at byte 3"),
            ("01", "a number is malformed at byte 2"),
            ("1.", "a number is malformed at byte 2"),
            ("-", "a number is malformed at byte 1"),
            ("tru", "expected a JSON value at byte 0"),
            ("\"a", "a string is not closed at byte 2"),
            ("\"a\nb\"", "a control character stands unescaped in a string at byte 2"),
            ("\"\\x\"", "an escape in a string is malformed at byte 1"),
            ("\"\\u12g4\"", "\\u in a string lacks its four hexadecimal digits at byte 1"),
            ("1 2", "there is more text behind the end of the JSON value at byte 2"),
            ("{\"a\":1,\"b\":2,\"a\":3}", "Duplicate field 'a' at byte 13"),
            ("]", "expected a JSON value at byte 0"),
            ("[1}", "expected , or ] at byte 2"),
        ] {
            assert_eq!(json(text), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn nesting_has_a_limit_and_no_stack() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(json(&deep(MAX_DEPTH)).is_ok());
        assert!(json(&deep(MAX_DEPTH + 1)).unwrap_err().contains("nested deeper"));
        assert!(json(&"[".repeat(1_000_000)).is_err());
    }

    #[test]
    fn duplicates_are_found_in_wide_objects_and_can_be_allowed() {
        let fields: Vec<String> = (0..5000).map(|i| format!("\"k\\u0041{i}\":{i}")).collect();
        assert!(json(&format!("{{{}}}", fields.join(","))).is_ok());
        assert!(
            json(&format!("{{{},\"kA77\":0}}", fields.join(",")))
                .unwrap_err()
                .starts_with("Duplicate field 'kA77'")
        );
        let nested: Vec<String> = (0..5000).map(|i| format!("\"k{i}\":{{\"x\":[{i}]}}")).collect();
        assert!(
            json(&format!("{{{},\"k7\":0}}", nested.join(",")))
                .unwrap_err()
                .starts_with("Duplicate field 'k7'")
        );
        let mut doc = Doc::new();
        let text = doc.add_text(r#"{"a":1,"b":2,"a":3}"#);
        let id = doc.parse(text, ParseOptions { allow_duplicate_keys: true, ..Default::default() }).unwrap();
        assert_eq!(doc.json(id), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn trailing_text_can_be_ignored() {
        let mut doc = Doc::new();
        let text = doc.add_text("12 \"foo");
        let id = doc.parse(text, ParseOptions { ignore_trailing: true, ..Default::default() }).unwrap();
        assert_eq!(doc.data(id), Data::Int(12));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[^\u{0}]{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::hash_map("[a-c\"\\\\\n]{0,3}", inner, 0..8)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_and_writes_as_serde_does(value in any_json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(json(&text).unwrap(), value.to_string());
            }
        }

        #[test]
        fn agrees_with_serde_on_what_is_json(text in r#"[\[\]{}",:0-9a-cetrufalsn\\ .+-]{0,24}"#) {
            let read = serde_json::from_str::<serde_json::Value>(&text);
            match json(&text) {
                Ok(_) => prop_assert!(read.is_ok(), "{} is refused by serde", text),
                // serde lets the last duplicate win and refuses numbers beyond a double.
                Err(error) => prop_assert!(read.is_err() || error.contains("Duplicate"), "{} {}", text, error),
            }
        }
    }
}
