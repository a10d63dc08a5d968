//! Asks the service once, to find out whether a source would work.

use std::sync::Arc;

use collect::{Allowances, Mistake};
use jiff::{SignedDuration, Timestamp};

use crate::client::Client;
use crate::config::Config;
use crate::key::Key;
use crate::poller::Pages;
use crate::service::Service;
use crate::trouble::Trouble;
use crate::walk::Query;

/// What the service says to a configuration.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What deserves a word though it works.
    pub warnings: Vec<String>,
    /// Events of the latest window as the service counts them, or those of its first page when it does not.
    pub events: Result<Option<u64>, Trouble>,
}

/// Asks for one event of the latest window, the longest that the service takes.
///
/// # Errors
/// [`Mistake`] for a configuration that no request can be made with.
pub async fn ask<S: Service>(config: &Config<S>, allowances: Arc<Allowances>) -> Result<Reply, Mistake> {
    let mut warnings = config.warnings();
    let mut probe = config.clone();
    probe.page_size = config.service.probe();
    let client = Client::new(&probe, allowances)?;
    match Key::read::<S>(&config.key).await {
        Ok(key) => warnings.extend(key.oddities().iter().map(|&oddity| oddity.to_owned())),
        Err(reason) => return Ok(Reply { warnings, events: Err(Trouble::NoKey(reason)) }),
    }
    let end = Timestamp::now();
    // A little less than the longest, since the service looks at its own clock.
    let start = end.saturating_sub(S::rules().longest_window - SignedDuration::from_mins(5)).unwrap_or(end);
    let page = client.page(&Query { start, end, page: 1, read: 0 }).await;
    Ok(Reply { warnings, events: page.map(|page| page.total().or(Some(page.items.len() as u64))) })
}
