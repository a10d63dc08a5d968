//! The way through time: which window, which page, what of it is new, and how far everything is collected.
//!
//! A window begins `overlap` before the mark and ends now, or as late as the service takes. It is read page by page ([`Pass`]), and
//! read again when its pages moved meanwhile. When two readings are alike, or one shows no sign of a change, it is
//! complete. When it does not come to rest it is cut in half, down to what fits on a page or into a second.
//!
//! The mark moves with a complete window: to its end when that is past, and no further than the newest event when
//! the window reaches up to now, since what happens now may show up later.

use jiff::{SignedDuration, Timestamp};

use crate::answer::{Item, Page};
use crate::config::{Begin, Config, Until};
use crate::pass::{Pass, Sum, Trouble};
use crate::seen::Seen;
use crate::service::{Order, Service};

/// A window with more events is cut in half before anything of it is handed out, so that the ids of one fit into
/// memory and a reading takes minutes, not hours.
const MOST_EVENTS: u64 = 50_000;

/// Readings of a window that does not come to rest, before it is cut in half.
const READINGS: u32 = 4;

/// A window that gets the mark no further than this is not cut.
const SHORTEST_STEP: SignedDuration = SignedDuration::from_secs(1);

/// Ids are kept a little longer than the overlap, should the service round the times that it is asked for.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// A page to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Start of the window.
    pub start: Timestamp,
    /// Its end.
    pub end: Timestamp,
    /// From 1.
    pub page: u32,
    /// Events of the window that are read already, for a service that counts them in place of pages.
    pub read: u64,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Ask for a page.
    Page(Query),
    /// Wait for the next poll.
    Rest,
    /// Nothing: everything that was wanted is collected.
    End,
}

/// What a page was good for.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Where its new events stand in the body.
    pub(crate) items: Vec<Item>,
    /// What deserves a line in the log.
    pub(crate) remark: Option<Remark>,
    /// Whether a window is complete.
    pub(crate) complete: bool,
    /// Whether the mark has caught up with now.
    pub(crate) caught_up: bool,
}

/// What deserves a line in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Remark {
    /// It was read in vain.
    #[error("the window up to {end} is read again: {trouble}")]
    Again {
        /// Its end.
        end: Timestamp,
        /// Why.
        trouble: Trouble,
    },
    /// It is cut.
    #[error(
        "the window up to {end} is cut in half, to {middle}: it holds too many events, or does not come to rest"
    )]
    Cut {
        /// Where it ended.
        end: Timestamp,
        /// Where it ends now.
        middle: Timestamp,
    },
    /// It is taken as it is.
    #[error("the window up to {end} is taken as it is though {trouble}: every reading of it says so")]
    AsItIs {
        /// Its end.
        end: Timestamp,
        /// What is odd.
        trouble: Trouble,
    },
}

/// A window that is being read.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// Whether it reaches up to now, where events may still come.
    pub(crate) live: bool,
    pub(crate) pass: Pass,
    /// Readings begun.
    readings: u32,
    /// What the reading before came to.
    before: Option<Sum>,
    /// The newest event so far.
    pub(crate) newest: Option<Timestamp>,
}

impl Window {
    pub(crate) fn new(start: Timestamp, end: Timestamp, live: bool) -> Self {
        Self { start, end, live, pass: Pass::default(), readings: 1, before: None, newest: None }
    }
}

/// How far a source is.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub(crate) overlap: SignedDuration,
    /// The longest window that the service takes.
    pub(crate) longest: SignedDuration,
    order: Order,
    pub(crate) page_size: u32,
    pub(crate) until: Until,
    /// Nothing before this is asked for.
    pub(crate) origin: Timestamp,
    /// Everything before this is collected.
    pub(crate) mark: Timestamp,
    pub(crate) seen: Seen,
    pub(crate) window: Option<Window>,
    /// When this run began.
    pub(crate) began: Timestamp,
    /// Whether all is collected that was wanted.
    pub(crate) done: bool,
}

impl Walk {
    /// Begins where the configuration says.
    pub(crate) fn new<S: Service>(config: &Config<S>, now: Timestamp) -> Self {
        let rules = S::rules();
        let origin = match config.begin {
            Begin::At(begin) => begin,
            Begin::Lookback(time) => {
                let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
                minus(now, time.min(rules.history.unwrap_or(SignedDuration::MAX)))
            }
        };
        Self {
            overlap: SignedDuration::try_from(config.overlap).unwrap_or(rules.longest_window),
            longest: rules.longest_window,
            order: rules.order,
            page_size: config.page_size,
            until: config.until,
            origin,
            mark: origin,
            seen: Seen::default(),
            window: None,
            began: now,
            done: false,
        }
    }

    /// Everything before this is collected.
    pub(crate) fn mark(&self) -> Timestamp {
        self.mark
    }

    /// The window under way: its pages that are read, and how many it has.
    pub(crate) fn pages(&self) -> Option<(u64, u64)> {
        let window = self.window.as_ref()?;
        let read = u64::from(window.pass.pages);
        let all = window.pass.sum.total.map_or(1, |total| total.div_ceil(u64::from(self.page_size.max(1))));
        Some((read, all.max(1)))
    }

