//! Events over time, as a drawing whose bars lead to their times.

use jiff::{SignedDuration, Timestamp};
use store::Histogram;

use super::facets::grouped;
use crate::question::{Question, Range};

/// Width and height of the drawing, in its own units.
pub(crate) const WIDTH: usize = 1000;
pub(crate) const HEIGHT: u64 = 80;

/// The drawing.
pub(crate) struct Drawing {
    pub(crate) bars: Vec<Bar>,
    /// Times at its left and right end.
    pub(crate) from: String,
    pub(crate) to: String,
    /// What it shows, for those who do not see it.
    pub(crate) summary: String,
    /// In words how much time a bar is.
    pub(crate) each: String,
    /// For the script that lets a range be dragged: where the first bar begins and how wide one is, in seconds, their number,
    /// and the view without its times.
    pub(crate) start: i64,
    pub(crate) width: i64,
    pub(crate) count: usize,
    pub(crate) href: String,
}

/// A bar with events.
pub(crate) struct Bar {
    pub(crate) x: usize,
    pub(crate) y: u64,
    pub(crate) width: usize,
    pub(crate) height: u64,
    pub(crate) title: String,
    pub(crate) href: String,
}

/// Draws a histogram for the page at a path; `None` when there is nothing to draw.
pub(crate) fn draw(question: &Question, path: &str, histogram: &Histogram) -> Option<Drawing> {
    let most = histogram.bars.iter().copied().max().filter(|most| *most > 0)?;
    let count = histogram.bars.len();
    let time = |bar: usize| {
        let seconds = histogram.width.checked_mul(i64::try_from(bar).ok()?)?;
        histogram.start.checked_add(SignedDuration::from_secs(seconds)).ok()
    };
    let bars =
        histogram.bars.iter().enumerate().filter(|(_, events)| **events > 0).filter_map(|(at, events)| {
            let (from, to) = (time(at)?, time(at + 1)?);
            let height = (events * HEIGHT / most).max(2);
            let (left, right) = (at * WIDTH / count, (at + 1) * WIDTH / count);
            Some(Bar {
                x: left,
                y: HEIGHT - height,
                width: (right - left).saturating_sub(1).max(1),
                height,
                title: format!("{} to {}: {} events", short(from), short(to), grouped(*events)),
                href: question.within(Range::Between(Some(from), Some(to))).href_on(path),
            })
        });
    let bars: Vec<Bar> = bars.collect();
    let (from, to) = (short(time(0)?), short(time(count)?));
    let summary = format!("Events over time, from {from} to {to}; at most {} in a bar", grouped(most));
    Some(Drawing {
        bars,
        from,
        to,
        summary,
        each: span(histogram.width),
        start: histogram.start.as_second(),
        width: histogram.width,
        count,
        href: question.within(Range::All).href_on(path),
    })
}

/// A number of seconds in its greatest unit.
fn span(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (length, name) = units.into_iter().find(|(length, _)| seconds % length == 0).unwrap_or((1, "second"));
    match seconds / length {
        1 => format!("1 {name}"),
        many => format!("{many} {name}s"),
    }
}

/// A time to the minute, UTC.
fn short(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}
