//! Moving a field from one path to another: what pipelines do most.

use super::path::{FieldPath, PathRoot, Segment};
use super::{Data, Doc, NodeId};

/// What came of [`Doc::shift`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// The field is at its new place.
    Done,
    /// No field was found; where lists are on the way there may be one all the same.
    Missing,
    /// Something is in the way; nothing has changed.
    NotPlain,
}

impl Doc {
    /// Moves the field at one path to another, where that is plain: objects all the way, nothing at the target, which
    /// does not lie inside the field. Whoever wants to know more of what is not plain asks [`Doc::resolve`] and
    /// [`Doc::set`].
    pub fn shift(&mut self, from: &FieldPath, to: &FieldPath) -> Shift {
        let Some(field) = self.at_place(from.place()) else {
            return if from.certain_place().is_some() { Shift::Missing } else { Shift::NotPlain };
        };
        if !to.place.is_some() || !self.is_vacant(to.place) {
            return Shift::NotPlain;
        }
        // What is no object is in the way of what lies inside it.
        let into_itself = |segment: &Segment| segment.place == from.place;
        if self.object_at(from.place).is_some() && to.split().0.iter().any(into_itself) {
            return Shift::NotPlain;
        }
        let Some(parent) = self.object_at(from.above) else { return Shift::NotPlain };
        let target = match self.object_at(to.above) {
            Some(target) => target,
            None => match self.make_way(to) {
                Some(target) => target,
                None => return Shift::NotPlain,
            },
        };
        self.unlink(parent, field);
        self.add(target, &to.name, to.place, field);
        Shift::Done
    }

    /// The object that is to hold the field of a path, with those that are missing on the way there; `None`, and nothing
    /// changed, where something else is in the way, or nothing is known of it by its places.
    #[inline(never)]
    pub(super) fn make_way(&mut self, path: &FieldPath) -> Option<NodeId> {
        if path.root() == PathRoot::Metadata {
            return None;
        }
        let mut at = self.object_at(path.root().place())?;
        for segment in path.split().0 {
            at = match self.object_at(segment.place) {
                Some(object) => object,
                None if segment.place.is_some() && self.is_vacant(segment.place) => {
                    let made = self.node(Data::EMPTY_OBJECT);
                    self.add(at, &segment.key, segment.place, made);
                    made
                }
                None => return None,
            };
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Places;

    fn doc(json: &str) -> Doc {
        let mut doc = Doc::new();
        let id = doc.parse_str(json).unwrap();
        doc.set_data(Doc::SOURCE, doc.data(id));
        doc
    }

    #[test]
    fn shifting_is_detaching_and_setting() {
        use Shift::{Done, Missing, NotPlain};
        for (json, from, to, expected) in [
            (r#"{"a":{"b":1,"c":2},"d":{}}"#, "a.b", "d.e.f", Done),
            (r#"{"a":1}"#, "a", "b", Done),
            (r#"{"a":{"b":{"c":1}}}"#, "a.b", "d.e", Done),
            (r#"{"a":1}"#, "x.y", "b", Missing),
            (r#"{"a":1,"b":2}"#, "a", "b", NotPlain),
            (r#"{"a":{"b":1}}"#, "a", "a.b.c", NotPlain),
            (r#"{"a":{"b":1}}"#, "a", "a.c", NotPlain),
            (r#"{"a":{"b":1}}"#, "a.b", "a", NotPlain),
            (r#"{"a":1,"b":"s"}"#, "a", "b.c", NotPlain),
            (r#"{"a":[{"b":1}]}"#, "a.0.b", "c", NotPlain),
        ] {
            let (mut shifted, mut set) = (doc(json), doc(json));
            let mut places = Places::default();
            let known = [from, to].map(|path| FieldPath::known(path, &mut places).unwrap());
            shifted.adopt(&places.into());
            let result = shifted.shift(&known[0], &known[1]);
            assert!(result == expected, "{json} {from} {to}: {result:?}");
            if result == Done {
                let [from, to] = [from, to].map(|path| FieldPath::parse(path).unwrap());
                let node = set.detach(&from).unwrap();
                set.set(&to, node).unwrap();
            }
            assert_eq!(shifted.json(Doc::SOURCE), set.json(Doc::SOURCE), "{json} {from} {to}: {result:?}");
        }
    }
}
