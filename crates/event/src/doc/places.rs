//! The places that pipelines ask for, and what a document has there.
//!
//! A pipeline names its fields when it is compiled: a few hundred paths, which share most of their way. Each name on
//! them is a [`Place`]: a number. A document that adopts the [`Places`] of its pipelines keeps, for each, the node that
//! stands there now, so that a field is found by one look into a table, wherever it lies and whatever has happened to
//! the document. Whatever gives a node its place in the tree, or takes it away, keeps the table right; names that no
//! pipeline has are found by walking.
//!
//! What holds: a node has a place if, and only if, the table has that node at that place; the children of an object
//! without a place have none. Elements of lists have none, nor what lies below them. The name of a field without a place
//! is in the filter of keys.

use std::ops::Range;
use std::sync::Arc;

use super::parse::{Due, Order};
use super::tree::same;
use super::{Data, Doc, Key, Kind, Links, NodeId};

/// A name on a path of some pipeline, below another one; meaningless in a document that has not adopted the [`Places`]
/// it is from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Place(u32);

impl Place {
    /// Of what no pipeline asks for.
    pub const NONE: Self = Self(0);
    /// The document's source.
    pub const SOURCE: Self = Self(1);
    /// Its metadata.
    pub const METADATA: Self = Self(2);
    /// What `_ingest` reads.
    pub const INGEST: Self = Self(3);

    /// Whether it is one.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a document has at a place: the node and the kind of its value, which most questions are about, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found(u32);

impl Found {
    pub(super) const NOTHING: Self = Self(u32::MAX);
    const KIND_BITS: u32 = 4;

    #[inline]
    pub(super) fn new(node: NodeId, kind: Kind) -> Self {
        debug_assert!(node.0 >> (u32::BITS - Self::KIND_BITS) == 0, "a document has no 2^28 values");
        Self(node.0 << Self::KIND_BITS | kind as u32)
    }

    #[inline]
    fn node(self) -> Option<NodeId> {
        (self != Self::NOTHING).then_some(NodeId(self.0 >> Self::KIND_BITS))
    }

    #[inline]
    fn is(self, kind: Kind) -> bool {
        self.0 & ((1 << Self::KIND_BITS) - 1) == kind as u32
    }

    #[inline]
    fn kind(self) -> Option<Kind> {
        Kind::ALL.get((self.0 & ((1 << Self::KIND_BITS) - 1)) as usize).copied()
    }
}

/// All places of a set of pipelines.
#[derive(Clone, Debug)]
pub struct Places {
    known: Vec<Known>,
    /// By hash of the place above and the name; a power of two, at most half full.
    table: Vec<Slot>,
    /// The names with their quotes and colons, one behind the other.
    names: Vec<u8>,
}

/// What is known of a place.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Of the name as a constant.
    id: u64,
    hash: u32,
    /// Where the name stands, with its quotes and its colon.
    start: u32,
    end: u32,
    /// Whether it stands so in JSON, too.
    clean: bool,
    /// Whether there are places below it.
    leads_on: bool,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    above: Place,
    hash: u32,
    place: Place,
}

impl Default for Places {
    fn default() -> Self {
        Self { known: vec![Known::ROOT; 4], table: vec![Slot::EMPTY; 64], names: Vec::new() }
    }
}

impl Known {
    /// Nothing, or what has no name.
    const ROOT: Self = Self { id: 0, hash: 0, start: 0, end: 0, clean: false, leads_on: false };
}

impl Slot {
    const EMPTY: Self = Self { above: Place::NONE, hash: 0, place: Place::NONE };
}

impl Places {
    /// The place of a name below another place, which is made when it is new; of nothing below what is none.
    pub fn add(&mut self, above: Place, name: &Key) -> Place {
        let found = self.below(above, name.hash(), name.bytes());
        if found.is_some() || !above.is_some() {
            return found;
        }
        let place = Place(self.known.len() as u32);
        let (id, hash, clean) = (name.id(), name.hash(), name.is_clean());
        let start = self.names.len() as u32;
        self.names.extend_from_slice(name.quoted().as_bytes());
        self.known.push(Known { id, hash, start, end: self.names.len() as u32, clean, leads_on: false });
        self.known[above.index()].leads_on = true;
        self.enter(Slot { above, hash, place });
        if self.known.len() * 2 > self.table.len() {
            let double = vec![Slot::EMPTY; self.table.len() * 2];
            let slots = std::mem::replace(&mut self.table, double);
            slots.into_iter().filter(|slot| slot.place.is_some()).for_each(|slot| self.enter(slot));
        }
        place
    }

