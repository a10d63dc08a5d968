//! Objects and arrays, whose nesting is on a stack of ours.

use std::collections::HashSet;

use super::super::key::hash;
use super::super::{Data, MAX_DEPTH, NodeId, Text};
use super::{JsonError, Parser};

/// Above this many fields an object gets an index to find duplicates by, so that wide objects stay linear.
const WIDE: u32 = 64;

/// A container whose end has not been read yet.
#[derive(Clone, Copy, Debug)]
pub(in crate::doc) struct Open {
    node: NodeId,
    /// Members so far.
    fields: u32,
    is_object: bool,
}

/// The names in each open object that is wide, with its place on the stack.
pub(super) type Wide = Vec<(usize, HashSet<Box<str>>)>;

impl Parser<'_> {
    pub(super) fn document(&mut self) -> Result<NodeId, JsonError> {
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
}
