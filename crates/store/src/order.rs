//! The rows of a view in their order: by time, then by arrival; some at a time, from any place on.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::StoreError;
use crate::columns::Segment;
use crate::page::{Direction, Place};
use crate::reader::Reader;
use crate::view::View;

/// How many candidates are looked into at once, at least.
const MIN_LOOK: usize = 64;

impl Place {
    /// The same place where the order is turned round, so that newer ones come behind older ones.
    fn turned(self) -> Self {
        Self { time: !self.time, row: !self.row }
    }

    fn toward(self, direction: Direction) -> Self {
        match direction {
            Direction::Older => self,
            Direction::Newer => self.turned(),
        }
    }
}

impl View {
    /// The first `limit` places from a place (itself not among them) on: the newest first going to older ones, the
    /// oldest first going to newer ones.
    pub(crate) fn places(
        &self,
        reader: &mut Reader,
        direction: Direction,
        from: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Place>, StoreError> {
        let Some(verifier) = &self.verifier else {
            return self.candidates(direction, from, limit);
        };
        let (mut places, mut from) = (Vec::new(), from);
        let mut look = limit.max(MIN_LOOK);
        loop {
            let candidates = self.candidates(direction, from, look)?;
            let last = candidates.last().copied();
            let more = candidates.len() == look;
            for place in candidates {
                if self.passes(verifier, reader, place.row)? {
                    places.push(place);
                    if places.len() == limit {
                        return Ok(places);
                    }
                }
            }
            if !more {
                return Ok(places);
            }
            (from, look) = (last, look * 2);
        }
    }

    /// As [`places`](Self::places), before documents are looked into.
    fn candidates(
        &self,
        direction: Direction,
        from: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Place>, StoreError> {
        let from = from.map(|place| place.toward(direction));
        // Segments with the greatest place first, so that those behind the last one kept need not be looked at.
        let mut segments: Vec<_> = self.snapshot.segments.iter().enumerate().collect();
        let greatest = |segment: &Segment| match direction {
            Direction::Older => segment.max,
            Direction::Newer => !segment.min,
        };
        segments.sort_by_key(|(_, segment)| Reverse(greatest(segment)));
        let least = |segment: &Segment| match direction {
            Direction::Older => segment.min,
            Direction::Newer => !segment.max,
        };
        let mut kept = BinaryHeap::with_capacity(limit.min(self.snapshot.rows()) + 1);
        let mut flags = Vec::new();
        for (at, segment) in segments {
            if is_behind(&kept, limit, greatest(segment)) {
                break;
            }
            if from.is_some_and(|from| least(segment) > from.time) || !self.flags(at, &mut flags)? {
                continue;
            }
            let first = at * self.snapshot.geometry().segment;
            segment.times.each(|at, time| {
                let place = Place { time, row: (first + at) as u32 }.toward(direction);
                if flags[at] != 0
                    || from.is_some_and(|from| place >= from)
                    || is_behind(&kept, limit, place.time)
                {
                    return;
                }
                kept.push(Reverse(place));
                if kept.len() > limit {
                    kept.pop();
                }
            });
        }
        let places = kept.into_sorted_vec();
        Ok(places.into_iter().map(|Reverse(place)| place.toward(direction)).collect())
    }
}

/// Whether there is no room for a place with this time.
fn is_behind(kept: &BinaryHeap<Reverse<Place>>, limit: usize, time: i64) -> bool {
    kept.len() >= limit && kept.peek().is_none_or(|Reverse(last)| time < last.time)
}