    /// Whether some pipeline has a name below a place.
    pub fn has(&self, above: Place, name: &Key) -> bool {
        self.below(above, name.hash(), name.bytes()).is_some()
    }

    fn enter(&mut self, slot: Slot) {
        let mut at = self.start(slot.above, slot.hash);
        while self.table[at].place.is_some() {
            at = (at + 1) & (self.table.len() - 1);
        }
        self.table[at] = slot;
    }

    #[inline]
    fn start(&self, above: Place, hash: u32) -> usize {
        (above.0.wrapping_mul(0x9E37_79B9) ^ hash) as usize & (self.table.len() - 1)
    }

    /// How many they are, with [`Place::NONE`].
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// A field at a place, to be expected in a text.
    pub(super) fn due(&self, place: Place) -> Due {
        match self.known[place.index()] {
            Known { hash, start, end, clean: true, .. } => Due { place, hash, start, end },
            _ => Due::NONE,
        }
    }

    /// The name of a field that is due, with its quotes and its colon.
    #[inline]
    pub(super) fn name(&self, due: Due) -> &[u8] {
        &self.names[due.start as usize..due.end as usize]
    }

    /// A place that there are others below; [`Place::NONE`] for another.
    #[inline]
    pub(super) fn leading_on(&self, place: Place) -> Place {
        if self.known[place.index()].leads_on { place } else { Place::NONE }
    }

    /// The place of a name below a place that some pipeline has; [`Place::NONE`] where none has it.
    #[inline]
    pub(super) fn below(&self, above: Place, hash: u32, name: &[u8]) -> Place {
        self.search(above, hash, |slot| {
            let Known { start, end, .. } = self.known[slot.place.index()];
            same(&self.names[start as usize + 1..end as usize - 2], name)
        })
    }

    #[inline(always)]
    fn search(&self, above: Place, hash: u32, is_it: impl Fn(&Slot) -> bool) -> Place {
        let mut at = self.start(above, hash);
        while let Some(slot) = self.table.get(at) {
            if !slot.place.is_some() || slot.above == above && slot.hash == hash && is_it(slot) {
                return slot.place;
            }
            at = (at + 1) & (self.table.len() - 1);
        }
        Place::NONE
    }
}

impl Doc {
    /// Takes over the places of a set of pipelines, before one of them runs.
    pub fn adopt(&mut self, places: &Arc<Places>) {
        if Arc::ptr_eq(&self.places, places) {
            return;
        }
        self.places = Arc::clone(places);
        for node in &mut self.nodes {
            node.place = Place::NONE;
            self.keys.insert(node.hash);
        }
        self.found = vec![Found::NOTHING; places.len()];
        self.order = Order::new(places);
        self.beginning = None;
        for (root, place) in Self::ROOTS {
            self.settle(root, place);
        }
    }

    /// What stands at a place.
    #[inline]
    pub fn at_place(&self, place: Place) -> Option<NodeId> {
        self.found.get(place.index()).and_then(|found| found.node())
    }

    /// Whether nothing stands at a place.
    #[inline]
    pub(super) fn is_vacant(&self, place: Place) -> bool {
        self.found.get(place.index()) == Some(&Found::NOTHING)
    }

    /// The kind of the value at a place; `None` where nothing stands.
    #[inline]
    pub fn kind_at(&self, place: Place) -> Option<Kind> {
        self.found.get(place.index()).and_then(|found| found.kind())
    }

    /// The object at a place; `None` where there is none, or something else.
    #[inline]
    pub fn object_at(&self, place: Place) -> Option<NodeId> {
        let found = self.found.get(place.index())?;
        found.is(Kind::Object).then(|| found.node()).flatten()
    }

    /// The place of a field of an object; [`Place::NONE`] when no pipeline asks for it.
    #[inline]
    pub(super) fn place_below(&self, object: NodeId, hash: u32, name: &[u8]) -> Place {
        match self.at(object).place {
            Place::NONE => Place::NONE,
            above => self.places.below(above, hash, name),
        }
    }

