//! Walking over collections while the script may change them, with Java's rules for that.

use event::doc::NodeId;
use event::{Doc, Key};

use super::{Outcome, Run};
use crate::exception::{Exception, Thrown};
use crate::fixed::{Fixed, FixedMap};
use crate::value::Value;

/// A walk under way: of a `for` or of an iterator.
#[derive(Debug)]
pub(crate) struct Walk<'c> {
    over: Over<'c>,
    /// The container, where it can change.
    container: Option<NodeId>,
    next: Option<NodeId>,
    /// Where it goes on behind the last sibling: `ctx` is the source, then the metadata.
    rest: Option<NodeId>,
    last: Option<NodeId>,
    /// Elements given so far.
    given: usize,
    /// Whether somebody else has put in or taken out elements.
    changed: bool,
    ended: bool,
}

#[derive(Clone, Copy, Debug)]
enum Over<'c> {
    Elements,
    Keys,
    Values,
    Entries,
    Constants(&'c [Fixed]),
    /// The entries of a map of constants.
    Pairs(&'c [(Key, Fixed)]),
}

impl<'c> Walk<'c> {
    fn over(over: Over<'c>) -> Self {
        let (container, next, rest, last) = (None, None, None, None);
        Self { over, container, next, rest, last, given: 0, changed: false, ended: false }
    }
}

impl<'c> Run<'_, 'c> {
    /// Starts a walk; its place among the walks.
    pub(crate) fn start_walk(&mut self, of: Value<'c>) -> Result<usize, Thrown> {
        let (over, container) = match of {
            Value::List(id) | Value::Set(id) | Value::Array(id) => (Over::Elements, id.get()),
            Value::Keys(id) => (Over::Keys, id.get()),
            Value::Values(id) => (Over::Values, id.get()),
            Value::Entries(id) => (Over::Entries, id.get()),
            Value::Fixed(Fixed::List(values)) => return Ok(self.begin(Walk::over(Over::Constants(values)))),
            Value::Null => return Err(super::null_reference("iterator")),
            other => {
                let reason = format!("Cannot iterate over [{}]", self.java_class(other));
                return Err(Exception::illegal_argument(reason));
            }
        };
        let next = self.doc.first_child(container);
        let rest = if container == Doc::SOURCE { self.doc.first_child(Doc::METADATA) } else { None };
        Ok(self.begin(Walk { container: Some(container), next, rest, ..Walk::over(over) }))
    }

    /// Starts a walk over the entries of a map of constants.
    pub(super) fn start_pairs(&mut self, map: &'c FixedMap) -> usize {
        self.begin(Walk::over(Over::Pairs(map.entries())))
    }

    fn begin(&mut self, walk: Walk<'c>) -> usize {
        self.walks.push(walk);
        self.walks.len() - 1
    }

    /// Ends a walk; the last ones that ended are forgotten.
    pub(crate) fn end_walk(&mut self, walk: usize) {
        if let Some(walk) = self.walks.get_mut(walk) {
            walk.ended = true;
        }
        while self.walks.last().is_some_and(|walk| walk.ended) {
            self.walks.pop();
        }
        if self.walks.is_empty() {
            self.replaced.clear();
        }
    }

    /// Whether a walk has another element; a list that was changed has one until all of its length were given.
    pub(crate) fn has_next(&self, walk: usize) -> bool {
        let walk = &self.walks[walk];
        match walk.container {
            Some(list) if walk.changed && matches!(walk.over, Over::Elements) => {
                walk.given != self.doc.len(list)
            }
            Some(_) => walk.next.or(walk.rest).is_some(),
            None => match walk.over {
                Over::Constants(values) => walk.given < values.len(),
                Over::Pairs(pairs) => walk.given < pairs.len(),
                _ => walk.next.is_some(),
            },
        }
    }

    /// The next element of a walk.
    #[inline(always)]
    pub(crate) fn advance(&mut self, walk: usize) -> Result<Option<Value<'c>>, Thrown> {
        let state = &mut self.walks[walk];
        if let (Some(node), false, true) = (state.next, state.changed, self.replaced.is_empty()) {
            state.next = self.doc.next_sibling(node);
            state.last = Some(node);
            state.given += 1;
            let (over, container) = (state.over, state.container);
            return Ok(Some(self.walked(over, container, node)));
        }
        self.advance_changed(walk)
    }

    /// [`Run::advance`] where something has changed meanwhile, and at the end.
    #[inline(never)]
    fn advance_changed(&mut self, walk: usize) -> Result<Option<Value<'c>>, Thrown> {
        if !self.has_next(walk) {
            return Ok(None);
        }
        let state = &mut self.walks[walk];
        if let Over::Constants(_) | Over::Pairs(_) = state.over {
            let at = state.given;
            state.given += 1;
            return Ok(match state.over {
                Over::Constants(values) => values.get(at).map(Fixed::value),
                Over::Pairs(pairs) => pairs.get(at).map(Value::Pair),
                _ => None,
            });
        }
        if state.changed {
            return Err(Exception::bare("ConcurrentModificationException", None));
        }
        let next = match state.next {
            Some(node) => self.current(node),
            None => match self.walks[walk].rest.take() {
                Some(node) => self.current(node),
                None => return Ok(None),
            },
        };
        let after = self.doc.next_sibling(next);
        let state = &mut self.walks[walk];
        state.next = after;
        state.last = Some(next);
        state.given += 1;
        let (over, container) = (state.over, state.container);
        Ok(Some(self.walked(over, container, next)))
    }

    /// What a walk gives for a node.
    #[inline(always)]
    fn walked(&self, over: Over<'c>, container: Option<NodeId>, node: NodeId) -> Value<'c> {
        match over {
            Over::Elements | Over::Values | Over::Constants(_) | Over::Pairs(_) => self.read(node),
            Over::Keys => Value::Str(self.doc.key_text(node)),
            Over::Entries => Value::Entry((container.unwrap_or(node), node).into()),
        }
    }

    /// The node that a walk gave last.
    pub(crate) fn last_of(&self, walk: usize) -> Option<NodeId> {
        self.walks[walk].last
    }

    /// `iterator.remove()`
    pub(crate) fn remove_last(&mut self, walk: usize) -> Result<(), Thrown> {
        let Walk { container: Some(container), last: Some(last), changed: false, .. } = self.walks[walk]
        else {
            return Err(Exception::bare("IllegalStateException", None));
        };
        self.check_writable(container)?;
        let last = self.current(last);
        // The walk itself may do this; others over the same container may not go on.
        self.walks[walk].container = None;
        self.take_out(container, last)?;
        let state = &mut self.walks[walk];
        state.container = Some(container);
        state.last = None;
        state.given -= 1;
        Ok(())
    }

    /// All elements at once, for what does not change the collection.
    pub(crate) fn listed(&mut self, of: Value<'c>) -> Result<Vec<Value<'c>>, Thrown> {
        if let Value::Fixed(Fixed::List(values)) = of {
            return Ok(values.iter().map(Fixed::value).collect());
        }
        let walk = self.start_walk(of)?;
        let mut values = Vec::new();
        while let Some(value) = self.advance(walk)? {
            values.push(value);
        }
        self.end_walk(walk);
        Ok(values)
    }

    /// The next element for an iterator.
    pub(crate) fn advance_or_fail(&mut self, walk: usize) -> Outcome<'c> {
        self.advance(walk)?.ok_or_else(|| Exception::bare("NoSuchElementException", None))
    }

    /// Tells the walks over a container that an element was put in.
    pub(super) fn note_change(&mut self, container: NodeId) {
        for walk in &mut self.walks {
            walk.changed |= walk.container == Some(container);
        }
    }
}
