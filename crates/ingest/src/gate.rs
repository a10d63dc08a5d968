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
        let given = condition.given();
        let own = own.filter(|_| given.never_throws);
        let mut needs = condition.requires();
        if given.objects.is_empty() {
            needs.splice(0..0, own);
        } else if let Some(place) = own.or(given.requires.last().copied())
            && given.objects.len() <= gate.objects.len()
        {
            gate.needs_among = place;
            gate.objects.iter_mut().zip(given.objects).for_each(|(own, place)| *own = place);
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
