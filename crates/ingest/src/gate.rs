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
    /// Places without something at any one of which it does nothing.
    needs: [Place; 2],
    /// The same of one more place, though only while there are objects at some others: elsewhere its condition could
    /// throw.
    needs_among: Place,
    objects: [Place; 2],
}

impl Gate {
    const OPEN: Self =
        Self { needs: [Place::SOURCE; 2], needs_among: Place::SOURCE, objects: [Place::SOURCE; 2] };

    /// The gate of a step.
    pub(crate) fn of(condition: Option<&Condition>, processor: &dyn Processor) -> Self {
        let mut gate = Self::OPEN;
        let own = Some(processor.idle_without()).filter(|place| place.is_some());
        let Some(condition) = condition else {
            gate.needs[0] = own.unwrap_or(Place::SOURCE);
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
        let mut needs = condition.requires();
        match found {
            Some((place, without)) if without.objects.is_empty() => needs.insert(0, place),
            Some((place, without)) => {
                gate.needs_among = place;
                gate.objects.iter_mut().zip(without.objects).for_each(|(own, place)| *own = place);
            }
            None => {}
        }
        gate.needs.iter_mut().zip(needs).for_each(|(own, place)| *own = place);
        gate
    }

    /// Whether the step does nothing to a document.
    #[inline]
    pub(crate) fn is_shut(&self, doc: &Doc) -> bool {
        self.needs.iter().any(|place| doc.at_place(*place).is_none())
            || doc.at_place(self.needs_among).is_none()
                && self.objects.iter().all(|place| doc.object_at(*place).is_some())
    }
}