    /// What to do next. Asked again before an answer was taken, it says the same: the window stays as it is.
    pub(crate) fn ask(&mut self, now: Timestamp) -> Ask {
        if self.window.is_none() && !self.done {
            self.window = self.open(now);
        }
        match &self.window {
            _ if self.done => Ask::End,
            Some(window) => {
                let page = window.pass.pages.saturating_add(1);
                let read = window.pass.sum.read;
                Ask::Page(Query { start: window.start, end: window.end, page, read })
            }
            None => Ask::Rest,
        }
    }

    /// The next window; none while it would end before it begins, as after the clock was set back.
    fn open(&mut self, now: Timestamp) -> Option<Window> {
        let limit = match self.until {
            Until::At(until) => until,
            Until::Stopped | Until::Now => whole_ms(now),
        };
        let start = whole_ms(minus(self.mark, self.overlap)).max(whole_ms(self.origin));
        let end = start.saturating_add(self.longest).unwrap_or(limit).min(limit);
        let is_bounded = matches!(self.until, Until::At(_));
        if end <= start || (is_bounded && self.mark >= limit) {
            self.done = self.until != Until::Stopped;
            return None;
        }
        Some(Window::new(start, end, end == limit && !is_bounded))
    }

    /// Takes the answer to the page that was asked for.
    pub(crate) fn take(&mut self, page: &Page) -> Taken {
        let Some(mut window) = self.window.take() else { return Taken::default() };
        if window.pass.pages == 0
            && page.total.is_some_and(|total| total > MOST_EVENTS)
            && let Some(remark) = self.cut(&mut window, self.overlap)
        {
            self.window = Some(window);
            return Taken { remark: Some(remark), ..Taken::default() };
        }
        let turn = window.pass.take(page, self.page_size, self.order);
        let mut taken = Taken::default();
        for (item, _) in page.items.iter().zip(turn.fresh).filter(|(_, fresh)| *fresh) {
            let time = item.time.unwrap_or(window.end);
            // Where the newest come first, a window that has an end shows what comes behind it, too.
            if !window.live && self.order == Order::NewestFirst && time > window.end {
                continue;
            }
            window.newest = window.newest.max(Some(time));
            if self.seen.insert(item.id, time) {
                taken.items.push(item.clone());
            }
        }
        if turn.ended && self.settle(&mut window, &mut taken) {
            self.complete(&window, &mut taken);
        } else {
            self.window = Some(window);
        }
        taken
    }

    /// A reading is at its end. True when the window is complete; otherwise it is to be read again.
    fn settle(&self, window: &mut Window, taken: &mut Taken) -> bool {
        let Some(trouble) = window.pass.trouble() else { return true };
        let end = window.end;
        if window.before == Some(window.pass.sum) {
            taken.remark = Some(Remark::AsItIs { end, trouble });
            return true;
        }
        if window.readings < READINGS {
            window.readings += 1;
            window.before = Some(window.pass.sum);
            window.pass = Pass::default();
            taken.remark = Some(Remark::Again { end, trouble });
            return false;
        }
        taken.remark = self.cut(window, SHORTEST_STEP);
        if taken.remark.is_some() {
            return false;
        }
        taken.remark = Some(Remark::AsItIs { end, trouble });
        true
    }

    /// Cuts a window in half, as long as it gets the mark further than `least`.
    fn cut(&self, window: &mut Window, least: SignedDuration) -> Option<Remark> {
        let step = window.end.duration_since(self.mark);
        // Where the newest come first, a shorter window has to be read from its far end all the same.
        if self.order == Order::NewestFirst || step <= least.max(SHORTEST_STEP) {
            return None;
        }
        let middle = whole_ms(self.mark.saturating_add(step / 2).unwrap_or(window.end));
        let remark = Remark::Cut { end: window.end, middle };
        *window = Window::new(window.start, middle, false);
        Some(remark)
    }

    /// Moves the mark over a window, and never back.
    fn complete(&mut self, window: &Window, taken: &mut Taken) {
        let reached =
            if window.live { window.newest.unwrap_or(self.mark).min(window.end) } else { window.end };
        self.mark = self.mark.max(reached);
        self.seen.forget_before(minus(self.mark, self.overlap + MARGIN));
        taken.complete = true;
        // A window that an earlier run left behind ends before this one began.
        taken.caught_up = window.live && window.end >= whole_ms(self.began);
        self.done = match self.until {
            Until::Stopped => false,
            Until::Now => taken.caught_up,
            Until::At(until) => self.mark >= until,
        };
    }

    /// Ids that the rest of the window under way, and the one behind it, may bring again.
    pub(crate) fn kept(&self) -> Vec<String> {
        let newest = self.window.as_ref().and_then(|window| window.newest).unwrap_or(self.mark);
        let near = minus(newest, self.overlap + MARGIN).as_millisecond();
        let mark = self.mark.as_millisecond();
        self.seen.rows(|time| time <= mark || time >= near)
    }
}

fn minus(time: Timestamp, duration: SignedDuration) -> Timestamp {
    time.saturating_sub(duration).unwrap_or(Timestamp::MIN)
}

/// The service counts in milliseconds; a window begins and ends with a whole one.
fn whole_ms(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
