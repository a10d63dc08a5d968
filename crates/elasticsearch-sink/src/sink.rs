//! The destination.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use elasticsearch::http::Method;
use event::{DeliverError, Destination, DocumentBatch, Receipt, Verdict};
use tokio::sync::OnceCell;

use crate::before::Before;
use crate::bulk::{Attempts, Outcome, Progress, Whole, body, chunks, failure, read, whole};
use crate::client::{Answer, Client, Request, segment};
use crate::config::{ConfigError, ElasticsearchConfig};
use crate::server::{Flavor, Server};
use crate::trouble::SendError;

/// How often documents are sent again within one delivery before the caller is told.
const ROUNDS: u32 = 8;

/// Below this, a request is not made smaller for being too large; documents are then sent one by one when needed.
const SMALLEST_LIMIT: usize = 16 << 10;

/// What `_bulk` is asked to tell: all that verdicts depend on, and nothing else.
const FILTER_PATH: &str =
    "error,status,errors,items.*._id,items.*.status,items.*.error,items.*.failure_store";

/// Delivers documents to Elasticsearch or OpenSearch with `_bulk` and the action `create`.
#[derive(Debug)]
pub struct ElasticsearchSink {
    config: ElasticsearchConfig,
    client: Client,
    server: OnceCell<Server>,
    attempts: Attempts,
    before: Before,
    /// The most bytes of a request: as configured, less once the server has found one too large.
    most_bytes: AtomicUsize,
    /// Data streams that are known to be there (asked on OpenSearch only).
    streams: Mutex<HashSet<String>>,
}

