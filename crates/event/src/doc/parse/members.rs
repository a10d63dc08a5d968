//! Objects and arrays, whose nesting is on a stack of ours.
//!
//! Nearly all of the parser's time goes here, so the place in the text is kept in a variable, and a node is written
//! where it will stay: what is handed about in memory has to be waited for.

use super::super::places::Found;
use super::super::{Data, Links, MAX_DEPTH, Node, NodeId, Place, Text};
use super::order::Turn;
use super::{Failed, Parser};

/// A container whose end has not been read yet.
#[derive(Clone, Copy, Debug)]
pub(in crate::doc) struct Open {
    pub(super) node: NodeId,
    /// The bracket that closes it.
    end: u8,
    /// Its members so far, and how many they are.
    pub(super) links: Links,
    pub(super) count: u32,
    /// Where it stands, if pipelines ask for what is in it, and which of that is due.
    pub(super) place: Place,
    pub(super) turn: Turn,
}

/// What the text has for a value.
pub(super) enum Value {
    Scalar,
    /// Of a container the opening bracket is read.
    Container,
}

impl Open {
    fn is_object(&self) -> bool {
        self.end == b'}'
    }
}

impl Parser<'_> {
    /// The whole text. An object at the top is to stand at a place, below which there is nothing.
    pub(super) fn document(&mut self, place: Place) -> Result<NodeId, Failed> {
        let root = self.doc.node(Data::Null);
        if let Value::Container = self.value()? {
            let open = self.open(root, place);
            self.members(open)?;
        }
        self.at = self.behind_space(self.at);
        if self.at < self.bytes.len() && !self.options.ignore_trailing {
            return self.fail("there is more text behind the end of the JSON value");
        }
        Ok(root)
    }

    /// A container whose bracket has been read.
    #[inline]
    fn open(&self, node: NodeId, place: Place) -> Open {
        let (end, place) = match self.doc.data(node) {
            Data::Object(_) => (b'}', self.doc.places.leading_on(place)),
            _ => (b']', Place::NONE),
        };
        Open { node, end, links: Links::EMPTY, count: 0, place, turn: Turn::first(place) }
    }

    /// What is in a container, and in those that it holds.
    fn members(&mut self, mut open: Open) -> Result<(), Failed> {
        loop {
            match self.byte(self.at) {
                b',' if open.count > 0 => self.at += 1,
                end if end == open.end => match self.close(&open) {
                    Some(outer) => {
                        open = outer;
                        continue;
                    }
                    None => return Ok(()),
                },
                b' ' | b'\n' | b'\r' | b'\t' => {
                    self.at = self.behind_space(self.at);
                    continue;
                }
                _ if open.count == 0 && self.at < self.bytes.len() => {}
                _ => return self.fail_behind_member(&open),
            }
            let id = NodeId(self.doc.nodes.len() as u32);
            let value = if open.is_object() { self.field(&mut open)? } else { self.element(&mut open)? };
            if let Value::Container = value {
                let place = self.doc.nodes[id.index()].place;
                self.doc.open.push(open);
                open = self.open(id, place);
            }
        }
    }

    #[cold]
    fn fail_behind_member<T>(&mut self, open: &Open) -> Result<T, Failed> {
        self.fail(match (open.is_object(), self.at < self.bytes.len()) {
            (true, false) => "an object is not closed",
            (false, false) => "an array is not closed",
            (true, true) => "expected , or }",
            (false, true) => "expected , or ]",
        })
    }

    /// Ends a container; gives the one around it.
    #[inline]
    fn close(&mut self, open: &Open) -> Option<Open> {
        self.at += 1;
        let node = &mut self.doc.nodes[open.node.index()];
        node.data = if open.is_object() { Data::Object(open.links) } else { Data::Array(open.links) };
        if !self.wide.is_empty() {
            let depth = self.doc.open.len();
            self.wide.pop_if(|(at, _)| *at == depth);
        }
        self.doc.open.pop()
    }

    #[inline]
    fn element(&mut self, open: &mut Open) -> Result<Value, Failed> {
        self.append(open, Text::EMPTY, 0, Place::NONE);
        self.inner_value()
    }

    /// Makes the node of a member whose value comes next, behind those that its container has.
    #[inline]
    pub(super) fn append(&mut self, open: &mut Open, key: Text, hash: u32, place: Place) {
        let nodes = &mut self.doc.nodes;
        let id = NodeId(nodes.len() as u32);
        let before = open.links.set_last(id);
        match nodes.get_mut(before.index()) {
            Some(before) => before.next = id,
            None => open.links.set_first(id),
        }
        nodes.push(Node { data: Data::Null, key, hash, next: NodeId::NONE, before, place });
        open.count = open.count.saturating_add(1);
    }

    /// [`Parser::value`] inside a container.
    #[inline]
    pub(super) fn inner_value(&mut self) -> Result<Value, Failed> {
        let value = self.value()?;
        if matches!(value, Value::Container) && self.doc.open.len() + 1 >= MAX_DEPTH {
            self.at -= 1;
            return self.fail(&format!("objects and arrays are nested deeper than {MAX_DEPTH} levels"));
        }
        Ok(value)
    }

    /// Gives the youngest node a scalar, or an empty container of which the bracket is read, and notes it at its place.
    #[inline(always)]
    fn value(&mut self) -> Result<Value, Failed> {
        match self.byte(self.at) {
            b'"' => match self.plain_string() {
                Some(text) => Ok(self.give(Data::Str(text))),
                None => self.other_value(),
            },
            b'{' => Ok(self.enter(Data::EMPTY_OBJECT)),
            b'[' => Ok(self.enter(Data::EMPTY_ARRAY)),
            _ => self.other_value(),
        }
    }

    #[inline]
    fn give(&mut self, data: Data) -> Value {
        let id = NodeId(self.doc.nodes.len().wrapping_sub(1) as u32);
        if let Some(node) = self.doc.nodes.last_mut() {
            node.data = data;
            let place = node.place;
            if place.is_some() {
                self.doc.found[place.index()] = Found::new(id, data.kind());
            }
        }
        Value::Scalar
    }

    #[inline]
    fn enter(&mut self, container: Data) -> Value {
        self.at += 1;
        self.give(container);
        Value::Container
    }

    /// A value that is no plain string and has white space before it, maybe.
    #[inline(never)]
    fn other_value(&mut self) -> Result<Value, Failed> {
        self.at = self.behind_space(self.at);
        let data = match self.byte(self.at) {
            b'"' => Data::Str(self.string()?),
            b'{' => return Ok(self.enter(Data::EMPTY_OBJECT)),
            b'[' => return Ok(self.enter(Data::EMPTY_ARRAY)),
            b't' => self.word("true", Data::bool(true))?,
            b'f' => self.word("false", Data::bool(false))?,
            b'n' => self.word("null", Data::Null)?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ if self.at < self.bytes.len() => return self.fail("expected a JSON value"),
            _ => return self.fail("the text ends where a JSON value should be"),
        };
        Ok(self.give(data))
    }
}
