//! Names of fields, and fields of the same name.

use std::collections::HashSet;

use super::super::key::hash;
use super::super::tree::same;
use super::super::{Data, Links, NodeId, Place, Text};
use super::members::{Open, Value};
use super::order::Turn;
use super::{Failed, Parser};

/// From this many fields on an object gets an index to find duplicates by, so that wide objects stay linear.
pub(super) const WIDE: u32 = 64;

/// The names in each open object that is wide, with its place on the stack.
pub(super) type Wide = Vec<(usize, HashSet<Box<[u8]>>)>;

impl Parser<'_> {
    /// A field of an object.
    #[inline]
    pub(super) fn field(&mut self, open: &mut Open) -> Result<Value, Failed> {
        let due = self.doc.order.due(open.turn);
        let name = self.doc.places.name(due);
        let end = self.at + name.len();
        if due.place.is_some()
            && let Some(text) = self.bytes.get(self.at..end)
            && same(text, name)
            && self.doc.is_vacant(due.place)
        {
            let key = Text::new(self.at + 1, name.len().wrapping_sub(3), true);
            self.at = end;
            open.turn = Turn::after(due.place);
            self.append(open, key, due.hash, due.place);
            return self.inner_value();
        }
        self.other_field(open)
    }

    /// A field that was not due.
    #[inline(never)]
    fn other_field(&mut self, open: &mut Open) -> Result<Value, Failed> {
        self.at = self.behind_space(self.at);
        if self.byte(self.at) != b'"' {
            return self.fail("expected a field name in double quotes");
        }
        let from = self.at;
        let key = match self.plain_string() {
            Some(key) => key,
            None => self.string()?,
        };
        self.at = self.behind_space(self.at);
        if self.byte(self.at) != b':' {
            return self.fail("expected : after a field name");
        }
        self.at += 1;
        let name = self.name(key);
        let hash = hash(name);
        let place = match open.place {
            Place::NONE => Place::NONE,
            object => self.doc.places.below(object, hash, name),
        };
        if place.is_some() {
            self.doc.order.came(open.turn, self.doc.places.due(place));
            open.turn = Turn::after(place);
            if let Some(old) = self.doc.at_place(place) {
                return self.repeat(open, old, from, key);
            }
        } else if !self.doc.keys.insert(hash)
            && let Some(old) = self.find(open.links, hash, key)
        {
            return self.repeat(open, old, from, key);
        } else if open.count >= WIDE {
            self.note_wide(open.links, key);
        }
        self.append(open, key, hash, place);
        self.inner_value()
    }

    /// A field whose name the object has already, at an older node, and whose own name is read.
    #[cold]
    fn repeat(&mut self, open: &mut Open, old: NodeId, from: usize, key: Text) -> Result<Value, Failed> {
        let new = self.doc.node(Data::Null);
        let value = self.inner_value()?;
        if !self.options.allow_duplicate_keys {
            let reason = format!("Duplicate field '{}'", String::from_utf8_lossy(self.name(key)));
            return self.fail_at(from, reason);
        }
        self.doc.nodes[open.node.index()].data = Data::Object(open.links);
        self.doc.replace(open.node, old, new);
        open.links = self.doc.links(open.node);
        Ok(value)
    }

    /// A field of this name, which no pipeline asks for, in an object that is still being read.
    #[inline(never)]
    fn find(&self, links: Links, hash: u32, key: Text) -> Option<NodeId> {
        let name = self.name(key);
        let depth = self.doc.open.len();
        if self.wide.iter().any(|(at, names)| *at == depth && !names.contains(name)) {
            return None;
        }
        self.fields(links).find(|field| {
            let field = self.doc.at(*field);
            field.hash == hash && self.name(field.key) == name
        })
    }

    fn fields(&self, links: Links) -> impl Iterator<Item = NodeId> {
        std::iter::successors(links.first().some(), |field| self.doc.at(*field).next.some())
    }

    /// Notes the name of a new field of an object that is wide, and of those that it has.
    #[inline(never)]
    fn note_wide(&mut self, links: Links, key: Text) {
        let depth = self.doc.open.len();
        if self.wide.last().is_none_or(|(at, _)| *at != depth) {
            let names = self.fields(links).map(|field| self.name(self.doc.key_text(field)).into());
            let names = names.collect();
            self.wide.push((depth, names));
        }
        let name: Box<[u8]> = self.name(key).into();
        if let Some((_, names)) = self.wide.last_mut() {
            names.insert(name);
        }
    }

    /// A name, which stands in the input or among the unescaped strings.
    #[inline]
    fn name(&self, key: Text) -> &[u8] {
        let (range, base) = (key.range(), self.text.len());
        match self.bytes.get(range.clone()) {
            Some(name) => name,
            None => &self.scratch.as_bytes()[range.start - base..range.end - base],
        }
    }
}
