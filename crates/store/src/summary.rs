//! What a filter finds, counted: facets and a histogram.

use jiff::Timestamp;

/// How much detail a summary has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// At most so many values of each facet, the most frequent ones. 0: no facets.
    pub top: usize,
    /// At most so many bars over the whole time range, 2 to 10,000. 0: no histogram.
    pub buckets: usize,
}

impl Default for Shape {
    fn default() -> Self {
        Self { top: 10, buckets: 100 }
    }
}

/// A value and how many events have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The value.
    pub value: String,
    /// Events.
    pub events: u64,
}

/// The most frequent values of each field that has a filter of its own, the most frequent first.
///
/// A facet counts the events that every *other* filter lets through, so that the values not chosen show what
/// choosing them too would add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Of `data_stream.dataset`.
    pub datasets: Vec<Count>,
    /// Of `event.action`.
    pub actions: Vec<Count>,
    /// Of `event.category`; an event counts under each of its categories.
    pub categories: Vec<Count>,
    /// Of `event.outcome`.
    pub outcomes: Vec<Count>,
    /// Of the actor: `user.email`, or `user.name` where there is no address.
    pub users: Vec<Count>,
    /// Of [`PROJECT`](crate::PROJECT); an event counts under its team or project, and under its organization.
    pub projects: Vec<Count>,
}

/// Events over time, in bars of equal width that begin at multiples of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Where the first bar begins.
    pub start: Timestamp,
    /// How wide a bar is, in seconds: a round number of seconds, minutes, hours or days.
    pub width: i64,
    /// Events of each bar.
    pub bars: Vec<u64>,
}

/// All that a page shows around its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events that the filter finds.
    pub total: u64,
    /// Their facets.
    pub facets: Facets,
    /// Them over time, from the filter's `from` to its `to`, or over all times that are stored; `None` when there is no event.
    pub histogram: Option<Histogram>,
}