    /// [`Doc::place_below`] of a name that is a constant.
    #[inline]
    pub(super) fn place_of(&self, object: NodeId, key: &Key) -> Place {
        let above = self.at(object).place;
        if !above.is_some() {
            return Place::NONE;
        }
        let places = &*self.places;
        places.search(above, key.hash(), |slot| places.known[slot.place.index()].id == key.id())
    }

    /// Empties the table for the next document.
    pub(super) fn forget_places(&mut self) {
        // Clearing a table of many pipelines would take longer than looking at the nodes that are in it.
        if self.found.len() < 1024 {
            self.found.fill(Found::NOTHING);
        } else {
            for node in &self.nodes {
                self.found[node.place.index()] = Found::NOTHING;
            }
        }
    }

    /// Takes their places from some nodes.
    pub(super) fn forget_places_of(&mut self, nodes: Range<usize>) {
        for node in &mut self.nodes[nodes] {
            let place = std::mem::replace(&mut node.place, Place::NONE);
            self.found[place.index()] = Found::NOTHING;
            self.keys.insert(node.hash);
        }
    }

    /// Gives a node that was put there its place, and those below theirs.
    #[inline]
    pub(super) fn settle(&mut self, node: NodeId, place: Place) {
        let settled = &mut self.nodes[node.index()];
        settled.place = place;
        let data = settled.data;
        self.note(node, place, data);
    }

    /// Notes what holds a value at its place, and those below at theirs.
    #[inline]
    pub(super) fn note(&mut self, node: NodeId, place: Place, data: Data) {
        self.found[place.index()] = Found::new(node, data.kind());
        if let Data::Object(links) = data
            && links != Links::EMPTY
        {
            self.settle_children(place, links.first());
        }
    }

    #[inline(never)]
    fn settle_children(&mut self, place: Place, first: NodeId) {
        if !self.places.leading_on(place).is_some() {
            return;
        }
        let mut at = first;
        while let Some(child) = at.some() {
            let node = self.at(child);
            at = node.next;
            let below = self.places.below(place, node.hash, self.bytes(node.key));
            if below.is_some() {
                self.settle(child, below);
            }
        }
    }

    /// Notes that nothing is at a place that a node with a value has left, and takes theirs from those below.
    #[inline(always)]
    pub(super) fn vacate(&mut self, place: Place, data: Data) {
        self.found[place.index()] = Found::NOTHING;
        if let Data::Object(links) = data
            && links != Links::EMPTY
        {
            self.unsettle_children(links.first());
        }
    }

