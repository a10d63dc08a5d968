//! Asks the service once, to find out whether a source would work.

use std::sync::Arc;

use collect::{Allowances, Mistake};
use jiff::{SignedDuration, Timestamp};

use crate::client::Client;
use crate::collector::Pages;
use crate::config::{CursorConfig, LONGEST_WINDOW};
use crate::key::Key;
use crate::trouble::Trouble;
use crate::walk::Query;

/// What the service says to a configuration.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What deserves a word though it works.
    pub warnings: Vec<String>,
    /// Events of the last 30 days as the service counts them, when it counts them.
    pub events: Result<Option<u64>, Trouble>,
}

/// Asks for one event of the last 30 days.
///
/// # Errors
/// [`Mistake`] for a configuration that no request can be made with.
pub async fn ask(config: &CursorConfig, allowances: Arc<Allowances>) -> Result<Reply, Mistake> {
    let mut warnings = config.warnings();
    let mut probe = config.clone();
    // The service takes no more users than events asked for.
    probe.page_size = u32::try_from(config.filters.users.len()).unwrap_or(1).max(1);
    let client = Client::new(&probe, allowances)?;
    match Key::read(&config.key).await {
        Ok(key) => warnings.extend(key.oddities().iter().map(|&oddity| oddity.to_owned())),
        Err(reason) => return Ok(Reply { warnings, events: Err(Trouble::NoKey(reason)) }),
    }
    let end = Timestamp::now();
    // A little less than 30 days, since the service looks at its own clock.
    let start = end.saturating_sub(LONGEST_WINDOW - SignedDuration::from_mins(5)).unwrap_or(end);
    let page = client.page(&Query { start, end, page: 1 }).await;
    Ok(Reply { warnings, events: page.map(|page| page.total().or(Some(page.items.len() as u64))) })
}
