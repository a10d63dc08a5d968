//! Making lists and maps, and putting values into them.

use event::doc::{Data, NodeId};
use event::{Doc, Key};
use smallvec::{SmallVec, smallvec};

use super::access::unmodifiable;
use super::{Kind, MAX_GROWTH, Outcome, Run};
use crate::exception::{Exception, Thrown};
use crate::fixed::Fixed;
use crate::value::Value;

/// How deep a script may nest lists and maps: as deep as the parser lets them in.
const MAX_DEPTH: usize = event::doc::MAX_DEPTH;

impl<'c> Run<'_, 'c> {
    /// A new empty list, map, set or array, which has no place yet.
    pub(crate) fn make(&mut self, data: Data, kind: Option<Kind>) -> NodeId {
        let id = self.doc.node(data);
        self.doc.set_loose(id);
        if let Some(kind) = kind {
            self.kinds.insert(id, kind);
        }
        id
    }

    pub(crate) fn make_list(&mut self, values: &[Value<'c>]) -> Outcome<'c> {
        let list = self.make(Data::EMPTY_ARRAY, None);
        for value in values {
            self.push(list, *value)?;
        }
        Ok(Value::list(list))
    }

    pub(super) fn new_array(&mut self, length: Value<'c>, default: &'c Fixed) -> Outcome<'c> {
        let Value::Int(length) = length else {
            let from = self.class(length).unboxed();
            return Err(Exception::class_cast(format!("cannot implicitly cast def [{from}] to int")));
        };
        let Ok(length) = usize::try_from(length.get()) else {
            return Err(Exception::new("NegativeArraySizeException", length.get().to_string()));
        };
        // Refused before it is made: an element takes at least this many bytes.
        self.check_size(length.saturating_mul(32).min(MAX_GROWTH + 1))?;
        let array = self.make(Data::EMPTY_ARRAY, Some(Kind::Array));
        for _ in 0..length {
            self.push(array, default.value())?;
        }
        Ok(Value::array(array))
    }

    /// A value as a node without a place, to be put into a container: a list or map that has a place is copied.
    #[inline]
    pub(crate) fn detached(&mut self, value: Value<'c>, container: NodeId) -> Result<NodeId, Thrown> {
        // A turn of a loop looks at what scalars take.
        let data = match value {
            Value::Str(text) => Data::Str(text),
            Value::Lit(text) => Data::Str(self.doc.constant(text)),
            Value::Null => Data::Null,
            Value::Bool(value) => Data::bool(value.get()),
            Value::Int(value) => Data::int(value.get()),
            Value::Long(value) => Data::Long(value),
            Value::Float(value) => Data::float(value.get()),
            Value::Double(value) => Data::double(value.get()),
            Value::Big(text) => Data::Number(text),
            other => return self.detached_whole(other, container),
        };
        Ok(self.doc.node(data))
    }

    /// [`Run::detached`] of what is more than one node.
    #[inline(never)]
    fn detached_whole(&mut self, value: Value<'c>, container: NodeId) -> Result<NodeId, Thrown> {
        match value {
            Value::List(id) | Value::Set(id) | Value::Array(id) | Value::Map(id) => {
                self.check_size(0)?;
                self.placed(id.get(), container)
            }
            Value::Fixed(fixed) => {
                self.check_size(0)?;
                self.links += 1;
                Ok(fixed.plant(self.doc))
            }
            Value::Keys(_) | Value::Values(_) | Value::Entries(_) => {
                let list = self.listed(value)?;
                let node = self.make_list(&list)?;
                self.detached_whole(node, container)
            }
            Value::Char(unit) => Ok(self.doc.string(&String::from_utf16_lossy(&[unit.get()]))),
            other => {
                let reason = format!("unexpected value type [class {}]", self.java_class(other));
                Err(Exception::illegal_argument(reason))
            }
        }
    }

    fn placed(&mut self, id: NodeId, container: NodeId) -> Result<NodeId, Thrown> {
        self.links += 1;
        if self.doc.is_loose(id) {
            if self.holds(id, container)? {
                let reason = "Iterable object is self-referencing itself (ingest script)";
                return Err(Exception::illegal_argument(reason));
            }
            return Ok(id);
        }
        if id == Doc::SOURCE {
            let reason = "Iterable object is self-referencing itself (ingest script)";
            return Err(Exception::illegal_argument(reason));
        }
        self.copied(id)
    }

    /// A copy of a subtree, which has no place.
    pub(crate) fn copied(&mut self, id: NodeId) -> Result<NodeId, Thrown> {
        let nodes = self.check_depth(id)?;
        self.check_size(nodes * 32)?;
        Ok(self.doc.copy(id))
    }

    /// Whether a subtree without a place holds a node.
    fn holds(&self, tree: NodeId, node: NodeId) -> Result<bool, Thrown> {
        if tree == node {
            return Ok(true);
        }
        // A document's own nodes never lie below what a script has made and not placed.
        if !self.doc.children(tree).any(|child| self.is_container(child)) {
            return Ok(false);
        }
        let mut open: SmallVec<[NodeId; 8]> = smallvec![tree];
        while let Some(at) = open.pop() {
            for child in self.doc.children(at) {
                if child == node {
                    return Ok(true);
                }
                if self.is_container(child) && !self.doc.is_empty(child) {
                    open.push(child);
                }
            }
        }
        Ok(false)
    }

    /// Refuses a subtree that is nested too deep for what walks it by recursion; its number of nodes.
    pub(crate) fn check_depth(&self, id: NodeId) -> Result<usize, Thrown> {
        let mut nodes = 1;
        let mut open: Vec<(NodeId, usize)> = vec![(id, 1)];
        while let Some((at, depth)) = open.pop() {
            if depth > MAX_DEPTH {
                let reason = format!("lists and maps are nested deeper than {MAX_DEPTH} levels");
                return Err(Exception::illegal_argument(reason));
            }
            for child in self.doc.children(at) {
                nodes += 1;
                if self.is_container(child) {
                    open.push((child, depth + 1));
                }
            }
        }
        Ok(nodes)
    }

    /// `map[key] = value`; the value from before.
    pub(crate) fn map_put(&mut self, map: NodeId, key: Value<'c>, value: Value<'c>) -> Outcome<'c> {
        let name = match key {
            Value::Lit(key) => return self.map_put_key(map, key, value),
            Value::Str(text) => text,
            // Java takes any key; JSON, and so a document, has names only.
            Value::Null => self.doc.add_text("null"),
            other => {
                let text = self.text_of(other)?;
                self.doc.add_text(&text)
            }
        };
        let object = self.home(map, self.doc.text(name));
        self.check_writable(object)?;
        self.check_size(0)?;
        let node = self.detached(value, object)?;
        let old = self.doc.put_text(object, name, node);
        Ok(self.note_put(object, old, node))
    }

    /// [`Run::map_put`] under a name that the script knows.
    fn map_put_key(&mut self, map: NodeId, key: &Key, value: Value<'c>) -> Outcome<'c> {
        let object = self.home(map, key.name());
        self.check_writable(object)?;
        self.check_size(0)?;
        let node = self.detached(value, object)?;
        let old = self.doc.put(object, key, node);
        Ok(self.note_put(object, old, node))
    }

    /// Puts a node into an object under a name that the script knows.
    pub(super) fn put_key(&mut self, object: NodeId, key: &Key, node: NodeId) {
        let old = self.doc.put(object, key, node);
        self.note_put(object, old, node);
    }

    /// Tells the walks what was put where; the value from before.
    pub(super) fn note_put(&mut self, object: NodeId, old: Option<NodeId>, node: NodeId) -> Value<'c> {
        match old {
            Some(old) => {
                self.note_replaced(old, node);
                self.read(old)
            }
            None => {
                self.note_change(object);
                Value::Null
            }
        }
    }

    /// Takes a field out of a map; its value.
    pub(crate) fn map_remove(&mut self, map: NodeId, key: Value<'c>) -> Outcome<'c> {
        let Some(name) = self.as_str(key) else { return Ok(Value::Null) };
        let object = self.home(map, name);
        let found = self.find_key(map, key);
        self.check_writable(object)?;
        let Some(node) = found else { return Ok(Value::Null) };
        self.unlink(object, node);
        Ok(self.read(node))
    }

    /// Takes a node out of its container; it then has no place.
    pub(crate) fn unlink(&mut self, container: NodeId, node: NodeId) {
        self.note_change(container);
        self.doc.unlink(container, node);
        self.set_free(node);
    }

    /// Takes a child out of a collection, where it may have been replaced meanwhile.
    pub(crate) fn take_out(&mut self, container: NodeId, node: NodeId) -> Result<(), Thrown> {
        let node = self.current(node);
        let in_metadata =
            container == Doc::SOURCE && self.doc.children(Doc::METADATA).any(|child| child == node);
        let container = if in_metadata { Doc::METADATA } else { container };
        if self.doc.children(container).any(|child| child == node) {
            self.unlink(container, node);
        }
        Ok(())
    }

    fn set_free(&mut self, node: NodeId) {
        if self.is_container(node) {
            self.doc.set_loose(node);
        }
    }

    /// `list.add(value)`
    pub(crate) fn push(&mut self, list: NodeId, value: Value<'c>) -> Result<(), Thrown> {
        self.check_writable(list)?;
        let node = self.detached(value, list)?;
        self.doc.push(list, node);
        self.note_change(list);
        Ok(())
    }

    /// Puts a value in the place of an element.
    pub(crate) fn replace_element(
        &mut self,
        list: NodeId,
        old: NodeId,
        value: Value<'c>,
    ) -> Result<(), Thrown> {
        self.check_writable(list)?;
        let node = self.detached(value, list)?;
        self.doc.replace(list, old, node);
        self.note_replaced(old, node);
        Ok(())
    }

    /// Replaces all elements of a list by others, in their order.
    pub(crate) fn refill(&mut self, list: NodeId, nodes: &[NodeId]) -> Result<(), Thrown> {
        self.check_writable(list)?;
        self.doc.set_data(list, Data::EMPTY_ARRAY);
        for node in nodes {
            self.doc.push(list, *node);
        }
        Ok(())
    }

    fn note_replaced(&mut self, old: NodeId, new: NodeId) {
        self.set_free(old);
        if !self.walks.is_empty() {
            self.replaced.insert(old, new);
        }
    }

    /// The list or map that a value stands for, to be changed.
    pub(crate) fn changeable(&self, value: Value<'c>) -> Result<NodeId, Thrown> {
        match value {
            Value::List(id) | Value::Set(id) | Value::Array(id) | Value::Map(id) => {
                self.check_writable(id.get())?;
                Ok(id.get())
            }
            Value::Keys(id) | Value::Values(id) | Value::Entries(id) => {
                self.check_writable(id.get())?;
                Ok(id.get())
            }
            _ => Err(unmodifiable()),
        }
    }
}