impl ElasticsearchSink {
    /// Reads the configuration with its files. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake.
    pub fn new(config: &ElasticsearchConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(config)?,
            most_bytes: AtomicUsize::new(config.bulk_max_bytes),
            config: config.clone(),
            server: OnceCell::new(),
            attempts: Attempts::default(),
            before: Before::default(),
            streams: Mutex::default(),
        })
    }

    /// For questions beside the delivery.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The server's kind and version, asked once.
    async fn server(&self) -> Result<Flavor, DeliverError> {
        self.server.get_or_try_init(|| Server::detect(&self.client)).await.map(|server| server.flavor)
    }

    /// Sends until every document has its verdict.
    async fn drain(&self, batch: &DocumentBatch, progress: &mut Progress) -> Result<(), DeliverError> {
        let flavor = self.server().await?;
        if flavor == Flavor::OpenSearch {
            self.ensure_streams(batch).await?;
        }
        for round in 1..=ROUNDS {
            self.before.settle(&self.client, batch, progress).await?;
            let Some(reason) = self.round(batch, progress, flavor).await? else { return Ok(()) };
            let waiting = progress.pending().len();
            if round == ROUNDS {
                return Err(DeliverError::Retry(format!(
                    "{waiting} of {} documents are still not taken after {ROUNDS} attempts: {reason}",
                    batch.documents.len()
                )));
            }
            tracing::debug!(waiting, round, "documents are sent again");
            tokio::time::sleep(self.client.backoff().wait(round, None)).await;
        }
        Ok(())
    }

    /// Sends all that is pending once. The last reason for which documents must be sent again, if any must.
    async fn round(
        &self,
        batch: &DocumentBatch,
        progress: &mut Progress,
        flavor: Flavor,
    ) -> Result<Option<String>, DeliverError> {
        let mut queue = chunks(batch, progress, self.most_bytes.load(Ordering::Relaxed));
        queue.reverse();
        let mut again = None;
        while let Some(mut chunk) = queue.pop() {
            let refusal = match self.attempt(batch, &chunk, progress, flavor).await? {
                Attempt::Read(read) => {
                    again = read.again.or(again);
                    queue.extend(Some(read.refitted).filter(|documents| !documents.is_empty()));
                    continue;
                }
                Attempt::TooLarge => {
                    self.learn_limit(batch, progress, &chunk);
                    Verdict::Rejected {
                        status: 413,
                        reason:
                            "the document alone is larger than the server takes (http.max_content_length)"
                                .to_owned(),
                    }
                }
                Attempt::OneIsRefused(verdict) => verdict,
            };
            if let [document] = chunk[..] {
                progress.settle(document, refusal);
            } else {
                let second = chunk.split_off(chunk.len() / 2);
                queue.push(second);
                queue.push(chunk);
            }
        }
        Ok(again)
    }

    /// Sends one request and notes what its answer says.
    async fn attempt(
        &self,
        batch: &DocumentBatch,
        chunk: &[u32],
        progress: &mut Progress,
        flavor: Flavor,
    ) -> Result<Attempt, DeliverError> {
        let gzip = self.config.compression_level > 0;
        let body = body(batch, progress, chunk, gzip).await;
        let query = self.query(flavor);
        let request =
            Request { query: &query, body: Some(body), gzip, ..Request::new(Method::Post, "/_bulk") };
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(SendError::NotSent(message)) => return Err(DeliverError::Retry(message)),
            Err(SendError::Unclear(message)) => {
                progress.in_doubt(batch, chunk);
                return Err(DeliverError::Retry(message));
            }
        };
        match answer.status {
            200..=299 => self.note(batch, chunk, progress, &answer).map(Attempt::Read),
            _ => match whole(&answer) {
                Whole::TooLarge => Ok(Attempt::TooLarge),
                Whole::OneIsRefused(verdict) => Ok(Attempt::OneIsRefused(verdict)),
                Whole::Error(error) => {
                    if matches!(answer.status, 500..=599) {
                        progress.in_doubt(batch, chunk);
                    }
                    Err(error)
                }
            },
        }
    }

    fn query(&self, flavor: Flavor) -> Vec<(&str, &str)> {
        let pipeline = self.config.pipeline.as_deref().unwrap_or("_none");
        let mut query = vec![("filter_path", FILTER_PATH), ("pipeline", pipeline)];
        if flavor != Flavor::OpenSearch {
            query.push(("require_data_stream", "true"));
        }
        query
    }

    /// Makes sure that the data streams of a batch are there. OpenSearch has no `require_data_stream`: without a
    /// template it would make a plain index of guessed types.
    async fn ensure_streams(&self, batch: &DocumentBatch) -> Result<(), DeliverError> {
        let streams: BTreeSet<&str> = batch.documents.iter().map(|document| &*document.stream).collect();
        for stream in streams {
            if self.streams.lock().unwrap_or_else(PoisonError::into_inner).contains(stream) {
                continue;
            }
            let path = format!("/_data_stream/{}", segment(stream));
            let answer = self.client.send(&Request::new(Method::Put, &path)).await;
            let answer = answer.map_err(|error| DeliverError::Retry(error.to_string()))?;
            let cause = failure(&answer.body);
            match (answer.status, cause.kind()) {
                (200, _) | (400, "resource_already_exists_exception") => {}
                (400, _) => {
                    return Err(DeliverError::Fatal(format!(
                        "no index template makes the data stream {stream}: run `trailcar setup` ({})",
                        cause.words()
                    )));
                }
                _ => return Err(refusal(&answer)),
            }
            self.streams.lock().unwrap_or_else(PoisonError::into_inner).insert(stream.to_owned());
        }
        Ok(())
    }

    /// Later requests stay below a size that was too large.
    fn learn_limit(&self, batch: &DocumentBatch, progress: &Progress, chunk: &[u32]) {
        if chunk.len() == 1 {
            return;
        }
        let sent: usize = chunk.iter().map(|&document| progress.lines(batch, document).len()).sum();
        let before = self.most_bytes.fetch_min((sent / 2).max(SMALLEST_LIMIT), Ordering::Relaxed);
        if sent / 2 < before {
            tracing::info!(bytes = sent, "the server takes no request of this size: smaller ones are sent");
        }
    }

    /// Notes every item of an answer.
    fn note(
        &self,
        batch: &DocumentBatch,
        chunk: &[u32],
        progress: &mut Progress,
        answer: &Answer,
    ) -> Result<Read, DeliverError> {
        let answers = read(batch, chunk, &answer.body).map_err(|why| {
            progress.in_doubt(batch, chunk);
            DeliverError::Retry(format!("{} gave no complete answer: {why}", answer.host))
        })?;
        let mut read = Read::default();
        let mut fatal = None;
        for (&document, outcome) in chunk.iter().zip(answers) {
            match outcome {
                Outcome::Known(Verdict::Rejected { status: 400, .. }) if progress.refit(batch, document) => {
                    read.refitted.push(document);
                }
                Outcome::Known(verdict) => progress.settle(document, verdict),
                Outcome::Again { reason, unclear } => {
                    if unclear {
                        progress.in_doubt(batch, &[document]);
                    }
                    read.again = Some(reason);
                }
                Outcome::Fatal(reason) => fatal = Some(reason),
            }
        }
        if !read.refitted.is_empty() {
            tracing::warn!(
                documents = read.refitted.len(),
                "refused documents are made to fit their mapping"
            );
        }
        match fatal {
            Some(reason) => Err(DeliverError::Fatal(format!("{}: {reason}", answer.host))),
            None => Ok(read),
        }
    }
}

/// What a response leaves to be done.
#[derive(Default)]
struct Read {
    /// Why documents must be sent again, if any must.
    again: Option<String>,
    /// Documents that fit their mapping now and are sent again at once.
    refitted: Vec<u32>,
}

/// What came of one request that was answered.
enum Attempt {
    /// Item by item.
    Read(Read),
    TooLarge,
    OneIsRefused(Verdict),
}

fn refusal(answer: &Answer) -> DeliverError {
    match whole(answer) {
        Whole::Error(error) => error,
        _ => DeliverError::Retry(format!("{} answers {}", answer.host, answer.status)),
    }
}

#[async_trait]
impl Destination for ElasticsearchSink {
    async fn deliver(&self, batch: &DocumentBatch) -> Result<Receipt, DeliverError> {
        let mut progress = self.attempts.take(batch);
        if let Err(error) = self.drain(batch, &mut progress).await {
            self.attempts.keep(batch, progress);
            return Err(error);
        }
        match progress.complete() {
            Some(verdicts) => Ok(Receipt { verdicts, settled: None }),
            None => Err(DeliverError::Retry("documents without a verdict".to_owned())),
        }
    }

    fn in_flight(&self) -> usize {
        self.config.worker
    }

    fn name(&self) -> &'static str {
        "elasticsearch"
    }
}