    #[inline(never)]
    pub(super) fn unsettle_children(&mut self, first: NodeId) {
        let mut at = first;
        while let Some(node) = self.nodes.get_mut(at.index()) {
            at = node.next;
            let (place, data) = (std::mem::replace(&mut node.place, Place::NONE), node.data);
            if place.is_some() {
                self.keys.insert(node.hash);
                self.vacate(place, data);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use crate::doc::{ParseOptions, Places};
    use crate::{Data, Doc, FieldPath, Key, NodeId};

    const PATHS: [&str; 10] =
        ["a", "a.b", "a.b.c", "a.b.d", "d", "d.b", "a.l.0", "_id", "_ingest.a.b", "a.l.0.b"];

    /// Names, of which pipelines know the first four; the others are long, empty, or need escapes.
    const NAMES: [&str; 7] = ["a", "b", "c", "d", "", "a longer name than words", "y\"z"];

    /// What is parsed: fields in one order and another, twice, with escapes and white space; some is not JSON.
    const TEXTS: [&str; 9] = [
        r#"{"b":{"c":1,"d":[2,{"b":3}]},"d":{"b":true}}"#,
        r#"{"d":null,"a":{"b":{"d":1,"c":2,"x":3}},"b":1}"#,
        r#"{"\u0062" : {"\u0063":1, "c\"":2}, "d":{}}"#,
        r#"{"b":{"c":1,"c":2},"d":{"b":1},"b":3}"#,
        r#"{"b":{"c":1},"b":{"d":2},"z":1,"z":{"b":1}}"#,
        r#"{"b":{"c":1,"d":2},"d":{"b":}}"#,
        r#"{"y\"z":1,"y"z":2}"#,
        r#"[{"b":1}] "#,
        "1",
    ];

    #[derive(Clone, Debug)]
    enum Change {
        Set(usize, &'static str),
        ParseInto(usize, &'static str),
        Detach(usize),
        Shift(usize, usize),
        Put(usize, usize, &'static str),
        PutNamed(usize, usize),
        Remove(usize, usize),
        /// A new object gets the children of what a path leads to, which starts anew.
        TakeOver(usize),
        MakeAndForget(usize),
        /// What a path leads to stands once more in the source, where it may have no place.
        Copy(usize, usize),
        /// What a path leads to gets into a list in the source.
        Enlist(usize, usize),
    }

    fn change() -> impl Strategy<Value = Change> {
        let path = || 0..PATHS.len();
        let name = || 0..NAMES.len();
        let json = || {
            prop::sample::select(vec![
                "1",
                "{}",
                r#"{"b":{"c":1,"x":[{"b":1}]}}"#,
                "[{}]",
                r#"{"l":[{}]}"#,
                "null",
            ])
        };
        let text = || prop::sample::select(TEXTS.to_vec());
        prop_oneof![
            4 => (path(), json()).prop_map(|(at, json)| Change::Set(at, json)),
            4 => (path(), text()).prop_map(|(at, text)| Change::ParseInto(at, text)),
            2 => path().prop_map(Change::Detach),
            4 => (path(), path()).prop_map(|(from, to)| Change::Shift(from, to)),
            4 => (path(), name(), json()).prop_map(|(at, name, json)| Change::Put(at, name, json)),
            2 => (path(), name()).prop_map(|(at, name)| Change::PutNamed(at, name)),
            2 => (path(), name()).prop_map(|(at, name)| Change::Remove(at, name)),
            1 => path().prop_map(Change::TakeOver),
            1 => name().prop_map(Change::MakeAndForget),
            2 => (path(), name()).prop_map(|(at, name)| Change::Copy(at, name)),
            2 => (path(), name()).prop_map(|(at, name)| Change::Enlist(at, name)),
        ]
    }

    /// The object at a path, or the source.
    fn object(doc: &Doc, path: &FieldPath) -> NodeId {
        doc.find(path).filter(|node| matches!(doc.data(*node), Data::Object(_))).unwrap_or(Doc::SOURCE)
    }

    /// Makes a change and tells what came of it.
    fn apply(doc: &mut Doc, paths: &[FieldPath], names: &[Key], change: &Change) -> String {
        match *change {
            Change::Set(at, json) => {
                let node = doc.parse_str(json).unwrap();
                format!("{:?}", doc.set(&paths[at], node))
            }
            Change::ParseInto(at, text) => {
                let text = doc.add_text(text);
                let options = ParseOptions { allow_duplicate_keys: at % 2 == 0, ..Default::default() };
                format!("{:?}", doc.parse_into(&paths[at], text, options))
            }
            Change::Detach(at) => format!("{:?}", doc.detach(&paths[at]).map(drop)),
            Change::Shift(from, to) => {
                // Paths without places are never plain: what shifting is to do, step by step.
                let plain = doc.has(&paths[from])
                    && !doc.has(&paths[to])
                    && !paths[to].as_str().starts_with(&format!("{}.", paths[from].as_str()));
                if plain && doc.shift(&paths[from], &paths[to]) != crate::doc::Shift::Done {
                    let node = doc.detach(&paths[from]).unwrap();
                    if doc.set(&paths[to], node).is_err() {
                        // There is no way back into a list that has become shorter.
                        doc.set(&paths[from], node).ok();
                    }
                }
                String::new()
            }
            Change::Put(at, name, json) => {
                let (object, node) = (object(doc, &paths[at]), doc.parse_str(json).unwrap());
                doc.put(object, &names[name], node);
                String::new()
            }
            Change::PutNamed(at, name) => {
                let (object, node) = (object(doc, &paths[at]), doc.node(Data::bool(true)));
                doc.put_named(object, NAMES[name], node);
                String::new()
            }
            Change::Remove(at, name) => {
                format!("{:?}", doc.remove(object(doc, &paths[at]), &names[name]).is_some())
            }
            Change::TakeOver(at) => {
                let from = object(doc, &paths[at]);
                let taker = doc.node(doc.data(from));
                doc.set_data(from, Data::EMPTY_OBJECT);
                doc.put(Doc::SOURCE, &names[3], taker);
                String::new()
            }
            Change::Copy(at, name) => {
                let copy = doc.find(&paths[at]).map(|node| doc.copy(node));
                copy.map(|node| doc.put(Doc::SOURCE, &names[name], node));
                String::new()
            }
            Change::Enlist(at, name) => {
                if let Ok(node) = doc.detach(&paths[at]) {
                    let list = doc.node(Data::EMPTY_ARRAY);
                    doc.push(list, node);
                    doc.put(Doc::SOURCE, &names[name], list);
                }
                String::new()
            }
            Change::MakeAndForget(name) => {
                let mark = doc.mark();
                let (object, node) = (doc.node(Data::EMPTY_OBJECT), doc.node(Data::Null));
                doc.put(object, &names[name], node);
                assert_eq!(doc.get(object, &names[name]), Some(node));
                doc.rewind(mark);
                String::new()
            }
        }
    }

    /// The fields of all objects are found by name.
    fn check_names(doc: &Doc, at: NodeId, names: &[Key]) {
        if matches!(doc.data(at), Data::Object(_)) {
            for key in names {
                let walked = doc.children(at).find(|child| doc.key(*child) == key.name());
                assert_eq!(doc.get(at, key), walked, "{} in {}", key.name(), doc.json(at));
                assert_eq!(doc.get_named(at, key.name()), walked);
            }
        }
        doc.children(at).for_each(|child| check_names(doc, child, names));
    }

    proptest! {
        /// A document that has adopted places gives the same as one that walks, whatever happens to the tree, one
        /// document after another.
        #[test]
        fn what_is_at_a_place_is_what_a_walk_finds(
            runs in prop::collection::vec(prop::collection::vec(change(), 1..40), 1..4),
            late in any::<bool>(),
        ) {
            let mut places = Places::default();
            let plain = PATHS.map(|path| FieldPath::parse(path).unwrap());
            let known = PATHS.map(|path| FieldPath::known(path, &mut places).unwrap());
            let names = NAMES.map(Key::new);
            let places = Arc::new(places);
            let (mut walking, mut doc) = (Doc::new(), Doc::new());
            for changes in &runs {
                walking.clear();
                doc.clear();
                let (early, later) = changes.split_at(if late { changes.len() / 2 } else { 0 });
                for change in early {
                    apply(&mut walking, &plain, &names, change);
                    let paths = if Arc::ptr_eq(&doc.places, &places) { &known } else { &plain };
                    apply(&mut doc, paths, &names, change);
                }
                doc.adopt(&places);
                for change in later {
                    prop_assert_eq!(
                        apply(&mut walking, &plain, &names, change),
                        apply(&mut doc, &known, &names, change)
                    );
                    for root in [Doc::SOURCE, Doc::METADATA, Doc::INGEST] {
                        prop_assert_eq!(walking.json(root), doc.json(root));
                        check_names(&doc, root, &names);
                    }
                    for (plain, known) in plain.iter().zip(&known) {
                        prop_assert_eq!(doc.find(known), doc.find(plain), "{}", plain.as_str());
                        prop_assert_eq!(
                            doc.resolve(known).map_err(|error| error.to_string()),
                            doc.resolve(plain).map_err(|error| error.to_string())
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn fields_are_found_by_name_when_other_places_are_adopted() {
        let mut places = Places::default();
        let path = FieldPath::known("a.b", &mut places).unwrap();
        let (mut doc, names) = (Doc::new(), NAMES.map(Key::new));
        for places in [places, Places::default()] {
            let has_place = places.len() > Places::default().len();
            doc.adopt(&Arc::new(places));
            if has_place {
                let node = doc.node(Data::Null);
                doc.set(&path, node).unwrap();
            }
            assert_eq!(doc.json(Doc::SOURCE), r#"{"a":{"b":null}}"#);
            check_names(&doc, Doc::SOURCE, &names);
        }
    }

    #[test]
    fn there_may_be_very_many_places() {
        let mut places = Places::default();
        let paths: Vec<FieldPath> =
            (0..3000).map(|i| FieldPath::known(&format!("a.f{i}.b"), &mut places).unwrap()).collect();
        let mut doc = Doc::new();
        doc.adopt(&Arc::new(places));
        for _ in 0..2 {
            for path in &paths {
                assert_eq!(doc.find(path), None);
                let node = doc.node(Data::Null);
                doc.set(path, node).unwrap();
            }
            assert!(paths.iter().all(|path| doc.find(path).is_some()));
            doc.clear();
        }
    }
}
