//! When a step has nothing to do, told from what stands at a few places of the document.
//!
//! Most steps of a long pipeline are about fields that an event does not have. What such a step needs is found when it
//! is compiled; passing it over then takes a look or two into the document's table of places, and neither the step nor
//! its condition is touched.

use event::Doc;
use event::doc::Place;

use crate::pipeline::Processor;
use crate::script::Condition;

/// When a step is certain to do nothing: no change, no failure. Where more places could tell, some are enough; the source
/// stands for none, since it is always there.
#[derive(Clone, Copy)]
pub(crate) struct Gate {
    /// The place without something at which it does nothing, while there are objects at some others: elsewhere its
    /// condition could throw.
    place: Place,
    objects: [Place; 2],
    /// A place without something at which it does nothing.
    also: Place,
}

impl Gate {
    const OPEN: Self = Self { place: Place::SOURCE, objects: [Place::NONE; 2], also: Place::SOURCE };

    /// The gate of a step.
    pub(crate) fn of(condition: Option<&Condition>, processor: &dyn Processor) -> Self {
        let mut gate = Self::OPEN;
        let own = Some(processor.idle_without()).filter(|place| place.is_some());
        let Some(condition) = condition else {
            gate.place = own.unwrap_or(Place::SOURCE);
            return gate;
        };
        // The processor's place, without which it does nothing whatever the condition says; or one of the condition's,
        // without which that says no.
        let few = |objects: &[Place]| objects.len() <= gate.objects.len();
        let own = own.and_then(|place| condition.without(place).map(|without| (place, without)));
        let found = own.filter(|(_, without)| few(&without.objects)).or_else(|| {
            condition.asks().into_iter().rev().find_map(|place| {
                let without = condition.without(place)?;
                (without.answer == Some(false) && few(&without.objects)).then_some((place, without))
            })
        });
        if let Some((place, without)) = found {
            gate.place = place;
            gate.objects.iter_mut().zip(without.objects).for_each(|(own, place)| *own = place);
        }
        if let Some(place) = condition.requires().into_iter().find(|place| *place != gate.place) {
            gate.also = place;
        }
        gate
    }

    /// Whether the step does nothing to a document.
    #[inline]
    pub(crate) fn is_shut(&self, doc: &Doc) -> bool {
        match doc.at_place(self.place) {
            None => !self.objects[0].is_some() || self.has_objects(doc) || doc.at_place(self.also).is_none(),
            Some(_) => doc.at_place(self.also).is_none(),
        }
    }

    #[inline]
    fn has_objects(&self, doc: &Doc) -> bool {
        self.objects.iter().all(|place| !place.is_some() || doc.object_at(*place).is_some())
    }
}

/// The gates of steps that follow each other. Apart from the steps and small, so that those that have nothing to do are
/// passed over without being looked at.
#[derive(Default)]
pub(crate) struct Gates(Box<[Gate]>);

impl FromIterator<Gate> for Gates {
    fn from_iter<T: IntoIterator<Item = Gate>>(gates: T) -> Self {
        Self(gates.into_iter().collect())
    }
}

impl Gates {
    /// One after another.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Gate> {
        self.0.iter()
    }

    /// The first step from one on that may have something to do.
    #[inline]
    pub(crate) fn next_open(&self, from: usize, doc: &Doc) -> Option<usize> {
        let rest = self.0.get(from..)?;
        rest.iter().position(|gate| !gate.is_shut(doc)).map(|at| from + at)
    }
}
