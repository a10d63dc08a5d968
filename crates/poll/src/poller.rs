//! The collector: a walk with a clock and a service.

use std::sync::Arc;

use async_trait::async_trait;
use event::{Checkpoint, CollectError, Collector, RawBatch, RawEvent, Source};
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use crate::answer::Page;
use crate::checkpoint::{self, CheckpointError};
use crate::config::Config;
use crate::progress::Progress;
use crate::service::Service;
use crate::trouble::Trouble;
use crate::walk::{Ask, Query, Remark, Taken, Walk};

/// Where pages come from: the service, or a test's own.
#[async_trait]
pub trait Pages: Send + Sync {
    /// Asks for one page.
    ///
    /// # Errors
    /// [`Trouble`] says whether to ask again.
    async fn page(&self, query: &Query) -> Result<Page, Trouble>;
}

/// Tells what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's.
    pub fn system() -> Self {
        Self::of(Timestamp::now)
    }

    /// One of one's own, for tests.
    pub fn of(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

/// Collects from a service.
pub struct Poller<S, P> {
    config: Config<S>,
    pages: P,
    clock: Clock,
    walk: Walk,
    sequence: u64,
    /// Until when to wait before the next poll.
    rest: Option<Instant>,
    progress: Arc<Progress>,
}

impl<S: Service, P: Pages> Poller<S, P> {
    /// Goes on from `checkpoint`.
    ///
    /// # Errors
    /// [`CheckpointError`] for a checkpoint of another version or form.
    pub fn new(
        config: Config<S>,
        checkpoint: Option<Checkpoint>,
        pages: P,
        clock: Clock,
    ) -> Result<Self, CheckpointError> {
        let walk = checkpoint::read(checkpoint, &config, clock.now())?;
        for warning in config.warnings() {
            tracing::warn!(source = %config.source.id, "{warning}");
        }
        let progress = Arc::new(Progress::default());
        progress.set_left(&walk, clock.now());
        Ok(Self { config, pages, clock, walk, sequence: 0, rest: None, progress })
    }

    /// How far collecting is; to be asked from elsewhere at any time.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Everything before this is collected.
    pub fn mark(&self) -> Timestamp {
        self.walk.mark()
    }

    /// Takes a page; a batch when it holds something new or completes a window.
    fn took(&mut self, page: Page) -> Option<RawBatch> {
        let taken = self.walk.take(&page);
        self.progress.read_one();
        self.progress.set_left(&self.walk, self.clock.now());
        if let Some(remark) = &taken.remark {
            tell(&self.config.source, remark);
        }
        if taken.caught_up && !self.walk.done {
            self.rest = Some(Instant::now() + self.config.interval);
        }
        // An empty batch at the end of a window tells that the source was read well.
        (taken.complete || !taken.items.is_empty()).then(|| self.batch(page, taken))
    }

    fn batch(&mut self, page: Page, taken: Taken) -> RawBatch {
        let sequence = self.sequence;
        self.sequence += 1;
        let event = |span: std::ops::Range<usize>| RawEvent { offset: span.start as u64, span };
        RawBatch {
            source: Arc::clone(&self.config.source),
            sequence,
            location: None,
            buffer: page.body,
            events: taken.items.into_iter().map(|item| event(item.span)).collect(),
            collected: self.clock.now(),
            checkpoint: checkpoint::write(&self.walk, &self.config),
            notices: Vec::new(),
            set_aside: Vec::new(),
            settled: None,
        }
    }
}

fn tell(source: &Source, remark: &Remark) {
    let source = &source.id;
    match remark {
        Remark::Again { .. } | Remark::Cut { .. } => tracing::info!(%source, "{remark}"),
        Remark::AsItIs { .. } => tracing::warn!(%source, "{remark}"),
    }
}

#[async_trait]
impl<S: Service, P: Pages> Collector for Poller<S, P> {
    /// Nothing changes before an answer is there as a whole, and nothing is waited for afterwards.
    async fn next(&mut self) -> Result<Option<RawBatch>, CollectError> {
        loop {
            if let Some(rest) = self.rest {
                sleep_until(rest).await;
                self.rest = None;
            }
            match self.walk.ask(self.clock.now()) {
                Ask::End => return Ok(None),
                Ask::Rest => self.rest = Some(Instant::now() + self.config.interval),
                Ask::Page(query) => {
                    let page = self.pages.page(&query).await?;
                    if let Some(batch) = self.took(page) {
                        return Ok(Some(batch));
                    }
                }
            }
        }
    }
}
