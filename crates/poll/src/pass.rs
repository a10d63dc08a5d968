//! One reading of a window from its first page to its last, and whether it can be trusted.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::answer::Page;
use crate::seen::Id;
use crate::service::Order;

/// What two readings of an unchanged window have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sum {
    /// The service's own count.
    pub(crate) total: Option<u64>,
    /// Events read.
    pub(crate) read: u64,
    /// All their ids, in any order.
    pub(crate) ids: u64,
}

/// A reading under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pass {
    /// The page to read next, less one.
    pub(crate) pages: u32,
    pub(crate) sum: Sum,
    ids: HashSet<Id>,
    trouble: Option<Trouble>,
}

/// Why a reading may have missed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// Events came or went.
    #[error("the number of events has changed between its pages")]
    Total,
    /// Events moved from one page to the next.
    #[error("an event has come twice in its pages")]
    Repeated,
    /// The service says that there are others.
    #[error("the service counts other than {0} events in it")]
    Count(u64),
    /// An end that is none.
    #[error("a page is empty and says that another one follows")]
    Empty,
    /// The same page again.
    #[error("a page holds nothing but events of earlier pages")]
    SamePage,
}

/// What a page was to its reading.
pub(crate) struct Turn {
    /// Whether each event is new to this reading.
    pub(crate) fresh: Vec<bool>,
    /// Whether it was the last page.
    pub(crate) ended: bool,
}

impl Pass {
    /// Goes on behind so many pages.
    pub(crate) fn resumed(pages: u32, sum: Sum) -> Self {
        Self { pages, sum, ..Self::default() }
    }

    /// Takes the next page.
    pub(crate) fn take(&mut self, page: &Page, page_size: u32, order: Order) -> Turn {
        if self.pages == 0 {
            self.sum.total = page.total;
        } else if page.total != self.sum.total {
            self.note(Trouble::Total);
        }
        self.pages += 1;
        let fresh: Vec<bool> = page.items.iter().map(|item| self.ids.insert(item.id)).collect();
        for (item, _) in page.items.iter().zip(&fresh).filter(|(_, fresh)| **fresh) {
            self.sum.read += 1;
            self.sum.ids = self.sum.ids.wrapping_add(item.id.0);
        }
        let more = page.has_next.unwrap_or_else(|| match page.pages {
            Some(pages) => u64::from(self.pages) < pages,
            None => page.items.len() >= page_size as usize,
        });
        if page.items.is_empty() && more {
            self.note(Trouble::Empty);
        } else if !fresh.is_empty() && fresh.iter().all(|fresh| !fresh) {
            self.note(Trouble::SamePage);
        } else if order == Order::Fixed && fresh.contains(&false) {
            self.note(Trouble::Repeated);
        }
        let stuck = matches!(self.trouble, Some(Trouble::Empty | Trouble::SamePage));
        Turn { fresh, ended: !more || stuck }
    }

    /// Why the reading, which is at its end, may have missed something.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        let miscounted = self.sum.total.is_some_and(|total| total != self.sum.read);
        self.trouble.or_else(|| miscounted.then_some(Trouble::Count(self.sum.read)))
    }

    /// The last thing that ends a reading weighs most; of others the first.
    fn note(&mut self, trouble: Trouble) {
        if self.trouble.is_none() || matches!(trouble, Trouble::Empty | Trouble::SamePage) {
            self.trouble = Some(trouble);
        }
    }
}
